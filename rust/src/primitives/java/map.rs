//! `java.util.LinkedHashMap`: entries in the order of their insertion, shared by reference.
//! A few entries are searched one after the other, more have an index whose hashes nobody can foresee.

use std::{
    cell::{Cell, RefCell},
    hash::{Hash, RandomState},
    rc::Rc,
};

use indexmap::{Equivalent, IndexMap};

use super::{Text, Value, document::Handle, list};

/// A reference to a map. A clone is the same map.
#[derive(Clone)]
pub struct Map(Kept);

#[derive(Clone)]
enum Kept {
    Object(Rc<Inner>),
    /// As it was read.
    Document(Handle),
}

struct Inner {
    /// Counts changes of length, so that a loop over the map notices them.
    changes: Cell<u32>,
    role: Cell<Role>,
    entries: RefCell<Entries>,
}

/// Whose a map is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A template's own, or a part of a body.
    Own,
    /// A part of `$context`.
    Context,
    /// A part of `$context` that templates write, whose first entries were written by earlier ones.
    Override { inherited: u16 },
}

enum Entries {
    Few(Vec<(Value, Value)>),
    Many(Box<IndexMap<Value, Value, RandomState>>),
}

/// A string key that is not a value of its own.
struct Name<'a>(&'a str);

impl Hash for Name<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        super::equality::look_at_text(self.0.len());
        self.0.hash(state);
    }
}

impl Equivalent<Value> for Name<'_> {
    fn equivalent(&self, key: &Value) -> bool {
        key.as_str() == Some(self.0)
    }
}

impl Map {
    /// Up to here looking at each key is faster than hashing.
    pub(super) const FEW: usize = 12;

    /// A map of a document.
    #[inline]
    pub(super) fn of_document(handle: Handle) -> Self {
        Self(Kept::Document(handle))
    }

    /// An empty map.
    pub fn new() -> Self {
        Self::build(Role::Own, Vec::new())
    }

    /// An empty map that has no text, as AWS shows a part of `$context` (`$context.identity`).
    pub fn of_context() -> Self {
        Self::build(Role::Context, Vec::new())
    }

    /// The same, and templates may set each key once only (`$context.requestOverride.header`).
    pub fn write_once() -> Self {
        Self::build(Role::Override { inherited: 0 }, Vec::new())
    }

    /// A map of these entries; a later one replaces an earlier one of the same key.
    pub fn of(entries: impl IntoIterator<Item = (Text, Value)>) -> Self {
        let map = Self::new();
        for (key, value) in entries {
            map.put(Value::String(key), value);
        }
        map
    }

    fn build(role: Role, entries: Vec<(Value, Value)>) -> Self {
        let entries = RefCell::new(Entries::Few(entries));
        Self(Kept::Object(Rc::new(Inner { changes: Cell::new(0), role: Cell::new(role), entries })))
    }

    /// The object, or the handle of what was read and never changed.
    #[inline]
    fn kept(&self) -> Result<&Inner, &Handle> {
        match &self.0 {
            Kept::Object(inner) => Ok(inner),
            Kept::Document(handle) => match handle.object() {
                Some(Value::Map(Self(Kept::Object(inner)))) => Ok(inner),
                _ => Err(handle),
            },
        }
    }

    /// The object: what is changed must be one.
    fn object(&self) -> Option<&Rc<Inner>> {
        match &self.0 {
            Kept::Object(inner) => Some(inner),
            Kept::Document(handle) => match handle.become_object() {
                Some(Value::Map(Self(Kept::Object(inner)))) => Some(inner),
                _ => None,
            },
        }
    }

    /// How many bytes a first change takes beyond itself.
    pub fn weight_of_change(&self) -> usize {
        self.kept().map_or_else(Handle::weight_of_objects, |_| 0)
    }

    /// Whether a key may be given once only.
    pub fn is_write_once(&self) -> bool {
        matches!(self.role(), Role::Override { .. })
    }

    /// Another template begins: of a map in which each key may be set once only, it may set each once more.
    pub fn begin_template(&self) {
        if let Kept::Object(inner) = &self.0
            && self.is_write_once()
        {
            inner.role.set(Role::Override { inherited: self.len().try_into().unwrap_or(u16::MAX) });
        }
    }

