//! The mapping template language: Apache Velocity 1.7 as API Gateway runs it (docs/templates.md).
//! A template is compiled once, to a tree in which variables are numbered, and rendered within limits of steps and memory.

mod arithmetic;
mod compile;
mod error;
mod evaluate;
mod gateway;
mod lexer;
mod meter;
mod methods;
mod parse_directive;
mod parse_expression;
mod parser;
mod paths;
#[cfg(test)]
mod reference_tests;
mod render;
mod resolve;
mod rules;
mod scopes;
#[doc(hidden)]
pub mod testing;
#[cfg(test)]
mod tests;
mod token;
mod tree;
mod util;
mod variables;

pub use compile::Template;
pub use error::{CompileError, RenderError};
pub use gateway::{Place, Scope};
pub use meter::Limits;
