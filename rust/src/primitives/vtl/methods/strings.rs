//! `java.lang.String`.

use super::{
    Called,
    arguments::{int, text},
    class_cast, null_pointer, number, patterns, text_blocks,
};
use crate::primitives::{
    java::{List, ListKind, Number, Text, Thrown, Value, utf16},
    vtl::{RenderError, meter::Meter},
};

/// Calls a method of a string.
pub(super) fn call(meter: &mut Meter, own: &Text, name: &str, arguments: &[Value]) -> Called {
    meter.look(own.len())?;
    match arguments {
        [] => without(meter, own, name),
        [argument] => with_one(meter, own, name, argument),
        [first, second] => with_two(meter, own, name, first, second),
        _ => with_more(own, name, arguments),
    }
}

fn without(meter: &mut Meter, own: &Text, name: &str) -> Called {
    Ok(Some(match name {
        "length" => number(utf16::length(own)),
        "isEmpty" => Value::Boolean(own.is_empty()),
        "isBlank" => Value::Boolean(own.chars().all(is_white)),
        "trim" => part(meter, own, own.trim_matches(|character| character <= ' '))?,
        "strip" => part(meter, own, own.trim_matches(is_white))?,
        "stripLeading" => part(meter, own, own.trim_start_matches(is_white))?,
        "stripTrailing" => part(meter, own, own.trim_end_matches(is_white))?,
        "toLowerCase" => made(meter, own.to_lowercase())?,
        "toUpperCase" => made(meter, own.to_uppercase())?,
        "intern" => Value::String(own.clone()),
        "stripIndent" => made(meter, text_blocks::strip_indent(own))?,
        "translateEscapes" => {
            let text = text_blocks::translate_escapes(own);
            made(meter, text.ok_or_else(|| Thrown::new("IllegalArgumentException", "Invalid escape sequence"))?)?
        }
        "toCharArray" => {
            meter.items(own.len())?;
            let items = own.encode_utf16().map(Value::Character).collect();
            Value::List(List::new(ListKind::Fixed, items))
        }
        _ => return Ok(None),
    }))
}