    /// Whether a template may set this key; what an earlier template has set makes room for it.
    pub fn makes_room(&self, key: &Value) -> bool {
        let (Kept::Object(inner), Role::Override { inherited }) = (&self.0, self.role()) else { return true };
        let index = match &*inner.entries.borrow() {
            Entries::Few(entries) => entries.iter().position(|(other, _)| other == key),
            Entries::Many(entries) => entries.get_index_of(key),
        };
        let Some(index) = index else { return true };
        // A part of the override stays the part it is.
        let is_part = self.entry_at(index).is_none_or(|(_, value)| value.as_map().is_some());
        if is_part || index >= usize::from(inherited) {
            return false;
        }
        self.remove(key);
        inner.role.set(Role::Override { inherited: inherited - 1 });
        true
    }

    /// Whether its text is empty.
    pub fn has_no_text(&self) -> bool {
        self.role() != Role::Own
    }

    fn role(&self) -> Role {
        match &self.0 {
            Kept::Object(inner) => inner.role.get(),
            Kept::Document(_) => Role::Own,
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        match self.kept() {
            Ok(inner) => match &*inner.entries.borrow() {
                Entries::Few(entries) => entries.len(),
                Entries::Many(entries) => entries.len(),
            },
            Err(handle) => handle.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a string key has.
    pub fn get(&self, name: &str) -> Option<Value> {
        match self.kept() {
            Ok(inner) => match &*inner.entries.borrow() {
                Entries::Few(entries) => {
                    entries.iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value.clone())
                }
                Entries::Many(entries) => entries.get(&Name(name)).cloned(),
            },
            Err(handle) => handle.get(name),
        }
    }

    /// What any key has.
    pub fn get_value(&self, key: &Value) -> Option<Value> {
        match self.kept() {
            Ok(inner) => match &*inner.entries.borrow() {
                Entries::Few(entries) => entries.iter().find(|(other, _)| other == key).map(|(_, value)| value.clone()),
                Entries::Many(entries) => entries.get(key).cloned(),
            },
            Err(handle) => handle.get(key.as_str()?),
        }
    }

    /// The entry at a place in the order of insertion.
    pub fn entry_at(&self, index: usize) -> Option<(Value, Value)> {
        match self.kept() {
            Ok(inner) => match &*inner.entries.borrow() {
                Entries::Few(entries) => entries.get(index).cloned(),
                Entries::Many(entries) => entries.get_index(index).map(|(key, value)| (key.clone(), value.clone())),
            },
            Err(handle) => handle.entry(index),
        }
    }

    /// Hands every entry to `look` in order, until it gives an error. Nothing may change the map meanwhile.
    pub fn try_each<E>(&self, mut look: impl FnMut(&Value, &Value) -> Result<(), E>) -> Result<(), E> {
        match self.kept() {
            Ok(inner) => match &*inner.entries.borrow() {
                Entries::Few(entries) => entries.iter().try_for_each(|(key, value)| look(key, value)),
                Entries::Many(entries) => entries.iter().try_for_each(|(key, value)| look(key, value)),
            },
            Err(handle) => (0..handle.len())
                .filter_map(|index| handle.entry(index))
                .try_for_each(|(key, value)| look(&key, &value)),
        }
    }

    /// Every key.
    pub fn keys(&self) -> Vec<Value> {
        self.collect(|key, _| key.clone())
    }

    /// Every value.
    pub fn values(&self) -> Vec<Value> {
        self.collect(|_, value| value.clone())
    }

    fn collect(&self, pick: impl Fn(&Value, &Value) -> Value) -> Vec<Value> {
        let mut all = Vec::with_capacity(self.len());
        let each: Result<(), std::convert::Infallible> = self.try_each(|key, value| {
            all.push(pick(key, value));
            Ok(())
        });
        each.map_or_else(|never| match never {}, |()| all)
    }

    /// Sets a key, and gives what it had.
    pub fn put(&self, key: Value, value: Value) -> Option<Value> {
        let inner = self.object()?;
        let mut entries = inner.entries.borrow_mut();
        match &mut *entries {
            Entries::Few(few) => {
                if let Some((_, old)) = few.iter_mut().find(|(other, _)| *other == key) {
                    return Some(std::mem::replace(old, value));
                }
                push(&mut entries, key, value);
            }
            Entries::Many(many) => {
                let before = many.len();
                let old = many.insert(key, value);
                if many.len() == before {
                    return old;
                }
            }
        }
        drop(entries);
        inner.changed();
        None
    }

    /// Adds an entry whose key is not there yet.
    pub(super) fn add(&self, key: Value, value: Value) {
        if let Kept::Object(inner) = &self.0 {
            push(&mut inner.entries.borrow_mut(), key, value);
        }
    }

    /// Takes a key out, and gives what it had.
    pub fn remove(&self, key: &Value) -> Option<Value> {
        let inner = self.object()?;
        let removed = match &mut *inner.entries.borrow_mut() {
            Entries::Few(few) => few.iter().position(|(other, _)| other == key).map(|index| few.remove(index).1),
            Entries::Many(many) => many.shift_remove(key),
        };
        if removed.is_some() {
            inner.changed();
        }
        removed
    }

    /// Takes everything out.
    pub fn clear(&self) {
        let Some(inner) = self.object() else { return };
        inner.changed();
        let before = inner.entries.replace(Entries::Few(Vec::new()));
        release(before);
    }

    /// How often its length has changed.
    pub fn changes(&self) -> u32 {
        self.kept().map_or(0, |inner| inner.changes.get())
    }

    /// Whether both are the same map.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.kept(), other.kept()) {
            (Ok(one), Ok(other)) => std::ptr::eq(one, other),
            (Err(one), Err(other)) => one.is_same(other),
            _ => false,
        }
    }

