//! Pure, synchronous pieces that know nothing of API Gateway.

pub mod content_coding;
pub mod find;
pub mod header_names;
pub mod hex;
pub mod java;
pub mod java_regex;
pub mod json_schema;
pub mod jsonpath;
pub mod path_tree;
pub mod percent;
pub mod sigv4;
pub mod single_flight;
pub mod token_bucket;
pub mod ttl_cache;
pub mod vtl;
pub mod yaml;
