//! The backend: what it is asked, and what answers without one.

pub mod mock;
pub mod request;
