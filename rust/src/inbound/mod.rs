//! Before the backend: which resource and method a request is for, whether it may pass, and its body's coding.

pub mod cache_lookup;
pub mod content_encoding;
pub mod query;
pub mod request_validator;
pub mod route;
pub mod throttle;
mod unmatched;
