//! Filters: `[?(…)]`.

use super::{
    cursor::{Cursor, unescape},
    operand::Operand,
    parse::{MAX_DEPTH, Parser, Refused, parse_from},
    path::{Kind, Operator, Test},
};
use crate::primitives::java_regex::{Flags, Regex};

/// Parentheses and negations in one another.
const MAX_NESTED: usize = 64;

impl Parser {
    /// A filter; `at` is its question mark.
    pub(super) fn filter(&mut self, at: usize) -> Result<(), Refused> {
        let Some((open, '(')) = self.cursor.next_sign(at) else {
            return self.cursor.refuse_at(at, "a filter needs parentheses");
        };
        let Some(close) = self.cursor.closing(open, ')', true) else {
            return self.cursor.refuse_at(open, "a filter without its closing parenthesis");
        };
        let Some((end, ']')) = self.cursor.next_sign(close) else {
            return self.cursor.refuse_at(close, "a filter without its closing bracket");
        };
        if self.depth >= MAX_DEPTH {
            return self.cursor.refuse_at(at, "filters nested too deeply");
        }
        let mut reader =
            Reader { cursor: self.cursor.part(open + 1, close), depth: self.depth + 1, nested: 0, doubted: None };
        let test = reader.any()?;
        reader.cursor.pass_blanks();
        if reader.cursor.has_more() {
            // What looked wrong behind an operator is nearer to the cause.
            return match reader.doubted {
                Some(refused) => Err(refused),
                None => reader.cursor.refuse("the end of the filter is expected"),
            };
        }
        self.kinds.push(Kind::Filter(Box::new(test)));
        self.cursor.at = end + 1;
        Ok(())
    }
}

/// The state of reading a filter.
#[derive(Debug)]
struct Reader {
    cursor: Cursor,
    depth: usize,
    nested: usize,
    /// Why the last comparison was taken for a path alone.
    doubted: Option<Refused>,
}

fn compares(char: char) -> bool {
    matches!(char, '<' | '>' | '=' | '~' | '!')
}

impl Reader {
    fn any(&mut self) -> Result<Test, Refused> {
        let mut tests = vec![self.all()?];
        while self.has_sign('|')? {
            tests.push(self.all()?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::Or(tests) })
    }

    fn all(&mut self) -> Result<Test, Refused> {
        let mut tests = vec![self.one()?];
        while self.has_sign('&')? {
            tests.push(self.one()?);
        }
        Ok(if tests.len() == 1 { tests.remove(0) } else { Test::And(tests) })
    }

    /// Passes over `&&` or `||`, if it is next.
    fn has_sign(&mut self, sign: char) -> Result<bool, Refused> {
        self.cursor.pass_blanks();
        if !self.cursor.is_at(sign) {
            return Ok(false);
        }
        if self.cursor.char(self.cursor.at + 1) != Some(sign) {
            return self.cursor.refuse(format!("{sign}{sign} is expected"));
        }
        self.cursor.at += 2;
        Ok(true)
    }

    fn one(&mut self) -> Result<Test, Refused> {
        self.cursor.pass_blanks();
        self.nested += 1;
        if self.nested > MAX_NESTED {
            return self.cursor.refuse("parentheses nested too deeply");
        }
        let test = match self.cursor.peek() {
            Some('!') if !matches!(self.cursor.next_sign(self.cursor.at), Some((_, '$' | '@'))) => {
                self.cursor.at += 1;
                Test::Not(Box::new(self.one()?))
            }
            Some('(') => {
                self.cursor.at += 1;
                let test = self.any()?;
                self.cursor.pass_blanks();
                if !self.cursor.is_at(')') {
                    return self.cursor.refuse("a closing parenthesis is expected");
                }
                self.cursor.at += 1;
                test
            }
            _ => self.comparison()?,
        };
        self.nested -= 1;
        Ok(test)
    }

    fn comparison(&mut self) -> Result<Test, Refused> {
        let (left, exists) = self.operand()?;
        let behind = self.cursor.at;
        match self.right_side() {
            Ok((operator, right)) => Ok(Test::Compare(left, operator, right)),
            Err(refused) => {
                self.cursor.at = behind;
                // Without a comparison it asks whether something is there.
                match left {
                    Operand::Path(path) => {
                        self.doubted = Some(refused);
                        Ok(Test::Exists(path, exists))
                    }
                    _ => Err(refused),
                }
            }
        }
    }

    fn right_side(&mut self) -> Result<(Operator, Operand), Refused> {
        self.cursor.pass_blanks();
        let start = self.cursor.at;
        if self.cursor.peek().is_some_and(compares) {
            while self.cursor.peek().is_some_and(compares) {
                self.cursor.at += 1;
            }
        } else {
            while self.cursor.peek().is_some_and(|char| char != ' ') {
                self.cursor.at += 1;
            }
        }
        let text = self.cursor.slice(start, self.cursor.at);
        let Some(operator) = Operator::of(&text) else {
            return self.cursor.refuse_at(start, format!("the operator {text:?} is not known"));
        };
        Ok((operator, self.operand()?.0))
    }

