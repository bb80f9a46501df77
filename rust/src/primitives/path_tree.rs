//! A tree of resource paths.

/// Paths with variables, matched by verb.
#[derive(Debug, Default)]
pub struct PathTree {}
