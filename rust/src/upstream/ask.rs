//! Asks a backend: a pooled connection or a new one, head and body out, the answer's head in. A reused connection that died
//! before its first byte is tried once more on a new one, if the verb allows asking twice (RFC 9110 §9.2.2).

use std::{future::poll_fn, task::Poll};

use tokio::io::AsyncRead;

use super::{ConnectError, Connection, Stream};
use crate::{
    accept::{Client, Reply, Request},
    fault::{Cause, Fault},
    http1::{BadResponse, ResponseHead, parse_response},
    per_core::{
        Core,
        clock::{Micros, SECOND},
        deadlines::Slot,
        shared::Readable,
        timed::{self, Stopped},
    },
    state::destinations::Destination,
};

/// Why there is no answer to pass on.
#[derive(Debug)]
pub enum Failure {
    /// There is an answer for this.
    Fault(Fault),
    /// The backend closed before the first byte of its answer.
    Died,
    /// The client went away.
    Gone,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<crate::accept::Refused> for Failure {
    fn from(refused: crate::accept::Refused) -> Self {
        match refused {
            crate::accept::Refused::Fault(fault) => Self::Fault(fault),
            crate::accept::Refused::Gone => Self::Gone,
        }
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        Self::Fault(match error {
            ConnectError::Name | ConnectError::Denied => Fault::mapping(Cause::InvalidEndpoint),
            ConnectError::Certificate(_) => Fault::mapping(Cause::Certificate),
            ConnectError::Network(_) | ConnectError::Full => Fault::INTEGRATION_FAILURE,
        })
    }
}

/// Interim answers (1xx) a backend may send before its answer.
const INTERIM: usize = 16;
/// A client's reset is looked for when a backend takes longer than this: most answers come before.
const PROMPT: Micros = SECOND;

/// Sends `request.reply.out` and a complete body, and waits for the answer's head: in `request.reply.answer`, over `request.reply.upstream`.
pub async fn ask(
    core: &Core,
    client: &Client,
    request: &mut Request,
    destination: &Destination,
    body: Option<std::ops::Range<usize>>,
    deadline: Micros,
) -> Result<Connection, Failure> {
    request.trace_asked(body.as_ref());
    let mut connection = match idle(core, client, request, destination, deadline) {
        Some(connection) => connection,
        None => connect(core, client, destination).await?,
    };
    loop {
        match attempt(core, client, request, &mut connection, body.clone(), deadline).await {
            Ok(()) => return Ok(connection),
            Err(Failure::Died) if connection.reused && may_ask_twice(&request.reply.out) => {
                connection = connect(core, client, destination).await?;
            }
            Err(Failure::Died) => return Err(Fault::INTEGRATION_FAILURE.into()),
            Err(failure) => return Err(failure),
        }
    }
}

/// A connection to ask over; the deadline is armed from here on.
pub async fn begin(
    core: &Core,
    client: &Client,
    request: &mut Request,
    destination: &Destination,
    deadline: Micros,
) -> Result<Connection, Failure> {
    match idle(core, client, request, destination, deadline) {
        Some(connection) => Ok(connection),
        None => connect(core, client, destination).await,
    }
}

/// A connection that waits for the next request; the deadline is armed.
#[inline]
fn idle(
    core: &Core,
    client: &Client,
    request: &mut Request,
    destination: &Destination,
    deadline: Micros,
) -> Option<Connection> {
    let now = core.clock.now();
    request.reply.asked = now;
    core.deadlines.arm(&client.slot, deadline);
    core.pools.take(destination, now)
}

/// Verbs that do the same when they are sent twice.
fn may_ask_twice(head: &[u8]) -> bool {
    let verb = head.split(|byte| *byte == b' ').next().unwrap_or_default();
    matches!(verb, b"GET" | b"HEAD" | b"OPTIONS" | b"PUT" | b"DELETE" | b"TRACE")
}

async fn connect(core: &Core, client: &Client, destination: &Destination) -> Result<Connection, Failure> {
    let (endpoint, open) = core.pools.open(destination).ok_or(ConnectError::Full)?;
    // Boxed: it is rare, and its state would sit in every connection's task.
    let connecting = Box::pin(core.connector.connect(&core.clock, &endpoint));
    match timed::before(core, &client.slot, connecting).await {
        Ok(connected) => {
            let (stream, own) = connected?;
            Ok(Connection::new(stream, open, own))
        }
        Err(_) => Err(Fault::INTEGRATION_TIMEOUT.into()),
    }
}

/// Bodies up to this size are copied behind the head: one buffer costs less than two.
const COPIED: usize = 4096;

async fn attempt(
    core: &Core,
    client: &Client,
    request: &mut Request,
    connection: &mut Connection,
    body: Option<std::ops::Range<usize>>,
    deadline: Micros,
) -> Result<(), Failure> {
    let head = request.reply.out.len();
    let bytes: &[u8] = match body {
        Some(range) => &request.exchange.input[range],
        None => &request.incoming.body,
    };
    let written = if bytes.is_empty() {
        let done = timed::write_at_once(&connection.stream, &request.reply.out);
        if done == head {
            Ok(())
        } else {
            timed::write_all(core, &client.slot, &mut connection.stream, &request.reply.out[done..]).await
        }
    } else if bytes.len() <= COPIED {
        request.reply.out.extend_from_slice(bytes);
        let written = timed::write_all(core, &client.slot, &mut connection.stream, &request.reply.out).await;
        request.reply.out.truncate(head);
        written
    } else {
        timed::write_both(core, &client.slot, &mut connection.stream, &request.reply.out, bytes).await
    };
    match written {
        Ok(()) => {}
        Err(Stopped::Late) => return Err(Fault::INTEGRATION_TIMEOUT.into()),
        // A backend may answer and close without reading everything: its answer counts, if there is one.
        Err(Stopped::Broken(_)) if !connection.reused => {}
        Err(Stopped::Broken(_)) => return Err(Failure::Died),
    }
    let Reply { out, upstream, answer, .. } = &mut request.reply;
    let first = first_bytes(core, client, &mut connection.stream, upstream, deadline).await?;
    receive_head(core, &client.slot, &mut connection.stream, upstream, answer, first, out.starts_with(b"HEAD ")).await
}

/// Reads the backend's first bytes; a slow one's client is watched meanwhile, as nobody else would notice its reset.
async fn first_bytes(
    core: &Core,
    client: &Client,
    stream: &mut Stream,
    buffer: &mut Vec<u8>,
    deadline: Micros,
) -> Result<usize, Failure> {
    let prompt = core.clock.now() + PROMPT;
    core.deadlines.arm(&client.slot, deadline.min(prompt));
    // A first attempt may have left its buffer.
    core.buffers.put(std::mem::take(buffer));
    let mut first = timed::first_read(core, &client.slot, stream, buffer).await;
    if matches!(first, Err(Stopped::Late)) && prompt < deadline {
        core.deadlines.arm(&client.slot, deadline);
        Box::pin(wait_watching(core, client, stream)).await?;
        first = timed::first_read(core, &client.slot, stream, buffer).await;
    }
    core.clock.refresh();
    core.deadlines.arm(&client.slot, deadline);
    match first {
        Ok(count) => Ok(count),
        Err(Stopped::Late) => Err(Fault::INTEGRATION_TIMEOUT.into()),
        Err(Stopped::Broken(_)) => Err(Failure::Died),
    }
}

async fn wait_watching(core: &Core, client: &Client, stream: &impl Readable) -> Result<(), Failure> {
    let mut reset = std::pin::pin!(client.socket.reset());
    let waiting = poll_fn(|context| {
        if reset.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(Failure::Gone));
        }
        stream.poll_readable(context).map(|result| result.map_err(|_| Failure::Died))
    });
    match timed::before(core, &client.slot, waiting).await {
        Ok(result) => result,
        Err(_) => Err(Fault::INTEGRATION_TIMEOUT.into()),
    }
}

