//! What can go wrong: a template that cannot be compiled, and one that cannot be rendered.

use crate::primitives::java::{NoText, Thrown};

/// The template is not of the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct CompileError {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What is wrong there.
    pub message: String,
}

impl CompileError {
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = &text[..offset.min(text.len())];
        let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1;
        let last = memchr::memrchr(b'\n', before.as_bytes()).map_or(before, |at| &before[at + 1..]);
        Self { line, column: last.chars().count() as u32 + 1, message: message.into() }
    }
}

/// Rendering ended without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The template took more steps than it may.
    #[error("the template took too many steps")]
    Steps,
    /// It made or wrote more than it may.
    #[error("the template used too much memory")]
    Memory,
    /// Blocks, macros or values are nested too deep.
    #[error("the template is nested too deep")]
    Depth,
    /// A list or map would contain itself.
    #[error("a list or map would contain itself")]
    Cycle,
    /// The same override was set twice.
    #[error("the override {0:?} was set twice")]
    OverriddenTwice(String),
    /// A macro was called with a bare word.
    #[error("an argument of macro #{0} is a bare word")]
    BadArgument(String),
    /// `#break` got something that is no scope.
    #[error("#break needs a scope")]
    NoScope,
    /// A method threw.
    #[error(transparent)]
    Thrown(#[from] Thrown),
}

impl From<NoText> for RenderError {
    fn from(none: NoText) -> Self {
        match none {
            NoText::TooLarge => Self::Memory,
            NoText::NullKey => Self::Thrown(Thrown::new("NullPointerException", none.to_string())),
        }
    }
}

impl From<crate::primitives::java_regex::OutOfSteps> for RenderError {
    fn from(_: crate::primitives::java_regex::OutOfSteps) -> Self {
        Self::Steps
    }
}

impl From<crate::primitives::java_regex::ReplaceError> for RenderError {
    fn from(error: crate::primitives::java_regex::ReplaceError) -> Self {
        match error {
            crate::primitives::java_regex::ReplaceError::OutOfSteps(_) => Self::Steps,
            other @ crate::primitives::java_regex::ReplaceError::Illegal { .. } => {
                Self::Thrown(Thrown::new("IllegalArgumentException", other.to_string()))
            }
        }
    }
}
