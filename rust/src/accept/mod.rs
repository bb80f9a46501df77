//! Bytes become an exchange: connections, limits, and which API and stage a request is for.

pub mod address;
