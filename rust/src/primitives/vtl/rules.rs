//! The rules of the words: what may begin in a state, in the order of Velocity's grammar, and how far each reaches.

use super::{lexer::State, token::Kind};

/// What is done with a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It is a word.
    Token,
    /// A word begins with it.
    More,
    /// It belongs to no word.
    Skip,
    /// It ends a reference or a directive, and belongs to what follows.
    Special,
}

/// What a match that only begins a word opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Reference,
    Directive,
    TextBlock,
    BlockComment,
    FormalComment,
    Any,
}

/// The longest match at a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) length: usize,
    pub(super) action: Action,
    pub(super) kind: Kind,
    pub(super) rule: More,
}

/// Where the run of backslashes around the last place ends, so that a long run is looked at once only.
#[derive(Default)]
pub(super) struct Backslashes {
    start: usize,
    end: usize,
}

impl Backslashes {
    fn end(&mut self, bytes: &[u8], at: usize) -> usize {
        if !(self.start <= at && at < self.end) {
            self.start = at;
            self.end = at + bytes[at..].iter().take_while(|&&byte| byte == b'\\').count();
        }
        self.end
    }
}

/// The longest match of a state; the first of equally long ones.
pub(super) fn longest(state: State, text: &str, at: usize, backslashes: &mut Backslashes) -> Option<Found> {
    let mut rules = Rules { rest: &text.as_bytes()[at..], best: None };
    let run = if rules.rest[0] == b'\\' { backslashes.end(text.as_bytes(), at) - at } else { 0 };
    rules.punctuation(state);
    if state == State::Default {
        rules.offer(escaped_directive(rules.rest, run), Kind::EscapedDirective);
    }
    if matches!(state, State::Default | State::Reference | State::Modifier | State::Arguments) {
        rules.offer(set_directive(rules.rest, state), Kind::Set);
    }
    rules.openings(run);
    if matches!(state, State::Default | State::PreDirective | State::Directive | State::Reference) {
        rules.offer(literal(rules.rest, b"##"), Kind::LineCommentStart);
    }
    rules.state(state, text, at);
    rules.best
}

struct Rules<'a> {
    rest: &'a [u8],
    best: Option<Found>,
}

