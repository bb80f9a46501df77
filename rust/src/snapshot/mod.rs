//! What is served: `wire` (JSON as it crosses the boundary) → `compile` → `plan`.

pub mod wire;
