//! What must hold for any bytes: one plain function a property, each panics where it does not hold.
//!
//! The fuzzer feeds them (`targets/`), and so does the engine's test `fuzz` on stable. None of them opens a socket.

mod addresses;
mod bodies;
mod cache_keys;
mod choices;
mod json_paths;
mod mappings;
mod model;
mod patterns;
mod peers;
mod request_bodies;
mod requests;
mod responses;
mod seeds;
mod streams;
mod templates;
mod texts;
mod writing;

pub use addresses::{address, path, query};
pub use bodies::chunked_body;
pub use cache_keys::cache_key;
pub use json_paths::jsonpath;
pub use mappings::mapping;
pub use patterns::java_regex;
pub use peers::differential;
pub use request_bodies::request_body;
pub use requests::{readings, request_head, request_stream};
pub use responses::response;
pub use seeds::seeds;
pub use streams::http2_head;
pub use templates::vtl;
pub use texts::{sigv4, yaml};
pub use writing::writer;

/// A property of any bytes.
pub type Check = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Check)] = &[
    ("request_head", request_head),
    ("request_stream", request_stream),
    ("chunked_body", chunked_body),
    ("response", response),
    ("http2_head", http2_head),
    ("writer", writer),
    ("mapping", mapping),
    ("cache_key", cache_key),
    ("differential", differential),
    ("address", address),
    ("path", path),
    ("query", query),
    ("yaml", yaml),
    ("sigv4", sigv4),
    ("request_body", request_body),
    ("java_regex", java_regex),
    ("jsonpath", jsonpath),
    ("vtl", vtl),
];
