//! Closing so that the answer arrives: the writing side is shut, what the client still sends is read and dropped
//! (64 KB or 1 s), then the socket closes; closing at once would reset the connection and destroy the answer.

use tokio::io::AsyncWriteExt;

use super::Client;
use crate::per_core::{Core, clock::SECOND, timed};

/// Bytes that are read and dropped.
pub(super) const MOST: usize = 64 * 1024;

/// Shuts and drains.
pub(super) async fn linger(core: &Core, client: &mut Client) {
    if client.socket.shutdown().await.is_err() {
        return;
    }
    core.deadlines.arm(&client.slot, core.clock.refresh() + SECOND);
    let mut left = MOST;
    while left > 0 {
        if timed::readable(core, &client.slot, &client.socket).await.is_err() {
            return;
        }
        let mut buffer = core.buffers.small();
        let read = timed::read(core, &client.slot, &mut client.socket, &mut buffer).await;
        core.buffers.put(buffer);
        match read {
            Ok(count) if count > 0 => left = left.saturating_sub(count),
            _ => return,
        }
    }
}
