//! A client's connection: idle, a request, the next one. While it idles it holds nothing but its socket and its deadline;
//! a panic in one request answers 500 and hurts nothing else.

use std::{
    future::poll_fn,
    mem::MaybeUninit,
    net::{SocketAddr, TcpStream as StdTcpStream},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use socket2::SockRef;
use tokio::net::TcpStream;

use super::{
    Client, Request, Role, Sent, Wire, admin, client::Seat, http2, linger::linger, role::is_invocation, tls::handshake,
};
use crate::{
    fault::Fault,
    http1::{HeadLimits, Refusal, parse_request},
    per_core::{
        Core,
        clock::SECOND,
        shared::Readable,
        timed::{self, Stopped, is_late},
    },
    pipeline::{self, After},
};

/// Fields a head may have.
pub(super) const FIELDS: u16 = 256;

/// A connection over TLS, from its handshake on.
pub(super) async fn secure(seat: Seat, socket: StdTcpStream, peer: SocketAddr, local_port: u16) {
    let core = seat.core().clone();
    name_task(&seat).await;
    let Some(offer) = core.offer.borrow().clone() else { return };
    // A handshake always waits.
    let Ok(socket) = TcpStream::from_std(socket) else { return };
    // Boxed: a handshake is short and its state is large, and few connections are HTTP/2's.
    let Ok(stream) = Box::pin(handshake(&core, &seat.slot, socket, &offer)).await else { return };
    if stream.is_http2() {
        return Box::pin(http2::serve(seat, stream, peer, local_port)).await;
    }
    connection(Box::new(Client::new(seat, Wire::Tls(stream), peer, local_port, Role::InvokeTls))).await;
}

/// Names the task that the connection's deadline wakes.
pub(super) async fn name_task(seat: &Seat) {
    poll_fn(|context| {
        seat.slot.set_waker(context.waker());
        Poll::Ready(())
    })
    .await;
}

/// Serves a connection until it ends. The client is boxed: it goes to each request and comes back as one pointer.
pub(super) async fn connection(mut client: Box<Client>) {
    name_task(client.seat()).await;
    let core = client.core().clone();
    let mut first = first_bytes(&core, &client);
    while first.is_some() || idle(&core, &client).await {
        let request = first.take().unwrap_or_else(|| core.requests.take());
        let mut placed = core.places.put(|| requests(client, request));
        let (back, after) = (&mut placed).await;
        core.places.give_back(placed);
        client = back;
        match after {
            After::KeepAlive => {}
            After::Close => {
                timed::unless_cut(&core, pin!(linger(&core, &mut client))).await;
                return;
            }
            After::Done => break,
            After::Cut => return,
        }
    }
    client.socket.part();
}

/// What came before the connection was looked at: mostly the whole first request, and then there is nothing to wait for. One that
/// is opened ahead of its first request holds no buffer.
fn first_bytes(core: &Core, client: &Client) -> Option<Box<Request>> {
    let mut request = core.requests.take();
    match client.socket.read_now(&mut request.exchange.input) {
        Ok(count) if count > 0 => Some(request),
        // Its end and its failure are seen again by whoever waits for it.
        _ => {
            core.requests.put(request);
            None
        }
    }
}

/// Waits for the first byte of a request; `false` when the connection should end.
async fn idle(core: &Core, client: &Client) -> bool {
    let limit = u64::from(core.limits.borrow().idle_seconds) * SECOND;
    core.deadlines.arm(&client.slot, core.clock.now() + limit);
    poll_fn(|context| match client.socket.poll_readable(context) {
        Poll::Ready(result) => Poll::Ready(result.is_ok()),
        Poll::Pending if is_late(core, &client.slot) => Poll::Ready(false),
        Poll::Pending if core.draining.get() => Poll::Ready(client.socket.tcp().is_some_and(has_come)),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// Whether the kernel holds bytes that the runtime may not have heard of yet: a request that came before its connection was
/// closed is answered.
fn has_come(socket: &TcpStream) -> bool {
    let mut byte = [MaybeUninit::uninit()];
    SockRef::from(socket).peek(&mut byte).is_ok_and(|count| count > 0)
}

/// Serves the request whose first byte is there, or in `request` already, and what follows at once (pipelining).
async fn requests(mut client: Box<Client>, mut request: Box<Request>) -> (Box<Client>, After) {
    let core = client.core().clone();
    let after = loop {
        let after = match guarded(&core, &mut client, &mut request).await {
            Ended::Answered(after) => after,
            Ended::Panicked => {
                let after = panicked(&core, &mut client, request.reply.sent).await;
                // What a panic left behind is not used again.
                return (client, after);
            }
            Ended::Cut => {
                cut(&core, &request);
                return (client, After::Cut);
            }
        };
        let after = match after {
            // What is left of the body must go before the next request can be seen.
            After::KeepAlive if !request.incoming.is_complete() => drain(&core, &mut client, &mut request).await,
            // A client that asked for the end sends nothing more: there is nobody to wait for.
            After::Close if request.is_last() => After::Done,
            after => after,
        };
        request.end(&core);
        let after = match after {
            // This one does, whatever it said.
            After::Done if !request.exchange.input.is_empty() => After::Close,
            after => after,
        };
        if after != After::KeepAlive || request.exchange.input.is_empty() {
            break after;
        }
    };
    core.requests.put(request);
    (client, after)
}

/// How serving a request ended.
enum Ended {
    Answered(After),
    Panicked,
    /// The core stops: whatever the request waited for, it waits no longer.
    Cut,
}

async fn guarded(core: &Core, client: &mut Client, request: &mut Request) -> Ended {
    let mut serving = pin!(serve(core, client, request));
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| serving.as_mut().poll(context))) {
        Ok(Poll::Ready(after)) => Poll::Ready(Ended::Answered(after)),
        Ok(Poll::Pending) if core.cutting.get() => Poll::Ready(Ended::Cut),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(Ended::Panicked),
    })
    .await
}

/// A request that was cut has its line and its count like every other one. They say what the client saw: status 0 unless its
/// answer had begun, as for a client that went away.
pub(super) fn cut(core: &Core, request: &Request) {
    core.clock.refresh();
    if request.reply.sent != Sent::Nothing {
        core.metrics.cut.add(1);
    }
    if request.is_recorded {
        core.record(request);
    }
}

async fn drain(core: &Core, client: &mut Client, request: &mut Request) -> After {
    let Request { exchange, incoming, .. } = request;
    let draining = incoming.drain(core, &client.slot, &mut client.socket, &exchange.input);
    match timed::unless_cut(core, pin!(draining)).await {
        Some(Ok(())) => After::KeepAlive,
        Some(Err(_)) | None => After::Close,
    }
}

/// Reads one head and answers it.
async fn serve(core: &Core, client: &mut Client, request: &mut Request) -> After {
    match read_head(core, client, request).await {
        Ok(true) => {}
        Ok(false) => return After::Cut,
        Err(fault) => return refuse_head(core, client, request, &fault).await,
    }
    serve_head(core, client, request).await
}

/// Answers a request whose head is complete.
pub(super) async fn serve_head(core: &Core, client: &mut Client, request: &mut Request) -> After {
    let _in_flight = InFlight::new(core);
    let invocation = match client.role {
        Role::Invoke | Role::InvokeTls => true,
        Role::Admin => false,
        Role::Both => is_invocation(&request.exchange),
    };
    request.is_recorded = invocation;
    let limit = {
        let limits = core.limits.borrow();
        if invocation { limits.request_payload } else { limits.management_body }
    };
    request.incoming.begin(&request.exchange.head, limit);
    if invocation {
        pipeline::rest(core, client, request).await
    } else {
        // Boxed: management is rare, and its state would sit in every connection's task.
        Box::pin(admin::answer(core, client, request)).await
    }
}

/// Counts a request as long as it is served, however that ends: answered, panicked or cut.
struct InFlight<'a>(&'a Core);

