//! The methods of String that take a regular expression.

use super::{Called, arguments::text};
use crate::primitives::{
    java::{List, ListKind, Text, Value},
    vtl::meter::Meter,
};

/// `matches` and `split`.
pub(super) fn call(meter: &mut Meter, own: &Text, name: &str, pattern: &Value, limit: i32) -> Called {
    let Some(pattern) = text(pattern)? else { return Ok(None) };
    let regex = meter.pattern(pattern)?;
    if name == "matches" {
        return Ok(Some(Value::Boolean(regex.matches(own, meter.steps())?)));
    }
    let parts: Vec<Value> = regex.split(own, limit, meter.steps())?.into_iter().map(Value::text).collect();
    meter.items(parts.len())?;
    Ok(Some(Value::List(List::new(ListKind::Fixed, parts))))
}

/// `replaceAll` and `replaceFirst`.
pub(super) fn replace(meter: &mut Meter, own: &Text, name: &str, pattern: &Value, replacement: &Value) -> Called {
    let (Some(pattern), Some(replacement)) = (text(pattern)?, text(replacement)?) else { return Ok(None) };
    let regex = meter.pattern(pattern)?;
    let replaced = if name == "replaceAll" {
        regex.replace_all(own, replacement, meter.steps())?
    } else {
        regex.replace_first(own, replacement, meter.steps())?
    };
    meter.make(replaced.len())?;
    Ok(Some(Value::text(replaced)))
}
