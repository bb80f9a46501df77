//! `java.lang.Boolean`.

use super::{Called, class_cast, null_pointer};
use crate::primitives::java::{Number, Value};

/// Calls a method of a Boolean.
pub(super) fn call(own: bool, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("booleanValue", []) => Value::Boolean(own),
        ("compareTo", [Value::Boolean(other)]) => Value::Number(Number::Integer(i32::from(own) - i32::from(*other))),
        ("compareTo", [Value::Null]) => return Err(null_pointer()),
        ("compareTo", [_]) => return Err(class_cast()),
        // `getBoolean` names a property of the system, of which there are none here.
        ("parseBoolean" | "valueOf" | "getBoolean", [Value::Null]) | ("getBoolean", [Value::String(_)]) => {
            Value::Boolean(false)
        }
        ("hashCode", [Value::Boolean(truth)]) => Value::Number(Number::Integer(Value::Boolean(*truth).hash_code())),
        ("compare", [Value::Boolean(a), Value::Boolean(b)]) => {
            Value::Number(Number::Integer(i32::from(*a) - i32::from(*b)))
        }
        ("parseBoolean" | "valueOf", [Value::String(text)]) => Value::Boolean(text.eq_ignore_ascii_case("true")),
        ("valueOf" | "toString", [Value::Boolean(truth)]) if name == "valueOf" => Value::Boolean(*truth),
        ("toString", [Value::Boolean(truth)]) => Value::from(if *truth { "true" } else { "false" }),
        ("logicalAnd", [Value::Boolean(a), Value::Boolean(b)]) => Value::Boolean(*a && *b),
        ("logicalOr", [Value::Boolean(a), Value::Boolean(b)]) => Value::Boolean(*a || *b),
        ("logicalXor", [Value::Boolean(a), Value::Boolean(b)]) => Value::Boolean(a != b),
        _ => return Ok(None),
    }))
}
