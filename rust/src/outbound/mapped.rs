//! The answer of an `HTTP` backend, selected and mapped: rest-api §8.1–8.5.

use crate::{exchange::Exchange, fault::Fault, http1::ResponseHead};

/// Writes the whole answer, body included.
pub fn write(
    exchange: &mut Exchange,
    backend: &ResponseHead,
    backend_bytes: &[u8],
    body: &[u8],
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
