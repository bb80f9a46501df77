//! Java's methods, a file a class. A method that does not exist, or takes other arguments, is `None`: null to a template.

mod arguments;
mod booleans;
mod characters;
mod doubles;
mod entries;
mod integers;
mod lists;
mod maps;
mod numbers;
mod patterns;
mod strings;
mod text_blocks;

use super::{RenderError, meter::Meter};
use crate::primitives::java::{Number, Thrown, Value};

pub(super) use maps::put;

/// What a method gives: nothing when there is no such method.
pub(super) type Called = Result<Option<Value>, RenderError>;

/// Calls a method of any value but null.
pub(super) fn call(meter: &mut Meter, target: &Value, name: &str, arguments: &[Value]) -> Called {
    meter.step()?;
    match (name, arguments) {
        ("toString", []) => return text(meter, target).map(Some),
        ("hashCode", []) => {
            let hash = match target {
                // Java gives these a number of their own in every run.
                Value::Object(_) | Value::Null => None,
                other => Some(Value::Number(Number::Integer(other.hash_code()))),
            };
            meter.looked()?;
            return Ok(hash);
        }
        ("equals", [other]) => {
            let is_equal = target == other;
            meter.looked()?;
            return Ok(Some(Value::Boolean(is_equal)));
        }
        _ => {}
    }
    let called = dispatch(meter, target, name, arguments)?;
    meter.looked()?;
    // Velocity takes a method without parameters for one that fits any arguments, and Java then refuses them.
    if called.is_none()
        && !arguments.is_empty()
        && (matches!(name, "hashCode" | "toString") || dispatch(meter, target, name, &[])?.is_some())
    {
        return Err(Thrown::new("IllegalArgumentException", "wrong number of arguments").into());
    }
    Ok(called)
}

fn dispatch(meter: &mut Meter, target: &Value, name: &str, arguments: &[Value]) -> Called {
    match target {
        Value::String(text) => strings::call(meter, text, name, arguments),
        Value::List(list) => lists::call(meter, list, name, arguments),
        Value::Map(map) => maps::call(meter, map, name, arguments),
        Value::Number(number) => numbers::call(meter, number, name, arguments),
        Value::Entry(entry) => entries::call(meter, entry, name, arguments),
        Value::Boolean(truth) => booleans::call(*truth, name, arguments),
        Value::Character(unit) => characters::call(*unit, name, arguments),
        Value::Object(object) => {
            if let ("put", [_, held]) = (name, arguments) {
                meter.changed(target.clone(), held);
            }
            object.call(name, arguments).transpose().map_err(Into::into)
        }
        Value::Null => Ok(None),
    }
}

/// `$target.name`: what `getName()` or `isName()` gives.
pub(super) fn property(meter: &mut Meter, target: &Value, name: &str) -> Called {
    let method = match (target, name) {
        (Value::String(_) | Value::List(_), "empty" | "Empty") => "isEmpty",
        (Value::String(_), "blank" | "Blank") => "isBlank",
        (Value::Entry(_), "key" | "Key") => "getKey",
        (Value::Entry(_), "value" | "Value") => "getValue",
        (Value::Number(Number::Float(_) | Number::Double(_)), "naN" | "NaN") => "isNaN",
        (Value::Number(Number::Float(_) | Number::Double(_)), "infinite" | "Infinite") => "isInfinite",
        _ => return Ok(None),
    };
    call(meter, target, method, &[])
}

/// `toString()`.
fn text(meter: &mut Meter, value: &Value) -> Result<Value, RenderError> {
    if let Value::String(_) = value {
        return Ok(value.clone());
    }
    let mut out = String::new();
    value.write_text(&mut out, meter.room())?;
    meter.make(out.len())?;
    Ok(Value::from(out))
}

fn number(size: usize) -> Value {
    Value::Number(Number::of_size(size))
}

fn null_pointer() -> RenderError {
    Thrown::new("NullPointerException", "").into()
}

fn class_cast() -> RenderError {
    Thrown::new("ClassCastException", "").into()
}