/// Reads an answer's head (interim answers are passed over) into `buffer`, which holds its first bytes already, with what comes
/// along of the body. No first bytes means that the backend closed.
pub async fn receive_head<U: AsyncRead + Unpin>(
    core: &Core,
    slot: &Slot,
    stream: &mut U,
    buffer: &mut Vec<u8>,
    answer: &mut ResponseHead,
    first: usize,
    was_head: bool,
) -> Result<(), Failure> {
    if first == 0 {
        return Err(Failure::Died);
    }
    let mut interim = 0;
    loop {
        loop {
            match parse_response(buffer, was_head, answer) {
                Ok(false) => break,
                Ok(true) if answer.status >= 200 => return Ok(()),
                Ok(true) if interim < INTERIM => {
                    interim += 1;
                    buffer.drain(..answer.length as usize);
                }
                Ok(true) | Err(BadResponse::Malformed(_) | BadResponse::TooLarge) => {
                    return Err(Fault::BAD_BACKEND_HEAD.into());
                }
            }
        }
        buffer.reserve(4096);
        match timed::read(core, slot, stream, buffer).await {
            Ok(0) | Err(Stopped::Broken(_)) => return Err(Fault::INTEGRATION_FAILURE.into()),
            Err(Stopped::Late) => return Err(Fault::INTEGRATION_TIMEOUT.into()),
            Ok(_) => {}
        }
    }
}
