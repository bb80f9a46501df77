//! `java.util.List`, and what sets, collections and arrays have of it.

use super::{Called, arguments::int, maps::guard, null_pointer, number};
use crate::primitives::{
    java::{
        List, ListKind, Number, Thrown, Value,
        json_write::{self, Style},
    },
    vtl::{RenderError, meter::Meter, scopes::Iterator},
};

/// Calls a method of a list.
pub(super) fn call(meter: &mut Meter, list: &List, name: &str, arguments: &[Value]) -> Called {
    let indexed = !matches!(list.kind(), ListKind::Set | ListKind::Collection);
    if let Some(found) = reading(meter, list, name, arguments)? {
        return Ok(Some(found));
    }
    if indexed && let Some(found) = by_index(meter, list, name, arguments)? {
        return Ok(Some(found));
    }
    changing(meter, list, name, arguments)
}

fn reading(meter: &mut Meter, list: &List, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("containsAll", [Value::Null]) => return Err(null_pointer()),
        ("size", []) => number(list.len()),
        ("isEmpty", []) => Value::Boolean(list.is_empty()),
        ("contains", [item]) => {
            look(meter, list)?;
            Value::Boolean(list.items().contains(item))
        }
        ("containsAll", [Value::List(others)]) => {
            meter.look(list.len().saturating_mul(others.len()).saturating_mul(64))?;
            let items = list.items();
            Value::Boolean(others.items().iter().all(|item| items.contains(item)))
        }
        ("iterator", []) => Value::Object(std::rc::Rc::new(Iterator::new(copy(meter, list, ListKind::Array)?))),
        ("toArray", []) => Value::List(copy(meter, list, ListKind::Fixed)?),
        ("clone", []) if matches!(list.kind(), ListKind::Json | ListKind::Array) => {
            Value::List(copy(meter, list, list.kind())?)
        }
        ("toJSONString", []) if list.kind() == ListKind::Json => {
            let mut out = String::new();
            json_write::write(&Value::List(list.clone()), Style::Text, &mut out, meter.room())?;
            meter.make(out.len())?;
            Value::from(out)
        }
        _ => return Ok(None),
    }))
}

fn by_index(meter: &mut Meter, list: &List, name: &str, arguments: &[Value]) -> Called {
    Ok(Some(match (name, arguments) {
        ("get", [index]) => match int(index) {
            Some(index) => at(list, index).and_then(|at| list.get(at)).ok_or_else(|| out_of_bounds(list, index))?,
            None => return Ok(None),
        },
        ("set", [index, value]) => {
            let Some(index) = int(index) else { return Ok(None) };
            guard(meter, list.address(), value)?;
            meter.make(list.weight_of_change())?;
            meter.changed(Value::List(list.clone()), value);
            at(list, index).and_then(|at| list.set(at, value.clone())).ok_or_else(|| out_of_bounds(list, index))?
        }
        ("indexOf", [item]) => {
            look(meter, list)?;
            found(list.items().iter().position(|other| other == item))
        }
        ("lastIndexOf", [item]) => {
            look(meter, list)?;
            found(list.items().iter().rposition(|other| other == item))
        }
        ("subList", [from, to]) => {
            let (Some(from), Some(to)) = (int(from), int(to)) else { return Ok(None) };
            let (Ok(start), Ok(end)) = (usize::try_from(from), usize::try_from(to)) else {
                return Err(out_of_bounds(list, from.min(to)));
            };
            let items = list.items().get(start..end).map(<[Value]>::to_vec);
            let items = items.ok_or_else(|| out_of_bounds(list, to))?;
            meter.items(items.len())?;
            Value::List(List::new(ListKind::Array, items))
        }
        _ => return Ok(None),
    }))
}

