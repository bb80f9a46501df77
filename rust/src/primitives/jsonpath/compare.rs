//! How a filter compares two sides: json-path's evaluators, with what surprises in them.

use super::{
    operand::Side,
    path::Operator,
    read::{ReadError, Run},
};
use crate::primitives::java::Value;

/// Whether the comparison holds.
pub(super) fn holds(
    left: &Side<'_>,
    operator: Operator,
    right: &Side<'_>,
    run: &mut Run<'_>,
) -> Result<bool, ReadError> {
    use std::cmp::Ordering::{Greater, Less};
    Ok(match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::SameType => same_type(left, right) && equal(left, right),
        Operator::NotSameType => !(same_type(left, right) && equal(left, right)),
        Operator::Less => order(left, right) == Some(Less),
        Operator::LessOrEqual => order(left, right).is_some_and(|order| order != Greater),
        Operator::Greater => order(left, right) == Some(Greater),
        Operator::GreaterOrEqual => order(left, right).is_some_and(|order| order != Less),
        Operator::Matches => matches(left, right, run)?,
        Operator::In => is_in(left, right, run)?,
        Operator::NotIn => !is_in(left, right, run)?,
        Operator::SubsetOf | Operator::AnyOf | Operator::NoneOf => sets(left, operator, right, run)?,
        // AWS: none; json-path takes no list of a filter's text for one here.
        Operator::AllOf => return Err(ReadError::Unfit("a list is expected")),
        Operator::Contains => contains(left, right, run)?,
        Operator::Size => size(left, right),
        Operator::Empty => is_empty(left, right)?,
    })
}

fn same_type(left: &Side<'_>, right: &Side<'_>) -> bool {
    let is_json = |side: &Side<'_>| matches!(side, Side::Held(_) | Side::Written(_));
    match (is_json(left), is_json(right)) {
        (true, true) => true,
        (false, false) => std::mem::discriminant(left) == std::mem::discriminant(right),
        _ => false,
    }
}

/// Numbers equal the texts of numbers; nothing equals what is not there.
pub(super) fn equal(left: &Side<'_>, right: &Side<'_>) -> bool {
    match (left, right) {
        (Side::Number(one), Side::Number(_) | Side::String(_)) => {
            right.as_number().is_some_and(|other| one.compare(&other).is_eq())
        }
        (Side::String(one), Side::String(other)) => one == other,
        (Side::String(one), Side::Number(other)) => {
            let mut text = String::new();
            other.write(&mut text);
            **one == *text
        }
        (Side::Boolean(one), Side::Boolean(other)) => one == other,
        (Side::Null, Side::Null) => true,
        (Side::Held(one), Side::Held(other)) => one == other,
        (Side::Held(one), Side::Written(text)) => super::path::json(text).is_some_and(|other| *one == other),
        // What the filter says on the left is still a text.
        (Side::Written(one), Side::Written(text)) => {
            super::path::json(text).is_some_and(|other| other.as_str() == Some(one))
        }
        _ => false,
    }
}

fn order(left: &Side<'_>, right: &Side<'_>) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Side::Number(one), Side::Number(other)) => Some(one.compare(other)),
        // Java compares UTF-16 units.
        (Side::String(one), Side::String(other)) => Some(one.encode_utf16().cmp(other.encode_utf16())),
        _ => None,
    }
}

fn matches(left: &Side<'_>, right: &Side<'_>, run: &mut Run<'_>) -> Result<bool, ReadError> {
    let (regex, other) = match (left, right) {
        (Side::Regex(_), Side::Regex(_)) => return Ok(false),
        (Side::Regex(regex), other) | (other, Side::Regex(regex)) => (*regex, other),
        _ => return Ok(false),
    };
    let mut one = |side: &Side<'_>| -> Result<bool, ReadError> {
        let text = match side {
            Side::String(text) => text.to_string(),
            Side::Number(number) => {
                let mut text = String::new();
                number.write(&mut text);
                text
            }
            Side::Boolean(truth) => truth.to_string(),
            _ => String::new(),
        };
        Ok(regex.matches(&text, run.steps)?)
    };
    if other.as_list().is_none() {
        return one(other);
    }
    for item in &items(other)?.unwrap_or_default() {
        if one(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_in(left: &Side<'_>, right: &Side<'_>, run: &mut Run<'_>) -> Result<bool, ReadError> {
    let Some(items) = items(right)? else { return Ok(false) };
    run.spend(items.len() as u64)?;
    Ok(items.iter().any(|item| equal(left, item)))
}

/// How the items of two lists lie to one another; false where one is no list.
fn sets(left: &Side<'_>, operator: Operator, right: &Side<'_>, run: &mut Run<'_>) -> Result<bool, ReadError> {
    let Some(right) = items(right)? else { return Ok(false) };
    let Some(left) = items(left)? else { return Ok(false) };
    let (mut all, mut any) = (true, false);
    for item in &left {
        run.spend(right.len() as u64)?;
        let found = right.iter().any(|other| equal(other, item));
        all &= found;
        any |= found;
    }
    Ok(match operator {
        Operator::SubsetOf => all,
        Operator::AnyOf => any,
        _ => !any,
    })
}

/// The items of a list, all of them looked at first as json-path does.
fn items(side: &Side<'_>) -> Result<Option<Vec<Side<'static>>>, ReadError> {
    if !matches!(side, Side::Held(_) | Side::Written(_)) {
        return Err(ReadError::Unfit("a list is expected"));
    }
    let Some(list) = side.as_list() else { return Ok(None) };
    let items: Result<_, _> = list.items().iter().map(Side::item).collect();
    items.map(Some).map_err(ReadError::Failed)
}

fn contains(left: &Side<'_>, right: &Side<'_>, run: &mut Run<'_>) -> Result<bool, ReadError> {
    match (left, right) {
        (Side::String(text), Side::String(part)) => Ok(text.contains(part.as_str())),
        (Side::Held(_) | Side::Written(_), _) => is_in(right, left, run),
        _ => Ok(false),
    }
}

/// How many items a list or characters a text has; −1 for a map, `None` for what holds nothing.
fn length(side: &Side<'_>) -> Option<i64> {
    let held = |value: &Value| match value {
        Value::List(list) => i64::try_from(list.len()).unwrap_or(i64::MAX),
        _ => -1,
    };
    match side {
        Side::String(text) => i64::try_from(text.encode_utf16().count()).ok(),
        Side::Held(value) => Some(held(value)),
        Side::Written(text) => super::path::json(text).map(|value| held(&value)),
        _ => None,
    }
}

/// AWS: none; json-path says that a map has the size −1.
fn size(left: &Side<'_>, right: &Side<'_>) -> bool {
    let Side::Number(wanted) = right else { return false };
    length(left) == Some(i64::from(wanted.to_i64() as i32))
}

fn is_empty(left: &Side<'_>, right: &Side<'_>) -> Result<bool, ReadError> {
    match (length(left), right) {
        (None, _) => Ok(false),
        // AWS: none; here json-path takes the map for a collection.
        (Some(-1), _) => Err(ReadError::Failed("a map cannot be cast to a collection".into())),
        (Some(length), Side::Boolean(wanted)) => Ok((length == 0) == *wanted),
        (Some(_), _) => Err(ReadError::Unfit("a boolean is expected")),
    }
}