fn with_one(meter: &mut Meter, own: &Text, name: &str, argument: &Value) -> Called {
    match name {
        "charAt" | "codePointAt" => {
            let Some(index) = int(argument) else { return Ok(None) };
            let at = usize::try_from(index).ok();
            let Some(unit) = at.and_then(|at| utf16::unit_at(own, at)) else { return Err(out_of_bounds(own, index)) };
            if name == "charAt" {
                return Ok(Some(Value::Character(unit)));
            }
            let pair = [Some(unit), at.and_then(|at| utf16::unit_at(own, at + 1))].into_iter().flatten();
            let code = char::decode_utf16(pair).next().map_or(0, code_point);
            return Ok(Some(Value::Number(Number::Integer(code))));
        }
        "substring" | "subSequence" => {
            let Some(start) = int(argument).filter(|_| name == "substring") else { return Ok(None) };
            return slice(meter, own, start, None);
        }
        "indexOf" | "lastIndexOf" => return position(own, name, argument, None),
        "repeat" => {
            let Some(count) = int(argument) else { return Ok(None) };
            let count =
                usize::try_from(count).map_err(|_| Thrown::new("IllegalArgumentException", "count is negative"))?;
            meter.make(own.len().saturating_mul(count))?;
            return Ok(Some(Value::from(own.repeat(count))));
        }
        "equalsIgnoreCase" => {
            return Ok(match argument {
                Value::String(other) => Some(Value::Boolean(same_ignoring_case(own, other))),
                Value::Null => Some(Value::Boolean(false)),
                _ => None,
            });
        }
        "compareTo" | "compareToIgnoreCase" => {
            return match argument {
                Value::String(other) => {
                    Ok(Some(Value::Number(Number::Integer(compare(own, other, name != "compareTo")))))
                }
                Value::Null => Err(null_pointer()),
                _ if name == "compareTo" => Err(class_cast()),
                _ => Ok(None),
            };
        }
        "split" | "matches" => return patterns::call(meter, own, name, argument, 0),
        "codePointBefore" => {
            let Some(index) = int(argument) else { return Ok(None) };
            let end = usize::try_from(index).ok().filter(|&end| end > 0 && end <= utf16::length(own));
            let end = end.ok_or_else(|| out_of_bounds(own, index))?;
            let units = own.encode_utf16().skip(end.saturating_sub(2)).take(end.min(2));
            return Ok(char::decode_utf16(units).last().map(|code| Value::Number(Number::Integer(code_point(code)))));
        }
        "indent" => {
            let Some(by) = int(argument) else { return Ok(None) };
            let more = usize::try_from(by).unwrap_or(0);
            meter.make(
                memchr::memchr2_iter(b'\n', b'\r', own.as_bytes()).count().saturating_add(1).saturating_mul(more),
            )?;
            return made(meter, text_blocks::indent(own, by)).map(Some);
        }
        "valueOf" | "copyValueOf" => {
            return match argument {
                // An array of characters.
                Value::List(list) if list.kind() == ListKind::Fixed && is_characters(list) => characters(meter, list),
                _ if name == "copyValueOf" => Ok(None),
                Value::Null => Ok(Some("null".into())),
                other => super::text(meter, other).map(Some),
            };
        }
        _ => {}
    }
    if !matches!(name, "concat" | "contains" | "startsWith" | "endsWith" | "contentEquals") {
        return Ok(None);
    }
    let Some(other) = text(argument)? else { return Ok(None) };
    Ok(Some(match name {
        "concat" => {
            meter.make(own.len() + other.len())?;
            Value::from([own, other].concat())
        }
        "contains" => Value::Boolean(memchr::memmem::find(own.as_bytes(), other.as_bytes()).is_some()),
        "startsWith" => Value::Boolean(own.starts_with(other)),
        "endsWith" => Value::Boolean(own.ends_with(other)),
        _ => Value::Boolean(own == other),
    }))
}

fn with_two(meter: &mut Meter, own: &Text, name: &str, first: &Value, second: &Value) -> Called {
    match name {
        "substring" | "subSequence" => match (int(first), int(second)) {
            (Some(start), Some(end)) => slice(meter, own, start, Some(end)),
            _ => Ok(None),
        },
        "indexOf" | "lastIndexOf" => match int(second) {
            Some(from) => position(own, name, first, Some(from)),
            None => Ok(None),
        },
        "startsWith" => {
            let Some(offset) = int(second) else { return Ok(None) };
            let Some(prefix) = text(first)? else { return Ok(None) };
            let offset = usize::try_from(offset).ok().filter(|&offset| offset <= utf16::length(own));
            let rest = offset.map(|offset| &own[utf16::offset(own, offset)..]);
            Ok(Some(Value::Boolean(rest.is_some_and(|rest| rest.starts_with(prefix)))))
        }
        "replace" => replace(meter, own, first, second),
        "replaceAll" | "replaceFirst" => patterns::replace(meter, own, name, first, second),
        "split" => match int(second) {
            Some(limit) => patterns::call(meter, own, name, first, limit),
            None => Ok(None),
        },
        "codePointCount" | "offsetByCodePoints" => match (int(first), int(second)) {
            (Some(first), Some(second)) => code_points(own, name, first, second),
            _ => Ok(None),
        },
        // Java cannot tell which of the two methods is meant.
        "join" if second.is_null() => Ok(None),
        "join" => join(meter, first, std::slice::from_ref(second)),
        _ => Ok(None),
    }
}

