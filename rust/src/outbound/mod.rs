//! After the backend: what the client gets.

pub mod cache_store;
pub mod compression;
pub mod forward;
pub mod gateway_response;
pub mod headers;
pub mod mapped;
mod overridden;
pub mod proxy;
mod recoded;
mod splice;
