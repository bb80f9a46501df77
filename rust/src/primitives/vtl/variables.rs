//! Variables: slots, and the frames of running macros in front of them. A macro's variables are written through to all
//! frames around it, and its parameters are evaluated where the macro was called, whenever they are read. In a round of a
//! loop over null the loop's variable stays null, whatever it is set to, until it is set to null.

use std::rc::Rc;

use super::{
    render::{Renderer, Run},
    scopes::Frame,
    tree::{ArgumentId, Slot},
};
use crate::primitives::java::Value;

impl Renderer<'_, '_> {
    #[inline]
    pub(super) fn get(&mut self, slot: Slot) -> Run<Value> {
        if !self.held.is_empty() && self.is_held(slot) {
            return Ok(Value::Null);
        }
        match &self.frame {
            None => Ok(self.slots[slot as usize].clone()),
            Some(frame) => {
                let frame = frame.clone();
                self.get_from(frame, slot)
            }
        }
    }

    /// Whether a loop holds the variable at null: one around the macros that run now, if none of those has a variable of
    /// that name itself.
    fn is_held(&self, slot: Slot) -> bool {
        let Some(level) =
            self.held.iter().filter(|held| held.0 == slot && held.1 <= self.macros).map(|held| held.1).max()
        else {
            return false;
        };
        let mut frame = self.frame.as_ref();
        for _ in level..self.macros {
            let Some(current) = frame else { break };
            let own = current.locals.borrow().iter().any(|(own, value)| *own == slot && !value.is_null());
            if own || parameter(current, slot).is_some() {
                return false;
            }
            frame = current.parent.as_ref();
        }
        true
    }

    fn get_from(&mut self, mut frame: Rc<Frame>, slot: Slot) -> Run<Value> {
        loop {
            let local = frame.locals.borrow().iter().find(|(own, _)| *own == slot).map(|(_, value)| value.clone());
            if let Some(value) = local
                && !value.is_null()
            {
                return Ok(value);
            }
            if let Some(argument) = parameter(&frame, slot) {
                let outside = std::mem::replace(&mut self.frame, frame.parent.clone());
                let tree = self.tree;
                let value = self.deeper(|this| this.value(&tree.arguments[argument as usize].expression));
                self.frame = outside;
                return value;
            }
            match &frame.parent {
                Some(parent) => frame = parent.clone(),
                None => return Ok(self.slots[slot as usize].clone()),
            }
        }
    }

    pub(super) fn put(&mut self, slot: Slot, value: &Value) {
        let mut frame = self.frame.as_ref();
        while let Some(current) = frame {
            let mut locals = current.locals.borrow_mut();
            match locals.iter_mut().find(|(own, _)| *own == slot) {
                Some((_, old)) => *old = value.clone(),
                None => locals.push((slot, value.clone())),
            }
            frame = current.parent.as_ref();
        }
        self.slots[slot as usize] = value.clone();
    }

    pub(super) fn remove(&mut self, slot: Slot) {
        for held in &mut self.held {
            if held.0 == slot {
                held.1 = u32::MAX;
            }
        }
        let mut frame = self.frame.as_ref();
        while let Some(current) = frame {
            current.locals.borrow_mut().retain(|(own, _)| *own != slot);
            current.parameters.borrow_mut().retain(|(own, _)| *own != slot);
            frame = current.parent.as_ref();
        }
        self.slots[slot as usize] = Value::Null;
    }

    /// The expression a variable stands for in the innermost macro that has such a parameter.
    pub(super) fn argument_of(&self, slot: Slot) -> Option<ArgumentId> {
        let mut frame = self.frame.as_ref();
        while let Some(current) = frame {
            if let Some(argument) = parameter(current, slot) {
                return Some(argument);
            }
            frame = current.parent.as_ref();
        }
        None
    }
}

fn parameter(frame: &Frame, slot: Slot) -> Option<ArgumentId> {
    frame.parameters.borrow().iter().find(|(own, _)| *own == slot).map(|(_, argument)| *argument)
}
