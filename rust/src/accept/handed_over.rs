//! A fresh connection on its way from the core that accepted it to another one: before its first byte and before TLS. It is
//! counted for the receiver from the moment it is sent, so that a burst spreads, and gives everything back wherever it ends.

use std::{
    net::{SocketAddr, TcpStream as StdTcpStream},
    rc::Rc,
    sync::Arc,
};

use tokio::net::TcpStream;

use super::{Role, listener::start};
use crate::per_core::{Core, Message, Node};

/// An accepted socket that no core's runtime knows; it holds a permit of the node's connection limit.
#[derive(Debug)]
pub struct HandedOver {
    socket: Option<StdTcpStream>,
    peer: SocketAddr,
    role: Role,
    node: Arc<Node>,
    to: usize,
}

impl HandedOver {
    fn new(node: Arc<Node>, to: usize, socket: StdTcpStream, peer: SocketAddr, role: Role) -> Self {
        node.cores[to].arriving.add(1);
        Self { socket: Some(socket), peer, role, node, to }
    }

    /// Serves it on this core.
    pub fn adopt(mut self, core: &Rc<Core>) {
        // A socket that cannot be registered is closed, as an accepted one would be.
        if let Some(Ok(socket)) = self.socket.take().map(TcpStream::from_std) {
            // It is counted as open before it stops being counted as arriving.
            start(core, socket, self.peer, self.role);
        } else {
            self.node.connections.add_permits(1);
        }
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            drop(socket);
            self.node.connections.add_permits(1);
        }
        self.node.cores[self.to].arriving.subtract(1);
    }
}

/// Sends an accepted socket to another core; a core that is gone leaves it here.
pub(super) fn hand_over(core: &Rc<Core>, to: usize, socket: TcpStream, peer: SocketAddr, role: Role) {
    let Ok(socket) = socket.into_std() else {
        core.node.connections.add_permits(1);
        return;
    };
    let fresh = HandedOver::new(core.node.clone(), to, socket, peer, role);
    let Some(mailbox) = core.node.mailboxes[to].upgrade() else { return fresh.adopt(core) };
    match mailbox.send(Message::Adopt(fresh)) {
        Ok(()) => core.metrics.handed_over.add(1),
        Err(unsent) => {
            if let Message::Adopt(fresh) = unsent.0 {
                fresh.adopt(core);
            }
        }
    }
}
