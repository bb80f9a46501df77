//! What the gateway itself answers when a request fails: rest-api §5 and §1.2.

use crate::{exchange::Exchange, fault::Fault};

/// Writes the whole answer; sets `status` and `response_length`.
pub fn write(
    exchange: &mut Exchange,
    fault: &Fault,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) {
    let _ = (exchange, fault, keep_alive, date, out);
}
