//! What survives a swap of plans.

pub mod caches;
pub mod client_identity;
pub mod destinations;
pub mod throttles;
