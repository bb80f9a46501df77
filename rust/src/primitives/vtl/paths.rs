//! The seam to `JSONPath`. A template is shared between threads, and the constants of a compiled path are not: names and
//! places are kept as such, any other path as its text.

use super::{RenderError, meter::Meter};
use crate::primitives::{
    java::{Thrown, Value},
    jsonpath::{JsonPath, ReadError},
};

/// A path that can be compiled.
pub(super) enum Path {
    /// Names and places, one below the other.
    Plain(Vec<Part>),
    /// Compiled for each reading.
    Text(Box<str>),
}

/// A step of a plain path.
pub(super) enum Part {
    Name(Box<str>),
    Index(usize),
}

impl Path {
    pub(super) fn compile(path: &str) -> Result<Self, ()> {
        JsonPath::compile(path).map_err(drop)?;
        Ok(plain(path).map_or_else(|| Self::Text(path.into()), Self::Plain))
    }
}

/// The parts of `$.name.name[0]`; nothing for a path that says more.
fn plain(path: &str) -> Option<Vec<Part>> {
    let mut rest = path.strip_prefix('$')?;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
                return None;
            }
            parts.push(Part::Name(name.into()));
            rest = &after[end..];
        } else {
            let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
            if inside.is_empty() || !inside.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            parts.push(Part::Index(inside.parse().ok()?));
            rest = after;
        }
    }
    Some(parts)
}

/// Reads a path within what is left of the limits; nothing when it leads nowhere.
pub(super) fn read(meter: &mut Meter, path: &Path, root: &Value) -> Result<Option<Value>, RenderError> {
    meter.step()?;
    let path = match path {
        Path::Plain(parts) => return Ok(read_plain(parts, root)),
        Path::Text(text) => JsonPath::compile(text).map_err(|refused| invalid(&refused.to_string()))?,
    };
    match path.read(root, meter.steps()) {
        Ok(value) => Ok(Some(value)),
        Err(ReadError::NotFound) => Ok(None),
        Err(ReadError::OutOfSteps) => Err(RenderError::Steps),
        Err(error @ (ReadError::Unfit(_) | ReadError::Failed(_))) => Err(invalid(&error.to_string())),
    }
}

fn read_plain(parts: &[Part], root: &Value) -> Option<Value> {
    let mut value = root.clone();
    for part in parts {
        value = match (part, &value) {
            (Part::Name(name), Value::Map(map)) => map.get(name)?,
            (Part::Index(index), Value::List(list)) => list.get(*index)?,
            _ => return None,
        };
    }
    Some(value)
}

fn invalid(why: &str) -> RenderError {
    Thrown::new("InvalidPathException", why).into()
}
