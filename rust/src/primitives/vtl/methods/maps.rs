//! `java.util.Map`. What is put into a list or map may not hold that list or map itself.

use super::{Called, null_pointer, number};
use crate::primitives::{
    java::{Entry, List, ListKind, Map, Value},
    vtl::{RenderError, meter::Meter},
};

/// Calls a method of a map.
pub(super) fn call(meter: &mut Meter, map: &Map, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("get", [Value::String(key)]) => map.get(key).unwrap_or_default(),
        ("get", [key]) => map.get_value(key).unwrap_or_default(),
        ("getOrDefault", [key, default]) => map.get_value(key).unwrap_or_else(|| default.clone()),
        ("put", [key, value]) => put(meter, map, key.clone(), value.clone())?,
        ("putIfAbsent", [key, value]) => match map.get_value(key) {
            Some(found) if !found.is_null() => found,
            _ => put(meter, map, key.clone(), value.clone())?,
        },
        ("replace", [key, value]) => match map.get_value(key) {
            Some(_) => put(meter, map, key.clone(), value.clone())?,
            None => Value::Null,
        },
        ("replace", [key, old, new]) => {
            let same = map.get_value(key).is_some_and(|found| found == *old);
            if same {
                put(meter, map, key.clone(), new.clone())?;
            }
            Value::Boolean(same)
        }
        ("putAll", [Value::Null]) => return Err(null_pointer()),
        ("putAll", [Value::Map(others)]) => {
            meter.items(others.len())?;
            for key in others.keys() {
                let value = others.get_value(&key).unwrap_or_default();
                put(meter, map, key, value)?;
            }
            Value::from("")
        }
        ("remove", [key]) => {
            meter.look(map.len() * 16)?;
            meter.make(map.weight_of_change())?;
            map.remove(key).unwrap_or_default()
        }
        ("remove", [key, value]) => {
            meter.look(map.len() * 16)?;
            meter.make(map.weight_of_change())?;
            let same = map.get_value(key).is_some_and(|found| found == *value);
            if same {
                map.remove(key);
            }
            Value::Boolean(same)
        }
        ("clear", []) => {
            meter.make(map.weight_of_change())?;
            map.clear();
            Value::from("")
        }
        ("containsKey", [key]) => Value::Boolean(map.get_value(key).is_some()),
        ("containsValue", [value]) => {
            meter.look(map.len() * 16)?;
            Value::Boolean(map.values().contains(value))
        }
        ("size", []) => number(map.len()),
        ("isEmpty", []) => Value::Boolean(map.is_empty()),
        ("keySet", []) => view(meter, map, ListKind::Set, map.keys())?,
        ("values", []) => view(meter, map, ListKind::Collection, map.values())?,
        ("entrySet", []) => {
            let entries = map.keys().into_iter().map(|key| Value::Entry(Entry::new(key, map.clone()))).collect();
            view(meter, map, ListKind::Set, entries)?
        }
        ("clone", []) => {
            meter.items(map.len())?;
            let copy = Map::new();
            map.try_each(|key, value| {
                copy.put(key.clone(), value.clone());
                Ok::<_, RenderError>(())
            })?;
            Value::Map(copy)
        }
        _ => return Ok(None),
    }))
}

/// Puts a value into a map, within the limits and the map's own rule.
pub(in crate::primitives::vtl) fn put(
    meter: &mut Meter,
    map: &Map,
    key: Value,
    value: Value,
) -> Result<Value, RenderError> {
    if !map.makes_room(&key) {
        return Err(RenderError::OverriddenTwice(key.to_text()?));
    }
    meter.make(map.weight_of_change())?;
    guard(meter, map.address(), &key)?;
    guard(meter, map.address(), &value)?;
    meter.items(1)?;
    for held in [&key, &value] {
        meter.changed(Value::Map(map.clone()), held);
    }
    let before = map.put(key, value).unwrap_or_default();
    meter.looked()?;
    Ok(before)
}

fn view(meter: &mut Meter, map: &Map, kind: ListKind, items: Vec<Value>) -> Result<Value, RenderError> {
    meter.items(map.len())?;
    Ok(Value::List(List::new(kind, items)))
}

/// Refuses a value that holds the list or map at `address`: it would hold itself.
pub(super) fn guard(meter: &mut Meter, address: usize, value: &Value) -> Result<(), RenderError> {
    if !value.is_container() {
        return Ok(());
    }
    let mut open = vec![value.clone()];
    while let Some(value) = open.pop() {
        meter.step()?;
        let inner: Vec<Value> = match &value {
            Value::List(list) if list.address() == address => return Err(RenderError::Cycle),
            Value::Map(map) if map.address() == address => return Err(RenderError::Cycle),
            Value::List(list) => list.items().iter().filter(|item| item.is_container()).cloned().collect(),
            Value::Map(map) => {
                let mut inner = map.values();
                inner.extend(map.keys());
                inner.retain(Value::is_container);
                inner
            }
            Value::Entry(entry) => vec![entry.key().clone(), Value::Map(entry.map().clone())],
            _ => continue,
        };
        open.extend(inner);
    }
    Ok(())
}
