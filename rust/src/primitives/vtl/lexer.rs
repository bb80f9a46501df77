//! Cuts a template into words as Velocity 1.7 does: the longest match of the state the text is in, the first rule among
//! equals; `$` and `#` open a state, and parentheses are counted to find where it ends. The parser asks word by word,
//! because it changes the state at a directive.

use super::{
    CompileError,
    rules::{self, Action, Backslashes},
    token::{Kind, Token},
};

/// What the text around the current place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Default,
    Reference,
    /// After a dot in a reference.
    Modifier,
    /// Between the parentheses of a method.
    Arguments,
    /// Between the brackets of an index.
    Index,
    /// Between the parentheses of a directive.
    Directive,
    /// After `#`.
    PreDirective,
    LineComment,
    FormalComment,
    BlockComment,
    TextBlock,
}

struct Saved {
    open: u32,
    close: u32,
    state: State,
}

/// Reads one word after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    state: State,
    stack: Vec<Saved>,
    open: u32,
    close: u32,
    /// In a comment or text block, where nothing else begins.
    verbatim: bool,
    in_set: bool,
    backslashes: Backslashes,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            state: State::Default,
            stack: Vec::new(),
            open: 0,
            close: 0,
            verbatim: false,
            in_set: false,
            backslashes: Backslashes::default(),
        }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<Token, CompileError> {
        let mut before = None;
        loop {
            if self.at >= self.text.len() {
                return Ok(Token { kind: Kind::EndOfText, start: self.at, end: self.at, before });
            }
            let start = self.at;
            // A word may consist of several matches: the `$` of a reference and its name.
            loop {
                let Some(found) = rules::longest(self.state, self.text, self.at, &mut self.backslashes) else {
                    return Err(CompileError::at(self.text, self.at, "a character that cannot stand here"));
                };
                self.at += found.length;
                match found.action {
                    Action::More => self.more(found.rule),
                    Action::Skip => break,
                    Action::Special => {
                        // The character that ended the reference or directive is read again.
                        self.at = start.max(self.at - found.length);
                        before = before.or(Some(start));
                        self.pop();
                        break;
                    }
                    Action::Token => {
                        self.token(found.kind);
                        return Ok(Token { kind: found.kind, start, end: self.at, before });
                    }
                }
                if self.at >= self.text.len() {
                    return Err(CompileError::at(self.text, start, "the text ends in the middle of a word"));
                }
            }
        }
    }

    /// The parser has read a directive's name with its arguments before it.
    pub(super) fn enter_directive(&mut self) {
        self.state = State::Directive;
    }

    /// The parser has read a directive's name without arguments.
    pub(super) fn leave_directive(&mut self) {
        self.pop();
    }

    /// The parser has read a `#set` to its end.
    pub(super) fn leave_set(&mut self) {
        self.in_set = false;
    }

    /// Whether a parenthesis follows, after blanks.
    pub(super) fn parenthesis_follows(&self) -> bool {
        self.text.as_bytes()[self.at..]
            .iter()
            .find(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
            .is_some_and(|&byte| byte == b'(')
    }

    fn push(&mut self, state: State) {
        self.stack.push(Saved { open: self.open, close: self.close, state: self.state });
        self.open = 0;
        self.state = state;
    }

    fn pop(&mut self) -> bool {
        if let Some(saved) = self.stack.pop() {
            (self.open, self.close, self.state) = (saved.open, saved.close, saved.state);
            return true;
        }
        self.open = 0;
        self.state = State::Default;
        false
    }

    fn more(&mut self, rule: rules::More) {
        if self.verbatim {
            return;
        }
        match rule {
            rules::More::Reference => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.push(State::Reference);
            }
            rules::More::Directive => {
                if matches!(self.state, State::Reference | State::Modifier) {
                    self.pop();
                }
                self.push(State::PreDirective);
            }
            rules::More::TextBlock => self.enter(State::TextBlock),
            rules::More::BlockComment => self.enter(State::BlockComment),
            rules::More::FormalComment => {
                // The character after `#**` only had to be seen.
                self.at = self.text[..self.at].char_indices().next_back().map_or(0, |(at, _)| at);
                self.enter(State::FormalComment);
            }
            rules::More::Any => {}
        }
    }

    fn enter(&mut self, state: State) {
        self.verbatim = true;
        self.push(state);
    }

    fn token(&mut self, kind: Kind) {
        match kind {
            Kind::IndexOpen => self.push(State::Index),
            Kind::IndexClose | Kind::End | Kind::Else | Kind::RefCurlyClose => {
                self.pop();
            }
            Kind::ParenOpen => {
                if !self.verbatim {
                    self.open += 1;
                }
                if self.state == State::Modifier {
                    self.state = State::Arguments;
                }
            }
            Kind::ParenClose => self.close_parenthesis(),
            Kind::MethodClose => self.state = State::Reference,
            Kind::Set => {
                self.push(State::Directive);
                self.in_set = true;
                self.open += 1;
            }
            Kind::LineCommentStart => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.enter(State::LineComment);
            }
            Kind::LineCommentEnd | Kind::BlockComment | Kind::TextBlock => {
                self.verbatim = false;
                self.pop();
            }
            Kind::StringLiteral if self.state == State::Directive && !self.in_set && self.open == 0 => {
                self.pop();
            }
            Kind::If | Kind::ElseIf => self.state = State::Directive,
            Kind::Integer => {
                if self.text[..self.at].ends_with("..") {
                    self.at -= 2;
                }
                if self.open == 0 && !self.in_set && !matches!(self.state, State::Arguments | State::Index) {
                    self.pop();
                }
            }
            Kind::Float if self.open == 0 && !self.in_set && self.state != State::Arguments => {
                self.pop();
            }
            Kind::Dot => {
                self.at -= 1;
                self.state = State::Modifier;
            }
            _ => {}
        }
    }

    fn close_parenthesis(&mut self) {
        if self.verbatim {
            return;
        }
        loop {
            if self.open > 0 {
                if self.open == self.close + 1 {
                    self.pop();
                } else {
                    self.close += 1;
                }
                return;
            }
            if !self.pop() {
                return;
            }
        }
    }
}
