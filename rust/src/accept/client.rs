//! A client's connection as its task holds it: what carries it, its deadline, its share of the node's limit.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use tokio::sync::Semaphore;

use super::Wire;
use crate::per_core::{Core, deadlines::Slot};

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Deployed APIs.
    Invoke,
    /// Deployed APIs, over TLS.
    InvokeTls,
    /// The management API, `/health`, `/ready`, `/metrics`.
    Admin,
    /// Both on one port: the request decides.
    Both,
}

/// A connection; dropping it gives everything back.
#[derive(Debug)]
pub struct Client {
    /// Its bytes.
    pub socket: Wire,
    /// Its deadline.
    pub slot: Rc<Slot>,
    /// The other end.
    pub peer: SocketAddr,
    /// The port it came to.
    pub local_port: u16,
    /// What its listener serves.
    pub role: Role,
    seat: Seat,
}

/// What a connection takes of its core from its first moment on; dropping it gives everything back.
#[derive(Debug)]
pub struct Seat {
    core: Rc<Core>,
    /// The connection's deadline.
    pub slot: Rc<Slot>,
    /// Where its permit came from; a stream has none of its own.
    limit: Option<Arc<Semaphore>>,
}

impl Seat {
    /// For an accepted socket, which is counted and holds a permit of the node's connection limit already.
    pub fn new(core: Rc<Core>) -> Self {
        let slot = core.deadlines.slot();
        let limit = core.node.connections.clone();
        Self { core, slot, limit: Some(limit) }
    }

    /// For a stream of a connection, which has taken its seat.
    pub fn of_stream(core: Rc<Core>) -> Self {
        let slot = core.deadlines.slot();
        Self { core, slot, limit: None }
    }

    /// The core it is on.
    pub fn core(&self) -> &Rc<Core> {
        &self.core
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.core.deadlines.remove(&self.slot);
        if let Some(limit) = &self.limit {
            self.core.metrics.connections.subtract(1);
            limit.add_permits(1);
        }
    }
}

impl Client {
    /// Takes over a connection that is ready for its first request.
    pub fn new(seat: Seat, socket: Wire, peer: SocketAddr, local_port: u16, role: Role) -> Self {
        Self { socket, slot: seat.slot.clone(), peer, local_port, role, seat }
    }

    /// The core this connection lives on.
    pub fn core(&self) -> &Rc<Core> {
        &self.seat.core
    }

    /// What it takes of its core.
    pub fn seat(&self) -> &Seat {
        &self.seat
    }
}
