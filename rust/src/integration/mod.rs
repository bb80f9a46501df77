//! The backend: what it is asked, and what answers without one.

pub mod bodies;
pub mod body_values;
pub(crate) mod client_headers;
pub mod forwarded;
pub mod headers;
pub mod mock;
pub mod request;
pub mod status_code;
pub mod target;
pub mod trace;
pub mod transform;
pub mod values;
