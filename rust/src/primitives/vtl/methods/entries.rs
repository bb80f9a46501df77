//! `java.util.Map.Entry`.

use super::{Called, maps::put};
use crate::primitives::{
    java::{Entry, Value},
    vtl::meter::Meter,
};

/// Calls a method of an entry.
pub(super) fn call(meter: &mut Meter, entry: &Entry, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("getKey", []) => entry.key().clone(),
        ("getValue", []) => entry.value(),
        ("setValue", [value]) => put(meter, entry.map(), entry.key().clone(), value.clone())?,
        _ => return Ok(None),
    }))
}
