//! An access log format, compiled: literal text and variables in turn. What is the same for every request of a stage becomes
//! literal; the variables of a known length that come first are written over their places in one block.
//!
//! `$context.…` is the only thing that is replaced, as AWS says (set-up-logging); what a request does not have is `-`. The form
//! of the text decides how values are escaped: JSON, XML, CSV, or any other.

use super::{
    escape::Escape,
    room::{Room, WORD},
    variable::{Completed, Meaning, StageConstants, Variable, meaning, name_length},
};
use crate::snapshot::plan::ContextVariable;

/// The gateway's own line. `gatewayMembers` is ours, a variable for all that stands between status and path: one by one they
/// take twice the instructions, and integration members are left out where no backend was asked.
const OF_GATEWAY: &str = r#"{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId","requestTime":"$context.requestTime","protocol":"$context.protocol","status":$context.gatewayMembers,"path":"$context.path","apiId":"$context.apiId","stage":"$context.stage","userAgent":"$context.identity.userAgent"}"#;

/// A variable and the literal text behind it.
#[derive(Debug)]
struct Piece {
    word: [u8; WORD],
    length: u8,
    variable: Variable,
    escape: Escape,
}

/// Where in a line's beginning variables stand.
#[derive(Debug, Default)]
struct Places {
    request_id: Option<u16>,
    extended_request_id: Option<u16>,
    request_time: Option<u16>,
    protocol: Option<u16>,
}

impl Places {
    /// The place of a variable of known length, and that length.
    fn of(&mut self, variable: Variable) -> Option<(&mut Option<u16>, usize)> {
        Some(match variable {
            Variable::RequestId => (&mut self.request_id, 36),
            Variable::ExtendedRequestId => (&mut self.extended_request_id, 16),
            Variable::RequestTime => (&mut self.request_time, 26),
            Variable::Protocol => (&mut self.protocol, 8),
            _ => return None,
        })
    }
}

/// A compiled format.
#[derive(Debug)]
pub struct LineFormat {
    /// The literal at the beginning, with places for variables of known length.
    start: Box<[u8]>,
    places: Places,
    pieces: Box<[Piece]>,
}

impl LineFormat {
    /// The gateway's own format for the requests of a stage, or for those that have none.
    pub fn of_gateway(stage: Option<StageConstants<'_>>) -> Self {
        Self::compile(OF_GATEWAY, stage)
    }

    /// Compiles the format of a stage; a line feed at its end is the line's.
    pub fn compile(format: &str, stage: Option<StageConstants<'_>>) -> Self {
        let tokens = tokens(format.trim_end_matches(['\r', '\n']));
        let form = Form::of(&tokens);
        let mut building = Building::default();
        let mut in_quotes = false;
        for (index, token) in tokens.iter().enumerate() {
            match *token {
                Token::Literal(text) => {
                    in_quotes ^= form.changes_quotes(text);
                    building.literal(text);
                }
                Token::Variable(name) => {
                    let next = match tokens.get(index + 1) {
                        Some(Token::Literal(text)) => text.bytes().next(),
                        _ => None,
                    };
                    building.escape = form.escape(in_quotes, next.unwrap_or(b'\n'));
                    match meaning(name, stage) {
                        Meaning::Literal(text) => building.literal(text),
                        Meaning::Varies(variable) => building.variable(variable),
                        // What gets quotes of its own gets them as a whole.
                        Meaning::Below(..) if matches!(building.escape, Escape::Csv | Escape::JsonBare) => {
                            building.variable(Variable::Context(ContextVariable::Path));
                        }
                        Meaning::Below(first, second, variable) => {
                            building.literal(first);
                            building.literal(second);
                            building.variable(variable);
                        }
                    }
                }
            }
        }
        building.literal("\n");
        building.end()
    }

