//! `java.util.Map.Entry`: a key and the map it is in.

use std::rc::Rc;

use super::{Map, Value};

/// One entry of a map; its value is the map's.
#[derive(Clone)]
pub struct Entry(Rc<(Value, Map)>);

impl Entry {
    /// The entry of `key` in `map`.
    pub fn new(key: Value, map: Map) -> Self {
        Self(Rc::new((key, map)))
    }

    /// Its key.
    pub fn key(&self) -> &Value {
        &self.0.0
    }

    /// What the map has for its key now.
    pub fn value(&self) -> Value {
        self.0.1.get_value(&self.0.0).unwrap_or_default()
    }

    /// The map it writes through to.
    pub fn map(&self) -> &Map {
        &self.0.1
    }

    /// The key and the map, when nobody else holds the entry.
    pub(super) fn into_parts(self) -> Option<(Value, Map)> {
        Rc::into_inner(self.0)
    }
}