fn with_more(own: &Text, name: &str, arguments: &[Value]) -> Called {
    let (ignore_case, rest) = match (name, arguments) {
        ("regionMatches", [Value::Boolean(ignore), rest @ ..]) => (*ignore, rest),
        ("regionMatches", rest) => (false, rest),
        _ => return Ok(None),
    };
    let [start, other, other_start, length] = rest else { return Ok(None) };
    let (Some(start), Some(other_start), Some(length)) = (int(start), int(other_start), int(length)) else {
        return Ok(None);
    };
    let Some(other) = text(other)? else { return Ok(None) };
    let region = |text: &str, start: i32| {
        let start = usize::try_from(start).ok()?;
        utf16::slice(text, start, start.checked_add(usize::try_from(length.max(0)).ok()?)?)
    };
    Ok(Some(Value::Boolean(match (region(own, start), region(other, other_start)) {
        (Some(a), Some(b)) => a == b || (ignore_case && same_ignoring_case(&a, &b)),
        _ => false,
    })))
}

fn code_point(code: Result<char, std::char::DecodeUtf16Error>) -> i32 {
    match code {
        Ok(character) => u32::from(character).cast_signed(),
        Err(error) => i32::from(error.unpaired_surrogate()),
    }
}

/// `codePointCount(begin, end)` and `offsetByCodePoints(index, count)`.
fn code_points(own: &Text, name: &str, first: i32, second: i32) -> Called {
    let units: Vec<u16> = own.encode_utf16().collect();
    let start = usize::try_from(first).ok().filter(|&start| start <= units.len());
    let start = start.ok_or_else(|| out_of_bounds(own, first))?;
    let count = |units: &[u16]| char::decode_utf16(units.iter().copied()).count();
    let found = if name == "codePointCount" {
        usize::try_from(second).ok().and_then(|end| units.get(start..end)).map(count)
    } else if let Ok(wanted) = usize::try_from(second) {
        let lengths = char::decode_utf16(units[start..].iter().copied()).map(|code| code.map_or(1, char::len_utf16));
        let mut taken = lengths.take(wanted).fold((0, 0), |(count, at), length| (count + 1, at + length));
        taken.1 += start;
        (taken.0 == wanted).then_some(taken.1)
    } else {
        let wanted = second.unsigned_abs() as usize;
        let before: Vec<usize> =
            char::decode_utf16(units[..start].iter().copied()).map(|code| code.map_or(1, char::len_utf16)).collect();
        (wanted <= before.len()).then(|| start - before[before.len() - wanted..].iter().sum::<usize>())
    };
    Ok(Some(number(found.ok_or_else(|| out_of_bounds(own, second))?)))
}

fn is_characters(list: &List) -> bool {
    list.items().iter().all(|item| matches!(item, Value::Character(_)))
}

/// The text of an array of characters.
fn characters(meter: &mut Meter, list: &List) -> Called {
    let units = list.items();
    let units: Vec<u16> =
        units.iter().filter_map(|unit| if let Value::Character(unit) = unit { Some(*unit) } else { None }).collect();
    made(meter, utf16::from_units(&units)).map(Some)
}

/// `String.join(delimiter, items)`.
fn join(meter: &mut Meter, delimiter: &Value, items: &[Value]) -> Called {
    let Some(delimiter) = text(delimiter)? else { return Ok(None) };
    let items = match items {
        [Value::List(list)] => list.items().to_vec(),
        [Value::String(_)] => items.to_vec(),
        _ => return Ok(None),
    };
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(delimiter);
        }
        match item {
            Value::String(_) | Value::Null => item.write_text(&mut out, meter.room())?,
            _ => return Err(class_cast()),
        }
    }
    made(meter, out).map(Some)
}

fn replace(meter: &mut Meter, own: &Text, first: &Value, second: &Value) -> Called {
    let (old, new) = match (first, second) {
        (Value::Character(old), Value::Character(new)) => (utf16::of_unit(*old), utf16::of_unit(*new)),
        _ => match (text(first)?, text(second)?) {
            (Some(old), Some(new)) => (Text::new(old), Text::new(new)),
            _ => return Ok(None),
        },
    };
    let count = if old.is_empty() { own.len() + 1 } else { own.len() / old.len() };
    if new.len() > old.len() {
        // Before it is made: at most so much.
        meter.make((new.len() - old.len()).saturating_mul(count.min(own.matches(old.as_str()).count() + 1)))?;
    }
    made(meter, own.replace(old.as_str(), &new)).map(Some)
}