    /// What tells this map from others while it lives and nothing is changed.
    pub fn address(&self) -> usize {
        self.kept().map_or_else(Handle::address, |inner| std::ptr::from_ref(inner).addr())
    }

    /// The handle of what was read and never changed.
    #[inline]
    pub(super) fn document(&self) -> Option<&Handle> {
        self.kept().err()
    }

    /// Appends the text of what names lead to in maps that were read and never changed; whether that could be done, and
    /// nothing is appended else.
    pub fn write_plain<'n>(&self, names: impl IntoIterator<Item = &'n str>, out: &mut String) -> bool {
        self.document().is_some_and(|handle| handle.write_plain(names, out))
    }

    /// The entries, when nobody else holds the map.
    pub(super) fn into_entries(self) -> Option<Vec<(Value, Value)>> {
        let Kept::Object(inner) = self.0 else { return None };
        Some(match Rc::into_inner(inner)?.entries.replace(Entries::Few(Vec::new())) {
            Entries::Few(few) => few,
            Entries::Many(many) => many.into_iter().collect(),
        })
    }
}

impl Inner {
    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

/// Adds an entry whose key is not there yet.
fn push(entries: &mut Entries, key: Value, value: Value) {
    match entries {
        Entries::Few(few) => {
            few.push((key, value));
            if few.len() > Map::FEW {
                let many = std::mem::take(few).into_iter().collect();
                *entries = Entries::Many(Box::new(many));
            }
        }
        Entries::Many(many) => {
            many.insert(key, value);
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let nested = match self.entries.get_mut() {
            Entries::Few(few) => few.iter().any(|(key, value)| key.is_container() || value.is_container()),
            Entries::Many(_) => true,
        };
        if nested {
            let entries = self.entries.replace(Entries::Few(Vec::new()));
            list::nested(|deep| if deep { release(entries) } else { drop(entries) });
        }
    }
}

fn release(entries: Entries) {
    let holds = |(key, value): &(Value, Value)| key.is_container() || value.is_container();
    let entries = match entries {
        Entries::Few(few) => few,
        Entries::Many(many) => many.into_iter().collect(),
    };
    if entries.iter().any(holds) {
        list::release(entries.into_iter().flat_map(|(key, value)| [key, value]).filter(Value::is_container).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_their_order_in_small_and_large_maps() {
        for size in [3_i32, 12, 13, 100] {
            let map = Map::new();
            for number in 0..size {
                assert!(map.put(Value::from(format!("k{number}")), Value::from(number)).is_none());
            }
            assert_eq!(map.put(Value::from("k1"), Value::from("new")), Some(Value::from(1)));
            assert_eq!(map.len(), size.unsigned_abs() as usize);
            assert_eq!(map.get("k1"), Some(Value::from("new")));
            assert_eq!(map.remove(&Value::from("k0")), Some(Value::from(0)));
            assert_eq!(map.entry_at(0), Some((Value::from("k1"), Value::from("new"))));
            assert_eq!(map.get_value(&Value::from(format!("k{}", size - 1))), Some(Value::from(size - 1)));
            assert_eq!(map.get("none"), None);
        }
    }

    #[test]
    fn s10_5_a_part_of_the_context_has_no_text() {
        for (map, text) in [(Map::new(), "{a=1}"), (Map::of_context(), ""), (Map::write_once(), "")] {
            map.put(Value::from("a"), Value::from(1));
            assert_eq!(Value::Map(map).to_text().as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_integer_is_not_the_key_of_a_long() {
        let map = Map::new();
        map.put(Value::from(1), Value::from("integer"));
        assert_eq!(map.get_value(&Value::from(1_i64)), None);
    }
}
