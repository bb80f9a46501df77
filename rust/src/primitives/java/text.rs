//! `toString()` of every value. Lists are JSON, as AWS shows them; maps are `{key=value}`; sets and collections `[a, b]`.

use super::{
    ListKind, Value,
    json_write::{self, Style},
    utf16,
};

/// A value has no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// It would be longer, or nested deeper, than its reader wants.
    #[error("the text of a value is too large")]
    TooLarge,
    /// A map in a list has null for a key, at which json-smart fails.
    #[error("a map with a null key has no JSON")]
    NullKey,
}

/// Values nested deeper than this have no text.
pub(super) const DEEPEST: u32 = 500;

impl Value {
    /// The text of a value, null as `null`.
    pub fn to_text(&self) -> Result<String, NoText> {
        let mut out = String::new();
        self.write_text(&mut out, usize::MAX)?;
        Ok(out)
    }

    /// Appends the text of a value; `out` grows to `most` bytes and a few more at the most.
    pub fn write_text(&self, out: &mut String, most: usize) -> Result<(), NoText> {
        write(self, out, most, DEEPEST)
    }
}

fn write(value: &Value, out: &mut String, most: usize, depth: u32) -> Result<(), NoText> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Character(unit) => out.push_str(&utf16::of_unit(*unit)),
        Value::Number(number) => number.write(out),
        Value::String(text) => out.push_str(text),
        Value::List(list) => match list.kind() {
            ListKind::Json | ListKind::Array | ListKind::Fixed => {
                return json_write::write_nested(value, Style::Text, out, most, depth);
            }
            ListKind::Set | ListKind::Collection => {
                let depth = depth.checked_sub(1).ok_or(NoText::TooLarge)?;
                out.push('[');
                for (index, item) in list.items().iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    write(item, out, most, depth)?;
                }
                out.push(']');
            }
        },
        Value::Map(map) if map.has_no_text() => {}
        Value::Map(map) => {
            let depth = depth.checked_sub(1).ok_or(NoText::TooLarge)?;
            out.push('{');
            let mut first = true;
            map.try_each(|key, value| {
                if !std::mem::take(&mut first) {
                    out.push_str(", ");
                }
                write(key, out, most, depth)?;
                out.push('=');
                write(value, out, most, depth)
            })?;
            out.push('}');
        }
        Value::Entry(entry) => {
            let depth = depth.checked_sub(1).ok_or(NoText::TooLarge)?;
            write(entry.key(), out, most, depth)?;
            out.push('=');
            write(&entry.value(), out, most, depth)?;
        }
        Value::Object(object) => out.push_str(&object.text()),
    }
    if out.len() > most { Err(NoText::TooLarge) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::java::{List, Map};

    #[test]
    fn maps_are_javas_and_lists_json() {
        let inner = Value::Map(Map::of([("nested".into(), "bar".into())]));
        let map = Value::Map(Map::of([("foo".into(), Value::list(vec![inner])), ("n".into(), Value::Null)]));
        assert_eq!(map.to_text().unwrap(), r#"{foo=[{"nested":"bar"}], n=null}"#);
        let set = Value::List(List::new(ListKind::Set, vec!["a".into(), "b".into()]));
        assert_eq!(set.to_text().unwrap(), "[a, b]");
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let mut value = Value::from("x");
        for _ in 0..=DEEPEST {
            value = Value::list(vec![value]);
        }
        assert_eq!(value.to_text(), Err(NoText::TooLarge));
        let mut out = String::new();
        assert_eq!(Value::text("abc").write_text(&mut out, 2), Err(NoText::TooLarge));
    }
}