fn slice(meter: &mut Meter, own: &Text, start: i32, end: Option<i32>) -> Called {
    let length = utf16::length(own);
    let end_or_length = end.map_or(Some(length), |end| usize::try_from(end).ok());
    let found = match (usize::try_from(start), end_or_length) {
        (Ok(start), Some(end)) => utf16::slice(own, start, end),
        _ => None,
    };
    match found {
        Some(text) => {
            meter.make(text.len())?;
            Ok(Some(Value::String(text)))
        }
        None => Err(out_of_bounds(own, end.unwrap_or(start))),
    }
}

/// `indexOf` and `lastIndexOf`, of a text or of the code of a character.
fn position(own: &str, name: &str, what: &Value, from: Option<i32>) -> Called {
    let wanted = match (int(what), what) {
        (Some(code), _) => match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(character) => Text::new(character.encode_utf8(&mut [0; 4])),
            None => return Ok(Some(Value::Number(Number::Integer(-1)))),
        },
        (None, what) => match text(what)? {
            Some(text) => Text::new(text),
            None => return Ok(None),
        },
    };
    let found = if name == "indexOf" {
        let start = utf16::offset(own, usize::try_from(from.unwrap_or(0)).unwrap_or(0));
        own[start..].find(wanted.as_str()).map(|at| start + at)
    } else {
        match usize::try_from(from.unwrap_or(i32::MAX)) {
            Ok(from) => {
                let end = utf16::offset(own, from).saturating_add(wanted.len()).min(own.len());
                let end = (end..=own.len()).find(|&end| own.is_char_boundary(end)).unwrap_or(own.len());
                own[..end].rfind(wanted.as_str())
            }
            Err(_) => None,
        }
    };
    Ok(Some(match found {
        Some(at) => number(utf16::position(own, at)),
        None => Value::Number(Number::Integer(-1)),
    }))
}

fn compare(own: &str, other: &str, ignore_case: bool) -> i32 {
    let fold = |unit: u16| if ignore_case { fold(unit) } else { unit };
    let differing = own.encode_utf16().zip(other.encode_utf16()).map(|(a, b)| (fold(a), fold(b))).find(|(a, b)| a != b);
    let length = |text: &str| i32::try_from(utf16::length(text)).unwrap_or(i32::MAX);
    differing.map_or_else(|| length(own) - length(other), |(a, b)| i32::from(a) - i32::from(b))
}

fn same_ignoring_case(own: &str, other: &str) -> bool {
    own.encode_utf16().map(fold).eq(other.encode_utf16().map(fold))
}

/// Upper case, then lower case of a unit, as Java compares without regard to case.
fn fold(unit: u16) -> u16 {
    let single = |character: char, mut cases: Box<dyn Iterator<Item = char>>| match (cases.next(), cases.next()) {
        (Some(one), None) => one,
        _ => character,
    };
    let Some(character) = char::from_u32(u32::from(unit)) else { return unit };
    let upper = single(character, Box::new(character.to_uppercase()));
    let lower = single(upper, Box::new(upper.to_lowercase()));
    u16::try_from(u32::from(lower)).unwrap_or(unit)
}

pub(super) fn is_white(character: char) -> bool {
    match character {
        '\t'..='\r' | '\x1c'..=' ' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        other => !other.is_ascii() && other.is_whitespace(),
    }
}

fn part(meter: &mut Meter, own: &Text, inner: &str) -> Result<Value, RenderError> {
    if inner.len() == own.len() {
        return Ok(Value::String(own.clone()));
    }
    meter.make(inner.len())?;
    Ok(Value::text(inner))
}

fn made(meter: &mut Meter, text: String) -> Result<Value, RenderError> {
    meter.make(text.len())?;
    Ok(Value::from(text))
}

fn out_of_bounds(own: &str, index: i32) -> RenderError {
    let message = format!("index {index}, length {}", utf16::length(own));
    Thrown::new("StringIndexOutOfBoundsException", message).into()
}
