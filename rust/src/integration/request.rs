//! What a backend is asked: rest-api §7.2–7.8.

use std::borrow::Cow;

use crate::{exchange::Exchange, fault::Fault, http1::Framing, state::destinations::Destination};

/// How the body towards the backend is framed when the client's is framed so: verbs without a body drop it (§7.5).
pub fn framing(exchange: &Exchange, incoming: Framing) -> Framing {
    let _ = exchange;
    incoming
}

/// Writes the whole request head for an `HTTP` or `HTTP_PROXY` backend. `body` must come from `framing`.
pub fn write_head(
    exchange: &Exchange,
    body: Framing,
    out: &mut Vec<u8>,
) -> Result<Destination, Fault> {
    let _ = (exchange, body, out);
    Err(Fault::CONFIGURATION)
}

/// The body of an `HTTP` integration: a template's text or the client's, or 415 (§7.6). Ask before `write_head`.
pub fn body<'a>(exchange: &'a Exchange, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    let _ = exchange;
    Ok(Cow::Borrowed(body))
}