impl Rules<'_> {
    fn offer(&mut self, length: usize, kind: Kind) {
        self.add(Found { length, action: Action::Token, kind, rule: More::Any });
    }

    fn more(&mut self, length: usize, rule: More) {
        self.add(Found { length, action: Action::More, kind: Kind::Text, rule });
    }

    fn add(&mut self, found: Found) {
        if found.length > self.best.map_or(0, |best| best.length) {
            self.best = Some(found);
        }
    }

    fn one(&mut self, byte: u8, kind: Kind) {
        if self.rest[0] == byte {
            self.offer(1, kind);
        }
    }

    fn punctuation(&mut self, state: State) {
        if matches!(state, State::Reference | State::Modifier) {
            self.one(b'[', Kind::IndexOpen);
        }
        if state == State::Index {
            self.one(b']', Kind::IndexClose);
        }
        if matches!(state, State::Directive | State::Arguments) {
            self.one(b'[', Kind::BracketOpen);
            self.one(b']', Kind::BracketClose);
            self.one(b',', Kind::Comma);
            self.offer(literal(self.rest, b".."), Kind::DoubleDot);
            self.one(b':', Kind::Colon);
            self.one(b'{', Kind::CurlyOpen);
            self.one(b'}', Kind::CurlyClose);
        }
        if matches!(state, State::Directive | State::Modifier) {
            self.one(b'(', Kind::ParenOpen);
        }
        if state == State::Directive && self.rest[0] == b')' {
            self.offer(1 + line_end(&self.rest[1..]), Kind::ParenClose);
        }
        if state == State::Arguments {
            self.one(b')', Kind::MethodClose);
        }
    }

    /// What opens a reference, a directive, a comment or a block of text, whatever the state.
    fn openings(&mut self, run: usize) {
        if self.rest.get(run) == Some(&b'$') {
            self.more(run + 1, More::Reference);
            let after = run + 1;
            let second = self.rest[after..].iter().take_while(|&&byte| byte == b'\\').count();
            if self.rest.get(after + second) == Some(&b'!') {
                self.more(after + second + 1, More::Reference);
            }
        }
        if self.rest[0] == b'#' {
            self.more(literal(self.rest, b"#[["), More::TextBlock);
            if literal(self.rest, b"#**") > 0 && self.rest.get(3).is_some_and(|&byte| byte != b'#') {
                self.more(3 + character_length(self.rest[3]), More::FormalComment);
            }
            self.more(literal(self.rest, b"#*"), More::BlockComment);
            self.more(1, More::Directive);
        }
    }

    fn state(&mut self, state: State, text: &str, at: usize) {
        match state {
            State::Default => {
                self.offer(literal(self.rest, b"\\\\"), Kind::DoubleEscape);
                self.one(b'\\', Kind::Escape);
                self.offer(memchr::memchr3(b'$', b'#', b'\\', self.rest).unwrap_or(self.rest.len()), Kind::Text);
                self.empty_index();
            }
            State::LineComment => self.verbatim(newline(self.rest), Kind::LineCommentEnd, Action::Skip, text, at),
            State::FormalComment | State::BlockComment => {
                self.verbatim(literal(self.rest, b"*#"), Kind::BlockComment, Action::Skip, text, at);
            }
            State::TextBlock => {
                self.verbatim(literal(self.rest, b"]]#"), Kind::TextBlock, Action::More, text, at);
            }
            State::Directive => {
                self.values();
                self.operators();
                self.numbers();
                self.offer(word(self.rest), Kind::Word);
                self.offer(bracketed_word(self.rest), Kind::BracketedWord);
            }
            State::PreDirective => {
                self.keywords();
                self.numbers();
                self.offer(word(self.rest), Kind::Word);
                self.offer(bracketed_word(self.rest), Kind::BracketedWord);
                self.terminator(text, at);
            }
            State::Arguments => {
                self.values();
                self.numbers();
                self.names();
            }
            State::Index => {
                self.values();
                self.numbers();
            }
            State::Reference | State::Modifier => {
                self.booleans();
                self.names();
                self.one(b'{', Kind::RefCurlyOpen);
                self.one(b'}', Kind::RefCurlyClose);
                self.terminator(text, at);
                if state == State::Reference {
                    self.empty_index();
                }
            }
        }
    }

    fn verbatim(&mut self, end: usize, kind: Kind, action: Action, text: &str, at: usize) {
        self.offer(end, kind);
        let length = text[at..].chars().next().map_or(1, char::len_utf8);
        self.add(Found { length, action, kind, rule: More::Any });
    }

    fn terminator(&mut self, text: &str, at: usize) {
        // One character; but a longer one in bytes must not win against a rule for one character.
        if self.best.is_none() {
            let length = text[at..].chars().next().map_or(1, char::len_utf8);
            self.add(Found { length, action: Action::Special, kind: Kind::Text, rule: More::Any });
        }
    }

    fn values(&mut self) {
        let blanks = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.offer(blanks, Kind::Whitespace);
        self.offer(string_literal(self.rest), Kind::StringLiteral);
        self.booleans();
    }

    fn booleans(&mut self) {
        self.offer(literal(self.rest, b"true"), Kind::True);
        self.offer(literal(self.rest, b"false"), Kind::False);
    }

    fn operators(&mut self) {
        const OPERATORS: &[(&[u8], Kind)] = &[
            (b"-", Kind::Minus),
            (b"+", Kind::Plus),
            (b"*", Kind::Multiply),
            (b"/", Kind::Divide),
            (b"%", Kind::Modulus),
            (b"&&", Kind::And),
            (b"and", Kind::And),
            (b"||", Kind::Or),
            (b"or", Kind::Or),
            (b"<", Kind::Less),
            (b"lt", Kind::Less),
            (b"<=", Kind::LessEqual),
            (b"le", Kind::LessEqual),
            (b">", Kind::Greater),
            (b"gt", Kind::Greater),
            (b">=", Kind::GreaterEqual),
            (b"ge", Kind::GreaterEqual),
            (b"==", Kind::Equal),
            (b"eq", Kind::Equal),
            (b"!=", Kind::NotEqual),
            (b"ne", Kind::NotEqual),
            (b"!", Kind::Not),
            (b"not", Kind::Not),
            (b"=", Kind::Assign),
        ];
        for (image, kind) in OPERATORS {
            self.offer(literal(self.rest, image), *kind);
        }
    }

    fn keywords(&mut self) {
        for (image, braced, kind) in [
            (&b"end"[..], &b"{end}"[..], Kind::End),
            (b"if", b"{if}", Kind::If),
            (b"elseif", b"{elseif}", Kind::ElseIf),
            (b"else", b"{else}", Kind::Else),
        ] {
            let length = literal(self.rest, image).max(literal(self.rest, braced));
            let ends_line = length > 0 && matches!(kind, Kind::End | Kind::Else);
            self.offer(if ends_line { length + line_end(&self.rest[length..]) } else { length }, kind);
        }
    }

    fn numbers(&mut self) {
        let sign = usize::from(self.rest[0] == b'-');
        let whole = digits(&self.rest[sign..]);
        let after = sign + whole;
        if whole > 0 {
            let range = if literal(&self.rest[after..], b"..") > 0 { 2 } else { 0 };
            self.offer(after + range, Kind::Integer);
        }
        if self.rest.get(after) == Some(&b'.') {
            let fraction = digits(&self.rest[after + 1..]);
            if whole + fraction > 0 {
                let end = after + 1 + fraction;
                self.offer(end + exponent(&self.rest[end..]), Kind::Float);
            }
        } else if whole > 0 {
            let exponent = exponent(&self.rest[after..]);
            self.offer(if exponent > 0 { after + exponent } else { 0 }, Kind::Float);
        }
    }

    fn names(&mut self) {
        if self.rest[0].is_ascii_alphabetic() || self.rest[0] == b'_' {
            let of_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            self.offer(self.rest.iter().take_while(of_name).count(), Kind::Identifier);
        }
        if self.rest[0] == b'.' && self.rest.get(1).is_some_and(u8::is_ascii_alphabetic) {
            self.offer(2, Kind::Dot);
        }
    }

    fn empty_index(&mut self) {
        for image in [&b"$["[..], b"$![", b"$\\![", b"$."] {
            self.offer(literal(self.rest, image), Kind::EmptyIndex);
        }
    }
}

