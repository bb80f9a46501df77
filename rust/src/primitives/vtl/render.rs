//! Renders a tree: nodes here, expressions in `evaluate`, references in `resolve`, variables in `variables`.

use std::{cell::Cell, rc::Rc};

use super::{
    Limits, RenderError, Scope,
    meter::Meter,
    scopes::{Block, Frame, Iterator, Loop},
    tree::{BlockId, Call, Expression, Foreach, If, Node, Shown, Slot, Tree},
};
use crate::primitives::java::{Entry, List, Map, Number, Object, Value};

/// Blocks, expressions and macros may be nested so deep while they run.
const DEEPEST: u32 = 400;
/// AWS: a loop ends after so many rounds.
const MOST_ROUNDS: u16 = 1000;
/// A macro may be in itself so often, and the content of a block macro too.
const DEEPEST_MACRO: u32 = 20;
/// A block of `#define` may be in itself so often.
const DEEPEST_BLOCK: u32 = 2;

/// Why rendering goes no further: an error, `#stop`, or a `#break` on its way to what it ends.
pub(super) enum Halt {
    Error(RenderError),
    Stop,
    /// The nearest loop, macro or block.
    Break,
    /// This loop.
    BreakLoop(Rc<dyn Object>),
}

impl<E: Into<RenderError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

pub(super) type Run<T> = Result<T, Halt>;

/// One rendering of a tree.
pub(super) struct Renderer<'t, 's> {
    pub(super) tree: &'t Tree,
    pub(super) scope: &'s mut dyn Scope,
    pub(super) meter: Meter,
    pub(super) slots: Vec<Value>,
    pub(super) frame: Option<Rc<Frame>>,
    /// Frames that a block keeps, to be emptied at the end because the block is in them.
    kept: Vec<Rc<Frame>>,
    pub(super) depth: u32,
    pub(super) macros: u32,
    /// Loop variables that stand for null in the present round, and how many macros run around the loop.
    pub(super) held: Vec<(Slot, u32)>,
    /// The body as JSON, once it was asked for; null when it is none.
    pub(super) json: Option<Value>,
    pub(super) stage_variables: Option<Map>,
}

impl<'t, 's> Renderer<'t, 's> {
    pub(super) fn new(tree: &'t Tree, scope: &'s mut dyn Scope, limits: &Limits) -> Self {
        Self {
            tree,
            scope,
            meter: Meter::new(limits),
            slots: vec![Value::Null; tree.names.len()],
            frame: None,
            kept: Vec::new(),
            depth: 0,
            macros: 0,
            held: Vec::new(),
            json: None,
            stage_variables: None,
        }
    }

    pub(super) fn run(mut self, out: &mut String) -> Result<(), RenderError> {
        let ended = self.block(self.tree.root, out);
        for frame in &self.kept {
            frame.locals.borrow_mut().clear();
        }
        let ended = match ended {
            Err(Halt::Error(error)) => Err(error),
            _ => self.meter.looked(),
        };
        let parted = self.part();
        ended.and(parted)
    }

    /// Parts what may hold itself: values are counted references, and a list of a document that holds a part of that document
    /// would keep it forever. What outlives the template, an override, keeps copies.
    fn part(&mut self) -> Result<(), RenderError> {
        let changed = self.meter.take_changed();
        let mut result = Ok(());
        for holder in &changed {
            if let Value::Map(map) = holder
                && map.has_no_text()
                && result.is_ok()
            {
                result = self.keep_copies(map);
            }
        }
        for holder in &changed {
            match holder {
                Value::List(list) => list.replace(Vec::new()),
                Value::Map(map) if result.is_err() || !map.has_no_text() => map.clear(),
                Value::Object(_) => {
                    if let Some(scope) = Loop::of(holder) {
                        scope.clear();
                    }
                }
                _ => {}
            }
        }
        result
    }

    /// Replaces what an override holds by copies.
    fn keep_copies(&mut self, map: &Map) -> Result<(), RenderError> {
        for (key, value) in map.keys().into_iter().zip(map.values()) {
            // A part of it stays the part it is.
            if value.as_map().is_none_or(|part| !part.has_no_text()) {
                let copy = self.copy(&value, 0)?;
                map.put(key, copy);
            }
        }
        Ok(())
    }

