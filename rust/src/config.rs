//! What the engine is started with: JSON from Python (`python/apigw/config/for_engine.py`, `EngineConfig`), no defaults here.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::snapshot::wire::ThrottleLimit;

/// Settings of one engine; every member is always present.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where deployed APIs are served over plain HTTP; port 0 takes a free one.
    pub listen: Vec<SocketAddr>,
    /// Where deployed APIs are served over HTTPS; HTTP/1.1 or HTTP/2, as the client chooses.
    pub listen_tls: Vec<SocketAddr>,
    /// The certificate chain of `listen_tls`, a PEM file.
    pub tls_certificate: Option<PathBuf>,
    /// Its key, a PEM file.
    pub tls_key: Option<PathBuf>,
    /// Where the management API, `/health`, `/ready` and `/metrics` are served; may equal `listen`.
    pub admin_listen: Vec<SocketAddr>,
    /// Seconds that a connection without a byte waits in the kernel before it is accepted (Linux); 0 accepts it at once.
    pub defer_accept_seconds: u32,
    /// Core threads; 0 takes as many as the process may use.
    pub workers: usize,
    /// The account of every call, twelve digits.
    pub account_id: String,
    /// Root credentials of the management API.
    pub access_key_id: String,
    /// Their secret; never printed.
    pub secret_access_key: Secret,
    /// Accept any key and clock (every listener is on loopback then).
    pub any_credentials: bool,
    /// Regions a management call may name; empty allows every well-formed name.
    pub regions: Vec<String>,
    /// Where the JSON access log goes.
    pub access_log: AccessLog,
    /// Where the logs go that stages ask for.
    pub stage_logs: StageLogs,
    /// Bounds on what clients and backends may send.
    pub limits: Limits,
    /// What an account may take.
    pub account: AccountLimits,
    /// What is cached.
    pub cache: CacheConfig,
    /// Networks (`169.254.0.0/16`, `fe80::/10`) no backend may be in, checked after DNS and before connect.
    pub deny_backends: Vec<String>,
    /// Extra trusted certificate authorities, a PEM file, beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// Where access log lines go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccessLog {
    /// Nowhere.
    Off {},
    /// Standard output.
    Stdout {},
    /// Appended to a file, reopened on reload.
    File {
        /// Its path.
        path: PathBuf,
    },
}

/// Where the logs of stages go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum StageLogs {
    /// Standard output, all of them.
    Stdout {},
    /// `{region}/{log group}.log` each, slashes in the name as `+`; appended to, reopened on reload.
    Directory {
        /// The directory; made when there is a line for it.
        path: PathBuf,
    },
}

/// The cache of all stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheConfig {
    /// Bytes that it may take.
    pub memory: u64,
    /// Only answers with a status of 2XX are kept.
    pub successes_only: bool,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { memory: 64 << 20, successes_only: false }
    }
}

/// What an account may take in each region.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountLimits {
    /// Requests a second; `null` is as many as come.
    pub throttle: Option<ThrottleLimit>,
    /// Regions where they are others.
    pub regions: Vec<RegionLimit>,
    /// Requests in flight; `null` is as many as come.
    pub concurrency: Option<u32>,
}

/// What an account may take in one region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionLimit {
    /// The region.
    pub region: String,
    /// Requests a second.
    pub throttle: ThrottleLimit,
}

/// Bounds, in bytes, counts and seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Header block of a request; over it: 431. AWS: 10 240.
    pub request_headers: u32,
    /// Request target; over it: 414. AWS: 10 240.
    pub request_target: u32,
    /// Request payload, counted after decoding; over it: 413. AWS: 10 485 760.
    pub request_payload: u64,
    /// Response payload of a backend; over it: 500. AWS: 10 485 760.
    pub response_payload: u64,
    /// Body of a management call; over it: 413.
    pub management_body: u64,
    /// Open client connections of the node; at it, accepting waits.
    pub connections: u32,
    /// Bytes that may be buffered for bodies at once; over it, reading waits.
    pub buffered_bytes: u64,
    /// Management calls that may wait; over it: 429 with Retry-After.
    pub queued_calls: u32,
    /// Seconds until a TLS handshake, and then a request head, must be complete.
    pub head_seconds: u32,
    /// Seconds a client connection may idle. AWS: 310.
    pub idle_seconds: u32,
    /// Bytes a second a request body must come at, averaged, after ten seconds of grace.
    pub minimum_body_rate: u32,
}
