//! What is served: `wire` (JSON as it crosses the boundary) → `compile` → `plan`, kept by `registry`, `served` by each core.

mod backend_request;
pub mod body_source;
pub mod client_certificate;
pub mod compile;
pub mod gateway_response;
mod integration_response;
pub mod limits;
pub mod plan;
mod problems;
pub mod registry;
pub mod request_validator;
pub mod selection;
pub mod served;
pub mod stage;
pub mod templates;
pub(crate) mod uri;
mod verb;
pub mod wire;