    /// A copy that shares nothing with a value.
    fn copy(&mut self, value: &Value, depth: u32) -> Result<Value, RenderError> {
        self.meter.step()?;
        self.meter.items(1)?;
        if depth >= DEEPEST {
            return Err(RenderError::Depth);
        }
        Ok(match value {
            Value::List(list) => {
                let items = list.items().iter().map(|item| self.copy(item, depth + 1)).collect::<Result<_, _>>()?;
                Value::List(List::new(list.kind(), items))
            }
            Value::Map(map) => {
                let copy = Map::new();
                for (key, value) in map.keys().iter().zip(map.values()) {
                    copy.put(self.copy(key, depth + 1)?, self.copy(&value, depth + 1)?);
                }
                Value::Map(copy)
            }
            Value::Entry(entry) => {
                let copy = Map::new();
                let key = self.copy(entry.key(), depth + 1)?;
                copy.put(key.clone(), self.copy(&entry.value(), depth + 1)?);
                Value::Entry(Entry::new(key, copy))
            }
            Value::Object(object) => Value::String(object.text()),
            plain => plain.clone(),
        })
    }

    /// Runs `inner` one level deeper.
    pub(super) fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.depth >= DEEPEST {
            return Err(RenderError::Depth.into());
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    pub(super) fn block(&mut self, block: BlockId, out: &mut String) -> Run<()> {
        let tree = self.tree;
        for node in &tree.blocks[block as usize] {
            self.meter.step()?;
            match node {
                Node::Text(text) => self.write(text, out)?,
                Node::Reference(shown) => self.shown(shown, out)?,
                Node::Set(set) => {
                    let value = self.value(&set.1)?;
                    self.assign(&set.0, value)?;
                }
                Node::If(choice) => self.choice(choice, out)?,
                Node::Foreach(foreach) => self.foreach(foreach, out)?,
                Node::Define(slot, block) => self.define(*slot, *block),
                Node::Call(call) => self.call(call, out)?,
                Node::Break(None) => return Err(Halt::Break),
                Node::Break(Some(scope)) => return Err(self.breaks(scope)),
                Node::Stop(message) => {
                    if let Some(message) = message {
                        self.value(message)?;
                    }
                    return Err(Halt::Stop);
                }
            }
        }
        Ok(())
    }

    #[inline]
    pub(super) fn write(&mut self, text: &str, out: &mut String) -> Run<()> {
        if out.len() + text.len() > self.meter.output {
            return Err(RenderError::Memory.into());
        }
        self.meter.look(text.len())?;
        out.push_str(text);
        Ok(())
    }

    /// Takes the steps for what was appended, and looks whether it still has room.
    #[inline]
    pub(super) fn wrote(&mut self, before: usize, out: &str) -> Run<()> {
        if out.len() > self.meter.output {
            return Err(RenderError::Memory.into());
        }
        self.meter.look(out.len() - before)?;
        Ok(())
    }

    fn shown(&mut self, shown: &'t Shown, out: &mut String) -> Run<()> {
        if shown.escaped {
            return self.escaped(shown, out);
        }
        self.show(shown, out)
    }

    /// What stands before a reference.
    #[inline]
    pub(super) fn before(&mut self, shown: &'t Shown, out: &mut String) -> Run<()> {
        if shown.backslashes.is_empty() && shown.before.is_empty() {
            return Ok(());
        }
        self.write(&shown.backslashes, out)?;
        self.write(&shown.before, out)
    }

    /// `\$name`: the name itself, with the backslash when it has no value.
    fn escaped(&mut self, shown: &'t Shown, out: &mut String) -> Run<()> {
        let value = self.resolve(&shown.reference)?;
        self.write(&shown.backslashes, out)?;
        if value.is_null() {
            self.write("\\", out)?;
        }
        self.literal(shown, out)
    }

    /// The source of a reference: in a macro, of what its parameter stands for.
    pub(super) fn literal(&mut self, shown: &'t Shown, out: &mut String) -> Run<()> {
        match shown.name.and_then(|slot| self.argument_of(slot)) {
            Some(argument) => self.write(&self.tree.arguments[argument as usize].literal, out),
            None => self.write(&shown.literal, out),
        }
    }

    fn choice(&mut self, choice: &'t If, out: &mut String) -> Run<()> {
        for (condition, block) in &choice.branches {
            if self.truth(condition)? {
                return self.deeper(|this| this.block(*block, out));
            }
        }
        match choice.otherwise {
            Some(block) => self.deeper(|this| this.block(block, out)),
            None => Ok(()),
        }
    }

    fn define(&mut self, slot: Option<Slot>, block: BlockId) {
        let Some(slot) = slot else { return };
        let frame = self.frame.clone();
        if let Some(frame) = &frame {
            self.kept.push(frame.clone());
        }
        let held = self.held.as_slice().into();
        let block = Block { content: block, frame, held, depth: Cell::new(0), deepest: DEEPEST_BLOCK };
        self.put(slot, &Value::Object(Rc::new(block)));
    }

    /// Renders a block that a variable holds, among the variables of the place it is used at; whether it was not too often
    /// in itself.
    pub(super) fn kept_block(&mut self, object: &Rc<dyn Object>, out: &mut String) -> Run<bool> {
        let Some(block) = object.as_any().downcast_ref::<Block>() else { return Ok(false) };
        if block.depth.get() >= block.deepest {
            return Ok(false);
        }
        block.depth.set(block.depth.get() + 1);
        let result = self.deeper(|this| this.block(block.content, out));
        block.depth.set(block.depth.get() - 1);
        match result {
            Ok(()) | Err(Halt::Break) => Ok(true),
            Err(halt) => Err(halt),
        }
    }

    /// The text of a block that a variable holds: rendered among the variables of the place it was made at, as Velocity
    /// does when a text is asked for. Nothing when it is too often in itself.
    pub(super) fn block_text(&mut self, object: &Rc<dyn Object>) -> Run<Option<String>> {
        let Some(block) = object.as_any().downcast_ref::<Block>() else { return Ok(None) };
        let outside = std::mem::replace(&mut self.frame, block.frame.clone());
        let held_outside = std::mem::replace(&mut self.held, block.held.to_vec());
        let mut text = String::new();
        let rendered = self.kept_block(object, &mut text);
        self.frame = outside;
        self.held = held_outside;
        Ok(rendered?.then_some(text))
    }

    fn call(&mut self, call: &'t Call, out: &mut String) -> Run<()> {
        let tree = self.tree;
        let Some(target) = call.target else { return self.write(&call.literal, out) };
        if call.bad_argument {
            return Err(RenderError::BadArgument(call.name.to_string()).into());
        }
        let target = &tree.macros[target as usize];
        if self.macros >= DEEPEST_MACRO {
            return Err(RenderError::Depth.into());
        }
        self.meter.looked()?;
        let mut locals = Vec::new();
        let mut parameters = Vec::new();
        for (&slot, &argument) in target.parameters.iter().zip(&call.arguments) {
            match &tree.arguments[argument as usize].expression {
                Expression::Constant(super::tree::Constant::Text(_))
                | Expression::Reference(_)
                | Expression::Interpolated(..)
                | Expression::Range(_)
                | Expression::List(_)
                | Expression::Map(_) => parameters.push((slot, argument)),
                constant => locals.push((slot, self.value(constant)?)),
            }
        }
        if let (Some(body), Some(slot)) = (call.body, tree.known.body_content) {
            let frame = self.frame.clone();
            let held = self.held.as_slice().into();
            let block = Block { content: body, frame, held, depth: Cell::new(0), deepest: DEEPEST_MACRO };
            locals.push((slot, Value::Object(Rc::new(block))));
        }
        let frame = Frame { parent: self.frame.clone(), locals: locals.into(), parameters: parameters.into() };
        let outside = self.frame.replace(Rc::new(frame));
        self.macros += 1;
        let result = self.deeper(|this| this.block(target.block, out));
        self.macros -= 1;
        self.frame = outside;
        match result {
            Err(Halt::Break) => Ok(()),
            other => other,
        }
    }

    fn breaks(&mut self, scope: &'t Expression) -> Halt {
        match self.value(scope) {
            Ok(value) if Loop::of(&value).is_some() => match value {
                Value::Object(object) => Halt::BreakLoop(object),
                _ => Halt::Error(RenderError::NoScope),
            },
            Ok(_) => Halt::Error(RenderError::NoScope),
            Err(halt) => halt,
        }
    }

    fn foreach(&mut self, foreach: &'t Foreach, out: &mut String) -> Run<()> {
        let items = match &foreach.list {
            Expression::Range(range) => match self.bounds(range)? {
                Some((from, to)) => Items::Range { next: from, to, left: i64::from(from).abs_diff(i64::from(to)) + 1 },
                None => return Ok(()),
            },
            other => {
                let list = self.value(other)?;
                match Items::of(list) {
                    Some(items) => items,
                    None => return Ok(()),
                }
            }
        };
        self.deeper(|this| this.rounds(foreach, items, out))
    }

    fn rounds(&mut self, foreach: &'t Foreach, mut items: Items, out: &mut String) -> Run<()> {
        let known = &self.tree.known;
        let before = self.get(foreach.variable)?;
        let count_before = known.velocity_count.map_or(Ok(Value::Null), |slot| self.get(slot))?;
        let next_before = known.velocity_has_next.map_or(Ok(Value::Null), |slot| self.get(slot))?;
        let scope = match known.foreach {
            Some(slot) => {
                let scope = Loop::new(self.get(slot)?);
                let object: Rc<dyn Object> = scope.clone();
                self.put(slot, &Value::Object(object.clone()));
                Some((scope, object, slot))
            }
            None => None,
        };
        let mut ended = Ok(());
        let mut round = 0_u16;
        let mut holds = true;
        while round < MOST_ROUNDS && items.has_next() {
            self.meter.step()?;
            self.meter.looked()?;
            let value = items.next()?;
            if let Some(slot) = known.velocity_count {
                self.put(slot, &Value::Number(Number::Integer(i32::from(round) + 1)));
            }
            if let Some(slot) = known.velocity_has_next {
                self.put(slot, &Value::Boolean(items.has_next()));
            }
            self.put(foreach.variable, &value);
            if let Some((scope, ..)) = &scope {
                scope.index.set(i32::from(round));
                scope.has_next.set(items.has_next());
            }
            let holding = holds && value.is_null();
            if holding {
                self.held.push((foreach.variable, self.macros));
            }
            let held = self.held.len();
            let result = self.block(foreach.block, out);
            if holding {
                // What took the variable away let go of it, for the rounds after this one too.
                holds = self.held.get(held - 1).is_some_and(|held| held.1 != u32::MAX);
                self.held.truncate(held - 1);
            }
            match result {
                Ok(()) => {}
                Err(Halt::Break) => break,
                Err(Halt::BreakLoop(target)) if scope.as_ref().is_some_and(|(_, own, _)| Rc::ptr_eq(own, &target)) => {
                    break;
                }
                Err(halt) => {
                    ended = Err(halt);
                    break;
                }
            }
            round += 1;
        }
        self.restore(foreach.variable, &before);
        for (slot, value) in [(known.velocity_count, count_before), (known.velocity_has_next, next_before)] {
            if let Some(slot) = slot {
                self.restore(slot, &value);
            }
        }
        if let Some((.., slot)) = scope {
            // Whatever loop the variable holds now gives way to what it replaced.
            let current = self.get(slot)?;
            if let Some(previous) = Loop::of(&current).map(|current| current.previous().clone()) {
                self.restore(slot, &previous);
            }
        }
        ended
    }

    fn restore(&mut self, slot: Slot, value: &Value) {
        if value.is_null() {
            self.remove(slot);
        } else {
            self.put(slot, value);
        }
    }
}

/// What a loop goes over.
enum Items {
    Range {
        next: i32,
        to: i32,
        left: u64,
    },
    List {
        list: List,
        next: usize,
        changes: u32,
    },
    /// Whether there is another entry is known when one is taken, as in Java.
    Map {
        map: Map,
        next: usize,
        changes: u32,
        more: bool,
    },
    Iterator(Rc<dyn Object>),
}

impl Items {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::List(list) => Some(Self::List { changes: list.changes(), list, next: 0 }),
            Value::Map(map) => Some(Self::Map { changes: map.changes(), more: !map.is_empty(), map, next: 0 }),
            Value::Object(object) if object.as_any().is::<Iterator>() => Some(Self::Iterator(object)),
            _ => None,
        }
    }

    fn has_next(&self) -> bool {
        match self {
            Self::Range { left, .. } => *left > 0,
            Self::List { list, next, .. } => *next != list.len(),
            Self::Map { more, .. } => *more,
            Self::Iterator(object) => object.as_any().downcast_ref().is_some_and(Iterator::has_next),
        }
    }

    fn next(&mut self) -> Result<Value, RenderError> {
        let changed = || crate::primitives::java::Thrown::new("ConcurrentModificationException", "");
        let value = match self {
            Self::Range { next, to, left } => {
                let value = *next;
                *left -= 1;
                *next = if value >= *to { value.wrapping_sub(1) } else { value.wrapping_add(1) };
                Some(Value::Number(Number::Integer(value)))
            }
            Self::List { list, next, changes } => {
                *next += 1;
                list.get(*next - 1).filter(|_| list.changes() == *changes)
            }
            Self::Map { map, next, changes, more } => {
                *next += 1;
                *more = *next < map.len();
                map.entry_at(*next - 1).filter(|_| map.changes() == *changes).map(|(_, value)| value)
            }
            Self::Iterator(object) => object.as_any().downcast_ref().and_then(Iterator::advance),
        };
        value.ok_or_else(|| changed().into())
    }
}