    /// Writes a line into an empty room.
    #[inline]
    pub(super) fn write(&self, completed: &Completed<'_>, room: &mut impl Room) {
        room.plain(&self.start);
        let (exchange, places) = (completed.exchange, &self.places);
        if let Some(at) = places.request_id {
            room.patch(at.into(), exchange.request_id);
        }
        if let Some(at) = places.extended_request_id {
            room.patch(at.into(), exchange.extended_request_id);
        }
        if let Some(at) = places.request_time {
            room.patch(at.into(), completed.request_time());
        }
        if let Some(at) = places.protocol {
            room.patch(at.into(), completed.protocol());
        }
        for piece in &self.pieces {
            completed.put(piece.variable, piece.escape, room);
            room.word(&piece.word, usize::from(piece.length));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'f> {
    Literal(&'f str),
    /// Without `$context.`.
    Variable(&'f str),
}

fn tokens(format: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = format;
    while let Some((literal, after)) = rest.split_once("$context.") {
        if !literal.is_empty() {
            tokens.push(Token::Literal(literal));
        }
        let (name, after) = after.split_at(name_length(after));
        tokens.push(Token::Variable(name));
        rest = after;
    }
    if !rest.is_empty() {
        tokens.push(Token::Literal(rest));
    }
    tokens
}

/// What kind of text a format makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
    Csv,
    Other,
}

impl Form {
    fn of(tokens: &[Token<'_>]) -> Self {
        match tokens.first() {
            Some(Token::Literal(text)) if text.trim_start().starts_with(['{', '[']) => return Self::Json,
            Some(Token::Literal(text)) if text.trim_start().starts_with('<') => return Self::Xml,
            _ => {}
        }
        // What stands between two variables is a comma, and nothing else but quotes and spaces.
        let is_comma = |text: &str| text.replace(['"', ' '], "") == ",";
        let mut between = tokens.windows(3).filter_map(|three| match three {
            [Token::Variable(_), Token::Literal(text), Token::Variable(_)] => Some(*text),
            _ => None,
        });
        let adjacent = tokens.windows(2).any(|two| matches!(two, [Token::Variable(_), Token::Variable(_)]));
        let mut any = false;
        let all = between.all(|text| {
            any = true;
            is_comma(text)
        });
        if any && all && !adjacent { Self::Csv } else { Self::Other }
    }

    /// Whether a literal ends what it began in: quotes open and close strings.
    fn changes_quotes(self, text: &str) -> bool {
        let mut quotes = 0;
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' if self == Self::Json => drop(bytes.next()),
                b'"' => quotes += 1,
                _ => {}
            }
        }
        quotes % 2 == 1
    }

    /// How a value is written, with `next` behind it in the format.
    fn escape(self, in_quotes: bool, next: u8) -> Escape {
        match (self, in_quotes) {
            (Self::Json, true) => Escape::Json,
            (Self::Json, false) => Escape::JsonBare,
            (Self::Xml, _) => Escape::Xml,
            (Self::Csv, true) => Escape::CsvQuoted,
            (Self::Csv, false) => Escape::Csv,
            (Self::Other, true) => Escape::Quoted,
            (Self::Other, false) => Escape::Bare(next),
        }
    }
}

struct Building {
    start: Vec<u8>,
    places: Places,
    pieces: Vec<Piece>,
    escape: Escape,
}

impl Default for Building {
    fn default() -> Self {
        Self { start: Vec::new(), places: Places::default(), pieces: Vec::new(), escape: Escape::Quoted }
    }
}

impl Building {
    fn literal(&mut self, text: &str) {
        if self.pieces.is_empty() {
            return self.start.extend_from_slice(text.as_bytes());
        }
        for byte in text.bytes() {
            if self.pieces.last().is_none_or(|piece| usize::from(piece.length) == WORD) {
                self.piece(Variable::Nothing);
            }
            if let Some(piece) = self.pieces.last_mut() {
                piece.word[usize::from(piece.length)] = byte;
                piece.length += 1;
            }
        }
    }

    fn variable(&mut self, variable: Variable) {
        if self.pieces.is_empty()
            && let Ok(at) = u16::try_from(self.start.len())
            && let Some((place @ None, length)) = self.places.of(variable)
        {
            *place = Some(at);
            self.start.resize(usize::from(at) + length, b'?');
        } else {
            self.piece(variable);
        }
    }

    fn piece(&mut self, variable: Variable) {
        self.pieces.push(Piece { word: [b' '; WORD], length: 0, variable, escape: self.escape });
    }

    fn end(self) -> LineFormat {
        LineFormat { start: self.start.into(), places: self.places, pieces: self.pieces.into() }
    }
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
