//! The admin listener: `/health`, `/ready` and `/metrics` are answered here, everything else is a management call. Its
//! signature is checked here (with the root credentials), its body is held, and Python answers it by way of the queue.

use std::{future::poll_fn, task::Poll};

use serde::Deserialize;

use super::{Client, Refused, Request, Sent};
use crate::{
    control::Answer,
    fault::{Fault, FaultKind},
    http1::{HeadWriter, Unwritable},
    observe::{Exposition, escaped},
    per_core::{Core, clock::SECOND, timed},
    pipeline::After,
    primitives::{
        header_names::HeaderName,
        sigv4::{self, Caller, KeyError, Rules, SignatureError},
    },
};

/// The service of a management call's credential scope.
const SERVICE: &str = "apigateway";
/// Seconds after which a client may try again when the queue is full.
const RETRY_AFTER: &[u8] = b"1";

/// Answers one request whose head is complete.
pub(super) async fn answer(core: &Core, client: &mut Client, request: &mut Request) -> After {
    core.metrics.admin_requests.add(1);
    let path = request.exchange.head.path.of(&request.exchange.input);
    let path = &path[..memchr::memchr(b'?', path).unwrap_or(path.len())];
    match path {
        b"/health" => send(core, client, request, &Reply::json(200, br#"{"status":"ok"}"#)).await,
        b"/ready" if core.node.is_ready() => {
            send(core, client, request, &Reply::json(200, br#"{"status":"ready"}"#)).await
        }
        b"/ready" => send(core, client, request, &Reply::json(503, br#"{"status":"not ready"}"#)).await,
        b"/metrics" => {
            let form = Exposition::accepted(request.exchange.header(HeaderName::Accept).unwrap_or_default());
            let text = core.node.metrics(form);
            let headers = vec![("Content-Type".into(), form.content_type().into())];
            send(core, client, request, &Reply { status: 200, headers, body: text.into_bytes() }).await
        }
        _ => match management(core, client, request).await {
            Ok(reply) => send(core, client, request, &reply).await,
            Err(Refused::Fault(fault)) => send(core, client, request, &of_fault(&fault)).await,
            Err(Refused::Gone) => After::Cut,
        },
    }
}

/// A whole answer.
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn json(status: u16, body: &[u8]) -> Self {
        Self { status, headers: vec![("Content-Type".into(), "application/json".into())], body: body.to_vec() }
    }

    fn error(status: u16, error_type: &str, message: &str) -> Self {
        let mut body = b"{\"message\":\"".to_vec();
        escaped(&mut body, message.as_bytes());
        body.extend_from_slice(b"\"}");
        let mut reply = Self::json(status, &body);
        reply.headers.push(("x-amzn-ErrorType".into(), error_type.into()));
        reply
    }
}

fn of_fault(fault: &Fault) -> Reply {
    let row = fault.kind.row();
    let message = fault.message.as_deref().unwrap_or(row.message);
    let error_type = match fault.kind {
        FaultKind::PayloadTooLarge => "RequestEntityTooLargeException",
        _ => row.error_type.unwrap_or("BadRequestException"),
    };
    Reply::error(row.status, error_type, message)
}

async fn management(core: &Core, client: &mut Client, request: &mut Request) -> Result<Reply, Refused> {
    // What needs no body is checked before one is read: strangers do not get to fill the memory.
    let config = &core.node.config;
    let rules = Rules { service: SERVICE, regions: &config.regions, any_credentials: config.any_credentials };
    let now = core.clock.wall().as_secs().cast_signed();
    if let Err(error) = with_signed(request, |signed, _| sigv4::claim(signed, &rules, now)) {
        return Ok(unsigned(&error));
    }
    request.incoming.decode(None)?;
    let Request { exchange, incoming, .. } = request;
    if let Some(range) = incoming.inline(exchange) {
        incoming.body.extend_from_slice(&exchange.input[range]);
    } else {
        incoming.hold(core, &client.slot, &mut client.socket, &exchange.input, usize::MAX).await?;
    }
    let verified = with_signed(request, |signed, body| {
        sigv4::verify(signed, body, &rules, now, |claim| {
            // Root credentials have no session token: one that comes along is nobody's.
            if claim.access_key_id == config.access_key_id && claim.token.is_none() {
                Ok(sigv4::signing_key(&config.secret_access_key.0, &claim.day, &claim.region, &claim.service))
            } else {
                Err(KeyError::Unknown)
            }
        })
    });
    let caller = match verified {
        Ok(caller) => caller,
        Err(error) => return Ok(unsigned(&error)),
    };
    let head = call_head(request, &caller);
    let body = std::mem::take(&mut request.incoming.body);
    call(core, client, head, body).await
}

fn unsigned(error: &SignatureError) -> Reply {
    Reply::error(403, error.kind.as_str(), &error.message)
}

/// Hands the parts a signature covers, and the body, to `check`.
fn with_signed<T>(request: &Request, check: impl FnOnce(&sigv4::Request<'_>, &[u8]) -> T) -> T {
    let input = &request.exchange.input[..];
    let head = &request.exchange.head;
    let headers: Vec<_> = head.fields.iter().map(|field| (field.name.of(input), field.value.of(input))).collect();
    let (path, query) = split(head.path.of(input));
    check(&sigv4::Request { method: head.method.of(input), path, query, headers: &headers }, &request.incoming.body)
}

fn split(target: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, b""),
    }
}

/// The head of a call as Python reads it.
fn call_head(request: &Request, caller: &Caller) -> Vec<u8> {
    let input = &request.exchange.input[..];
    let head = &request.exchange.head;
    let (path, query) = split(head.path.of(input));
    let mut out = Vec::with_capacity(1024);
    let mut member = |before: &str, value: &[u8]| {
        out.extend_from_slice(before.as_bytes());
        escaped(&mut out, value);
    };
    member("{\"method\":\"", head.method.of(input));
    member("\",\"path\":\"", path);
    member("\",\"query\":\"", query);
    for (index, field) in head.fields.iter().enumerate() {
        member(if index == 0 { "\",\"headers\":[[\"" } else { "\"],[\"" }, &field.name.of(input).to_ascii_lowercase());
        member("\",\"", field.value.of(input));
    }
    // A request without fields has no Host and does not get here.
    member("\"]],\"request_id\":\"", &request.exchange.request_id);
    member("\",\"caller\":{\"access_key_id\":\"", caller.access_key_id.as_bytes());
    member("\",\"region\":\"", caller.region.as_bytes());
    member("\",\"service\":\"", caller.service.as_bytes());
    member("\",\"source_ip\":\"", request.exchange.peer.ip().to_string().as_bytes());
    out.extend_from_slice(b"\"}}");
    out
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerHead {
    status: u16,
    headers: Vec<(String, String)>,
}

/// Queues the call and waits; a client that resets meanwhile cancels it (one that only shut its writing side does not).
async fn call(core: &Core, client: &Client, head: Vec<u8>, body: Vec<u8>) -> Result<Reply, Refused> {
    let Ok(mut pending) = core.node.calls.push(head, body) else {
        let mut reply = Reply::error(429, "TooManyRequestsException", "Too Many Requests");
        reply.headers.push(("Retry-After".into(), String::from_utf8_lossy(RETRY_AFTER).into_owned()));
        return Ok(reply);
    };
    client.slot.disarm();
    let answer = {
        let mut answer = std::pin::pin!(pending.answer());
        let mut reset = std::pin::pin!(client.socket.reset());
        poll_fn(|context| {
            if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                return Poll::Ready(Ok(answer));
            }
            reset.as_mut().poll(context).map(|()| Err(Refused::Gone))
        })
        .await?
    };
    core.clock.refresh();
    let internal = || Reply::error(500, "InternalFailure", "Internal server error");
    let Some(Answer { head, body }) = answer else {
        return Ok(Reply::error(503, "ServiceUnavailableException", "Service Unavailable"));
    };
    Ok(match serde_json::from_slice::<AnswerHead>(&head) {
        Ok(head) => Reply { status: head.status, headers: head.headers, body },
        Err(_) => internal(),
    })
}

async fn send(core: &Core, client: &mut Client, request: &mut Request, reply: &Reply) -> After {
    let Request { exchange, incoming, .. } = request;
    let keep_alive = exchange.head.keep_alive && !core.draining.get() && incoming.is_nearly_read(&exchange.input);
    // An answer of ours that no head can hold is our bug; the client gets one that it can.
    let plain;
    let mut reply = reply;
    if write(core, request, reply, keep_alive).is_err() {
        plain = Reply::error(500, "InternalFailure", "Internal server error");
        reply = &plain;
        let _ = write(core, request, reply, keep_alive);
    }
    let idle = u64::from(core.limits.borrow().idle_seconds) * SECOND;
    core.deadlines.arm(&client.slot, core.clock.now() + idle);
    request.reply.sent = Sent::Some;
    let body: &[u8] = if request.exchange.is_head() { b"" } else { &reply.body };
    match timed::write_both(core, &client.slot, &mut client.socket, &request.reply.out, body).await {
        Ok(()) if keep_alive => After::KeepAlive,
        Ok(()) => After::Close,
        Err(_) => After::Cut,
    }
}

fn write(core: &Core, request: &mut Request, reply: &Reply, keep_alive: bool) -> Result<(), Unwritable> {
    let exchange = &request.exchange;
    request.reply.out.clear();
    let mut head = HeadWriter::new(&mut request.reply.out);
    head.status_line(reply.status);
    head.field(b"Date", &core.clock.date());
    head.field(b"x-amzn-RequestId", &exchange.request_id);
    head.field(b"x-amz-apigw-id", &exchange.extended_request_id);
    for (name, value) in &reply.headers {
        head.field(name.as_bytes(), value.as_bytes());
    }
    head.field(b"Connection", if keep_alive { b"keep-alive" } else { b"close" });
    // Python answers with final statuses only.
    if !(200..=599).contains(&reply.status) {
        return Err(Unwritable::Status);
    }
    if reply.status != 204 && reply.status != 304 {
        head.content_length(reply.body.len() as u64);
    }
    head.finish()
}
