//! Keeps an answer that was just written (rest-api §13): its head without what is each request's own, its body, whatever its
//! status. What a gateway answers itself never comes here, nor does what is incomplete.

use std::ops::Range;

use super::headers::{CACHE_CONTROL_IGNORED, may_have_body};
use crate::{
    exchange::Exchange,
    snapshot::plan::IntegrationPlan,
    state::caches::{Caching, LARGEST, NewAnswer},
};

/// The lines that each answer has of its own.
const OWN: [&[u8]; 4] = [b"x-amzn-requestid", b"x-amz-apigw-id", b"date", b"connection"];
/// What frames a body; a kept one is framed by its length.
const FRAMING: [&[u8]; 2] = [b"content-length", b"transfer-encoding"];

/// Where the body of an answer is.
#[derive(Debug)]
pub enum Kept {
    /// There is none.
    Nothing,
    /// Behind its head, in `reply.out`.
    Written,
    /// In `reply.upstream`.
    Upstream(Range<usize>),
    /// In `reply.held`.
    Held,
}

/// Whether an answer with this status is kept. What answers a condition or a range holds for who asked so, and the key does not
/// say that anybody did.
fn is_kept(status: u16, successes_only: bool) -> bool {
    !matches!(status, 206 | 304) && (!successes_only || (200..300).contains(&status))
}

/// Keeps the answer whose head stands in `written`. The body is what follows it there, or `body`.
pub fn keep(
    caching: Caching,
    exchange: &Exchange,
    written: &[u8],
    body: Option<&[u8]>,
    (successes_only, now): (bool, u64),
) {
    let end = written.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end.filter(|_| is_kept(exchange.status, successes_only)) else { return caching.pass(now) };
    let body = body.unwrap_or(&written[end + 4..]);
    if body.len() > LARGEST {
        return caching.pass(now);
    }
    let is_http = matches!(exchange.method_plan().map(|method| &method.integration), Some(IntegrationPlan::Http(_)));
    let mut head = Vec::with_capacity(end + 2);
    let (mut has_trace_id, mut coding) = (false, None);
    for line in written[..end + 2].split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let is_one_of = |names: &[&[u8]]| names.iter().any(|own| name.eq_ignore_ascii_case(own));
        if is_one_of(&OWN) || line == CACHE_CONTROL_IGNORED {
            continue;
        }
        // Of HEAD, the length is that of a body which is not there.
        if is_one_of(&FRAMING) && !exchange.is_head() {
            continue;
        }
        if is_http && name.eq_ignore_ascii_case(b"x-amzn-trace-id") {
            has_trace_id = true;
            continue;
        }
        // A coding of ours is a part of the key.
        if name.eq_ignore_ascii_case(b"content-encoding") && exchange.packed.is_none() {
            coding = Some(line[name.len() + 1..].trim_ascii().into());
        }
        head.extend_from_slice(line);
    }
    if may_have_body(exchange.status) && !exchange.is_head() {
        head.extend_from_slice(b"Content-Length: ");
        head.extend_from_slice(itoa::Buffer::new().format(body.len()).as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    caching.keep(NewAnswer { status: exchange.status, has_trace_id, coding, head, body }, now);
}

#[cfg(test)]
#[path = "cache_store_tests.rs"]
mod tests;
