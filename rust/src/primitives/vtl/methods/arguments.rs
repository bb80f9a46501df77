//! What methods take: Java's conversions of arguments, as far as Velocity makes them.

use super::null_pointer;
use crate::primitives::{
    java::{Number, Value},
    vtl::RenderError,
};

/// An `int`: Integer, Short and Byte are.
pub(super) fn int(value: &Value) -> Option<i32> {
    match value {
        Value::Number(number @ (Number::Integer(_) | Number::Short(_) | Number::Byte(_))) => Some(number.to_i32()),
        _ => None,
    }
}

/// A `long`.
pub(super) fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Number(Number::Long(number)) => Some(*number),
        other => int(other).map(i64::from),
    }
}

/// A String that must be there: null fails in the method.
pub(super) fn text(value: &Value) -> Result<Option<&str>, RenderError> {
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Null => Err(null_pointer()),
        _ => Ok(None),
    }
}
