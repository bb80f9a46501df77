//! What a template holds: null, Boolean, Character, numbers, String, List, Map, Map.Entry and objects of the gateway.
//! Strings are UTF-8 (a lone surrogate becomes `?`, as Java writes it); lists and maps are shared, as references in Java are.

use std::{any::Any, fmt, rc::Rc};

pub use smol_str::SmolStr as Text;

use super::{Entry, List, ListKind, Map, Number};

/// A Java object, or null. Cloning one shares it.
#[derive(Clone, Default)]
pub enum Value {
    /// `null`, and whatever does not exist.
    #[default]
    Null,
    /// `java.lang.Boolean`.
    Boolean(bool),
    /// `java.lang.Character`, one UTF-16 unit.
    Character(u16),
    /// `java.lang.Number` of any kind.
    Number(Number),
    /// `java.lang.String`.
    String(Text),
    /// A list, set, collection or array.
    List(List),
    /// A `java.util.LinkedHashMap`.
    Map(Map),
    /// A `java.util.Map.Entry`, which writes through to its map.
    Entry(Entry),
    /// Something of the gateway's, as `$util`.
    Object(Rc<dyn Object>),
}

/// A native object that templates can hold.
pub trait Object {
    /// What `toString` gives.
    fn text(&self) -> Text;

    /// Itself, for those who know what it may be.
    fn as_any(&self) -> &dyn Any;

    /// `$object.name`, when there is such a property.
    fn property(&self, name: &str) -> Option<Value> {
        let _ = name;
        None
    }

    /// `$object.name(arguments)`; `None` when there is no such method.
    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Thrown>> {
        let _ = (name, arguments);
        None
    }
}

/// A Java exception: the class and what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {message}")]
pub struct Thrown {
    /// The simple name of the exception's class.
    pub class: &'static str,
    /// The exception's message.
    pub message: String,
}

impl Thrown {
    /// An exception of this class.
    pub fn new(class: &'static str, message: impl Into<String>) -> Self {
        Self { class, message: message.into() }
    }
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    /// A list as JSON arrays are read.
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(List::new(ListKind::Json, items))
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text of a String; nothing for anything else.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The map, when it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The list, when it is one.
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// Whether this holds other values.
    pub fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_) | Self::Entry(_))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Text::new(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::String(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Text::from(text))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(Number::Integer(number))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(Number::Long(number))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(Number::Double(number))
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::List(list)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(text) => write!(formatter, "{text:?}"),
            other => formatter.write_str(&other.to_text().unwrap_or_default()),
        }
    }
}

const _: () = assert!(size_of::<Value>() == 24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_maps_are_shared() {
        let map = Map::new();
        let list = List::new(ListKind::Json, vec![Value::Map(map.clone())]);
        map.put(Value::from("a"), Value::from(1));
        assert_eq!(list.get(0).and_then(|first| first.as_map().map(Map::len)), Some(1));
    }

    #[test]
    fn a_very_deep_value_is_dropped_without_recursion() {
        let mut value = Value::Null;
        for depth in 0..300_000 {
            value = if depth % 2 == 0 {
                Value::list(vec![value])
            } else {
                let map = Map::new();
                map.put(Value::from("a"), value);
                Value::Map(map)
            };
        }
        drop(value);
    }
}
