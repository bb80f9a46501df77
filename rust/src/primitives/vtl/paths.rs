//! The seam to `JSONPath`: what a path does not find is nothing; whatever else it fails with, the template throws.

use super::{RenderError, meter::Meter};
use crate::primitives::{
    java::{Thrown, Value},
    jsonpath::{JsonPath, ReadError},
};

/// A compiled `JSONPath`.
pub(super) struct Path(JsonPath);

impl Path {
    pub(super) fn compile(path: &str) -> Result<Self, ()> {
        JsonPath::compile(path).map(Self).map_err(|_| ())
    }
}

/// Reads a path within what is left of the limits; nothing when it leads nowhere.
pub(super) fn read(meter: &mut Meter, path: &Path, root: &Value) -> Result<Option<Value>, RenderError> {
    meter.step()?;
    match path.0.read(root, meter.steps()) {
        Ok(value) => {
            if !path.0.is_definite()
                && let Value::List(found) = &value
            {
                meter.items(found.len())?;
            }
            Ok(Some(value))
        }
        Err(ReadError::NotFound) => Ok(None),
        Err(ReadError::OutOfSteps) => Err(RenderError::Steps),
        Err(error) => Err(Thrown::new("JsonPathException", error.to_string()).into()),
    }
}
