//! `MOCK`: the gateway itself answers (rest-api §7.13).

use crate::{exchange::Exchange, fault::Fault};

/// Writes the whole answer. `body` is the client's when the plan `needs_body`, else empty.
pub fn answer(
    exchange: &mut Exchange,
    body: &[u8],
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let _ = (exchange, body, keep_alive, date, out);
    Err(Fault::INTERNAL)
}
