//! JSON Schema draft-04: schemas compiled once, texts judged without building a tree of values, and what is wrong in the words
//! of the validator that AWS uses (json-schema-validator by Francis Galiegue).
//!
//! Everything is bounded: nesting, steps, and the length of what is said. Specification:
//! <https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00>

mod check;
mod compile;
mod document;
mod equal;
mod format;
mod loops;
mod number;
mod pattern;
mod schema;
mod words;

pub use check::Verdict;
pub use compile::{Problem, Source, compile};
pub use document::{Document, NotJson};
pub use schema::{SchemaId, Schemas};

#[cfg(test)]
mod suite_tests;
#[cfg(test)]
mod tests;
