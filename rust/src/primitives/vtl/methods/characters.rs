//! `java.lang.Character`, of which `charAt` gives one.

use super::{Called, class_cast, null_pointer};
use crate::primitives::java::{Number, Value};

/// Calls a method of a Character.
pub(super) fn call(own: u16, name: &str, arguments: &[Value]) -> Called {
    let character = |unit: u16| char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}');
    let single = |unit: u16, mut cases: Box<dyn Iterator<Item = char>>| match (cases.next(), cases.next()) {
        (Some(one), None) => Value::Character(u16::try_from(u32::from(one)).unwrap_or(unit)),
        _ => Value::Character(unit),
    };
    Ok(Some(match (name, arguments) {
        ("charValue", []) => Value::Character(own),
        ("compareTo", [Value::Character(other)]) => Value::Number(Number::Integer(i32::from(own) - i32::from(*other))),
        ("compareTo", [Value::Null]) => return Err(null_pointer()),
        ("compareTo", [_]) => return Err(class_cast()),
        ("isDigit", [Value::Character(unit)]) => Value::Boolean(character(*unit).is_ascii_digit()),
        ("isLetter", [Value::Character(unit)]) => Value::Boolean(character(*unit).is_alphabetic()),
        ("isLetterOrDigit", [Value::Character(unit)]) => Value::Boolean(character(*unit).is_alphanumeric()),
        ("isUpperCase", [Value::Character(unit)]) => Value::Boolean(character(*unit).is_uppercase()),
        ("isLowerCase", [Value::Character(unit)]) => Value::Boolean(character(*unit).is_lowercase()),
        ("toUpperCase", [Value::Character(unit)]) => single(*unit, Box::new(character(*unit).to_uppercase())),
        ("toLowerCase", [Value::Character(unit)]) => single(*unit, Box::new(character(*unit).to_lowercase())),
        _ => return Ok(None),
    }))
}
