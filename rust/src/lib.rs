//! apigw-engine: the data plane of apigw, Amazon API Gateway that anyone can run.
//!
//! A request's journey is the order of these modules: [`accept`] turns bytes into an exchange, the phases of `inbound`,
//! `integration` and `outbound` run in the order that `pipeline` lists, `upstream` reaches backends and `observe` writes
//! down what happened. `snapshot` compiles what control says into plans; `state` survives a swap of plans.

pub mod accept;
pub mod config;
pub mod control;
pub mod engine;
pub mod exchange;
pub mod fault;
pub mod http1;
pub mod inbound;
pub mod integration;
pub mod observe;
pub mod outbound;
pub mod per_core;
pub mod pipeline;
pub mod primitives;
pub mod snapshot;
pub mod state;
pub mod upstream;

#[cfg(test)]
mod journeys;
#[cfg(test)]
mod testing;
