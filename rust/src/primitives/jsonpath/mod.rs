//! `JSONPath` as Jayway's json-path 2.9 reads it with its default options: a path is compiled once and read from Java's values;
//! what a path costs is bounded by steps. A path may leave out its `$`.

mod compare;
mod cursor;
mod evaluate;
mod filter;
mod functions;
mod operand;
mod parse;
mod parse_filter;
mod parse_function;
mod path;
mod read;
mod scan;
#[cfg(test)]
mod tests;

pub use parse::Refused;
pub use read::{JsonPath, ReadError};
