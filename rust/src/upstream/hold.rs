//! Holds a backend's whole body for mapping, within the limit of a payload and the node's budget.

use tokio::io::AsyncRead;

use super::Failure;
use crate::{
    accept::Reply,
    fault::Fault,
    http1::{BodyReader, Framing},
    per_core::{
        Core,
        deadlines::Slot,
        timed::{self, Stopped},
    },
};

/// Moves the body behind `reply.answer` into `reply.held`; says whether nothing came after it.
pub async fn hold_answer<U: AsyncRead + Unpin>(
    core: &Core,
    slot: &Slot,
    backend: &mut U,
    reply: &mut Reply,
) -> Result<bool, Failure> {
    let limit = core.limits.borrow().response_payload;
    let framing = reply.answer.framing;
    if matches!(framing, Framing::Length(length) if length > limit) {
        return Err(Fault::RESPONSE_TOO_LARGE.into());
    }
    let mut reader = BodyReader::new(framing);
    let mut used = reply.answer.length as usize;
    let mut share = None;
    if reply.held.capacity() == 0 && framing != Framing::None {
        reply.held = core.buffers.big();
    }
    loop {
        while used < reply.upstream.len() && !reader.is_done() {
            let step = reader.step(&reply.upstream[used..]).map_err(|_| Fault::BAD_BACKEND_HEAD)?;
            let payload = &reply.upstream[used + step.data.start..used + step.data.end];
            let needed = reply.held.len() + payload.len();
            if needed as u64 > limit {
                return Err(Fault::RESPONSE_TOO_LARGE.into());
            }
            if needed > reply.held.capacity() {
                let wanted = match framing {
                    Framing::Length(length) => length,
                    _ => (needed as u64).next_power_of_two().min(limit),
                };
                drop(share.take());
                let taken = timed::before(core, slot, core.node.budget.take(wanted)).await;
                share = taken.map_err(|_| Fault::INTEGRATION_TIMEOUT)?;
                reply.held.reserve_exact(wanted as usize - reply.held.len());
            }
            reply.held.extend_from_slice(payload);
            used += step.consumed;
        }
        if reader.is_done() {
            reply.share = share;
            return Ok(used == reply.upstream.len() && framing != Framing::UntilClose);
        }
        // The head stays: the answer is mapped from it.
        reply.upstream.truncate(reply.answer.length as usize);
        used = reply.upstream.len();
        core.buffers.grow(&mut reply.upstream);
        reply.upstream.reserve(4096);
        match timed::read(core, slot, backend, &mut reply.upstream).await {
            Ok(0) => reader.at_eof().map_err(|_| Fault::INTEGRATION_FAILURE)?,
            Ok(_) => {}
            Err(Stopped::Late) => return Err(Fault::INTEGRATION_TIMEOUT.into()),
            Err(Stopped::Broken(_)) => return Err(Fault::INTEGRATION_FAILURE.into()),
        }
        core.clock.refresh();
    }
}
