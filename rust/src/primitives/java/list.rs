//! Lists, and what Java has beside them: sets, collections, arrays. Shared by reference; dropping never recurses.

use std::{
    cell::{Cell, Ref, RefCell},
    ops::Deref,
    rc::Rc,
};

use super::{Map, Value, document::Handle};

/// Which Java class a list stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `net.minidev.json.JSONArray`: what JSON and `JSONPath` give.
    Json,
    /// `java.util.ArrayList`: what templates write as `[…]`.
    Array,
    /// A `String[]`, which has a fixed length.
    Fixed,
    /// What `keySet` and `entrySet` give.
    Set,
    /// What `values` gives.
    Collection,
}

/// A reference to a list. A clone is the same list.
#[derive(Clone)]
pub struct List(Kept);

#[derive(Clone)]
enum Kept {
    Object(Rc<Items>),
    /// As it was read.
    Document(Handle),
}

/// The items of a list, while nothing changes it.
pub enum Seen<'l> {
    /// Those of an object.
    Object(Ref<'l, Vec<Value>>),
    /// Made of what was read.
    Document(Vec<Value>),
}

impl Deref for Seen<'_> {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        match self {
            Self::Object(items) => items,
            Self::Document(items) => items,
        }
    }
}

struct Items {
    kind: ListKind,
    /// Counts changes of length, so that a loop over the list notices them.
    changes: Cell<u32>,
    values: RefCell<Vec<Value>>,
}

impl List {
    /// A list of these items.
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self(Kept::Object(Rc::new(Items { kind, changes: Cell::new(0), values: RefCell::new(items) })))
    }

    /// A list of a document.
    #[inline]
    pub(super) fn of_document(handle: Handle) -> Self {
        Self(Kept::Document(handle))
    }

    /// The object, or the handle of what was read and never changed.
    #[inline]
    fn kept(&self) -> Result<&Items, &Handle> {
        match &self.0 {
            Kept::Object(items) => Ok(items),
            Kept::Document(handle) => match handle.object() {
                Some(Value::List(Self(Kept::Object(items)))) => Ok(items),
                _ => Err(handle),
            },
        }
    }

    /// The object: what is changed must be one.
    fn object(&self) -> Option<&Items> {
        match &self.0 {
            Kept::Object(items) => Some(items),
            Kept::Document(handle) => match handle.become_object() {
                Some(Value::List(Self(Kept::Object(items)))) => Some(items),
                _ => None,
            },
        }
    }

    /// How many bytes a first change takes beyond itself.
    pub fn weight_of_change(&self) -> usize {
        self.kept().map_or_else(Handle::weight_of_objects, |_| 0)
    }

    /// Which class it is of.
    pub fn kind(&self) -> ListKind {
        match &self.0 {
            Kept::Object(items) => items.kind,
            Kept::Document(_) => ListKind::Json,
        }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.kept().map_or_else(Handle::len, |items| items.values.borrow().len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        match self.kept() {
            Ok(items) => items.values.borrow().get(index).cloned(),
            Err(handle) => handle.item(index),
        }
    }

    /// Every item; nothing may change the list while this is held.
    pub fn items(&self) -> Seen<'_> {
        match self.kept() {
            Ok(items) => Seen::Object(items.values.borrow()),
            Err(handle) => Seen::Document(handle.items()),
        }
    }

    /// Puts an item in the place of another, which is given back.
    pub fn set(&self, index: usize, value: Value) -> Option<Value> {
        self.object()?.values.borrow_mut().get_mut(index).map(|item| std::mem::replace(item, value))
    }

    /// Appends an item.
    pub fn push(&self, value: Value) {
        self.insert(usize::MAX, value);
    }

    /// Inserts an item, at most at the end.
    pub fn insert(&self, index: usize, value: Value) {
        let Some(items) = self.object() else { return };
        items.changed();
        let mut items = items.values.borrow_mut();
        let at = index.min(items.len());
        items.insert(at, value);
    }

    /// Takes the item at `index` out.
    pub fn remove(&self, index: usize) -> Option<Value> {
        let object = self.object()?;
        let mut items = object.values.borrow_mut();
        (index < items.len()).then(|| {
            object.changed();
            items.remove(index)
        })
    }

    /// Keeps the items for which this is true; whether any went.
    pub fn retain(&self, keep: impl FnMut(&Value) -> bool) -> bool {
        let Some(object) = self.object() else { return false };
        let mut items = std::mem::take(&mut *object.values.borrow_mut());
        let before = items.len();
        items.retain(keep);
        let changed = items.len() != before;
        *object.values.borrow_mut() = items;
        if changed {
            object.changed();
        }
        changed
    }

    /// Replaces every item.
    pub fn replace(&self, items: Vec<Value>) {
        let Some(object) = self.object() else { return };
        object.changed();
        let before = std::mem::replace(&mut *object.values.borrow_mut(), items);
        drop(before);
    }

    /// How often its length has changed.
    pub fn changes(&self) -> u32 {
        self.kept().map_or(0, |items| items.changes.get())
    }

    /// Whether both are the same list.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self.kept(), other.kept()) {
            (Ok(one), Ok(other)) => std::ptr::eq(one, other),
            (Err(one), Err(other)) => one.is_same(other),
            _ => false,
        }
    }

    /// What tells this list from others while it lives and nothing is changed.
    pub fn address(&self) -> usize {
        self.kept().map_or_else(Handle::address, |items| std::ptr::from_ref(items).addr())
    }

    /// The handle of what was read and never changed.
    #[inline]
    pub(super) fn document(&self) -> Option<&Handle> {
        self.kept().err()
    }

    /// The items, when nobody else holds the list.
    pub(super) fn into_items(self) -> Option<Vec<Value>> {
        let Kept::Object(items) = self.0 else { return None };
        Rc::into_inner(items).map(|inner| std::mem::take(&mut *inner.values.borrow_mut()))
    }
}

impl Items {
    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        let items = self.values.get_mut();
        if items.iter().any(Value::is_container) {
            let items = std::mem::take(items);
            nested(|deep| if deep { release(items) } else { drop(items) });
        }
    }
}

/// Values may be dropped one inside the other so deep; what is deeper is dropped one after the other.
const DEEPEST_DROP: u32 = 64;

thread_local! {
    static DROPPING: Cell<u32> = const { Cell::new(0) };
}

/// Runs `drop` for what holds other values; it is told whether that is too deep for plain dropping.
pub(super) fn nested(drop: impl FnOnce(bool)) {
    let depth = DROPPING.get();
    DROPPING.set(depth + 1);
    drop(depth >= DEEPEST_DROP);
    DROPPING.set(depth);
}

/// Drops values that may be nested deeper than the stack allows.
pub(super) fn release(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => values.extend(list.into_items().unwrap_or_default()),
            Value::Map(map) => {
                for (key, value) in map.into_entries().into_iter().flatten() {
                    values.extend([key, value].into_iter().filter(Value::is_container));
                }
            }
            Value::Entry(entry) => values
                .extend(entry.into_parts().map(|(key, map): (Value, Map)| [key, map.into()]).into_iter().flatten()),
            _ => {}
        }
    }
}
