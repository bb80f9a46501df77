//! What is served: `wire` (JSON as it crosses the boundary) → `compile` → `plan`, kept by `registry`, `served` by each core.

pub mod compile;
mod integration_response;
pub mod plan;
mod problems;
pub mod registry;
pub mod selection;
pub mod served;
pub(crate) mod uri;
pub mod wire;
