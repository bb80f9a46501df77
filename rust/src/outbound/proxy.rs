//! The answer of an `HTTP_PROXY` backend on its way to the client: rest-api §8.5 and §3.

use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::{Framing, ResponseHead},
    inbound::content_encoding::Coding,
};

/// The coding of the answer's body that has to be undone; `None` passes the bytes as they are.
pub fn coding(backend: &ResponseHead, backend_bytes: &[u8]) -> Option<Coding> {
    let _ = (backend, backend_bytes);
    None
}

/// Writes the whole answer head; `body` is how the caller frames what follows.
pub fn write_head(
    exchange: &mut Exchange,
    backend: &ResponseHead,
    backend_bytes: &[u8],
    body: Framing,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let _ = (
        exchange,
        backend,
        backend_bytes,
        body,
        keep_alive,
        date,
        out,
    );
    Err(Fault::INTERNAL)
}
