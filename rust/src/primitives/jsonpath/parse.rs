//! Reads a path as json-path 2.9 does: names after dots or in brackets, places, slices, wildcards, scans. Filters and
//! functions' parameters stand in files of their own.

use super::{
    cursor::{Cursor, unescape},
    path::{Function, Kind, Name, Parameter, Path},
};

/// Characters of a path.
const MAX_PATH: usize = 16 * 1024;
/// Steps of a path: evaluation calls itself for each.
const MAX_STEPS: usize = 256;
/// Filters in filters and paths in parameters.
pub(super) const MAX_DEPTH: usize = 16;

/// A path that json-path refuses too, or that we bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at position {offset}")]
pub struct Refused {
    /// Where, in characters from the path's beginning.
    pub offset: usize,
    /// What is wrong; a clause without a full stop.
    pub message: String,
}

/// Reads a whole path.
pub(super) fn parse(text: &str) -> Result<Path, Refused> {
    if text.len() > MAX_PATH {
        return Err(Refused { offset: 0, message: format!("a path of more than {MAX_PATH} bytes") });
    }
    parse_from(text, 0, 0)
}

/// Reads a path that begins at `offset` of the whole one.
pub(super) fn parse_from(text: &str, offset: usize, depth: usize) -> Result<Path, Refused> {
    let trimmed = text.trim_end_matches(' ');
    let offset = isize::try_from(offset).unwrap_or(0);
    let cursor = if trimmed.starts_with(['$', '@']) {
        Cursor::new(trimmed, offset)
    } else {
        Cursor::new(&format!("$.{trimmed}"), offset - 2)
    };
    if depth > MAX_DEPTH {
        return cursor.refuse("filters and parameters nested too deeply");
    }
    Parser { cursor, kinds: Vec::new(), depth }.path()
}

/// The state of reading.
#[derive(Debug)]
pub(super) struct Parser {
    pub(super) cursor: Cursor,
    pub(super) kinds: Vec<Kind>,
    pub(super) depth: usize,
}

impl Parser {
    fn path(mut self) -> Result<Path, Refused> {
        if self.cursor.len() > 1 && self.cursor.char(self.cursor.len() - 1) == Some('.') {
            return self.cursor.refuse_at(self.cursor.len() - 1, "a path must not end with a dot");
        }
        let from_item = self.cursor.is_at('@');
        self.cursor.at = 1;
        if self.cursor.has_more() && !matches!(self.cursor.peek(), Some('.' | '[')) {
            return self.cursor.refuse("a dot or an opening bracket is expected");
        }
        while self.cursor.has_more() {
            self.step()?;
            if self.kinds.len() > MAX_STEPS {
                return self.cursor.refuse(format!("a path of more than {MAX_STEPS} steps"));
            }
        }
        // A scan needs what it looks for.
        if matches!(self.kinds.last(), Some(Kind::Scan)) {
            return self.cursor.refuse("a scan without what it looks for");
        }
        Ok(Path::new(from_item, invert(self.kinds)))
    }

    fn step(&mut self) -> Result<(), Refused> {
        match self.cursor.peek() {
            Some('.') => {
                self.cursor.at += 1;
                if self.cursor.is_at('.') {
                    self.kinds.push(Kind::Scan);
                    self.cursor.at += 1;
                }
                match self.cursor.peek() {
                    None => self.cursor.refuse("a path must not end with a dot"),
                    Some('.') => self.cursor.refuse("a dot that is one too many"),
                    Some('[') => self.bracket(),
                    Some('*') => self.wildcard(),
                    Some(_) => self.name(),
                }
            }
            Some('[') => self.bracket(),
            Some('*') => self.wildcard(),
            _ => self.name(),
        }
    }

    fn wildcard(&mut self) -> Result<(), Refused> {
        self.cursor.at += 1;
        // json-path takes no notice of what is written there.
        if !matches!(self.cursor.peek(), None | Some('.' | '[')) {
            return self.cursor.refuse("a dot or an opening bracket is expected behind a wildcard");
        }
        self.kinds.push(Kind::Wildcard);
        Ok(())
    }

    /// A name behind a dot, or a function.
    fn name(&mut self) -> Result<(), Refused> {
        let start = self.cursor.at;
        loop {
            match self.cursor.peek() {
                Some(' ') => return self.cursor.refuse("a name with a blank in it must stand in brackets and quotes"),
                None | Some('.' | '[') => break,
                Some('(') => return self.function(start),
                Some(_) => self.cursor.at += 1,
            }
        }
        if self.cursor.at == start {
            return self.cursor.refuse("a name is expected");
        }
        let name = self.cursor.slice(start, self.cursor.at);
        self.kinds.push(Kind::Property(vec![name.into()]));
        Ok(())
    }

