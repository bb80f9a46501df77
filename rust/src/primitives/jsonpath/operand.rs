//! The two sides of a comparison, as json-path sees them: literals of the filter and what paths find.

use std::sync::Arc;

use super::path::Path;
use crate::primitives::{
    java::{List, ListKind, Number, Text, Value, decimal::Decimal},
    java_regex::Regex,
};

/// A side of a comparison as it is written.
#[derive(Debug)]
pub(super) enum Operand {
    String(Box<str>),
    Number(Arc<Decimal>),
    Boolean(bool),
    Null,
    /// Read when it is compared; two that are only written are compared as texts.
    Json(Box<str>),
    Regex(Box<Regex>),
    Path(Path),
}

impl Operand {
    /// A number by its text, as `BigDecimal` reads it.
    pub(super) fn number(text: &str) -> Option<Self> {
        Decimal::parse(text).map(|number| Self::Number(Arc::new(number)))
    }
}

/// A side of a comparison when it is made.
#[derive(Debug, Clone)]
pub(super) enum Side<'p> {
    String(Text),
    Number(Arc<Decimal>),
    Boolean(bool),
    Null,
    /// What a path found nothing for.
    Undefined,
    /// A list or a map of the document.
    Held(Value),
    /// JSON in the filter.
    Written(&'p str),
    Regex(&'p Regex),
    /// A path in a list of a document; json-path compares it with nothing.
    Other,
}

impl Side<'_> {
    /// What a path found.
    pub(super) fn found(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::Null => Side::Null,
            Value::Boolean(truth) => Side::Boolean(*truth),
            Value::Number(number) => Side::Number(Arc::new(decimal(number)?)),
            Value::String(text) => Side::String(text.clone()),
            // What `keys()` gives is no list.
            Value::List(list) if list.kind() == ListKind::Set => {
                return Err("Could not convert a set to a ValueNode".into());
            }
            Value::List(_) | Value::Map(_) => Side::Held(value.clone()),
            _ => return Err("a filter cannot compare such a value".into()),
        })
    }

    /// An item of a list that something is looked for in.
    pub(super) fn item(value: &Value) -> Result<Self, String> {
        match value {
            Value::String(text) => Ok(Self::text_item(text)),
            Value::List(_) | Value::Map(_) => Err("Could not determine value type".into()),
            other => Self::found(other),
        }
    }

    fn text_item(text: &Text) -> Self {
        let trimmed = text.trim();
        if trimmed.starts_with(['$', '@']) && super::parse::parse(trimmed).is_ok() {
            return Side::Other;
        }
        let enclosed = trimmed.len() > 1
            && (trimmed.starts_with('{') && trimmed.ends_with('}')
                || trimmed.starts_with('[') && trimmed.ends_with(']'));
        if enclosed && let Some(value) = super::path::json(trimmed) {
            return Side::Held(value);
        }
        // json-path takes quotes and escapes of such texts for its own.
        let quoted = |quote: char| text.len() > 1 && text.starts_with(quote) && text.ends_with(quote);
        if quoted('\'') || quoted('"') {
            return Side::String(super::cursor::unescape(&text[1..text.len() - 1]).into());
        }
        Side::String(text.clone())
    }

    /// What comparing it may look at, in steps: items, and pieces of texts, which may be JSON themselves.
    pub(super) fn size(&self) -> u64 {
        let of_text = |text: &str| text.len() as u64 / 16;
        match self {
            Side::String(text) => of_text(text),
            Side::Written(text) => of_text(text),
            Side::Held(Value::List(list)) => {
                list.items().iter().map(|item| 1 + item.as_str().map_or(0, of_text)).sum::<u64>()
            }
            Side::Held(Value::Map(map)) => map.len() as u64,
            _ => 0,
        }
    }

    /// The list it is, if it is one.
    pub(super) fn as_list(&self) -> Option<List> {
        match self {
            Side::Held(value) => value.as_list().cloned(),
            Side::Written(text) => super::path::json(text)?.as_list().cloned(),
            _ => None,
        }
    }

    /// A number that a text or a number stands for.
    pub(super) fn as_number(&self) -> Option<Arc<Decimal>> {
        match self {
            Side::Number(number) => Some(number.clone()),
            Side::String(text) => Decimal::parse(text).map(Arc::new),
            _ => None,
        }
    }
}

/// A number as `new BigDecimal(number.toString())` has it.
fn decimal(number: &Number) -> Result<Decimal, String> {
    let mut text = String::new();
    number.write(&mut text);
    Decimal::parse(&text).ok_or_else(|| format!("{text} is no number"))
}
