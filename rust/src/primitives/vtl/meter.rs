//! What a template may use up: steps, memory and output. Everything that takes time or memory asks here first.

use super::RenderError;

/// The limits of one rendering.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: a node, an expression, an item, 64 bytes looked at.
    pub steps: u32,
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
    steps: u32,
    memory: usize,
    pub(super) output: usize,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { steps: limits.steps, memory: limits.memory, output: limits.output }
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
        let steps = u32::try_from(size / 64).map_err(|_| RenderError::Steps)?;
        self.steps = self.steps.checked_sub(steps).ok_or(RenderError::Steps)?;
        Ok(())
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

    /// How many bytes a text may grow to.
    pub(super) fn room(&self) -> usize {
        self.memory.min(self.output)
    }

    /// The steps left, for a matcher that counts its own; `spent` of them are gone afterwards.
    pub(super) fn steps_left(&self) -> u32 {
        self.steps
    }
}
