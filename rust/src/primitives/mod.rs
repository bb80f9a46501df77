//! Pure, synchronous pieces that know nothing of API Gateway.

pub mod header_names;
pub mod sigv4;
pub mod yaml;
