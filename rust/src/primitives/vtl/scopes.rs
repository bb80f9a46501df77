//! The objects a template meets while it runs: `$foreach`, blocks of `#define` and `$bodyContent`, iterators, and the
//! gateway's objects when they are held in a variable.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use super::tree::{ArgumentId, BlockId, Root, Slot};
use crate::primitives::java::{List, Map, Number, Object, Text, Thrown, Value};

/// Variables of a macro that is running.
pub(super) struct Frame {
    pub(super) parent: Option<Rc<Frame>>,
    pub(super) locals: RefCell<Vec<(Slot, Value)>>,
    /// Parameters that stand for the expressions they were called with.
    pub(super) parameters: RefCell<Vec<(Slot, ArgumentId)>>,
}

/// `$foreach`.
pub(super) struct Loop {
    pub(super) index: Cell<i32>,
    pub(super) has_next: Cell<bool>,
    /// What `$foreach` was before.
    previous: Value,
    stored: Map,
    own: Weak<Self>,
}

impl Loop {
    pub(super) fn new(previous: Value) -> Rc<Self> {
        let (index, has_next, stored) = (Cell::new(-1), Cell::new(false), Map::new());
        Rc::new_cyclic(|own| Self { index, has_next, previous, stored, own: own.clone() })
    }

    pub(super) fn of(value: &Value) -> Option<&Self> {
        match value {
            Value::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// What `$foreach` is after the loop.
    pub(super) fn previous(&self) -> &Value {
        &self.previous
    }

    /// Lets go of what templates put into it.
    pub(super) fn clear(&self) {
        self.stored.clear();
    }

    fn parent(&self) -> Option<&Self> {
        Self::of(&self.previous)
    }

    fn get(&self, name: &Value) -> Value {
        match (self.stored.get_value(name), self.parent()) {
            (Some(value), _) => value,
            (None, Some(parent)) => parent.get(name),
            (None, None) => Value::Null,
        }
    }

    pub(super) fn put(&self, name: Value, value: Value) -> Value {
        self.stored.put(name, value).unwrap_or_default()
    }
}

impl Object for Loop {
    fn text(&self) -> Text {
        Value::Map(self.stored.clone()).to_text().unwrap_or_default().into()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn property(&self, name: &str) -> Option<Value> {
        let number = |number| Value::Number(Number::Integer(number));
        Some(match name {
            "index" | "Index" => number(self.index.get()),
            "count" | "Count" => number(self.index.get() + 1),
            "hasNext" | "HasNext" => Value::Boolean(self.has_next.get()),
            "first" | "First" => Value::Boolean(self.index.get() < 1),
            "last" | "Last" => Value::Boolean(!self.has_next.get()),
            "parent" | "Parent" => match self.parent() {
                Some(_) => self.previous.clone(),
                None => Value::Null,
            },
            "topmost" | "Topmost" => return self.topmost(),
            other => self.get(&Value::from(other)),
        })
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Thrown>> {
        let value = match (name, arguments) {
            ("hasNext" | "getHasNext", []) => self.property("hasNext")?,
            ("getIndex", []) => self.property("index")?,
            ("getCount", []) => self.property("count")?,
            ("isFirst" | "getFirst", []) => self.property("first")?,
            ("isLast" | "getLast", []) => self.property("last")?,
            ("getParent", []) => self.property("parent")?,
            ("getTopmost", []) => self.topmost()?,
            ("get", [name]) => self.get(name),
            ("put", [name, value]) => self.put(name.clone(), value.clone()),
            ("size", []) => Value::Number(Number::of_size(self.stored.len())),
            ("isEmpty", []) => Value::Boolean(self.stored.is_empty()),
            _ => return None,
        };
        Some(Ok(value))
    }
}

impl Loop {
    /// The outermost loop.
    fn topmost(&self) -> Option<Value> {
        let mut outermost = self;
        while let Some(parent) = outermost.parent() {
            outermost = parent;
        }
        let own: Rc<dyn Object> = outermost.own.upgrade()?;
        Some(Value::Object(own))
    }
}

/// What `#define` gives its variable, and `$bodyContent`: a block that is rendered where it is used.
pub(super) struct Block {
    pub(super) content: BlockId,
    /// Where it was made: its text is made of the variables there.
    pub(super) frame: Option<Rc<Frame>>,
    /// Loop variables that stood for null there.
    pub(super) held: Box<[(Slot, u32)]>,
    pub(super) depth: Cell<u32>,
    /// It may be in itself so often.
    pub(super) deepest: u32,
}

impl Block {
    pub(super) fn of(value: &Value) -> Option<Rc<dyn Object>> {
        match value {
            Value::Object(object) if object.as_any().is::<Self>() => Some(object.clone()),
            _ => None,
        }
    }
}

impl Object for Block {
    fn text(&self) -> Text {
        Text::default()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `$input`, `$util`, `$context` or `$stageVariables` in a variable.
pub(super) struct Gateway(pub(super) Root);

impl Object for Gateway {
    fn text(&self) -> Text {
        Text::default()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `java.util.Iterator` over what a list or map had when it was asked for.
pub(super) struct Iterator {
    items: List,
    next: Cell<usize>,
}

impl Iterator {
    pub(super) fn new(items: List) -> Self {
        Self { items, next: Cell::new(0) }
    }

    pub(super) fn advance(&self) -> Option<Value> {
        let value = self.items.get(self.next.get())?;
        self.next.set(self.next.get() + 1);
        Some(value)
    }

    pub(super) fn has_next(&self) -> bool {
        self.next.get() < self.items.len()
    }
}

impl Object for Iterator {
    fn text(&self) -> Text {
        Text::default()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, Thrown>> {
        match (name, arguments) {
            ("hasNext", []) => Some(Ok(Value::Boolean(self.has_next()))),
            ("next", []) => Some(self.advance().ok_or_else(|| Thrown::new("NoSuchElementException", ""))),
            _ => None,
        }
    }
}
