//! Java's objects as mapping templates see them: values, their text forms, and JSON as json-smart reads and writes it.

pub mod decimal;
mod document;
#[cfg(test)]
mod document_tests;
mod entry;
mod equality;
mod json_pieces;
pub mod json_read;
pub mod json_write;
mod list;
mod map;
pub mod number;
mod text;
pub mod utf16;
mod value;

pub use entry::Entry;
pub use equality::take_looked;
pub use json_read::{JsonError, Unread, read, read_within};
pub use list::{List, ListKind};
pub use map::Map;
pub use number::Number;
pub use text::NoText;
pub use value::{Object, Text, Thrown, Value};
