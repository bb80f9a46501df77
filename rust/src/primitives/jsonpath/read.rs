//! A compiled path and reading by it.

use super::{
    evaluate::Results,
    parse::{self, Refused},
    path::{Kind, Path},
};
use crate::primitives::{
    java::{Value, take_looked},
    java_regex::OutOfSteps,
};

/// A `JSONPath`, compiled.
#[derive(Debug)]
pub struct JsonPath {
    path: Path,
    plain: bool,
}

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// `PathNotFoundException`: the document has no such place.
    #[error("the document has no such place")]
    NotFound,
    /// `InvalidPathException` while reading: inside of a filter it counts as no match.
    #[error("{0}")]
    Unfit(&'static str),
    /// Another exception of json-path.
    #[error("{0}")]
    Failed(String),
    /// The steps that were given are spent.
    #[error("the path takes too many steps")]
    OutOfSteps,
}

impl From<OutOfSteps> for ReadError {
    fn from(_: OutOfSteps) -> Self {
        Self::OutOfSteps
    }
}

impl JsonPath {
    /// Compiles a path; `$.` may be left out.
    pub fn compile(path: &str) -> Result<Self, Refused> {
        let path = parse::parse(path)?;
        let plain = path.is_plain();
        Ok(Self { path, plain })
    }

    /// Whether it finds one thing at most; else what it reads is a list of all it finds.
    pub fn is_definite(&self) -> bool {
        self.path.is_definite()
    }

    /// What the path finds (`JsonPath.read`). `steps` is what may still be spent; it goes down.
    pub fn read(&self, document: &Value, steps: &mut u64) -> Result<Value, ReadError> {
        let mut run = Run { document, steps };
        if self.plain {
            return run.read_plain(&self.path, document);
        }
        let found = run.read_from(&self.path, document, false);
        run.looked()?;
        found
    }
}

/// The state of reading.
#[derive(Debug)]
pub(super) struct Run<'r> {
    pub(super) document: &'r Value,
    pub(super) steps: &'r mut u64,
}

impl Run<'_> {
    pub(super) fn spend(&mut self, steps: u64) -> Result<(), ReadError> {
        let left = self.steps.checked_sub(steps);
        *self.steps = left.unwrap_or(0);
        left.map(|_| ()).ok_or(ReadError::OutOfSteps)
    }

    /// Takes the steps for what comparisons have looked at.
    pub(super) fn looked(&mut self) -> Result<(), ReadError> {
        self.spend(take_looked())
    }

    /// Names and single places: nothing is allocated.
    fn read_plain(&mut self, path: &Path, document: &Value) -> Result<Value, ReadError> {
        self.spend(path.steps.len() as u64)?;
        let mut value = document.clone();
        for step in &path.steps {
            let next = match (&step.kind, &value) {
                (Kind::Property(names), Value::Map(map)) => map.get(&names[0]),
                (Kind::Index(places), Value::List(list)) => at(list.len(), places[0]).and_then(|place| list.get(place)),
                _ => None,
            };
            value = next.ok_or(ReadError::NotFound)?;
        }
        Ok(value)
    }

    /// What a path finds from `start`. `required`: names that are missing anywhere are an error.
    pub(super) fn read_from(&mut self, path: &Path, start: &Value, required: bool) -> Result<Value, ReadError> {
        let mut found = self.found(path, start, required)?;
        if !path.is_definite() {
            return Ok(Value::list(found));
        }
        found.pop().ok_or(ReadError::NotFound)
    }

    /// Everything that a path finds.
    pub(super) fn found(&mut self, path: &Path, start: &Value, required: bool) -> Result<Vec<Value>, ReadError> {
        let mut results = Results::new(path, required);
        self.evaluate(&path.steps, start, &mut results)?;
        Ok(results.found)
    }
}

/// The place that an index means, if the list has it.
pub(super) fn at(length: usize, index: i32) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let place = if index < 0 { length + i64::from(index) } else { i64::from(index) };
    usize::try_from(place).ok().filter(|place| i64::try_from(*place).is_ok_and(|place| place < length))
}
