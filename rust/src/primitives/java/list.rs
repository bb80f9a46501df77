//! Lists, and what Java has beside them: sets, collections, arrays. Shared by reference; dropping never recurses.

use std::{
    cell::{Cell, Ref, RefCell},
    rc::Rc,
};

use super::{Map, Value};

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
pub struct List(Rc<Items>);

struct Items {
    kind: ListKind,
    /// Counts changes of length, so that a loop over the list notices them.
    changes: Cell<u32>,
    values: RefCell<Vec<Value>>,
}

impl List {
    /// A list of these items.
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self(Rc::new(Items { kind, changes: Cell::new(0), values: RefCell::new(items) }))
    }

    /// Which class it is of.
    pub fn kind(&self) -> ListKind {
        self.0.kind
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.values.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.0.values.borrow().get(index).cloned()
    }

    /// Every item; nothing may change the list while this is held.
    pub fn items(&self) -> Ref<'_, Vec<Value>> {
        self.0.values.borrow()
    }

    /// Puts an item in the place of another, which is given back.
    pub fn set(&self, index: usize, value: Value) -> Option<Value> {
        self.0.values.borrow_mut().get_mut(index).map(|item| std::mem::replace(item, value))
    }

    /// Appends an item.
    pub fn push(&self, value: Value) {
        self.changed();
        self.0.values.borrow_mut().push(value);
    }

    /// Inserts an item, at most at the end.
    pub fn insert(&self, index: usize, value: Value) {
        self.changed();
        let mut items = self.0.values.borrow_mut();
        let at = index.min(items.len());
        items.insert(at, value);
    }

    /// Takes the item at `index` out.
    pub fn remove(&self, index: usize) -> Option<Value> {
        let mut items = self.0.values.borrow_mut();
        (index < items.len()).then(|| {
            self.changed();
            items.remove(index)
        })
    }

    /// Keeps the items for which this is true; whether any went.
    pub fn retain(&self, keep: impl FnMut(&Value) -> bool) -> bool {
        let mut items = std::mem::take(&mut *self.0.values.borrow_mut());
        let before = items.len();
        items.retain(keep);
        let changed = items.len() != before;
        *self.0.values.borrow_mut() = items;
        if changed {
            self.changed();
        }
        changed
    }

    /// Replaces every item.
    pub fn replace(&self, items: Vec<Value>) {
        self.changed();
        let before = std::mem::replace(&mut *self.0.values.borrow_mut(), items);
        drop(before);
    }

    /// How often its length has changed.
    pub fn changes(&self) -> u32 {
        self.0.changes.get()
    }

    /// Whether both are the same list.
    pub fn is_same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// What tells this list from others while it lives.
    pub fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    fn changed(&self) {
        self.0.changes.set(self.0.changes.get().wrapping_add(1));
    }

    /// The items, when nobody else holds the list.
    pub(super) fn into_items(self) -> Option<Vec<Value>> {
        Rc::into_inner(self.0).map(|inner| std::mem::take(&mut *inner.values.borrow_mut()))
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
