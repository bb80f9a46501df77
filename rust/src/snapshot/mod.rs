//! What is served: `wire` (JSON as it crosses the boundary) → `compile` → `plan`.

pub mod compile;
pub mod plan;
pub mod registry;
pub mod served;
pub mod wire;
