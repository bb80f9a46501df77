//! A client's connection as its task holds it: the socket, its deadline, its share of the node's limit.

use std::{net::SocketAddr, rc::Rc, sync::Arc};

use tokio::{net::TcpStream, sync::Semaphore};

use crate::per_core::{Core, deadlines::Slot};

/// What a listener serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Deployed APIs.
    Invoke,
    /// The management API, `/health`, `/ready`, `/metrics`.
    Admin,
    /// Both on one port: the request decides.
    Both,
}

/// A connection; dropping it gives everything back.
#[derive(Debug)]
pub struct Client {
    /// Its bytes.
    pub socket: TcpStream,
    /// Its deadline.
    pub slot: Rc<Slot>,
    /// The other end.
    pub peer: SocketAddr,
    /// The port it came to.
    pub local_port: u16,
    /// What its listener serves.
    pub role: Role,
    core: Rc<Core>,
    limit: Arc<Semaphore>,
}

impl Client {
    /// Takes over an accepted socket, which is counted and holds a permit of the node's connection limit already.
    pub fn new(core: Rc<Core>, socket: TcpStream, peer: SocketAddr, role: Role) -> Self {
        let slot = core.deadlines.slot();
        let local_port = socket.local_addr().map_or(0, |address| address.port());
        let limit = core.node.connections.clone();
        Self { socket, slot, peer, local_port, role, core, limit }
    }

    /// The core this connection lives on.
    pub fn core(&self) -> &Rc<Core> {
        &self.core
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.core.deadlines.remove(&self.slot);
        self.core.metrics.connections.subtract(1);
        self.limit.add_permits(1);
    }
}
