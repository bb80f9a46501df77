//! All active units of the node and the patches prepared on top of them. Lives on the control thread.

use std::sync::Arc;

use super::served::StageChange;
use crate::state::destinations::Destinations;

/// Why a patch does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareError {
    /// Where: `$.put[0].resources[3].methods[1].integration.backend.uri`.
    pub path: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// A prepared patch, not yet served; dropping it is a rollback.
#[derive(Debug)]
pub struct Ticket {}

/// All units of the node.
#[derive(Debug, Default)]
pub struct Registry {
    destinations: Arc<Destinations>,
}

impl Registry {
    /// A registry without units.
    pub fn new() -> Self {
        Self::default()
    }

    /// The backends that plans name by number.
    pub fn destinations(&self) -> &Arc<Destinations> {
        &self.destinations
    }

    /// Compiles a patch (JSON of `SnapshotPatch`) on top of the active units and of all tickets still held.
    pub fn prepare(&mut self, patch: &[u8]) -> Result<Ticket, Vec<PrepareError>> {
        let _ = patch;
        Ok(Ticket {})
    }

    /// Makes prepared patches the active ones, in the order of their preparation, and says what cores must change.
    pub fn commit(&mut self, tickets: Vec<Ticket>) -> Vec<StageChange> {
        let _ = tickets;
        Vec::new()
    }

    /// Key and hex SHA-256 of every active unit.
    pub fn units(&self) -> Vec<(String, String)> {
        Vec::new()
    }
}