impl<'a> InFlight<'a> {
    fn new(core: &'a Core) -> Self {
        core.metrics.in_flight.add(1);
        Self(core)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.subtract(1);
    }
}

/// Reads until the head is complete; `false` when the client went away.
async fn read_head(core: &Core, client: &mut Client, request: &mut Request) -> Result<bool, Fault> {
    let patience = u64::from(core.limits.borrow().head_seconds) * SECOND;
    core.deadlines.arm(&client.slot, core.clock.refresh() + patience);
    let limits = head_limits(core);
    let mut fresh = !request.exchange.input.is_empty();
    let mut unread = !fresh;
    loop {
        // A pipelined request may be there already.
        if !fresh {
            let input = &mut request.exchange.input;
            if input.len() == input.capacity() {
                input.reserve(input.len().max(4096));
            }
            // Whoever waited for this request saw that its first bytes are there.
            let read = if std::mem::take(&mut unread) {
                match client.socket.read_now(input) {
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                        timed::read(core, &client.slot, &mut client.socket, input).await
                    }
                    read => read.map_err(Stopped::Broken),
                }
            } else {
                timed::read(core, &client.slot, &mut client.socket, input).await
            };
            match read {
                Ok(0) | Err(Stopped::Broken(_)) => return Ok(false),
                Err(Stopped::Late) => {
                    request.begin(core, client);
                    return Err(Fault::REQUEST_TIMEOUT);
                }
                Ok(_) => {}
            }
        }
        fresh = false;
        let head = parse_request(&request.exchange.input, &limits, &mut request.exchange.head);
        if head == Ok(false) {
            continue;
        }
        request.begin(core, client);
        return match head {
            Ok(_) => Ok(true),
            Err(refused) => Err(refusal(refused, &limits)),
        };
    }
}

