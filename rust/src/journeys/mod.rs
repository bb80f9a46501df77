//! The engine as its clients and backends see it: real sockets on the loopback interface, scripted ends.

#![allow(clippy::large_stack_arrays, reason = "the journeys' threads have room")]

mod admin;
mod backend;
mod backends;
mod bodies;
mod caching;
mod client;
mod compression;
mod framing;
mod gateway;
mod handed_over;
mod http2;
mod http2_client;
mod http2_floods;
mod https;
mod life;
mod long_answers;
mod messages;
mod over_tls;
mod throttling;
mod tls;
mod validation;

pub(crate) use gateway::{hold_long_work, panic_if_asked};
