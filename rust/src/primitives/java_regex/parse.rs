//! Reads a pattern as java.util.regex.Pattern of Java 17 does: alternatives, sequences, atoms and what repeats them.
//! Groups, classes and escapes stand in files of their own.

use super::{
    charset::CharSet,
    flags::Flags,
    fold,
    refused::Refused,
    source::Source,
    syntax::{Assertion, Fold, Kind, Node, Times, UNBOUNDED},
};

/// Groups in groups; the parser calls itself for each.
const MAX_DEPTH: usize = 200;
/// Characters in a pattern.
const MAX_PATTERN: usize = 32 * 1024;

/// A pattern that was read.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) root: Node,
    /// How many groups capture.
    pub(super) groups: u32,
    pub(super) names: Vec<(Box<str>, u32)>,
}

/// The state of reading.
#[derive(Debug)]
pub(super) struct Parser {
    pub(super) source: Source,
    pub(super) flags: Flags,
    pub(super) groups: u32,
    pub(super) names: Vec<(Box<str>, u32)>,
    pub(super) depth: usize,
}

/// Reads a whole pattern.
pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed, Refused> {
    if pattern.len() > MAX_PATTERN {
        return Err(Refused { offset: 0, message: format!("a pattern of more than {MAX_PATTERN} bytes") });
    }
    let mut parser = Parser { source: Source::new(pattern), flags, groups: 0, names: Vec::new(), depth: 0 };
    parser.apply(flags);
    let root = parser.alternatives()?;
    if !parser.source.at_end() {
        return parser.source.refuse("a closing parenthesis without an opening one");
    }
    Ok(Parsed { root, groups: parser.groups, names: parser.names })
}

impl Parser {
    /// Switches to flags, here and in the source.
    pub(super) fn apply(&mut self, flags: Flags) {
        self.flags = flags;
        self.source.comments = flags.comments;
        self.source.unix_lines = flags.unix_lines;
    }

    pub(super) fn fold(&self) -> Fold {
        match (self.flags.any_case, self.flags.unicode_case) {
            (false, _) => Fold::None,
            (true, false) => Fold::Ascii,
            (true, true) => Fold::Unicode,
        }
    }