fn literal(rest: &[u8], image: &[u8]) -> usize {
    if rest.starts_with(image) { image.len() } else { 0 }
}

fn digits(rest: &[u8]) -> usize {
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

fn exponent(rest: &[u8]) -> usize {
    if !matches!(rest.first(), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(rest.get(1), Some(b'+' | b'-')));
    let digits = digits(&rest[(1 + sign).min(rest.len())..]);
    if digits > 0 { 1 + sign + digits } else { 0 }
}

fn newline(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Blanks and the line's end after them; nothing when the line goes on.
fn line_end(rest: &[u8]) -> usize {
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match newline(&rest[blanks..]) {
        0 => 0,
        length => blanks + length,
    }
}

fn character_length(first: u8) -> usize {
    match first {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

/// `#set(` with blanks before it and before its parenthesis.
/// AWS: in plain text blanks may stand after the `#` too.
fn set_directive(rest: &[u8], state: State) -> usize {
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let after = &rest[blanks..];
    let name = match literal(after, b"#set").max(literal(after, b"#{set}")) {
        0 if state == State::Default && after.first() == Some(&b'#') => {
            let tolerated = after[1..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            match literal(&after[1 + tolerated..], b"set") {
                0 => return 0,
                length => 1 + tolerated + length,
            }
        }
        0 => return 0,
        length => length,
    };
    let spaces = after[name..].iter().take_while(|&&byte| byte == b' ').count();
    if after.get(name + spaces) == Some(&b'(') { blanks + name + spaces + 1 } else { 0 }
}

/// An odd number of backslashes, `#` and a name.
fn escaped_directive(rest: &[u8], run: usize) -> usize {
    if run.is_multiple_of(2) || rest.get(run) != Some(&b'#') {
        return 0;
    }
    let name = &rest[run + 1..];
    match word(name).max(bracketed_word(name)) {
        0 => 0,
        length => run + 1 + length,
    }
}

fn word(rest: &[u8]) -> usize {
    match rest.first() {
        Some(first) if first.is_ascii_alphabetic() || matches!(first, b'_' | b'@') => {
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')).count()
        }
        _ => 0,
    }
}

fn bracketed_word(rest: &[u8]) -> usize {
    match rest {
        [b'{', first, ..] if first.is_ascii_alphabetic() || *first == b'_' => {
            let length = word(&rest[1..]);
            if rest.get(1 + length) == Some(&b'}') { length + 2 } else { 0 }
        }
        _ => 0,
    }
}

/// A text in quotes, in which a doubled quote stands for one.
fn string_literal(rest: &[u8]) -> usize {
    let quote = rest[0];
    if !matches!(quote, b'"' | b'\'') {
        return 0;
    }
    let mut longest = 0;
    let mut at = 1;
    while let Some(next) = memchr::memchr(quote, &rest[at..]) {
        longest = at + next + 1;
        if rest.get(longest) != Some(&quote) {
            break;
        }
        at = longest + 1;
    }
    longest
}
