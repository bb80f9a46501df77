//! What survives a swap of plans.

pub mod caches;
pub mod destinations;
pub mod throttles;