fn changing(meter: &mut Meter, list: &List, name: &str, arguments: &[Value]) -> Called {
    let changes = matches!(
        (name, arguments.len()),
        ("add" | "addAll", 1 | 2) | ("appendElement" | "removeAll" | "retainAll" | "remove", 1) | ("clear", 0)
    );
    if !changes {
        return Ok(None);
    }
    if !matches!(list.kind(), ListKind::Json | ListKind::Array) {
        // Views of a map are copies here, so that a change of one cannot reach the map.
        return Err(Thrown::new("UnsupportedOperationException", "").into());
    }
    meter.make(list.weight_of_change())?;
    Ok(Some(match (name, arguments) {
        ("addAll" | "removeAll" | "retainAll", [Value::Null]) => return Err(null_pointer()),
        ("add", [value]) => {
            guard(meter, list.address(), value)?;
            meter.items(1)?;
            meter.changed(Value::List(list.clone()), value);
            list.push(value.clone());
            Value::Boolean(true)
        }
        ("add", [index, value]) => {
            let Some(index) = int(index) else { return Ok(None) };
            let at = usize::try_from(index).ok().filter(|&at| at <= list.len());
            let at = at.ok_or_else(|| out_of_bounds(list, index))?;
            guard(meter, list.address(), value)?;
            meter.items(1 + (list.len() - at) / 64)?;
            meter.changed(Value::List(list.clone()), value);
            list.insert(at, value.clone());
            Value::from("")
        }
        ("appendElement", [value]) if list.kind() == ListKind::Json => {
            guard(meter, list.address(), value)?;
            meter.items(1)?;
            meter.changed(Value::List(list.clone()), value);
            list.push(value.clone());
            Value::List(list.clone())
        }
        ("addAll", [Value::List(others)]) => add_all(meter, list, list.len(), others)?,
        ("addAll", [index, Value::List(others)]) => {
            let Some(index) = int(index) else { return Ok(None) };
            let at = usize::try_from(index).ok().filter(|&at| at <= list.len());
            let at = at.ok_or_else(|| out_of_bounds(list, index))?;
            add_all(meter, list, at, others)?
        }
        ("remove", [index]) => {
            look(meter, list)?;
            if let Some(index) = int(index) {
                at(list, index).and_then(|at| list.remove(at)).ok_or_else(|| out_of_bounds(list, index))?
            } else {
                let position = list.items().iter().position(|other| other == index);
                Value::Boolean(position.and_then(|at| list.remove(at)).is_some())
            }
        }
        ("removeAll" | "retainAll", [Value::List(others)]) => {
            meter.look(list.len().saturating_mul(others.len()).saturating_mul(64))?;
            let others = others.items().to_vec();
            let keep = name == "retainAll";
            Value::Boolean(list.retain(|item| others.contains(item) == keep))
        }
        ("clear", []) => {
            list.replace(Vec::new());
            Value::from("")
        }
        _ => return Ok(None),
    }))
}

fn add_all(meter: &mut Meter, list: &List, at: usize, others: &List) -> Result<Value, RenderError> {
    meter.items(others.len())?;
    let others = others.items().to_vec();
    for other in &others {
        guard(meter, list.address(), other)?;
        meter.changed(Value::List(list.clone()), other);
    }
    let any = !others.is_empty();
    let mut items = list.items().to_vec();
    meter.items(items.len() / 8)?;
    items.splice(at..at, others);
    if any {
        list.replace(items);
    }
    Ok(Value::Boolean(any))
}

fn copy(meter: &mut Meter, list: &List, kind: ListKind) -> Result<List, RenderError> {
    meter.items(list.len())?;
    Ok(List::new(kind, list.items().to_vec()))
}

fn look(meter: &mut Meter, list: &List) -> Result<(), RenderError> {
    meter.look(list.len().saturating_mul(16))
}

fn at(list: &List, index: i32) -> Option<usize> {
    usize::try_from(index).ok().filter(|&at| at < list.len())
}

fn found(position: Option<usize>) -> Value {
    position.map_or(Value::Number(Number::Integer(-1)), number)
}

fn out_of_bounds(list: &List, index: i32) -> RenderError {
    Thrown::new("IndexOutOfBoundsException", format!("Index {index} out of bounds for length {}", list.len())).into()
}
