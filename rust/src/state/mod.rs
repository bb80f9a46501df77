//! What survives a swap of plans.

pub mod destinations;
pub mod throttles;
