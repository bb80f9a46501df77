//! Before the backend: which resource and method a request is for, and its body's coding.

pub mod content_encoding;
pub mod query;
pub mod route;
mod unmatched;
