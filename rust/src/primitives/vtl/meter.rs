//! What a template may use up: steps, memory and output. Everything that takes time or memory asks here first.

use std::rc::Rc;

use super::RenderError;
use crate::primitives::{
    java::{self, Text, Thrown, Value},
    java_regex::Regex,
};

/// So many compiled patterns are kept in one rendering.
const MOST_PATTERNS: usize = 8;

/// The limits of one rendering.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: a node, an expression, an item, 64 bytes looked at.
    pub steps: u64,
    /// Bytes of everything that is made, whether it is still held or not.
    pub memory: usize,
    /// Bytes of output.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 2_000_000, memory: 64 << 20, output: 10 << 20 }
    }
}

/// What is left of the limits.
pub(super) struct Meter {
    steps: u64,
    memory: usize,
    pub(super) output: usize,
    patterns: Vec<(Text, Rc<Regex>)>,
    changed: Vec<Value>,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        let Limits { steps, memory, output } = *limits;
        // What others on this thread looked at is not this template's.
        java::take_looked();
        Self { steps, memory, output, patterns: Vec::new(), changed: Vec::new() }
    }

    /// Takes one step.
    #[inline]
    pub(super) fn step(&mut self) -> Result<(), RenderError> {
        self.steps = self.steps.checked_sub(1).ok_or(RenderError::Steps)?;
        Ok(())
    }

    /// Takes the steps for looking at so many bytes or items.
    #[inline]
    pub(super) fn look(&mut self, size: usize) -> Result<(), RenderError> {
        let steps = (size / 64) as u64;
        self.steps = self.steps.checked_sub(steps).ok_or(RenderError::Steps)?;
        Ok(())
    }

    /// Takes the steps for what comparisons and hashes have looked at.
    #[inline]
    pub(super) fn looked(&mut self) -> Result<(), RenderError> {
        match java::take_looked() {
            0 => Ok(()),
            looked => {
                self.steps = self.steps.checked_sub(looked).ok_or(RenderError::Steps)?;
                Ok(())
            }
        }
    }

    /// Remembers a list, map or loop that was given something that may lead back to it.
    pub(super) fn changed(&mut self, holder: Value, held: &Value) {
        if held.is_container() || matches!(held, Value::Object(_)) {
            self.changed.push(holder);
        }
    }

    /// What was given something that may lead back to it.
    pub(super) fn take_changed(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.changed)
    }

    /// Takes memory for so many bytes, and the steps to fill it.
    #[inline]
    pub(super) fn make(&mut self, bytes: usize) -> Result<(), RenderError> {
        self.memory = self.memory.checked_sub(bytes).ok_or(RenderError::Memory)?;
        self.look(bytes)
    }

    /// Takes memory for so many items of a list or map.
    pub(super) fn items(&mut self, count: usize) -> Result<(), RenderError> {
        self.make(count.saturating_mul(48))
    }

    /// How many bytes values may take.
    pub(super) fn room_for_values(&self) -> usize {
        self.memory
    }

    /// How many bytes a text may grow to.
    pub(super) fn room(&self) -> usize {
        self.memory.min(self.output)
    }

    /// A compiled pattern; those used last are kept.
    pub(super) fn pattern(&mut self, pattern: &str) -> Result<Rc<Regex>, RenderError> {
        if let Some((_, known)) = self.patterns.iter().find(|(text, _)| text == pattern) {
            return Ok(known.clone());
        }
        // Five bytes may stand for all letters there are, which is 5 KB of ranges and takes 10 µs to look up.
        self.make(pattern.len().saturating_mul(1024))?;
        self.compile(pattern)?;
        let regex =
            Regex::compile(pattern).map_err(|refused| Thrown::new("PatternSyntaxException", refused.to_string()))?;
        let regex = Rc::new(regex);
        if self.patterns.len() == MOST_PATTERNS {
            self.patterns.remove(0);
        }
        self.patterns.push((Text::new(pattern), regex.clone()));
        Ok(regex)
    }

    /// Takes the steps for compiling a pattern.
    pub(super) fn compile(&mut self, pattern: &str) -> Result<(), RenderError> {
        self.look(pattern.len().saturating_mul(1024))
    }

    /// The steps that are left, for a matcher that counts its own.
    pub(super) fn steps(&mut self) -> &mut u64 {
        &mut self.steps
    }
}