    fn function(&mut self, start: usize) -> Result<(), Refused> {
        let name = self.cursor.slice(start, self.cursor.at);
        let Some(known) = Name::of(&name) else {
            return self.cursor.refuse_at(start, format!("the function {name:?} is not known"));
        };
        self.cursor.at += 1;
        let parameters = self.parameters()?;
        self.kinds.push(Kind::Function(Function::new(known, parameters)));
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), Refused> {
        let open = self.cursor.at;
        match self.cursor.next_sign(open) {
            Some((at, '\'' | '"')) => self.names(at),
            Some((at, '0'..='9' | '-' | ':')) => self.places(at),
            Some((at, '*')) => match self.cursor.next_sign(at) {
                Some((close, ']')) => {
                    self.cursor.at = close + 1;
                    self.kinds.push(Kind::Wildcard);
                    Ok(())
                }
                _ => self.cursor.refuse_at(at, "a wildcard in brackets without the closing one"),
            },
            Some((at, '?')) => self.filter(at),
            _ => self.cursor.refuse("a filter, a quoted name, a place or a wildcard is expected"),
        }
    }

    /// `'a','b'` in brackets; `at` is the first quote.
    fn names(&mut self, at: usize) -> Result<(), Refused> {
        let mut names: Vec<Box<str>> = Vec::new();
        let mut at = at;
        loop {
            let Some(end) = self.cursor.closing_quote(at) else {
                return self.cursor.refuse_at(at, "a name without its closing quote");
            };
            names.push(unescape(&self.cursor.slice(at + 1, end)).into());
            match self.cursor.next_sign(end) {
                Some((close, ']')) => {
                    self.cursor.at = close + 1;
                    self.kinds.push(Kind::Property(names));
                    return Ok(());
                }
                Some((comma, ',')) => match self.cursor.next_sign(comma) {
                    Some((next, quote @ ('\'' | '"'))) if Some(quote) == self.cursor.char(at) => at = next,
                    _ => return self.cursor.refuse_at(comma, "a quoted name is expected behind the comma"),
                },
                _ => return self.cursor.refuse_at(end + 1, "a comma or the closing bracket is expected"),
            }
        }
    }

    /// Places or a slice; `at` is their first character.
    fn places(&mut self, at: usize) -> Result<(), Refused> {
        let Some(close) = (at..self.cursor.len()).find(|place| self.cursor.char(*place) == Some(']')) else {
            return self.cursor.refuse_at(at, "a place without its closing bracket");
        };
        let text = self.cursor.slice(at, close);
        let text = text.trim();
        if !text.chars().all(|char| matches!(char, '0'..='9' | ',' | '-' | ':' | ' ')) {
            return self.cursor.refuse_at(at, "a place is a whole number");
        }
        let place = |text: &str| text.parse::<i32>().ok();
        if text.contains(':') {
            // AWS: none; json-path reads a third number and takes no notice of it.
            let mut ends = text.split(':').map(|end| if end.is_empty() { Some(None) } else { place(end).map(Some) });
            let (from, to) = (ends.next().unwrap_or(Some(None)), ends.next().unwrap_or(Some(None)));
            match (from, to) {
                (Some(from), Some(to)) if from.is_some() || to.is_some() => self.kinds.push(Kind::Slice { from, to }),
                _ => return self.cursor.refuse_at(at, "a slice needs whole numbers and no blanks"),
            }
        } else {
            let places: Option<Vec<i32>> = text.split(',').map(|each| place(each.trim())).collect();
            match places {
                Some(places) => self.kinds.push(Kind::Index(places)),
                None => return self.cursor.refuse_at(at, "a place is a whole number"),
            }
        }
        self.cursor.at = close + 1;
        Ok(())
    }
}

/// A function behind a scan is asked of what the whole scan finds.
fn invert(mut kinds: Vec<Kind>) -> Vec<Kind> {
    let scans = matches!(kinds.first(), Some(Kind::Scan)) && matches!(kinds.last(), Some(Kind::Function(_)));
    let Some(place) = kinds.iter().position(|kind| matches!(kind, Kind::Function(_))).filter(|_| scans) else {
        return kinds;
    };
    let mut rest = kinds.split_off(place);
    if let Some(Kind::Function(function)) = rest.first_mut() {
        *function = Function::new(function.name, vec![Parameter::Path(Path::new(false, kinds))]);
    }
    rest
}
