//! What a pattern, a replacement or a text may end in.

/// A pattern that Java refuses too, or that we would not match exactly as Java does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at position {offset}")]
pub struct Refused {
    /// Where, in characters from the pattern's beginning.
    pub offset: usize,
    /// What is wrong; a clause without a full stop.
    pub message: String,
}

/// A match took more steps than it was given, or more memory than one may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the regular expression takes too many steps")]
pub struct OutOfSteps;

/// Why a replacement failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceError {
    /// See there.
    #[error(transparent)]
    OutOfSteps(#[from] OutOfSteps),
    /// Java throws an exception for the replacement: a group that is not there, a `$` or `\` that ends it.
    #[error("the replacement {replacement:?}: {message}")]
    Illegal {
        /// The replacement.
        replacement: String,
        /// What is wrong with it.
        message: &'static str,
    },
}