    /// Goes one group deeper.
    pub(super) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T, Refused>) -> Result<T, Refused> {
        if self.depth == MAX_DEPTH {
            return self.source.refuse("groups or classes nested too deeply");
        }
        self.depth += 1;
        let result = work(self);
        self.depth -= 1;
        result
    }

    /// Up to the end or a closing parenthesis.
    pub(super) fn alternatives(&mut self) -> Result<Node, Refused> {
        let mut found = vec![self.sequence()?];
        while self.source.peek() == Some('|') {
            self.source.cursor += 1;
            found.push(self.sequence()?);
        }
        Ok(if found.len() == 1 { found.remove(0) } else { Node::Branch(found) })
    }

    fn sequence(&mut self) -> Result<Node, Refused> {
        let mut parts = Vec::new();
        while let Some(letter) = self.source.peek_letter() {
            let sign = if letter.quoted { None } else { Some(letter.char) };
            let node = match sign {
                Some('|' | ')') => break,
                Some('(') => match self.group()? {
                    Some(node) => node,
                    // Flags for what follows.
                    None => continue,
                },
                Some('[') => Node::Set(self.class()?),
                Some('\\') => self.escaped_atom()?,
                Some('^') => self.sign(self.line_start()),
                Some('$') => self.sign(self.line_end()),
                Some('.') => {
                    let dot = self.dot();
                    self.sign(Node::Set(dot))
                }
                Some(char @ ('?' | '*' | '+')) => {
                    return self.source.refuse(format!("{char:?} has nothing to repeat"));
                }
                // Java repeats the empty text before a brace that follows nothing.
                Some('{') => Node::Empty,
                _ => {
                    let literal = self.literal(u32::from(letter.char));
                    self.sign(literal)
                }
            };
            parts.push(self.repeated(node)?);
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.remove(0),
            _ => Node::Concat(parts),
        })
    }

    fn sign(&mut self, node: Node) -> Node {
        self.source.cursor += 1;
        node
    }

    fn line_start(&self) -> Node {
        let unix = self.flags.unix_lines;
        Node::Assert(if self.flags.multiline { Assertion::LineStart { unix } } else { Assertion::Start })
    }

    fn line_end(&self) -> Node {
        let unix = self.flags.unix_lines;
        Node::Assert(if self.flags.multiline { Assertion::LineEnd { unix } } else { Assertion::LastLineEnd { unix } })
    }

    fn dot(&self) -> CharSet {
        match (self.flags.dot_all, self.flags.unix_lines) {
            (true, _) => CharSet::all(),
            (false, true) => CharSet::of_chars("\n").negate(),
            (false, false) => CharSet::of_chars("\n\r\u{85}\u{2028}\u{2029}").negate(),
        }
    }

    /// A character that means itself, in the cases that count.
    pub(super) fn literal(&self, point: u32) -> Node {
        Node::Set(match self.fold() {
            Fold::None => CharSet::single(point),
            fold => fold::single(point, fold == Fold::Unicode),
        })
    }

    /// A node with the quantifier behind it, if there is one.
    fn repeated(&mut self, body: Node) -> Result<Node, Refused> {
        let (least, most, optional) = match self.source.peek() {
            Some('?') => (0, 1, true),
            Some('*') => (0, UNBOUNDED, false),
            Some('+') => (1, UNBOUNDED, false),
            Some('{') => {
                let (least, most) = self.counts()?;
                return Ok(self.times(body, least, most, false));
            }
            _ => return Ok(body),
        };
        self.source.cursor += 1;
        Ok(self.times(body, least, most, optional))
    }

    fn times(&mut self, body: Node, least: u32, most: u32, optional: bool) -> Node {
        let kind = match self.source.peek() {
            Some('?') => Kind::Lazy,
            Some('+') => Kind::Possessive,
            _ => Kind::Greedy,
        };
        if kind != Kind::Greedy {
            self.source.cursor += 1;
        }
        // Java repeats a quantified `\R` as a group, so that `\r\n` may count twice.
        let body = match body {
            Node::LineEnding => Node::Group { number: 0, body: Box::new(body) },
            body => body,
        };
        Node::Repeat { body: Box::new(body), times: Times { least, most, kind, optional } }
    }

    /// `{n}`, `{n,}`, `{n,m}`; the cursor stands on the brace.
    fn counts(&mut self) -> Result<(u32, u32), Refused> {
        let open = self.source.cursor;
        self.source.cursor += 1;
        if !self.source.raw(self.source.cursor).is_some_and(|letter| !letter.quoted && letter.char.is_ascii_digit()) {
            return self.source.refuse_at(open, "a brace without a number behind it");
        }
        let least = self.count()?;
        let mut most = least;
        if self.source.peek() == Some(',') {
            self.source.cursor += 1;
            most = if self.source.peek() == Some('}') { UNBOUNDED } else { self.count()? };
        }
        if self.source.peek() != Some('}') {
            return self.source.refuse("a count without its closing brace");
        }
        if most < least {
            return self.source.refuse("a count whose end is below its beginning");
        }
        self.source.cursor += 1;
        Ok((least, most))
    }

    fn count(&mut self) -> Result<u32, Refused> {
        let mut count = 0u32;
        while let Some(digit) = self.source.peek().and_then(|char| char.to_digit(10)) {
            count = match count.checked_mul(10).and_then(|count| count.checked_add(digit)) {
                Some(count) if count <= UNBOUNDED => count,
                _ => return self.source.refuse("a count that is too high"),
            };
            self.source.cursor += 1;
        }
        Ok(count)
    }
}
