//! The parameters of a function: JSON or paths, between commas.

use super::{
    parse::{Parser, Refused, parse_from},
    path::Parameter,
};

impl Parser {
    /// The parameters up to the closing parenthesis; the cursor stands behind the opening one.
    pub(super) fn parameters(&mut self) -> Result<Vec<Parameter>, Refused> {
        let mut parameters = Vec::new();
        let open = self.cursor.at - 1;
        let Some(close) = self.cursor.closing(open, ')', false) else {
            return self.cursor.refuse_at(open, "a function without its closing parenthesis");
        };
        let mut start = open + 1;
        while start < close {
            let end = self.comma(start, close);
            if let Some(parameter) = self.parameter(start, end)? {
                parameters.push(parameter);
            }
            start = end + 1;
        }
        self.cursor.at = close + 1;
        Ok(parameters)
    }

    /// The next comma outside of brackets and quotes, or the end.
    fn comma(&self, from: usize, end: usize) -> usize {
        let (mut depth, mut at) = (0, from);
        while at < end {
            match self.cursor.char(at) {
                Some('\'' | '"') => at = self.cursor.closing_quote(at).unwrap_or(end),
                Some('(' | '[' | '{') => depth += 1,
                Some(')' | ']' | '}') => depth -= 1,
                Some(',') if depth == 0 => return at,
                _ => {}
            }
            at += 1;
        }
        end
    }

    fn parameter(&self, start: usize, end: usize) -> Result<Option<Parameter>, Refused> {
        let blanks = (start..end).take_while(|at| self.cursor.char(*at).is_some_and(char::is_whitespace)).count();
        let start = start + blanks;
        let text = self.cursor.slice(start, end);
        match text.chars().next() {
            None => Ok(None),
            Some('{' | '"' | '-' | '0'..='9') => Ok(Some(Parameter::Json(text.trim().into()))),
            Some('$' | '@') => {
                let path = parse_from(&text, self.cursor.offset_of(start), self.depth + 1)?;
                Ok(Some(Parameter::Path(path)))
            }
            Some(_) => self.cursor.refuse_at(start, "a parameter is JSON or a path"),
        }
    }
}