    /// An operand, and whether a path is asked for what is there.
    fn operand(&mut self) -> Result<(Operand, bool), Refused> {
        self.cursor.pass_blanks();
        let literal = |operand| Ok((operand, true));
        match self.cursor.peek() {
            Some('$' | '@') => self.path(),
            Some('!') => {
                self.cursor.at += 1;
                self.cursor.pass_blanks();
                match self.cursor.peek() {
                    Some('$' | '@') => self.path(),
                    _ => self.cursor.refuse("a path is expected"),
                }
            }
            Some('\'' | '"') => {
                let start = self.cursor.at;
                let Some(end) = self.cursor.closing_quote(start) else {
                    return self.cursor.refuse("a text without its closing quote");
                };
                self.cursor.at = end + 1;
                literal(Operand::String(unescape(&self.cursor.slice(start + 1, end)).into()))
            }
            Some('t' | 'f' | 'n') => literal(self.word()?),
            Some(open @ ('[' | '{')) => {
                let start = self.cursor.at;
                let Some(end) = self.cursor.closing(start, if open == '[' { ']' } else { '}' }, false) else {
                    return self.cursor.refuse("JSON without its closing bracket");
                };
                self.cursor.at = end + 1;
                literal(Operand::Json(self.cursor.slice(start, end + 1).into()))
            }
            Some('/') => literal(self.regex()?),
            Some('-' | '0'..='9' | '.' | 'e' | 'E') => literal(self.number()?),
            _ => self.cursor.refuse("a path or a literal is expected"),
        }
    }

    fn word(&mut self) -> Result<Operand, Refused> {
        let start = self.cursor.at;
        for (word, operand) in
            [("true", Operand::Boolean(true)), ("false", Operand::Boolean(false)), ("null", Operand::Null)]
        {
            if self.cursor.slice(start, start + word.len()) == word {
                self.cursor.at += word.len();
                return Ok(operand);
            }
        }
        self.cursor.refuse("true, false or null is expected")
    }

    fn number(&mut self) -> Result<Operand, Refused> {
        let start = self.cursor.at;
        while self.cursor.peek().is_some_and(|char| matches!(char, '0'..='9' | '-' | '.' | 'e' | 'E')) {
            self.cursor.at += 1;
        }
        match Operand::number(&self.cursor.slice(start, self.cursor.at)) {
            Some(number) => Ok(number),
            None => self.cursor.refuse_at(start, "a number is expected"),
        }
    }

    /// `/pattern/flags`.
    fn regex(&mut self) -> Result<Operand, Refused> {
        let start = self.cursor.at;
        let Some(end) = self.cursor.closing_quote(start) else {
            return self.cursor.refuse("a regular expression without its closing slash");
        };
        self.cursor.at = end + 1;
        let mut flags = Flags::default();
        while let Some(letter) = self.cursor.peek().filter(char::is_ascii_alphabetic) {
            match letter {
                'd' => flags.unix_lines = true,
                'i' => flags.any_case = true,
                'x' => flags.comments = true,
                'm' => flags.multiline = true,
                's' => flags.dot_all = true,
                'u' => flags.unicode_case = true,
                'U' => (flags.unicode_classes, flags.unicode_case) = (true, true),
                _ => return self.cursor.refuse("a regular expression has no such flag"),
            }
            self.cursor.at += 1;
        }
        match Regex::with_flags(&self.cursor.slice(start + 1, end), flags) {
            Ok(regex) => Ok(Operand::Regex(Box::new(regex))),
            Err(refused) => self.cursor.refuse_at(start + 1 + refused.offset, refused.message),
        }
    }

    /// A path up to a blank, a comparison or a closing parenthesis of the filter's.
    fn path(&mut self) -> Result<(Operand, bool), Refused> {
        let exists = self.cursor.last_sign() != Some('!');
        let start = self.cursor.at;
        self.cursor.at += 1;
        while self.cursor.has_more() {
            if self.cursor.is_at('[') {
                match self.cursor.closing(self.cursor.at, ']', false) {
                    Some(close) => self.cursor.at = close + 1,
                    None => return self.cursor.refuse("a bracket that is not closed"),
                }
            }
            // AWS: none; json-path does not see that a second bracket follows, and reads on inside of it.
            match self.cursor.peek() {
                None | Some(' ') => break,
                Some(')') if !self.ends_function(start) => break,
                Some(char) if compares(char) => break,
                Some(_) => self.cursor.at += 1,
            }
        }
        let text = self.cursor.slice(start, self.cursor.at);
        let path = parse_from(&text, self.cursor.offset_of(start), self.depth)?;
        Ok((Operand::Path(path), exists))
    }

    /// Whether the parenthesis under the cursor ends a function without parameters of the path that begins at `start`.
    fn ends_function(&self, start: usize) -> bool {
        let signs = || (start + 1..self.cursor.at).rev().map(|at| (at, self.cursor.char(at)));
        let Some((open, Some('('))) = signs().find(|(_, char)| *char != Some(' ')) else { return false };
        signs().any(|(at, char)| at < open && char == Some('.'))
    }
}