/// The limits of heads now.
pub(super) fn head_limits(core: &Core) -> HeadLimits {
    let limits = core.limits.borrow();
    HeadLimits { target: limits.request_target, header_block: limits.request_headers, fields: FIELDS }
}

/// What a head that is refused is answered.
pub(super) fn refusal(refused: Refusal, limits: &HeadLimits) -> Fault {
    match refused {
        Refusal::BadRequest(_) => Fault::MALFORMED_REQUEST,
        Refusal::UriTooLong => Fault::URI_TOO_LONG,
        Refusal::HeadTooLarge => Fault::headers_too_large(u64::from(limits.header_block)),
        Refusal::Version => Fault::VERSION_NOT_SUPPORTED,
    }
}

/// A head that cannot be understood is answered, counted and closed: where the next request begins is not known.
pub(super) async fn refuse_head(core: &Core, client: &mut Client, request: &mut Request, fault: &Fault) -> After {
    // Of a head that was refused half-way nothing may be used: it may not even be one.
    request.exchange.head.clear();
    let after = pipeline::refuse(core, client, request, fault).await;
    if client.role != Role::Admin {
        core.record(request);
    }
    if after == After::Cut { After::Cut } else { After::Close }
}

/// The client of a request that panicked gets a 500, if it has nothing yet.
pub(super) async fn panicked(core: &Core, client: &mut Client, sent: Sent) -> After {
    core.metrics.panics.add(1);
    let mut request = core.requests.take();
    request.begin(core, client);
    request.reply.sent = sent;
    timed::unless_cut(core, pin!(pipeline::refuse(core, client, &mut request, &Fault::INTERNAL))).await;
    core.record(&request);
    if sent == Sent::Nothing { After::Close } else { After::Cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_not_a_large_one() {
        fn size<F: Future>(_: fn(Box<Client>, Box<Request>) -> F) -> usize {
            size_of::<F>()
        }
        let size = size(requests);
        assert!(size <= 2048, "{size} bytes");
    }

    #[test]
    fn an_idle_connection_is_a_small_future() {
        fn size<F: Future>(_: fn(Box<Client>) -> F) -> usize {
            size_of::<F>()
        }
        let size = size(connection);
        assert!(size <= 600, "{size} bytes");
    }

    #[test]
    fn so_is_one_over_tls() {
        fn size<F: Future>(_: fn(Seat, StdTcpStream, SocketAddr, u16) -> F) -> usize {
            size_of::<F>()
        }
        let size = size(secure);
        assert!(size <= 800, "{size} bytes");
    }
}
