//! A fresh connection on its way from the core that accepted it to another one: before its first byte and before TLS. It is
//! counted for the receiver from the moment it is sent, so that a burst spreads, and gives everything back wherever it ends.

use std::{rc::Rc, sync::Arc};

use super::listener::{Accepted, start};
use crate::per_core::{Core, Message, Node};

/// An accepted socket on its way; it holds a permit of the node's connection limit.
#[derive(Debug)]
pub struct HandedOver {
    accepted: Option<Accepted>,
    node: Arc<Node>,
    to: usize,
}

impl HandedOver {
    fn new(node: Arc<Node>, to: usize, accepted: Accepted) -> Self {
        node.cores[to].arriving.add(1);
        Self { accepted: Some(accepted), node, to }
    }

    /// Serves it on this core.
    pub fn adopt(mut self, core: &Rc<Core>) {
        if let Some(accepted) = self.accepted.take() {
            // It is counted as open before it stops being counted as arriving.
            start(core, accepted);
        }
    }
}

impl Drop for HandedOver {
    fn drop(&mut self) {
        if let Some(accepted) = self.accepted.take() {
            drop(accepted);
            self.node.connections.add_permits(1);
        }
        self.node.cores[self.to].arriving.subtract(1);
    }
}

/// Sends an accepted socket to another core; a core that is gone leaves it here.
pub(super) fn hand_over(core: &Rc<Core>, to: usize, accepted: Accepted) {
    let fresh = HandedOver::new(core.node.clone(), to, accepted);
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
