//! One stream's request, from its head to the end of its answer: the same state, the same phases and the same record as on
//! any other connection.

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    rc::Rc,
    task::Poll,
};

use bytes::Bytes;
use h2::{Reason, RecvStream, server::SendResponse};

use super::{Stream, frames::Line};
use crate::{
    accept::{
        Client, Request, Role, Wire,
        client::Seat,
        connection::{cut, head_limits, panicked, refusal, refuse_head, serve_head},
        linger::linger,
    },
    fault::Fault,
    http1::{HeadAssembler, HeadLimits, Pseudo, Refusal, RequestHead},
    per_core::timed,
    pipeline::After,
};

/// Where a connection comes from and goes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) peer: std::net::SocketAddr,
    pub(super) local_port: u16,
}

/// What a stream begins with; its future is made from it in a pooled place.
pub(super) struct Begun {
    stream: Stream,
    client: Client,
    request: Box<Request>,
    head: Result<(), Fault>,
    line: Rc<Line>,
}

/// Takes the head over, before anything is waited for.
pub(super) fn begin(
    line: &Rc<Line>,
    ends: Ends,
    request: http::Request<RecvStream>,
    respond: SendResponse<Bytes>,
) -> Begun {
    let core = &line.core;
    let (parts, body) = request.into_parts();
    let mut request = core.requests.take();
    let limits = head_limits(core);
    let exchange = &mut request.exchange;
    let head = assemble(&parts, body.is_end_stream(), &limits, &mut exchange.input, &mut exchange.head);
    let head = head.map_err(|refused| refusal(refused, &limits));
    let stream = Stream::new(line.clone(), body, respond, parts.method == http::Method::HEAD);
    let wire = Wire::Http2(stream.clone());
    let client = Client::new(Seat::of_stream(core.clone()), wire, ends.peer, ends.local_port, Role::InvokeTls);
    line.begin();
    Begun { stream, client, request, head, line: line.clone() }
}

/// Copies a head into the exchange: the one place where that is done.
fn assemble(
    parts: &http::request::Parts,
    is_whole: bool,
    limits: &HeadLimits,
    input: &mut Vec<u8>,
    head: &mut RequestHead,
) -> Result<(), Refusal> {
    let path = parts.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    let authority = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
    // Without an authority (a Host stands for it) nothing is known of the scheme.
    if authority.is_some() && !matches!(parts.uri.scheme_str(), Some("https" | "http")) {
        return Err(Refusal::BadRequest("the scheme is not HTTP's"));
    }
    let pseudo = Pseudo { method: parts.method.as_str().as_bytes(), path: path.as_bytes(), authority };
    let mut assembler = HeadAssembler::begin(input, head, limits, pseudo)?;
    for (name, value) in &parts.headers {
        assembler.field(name.as_str().as_bytes(), value.as_bytes())?;
    }
    assembler.finish(is_whole)
}

enum Ended {
    Answered(After),
    Panicked,
    /// The core stops.
    Cut,
    /// The client took it back.
    Gone,
}

/// Serves the stream.
pub(super) async fn exchange(begun: Begun) {
    let Begun { stream, mut client, mut request, head, line } = begun;
    let core = line.core.clone();
    poll_fn(|context| {
        client.slot.set_waker(context.waker());
        Poll::Ready(())
    })
    .await;
    request.begin(&core, &client);
    let ended = {
        let mut serving = pin!(async {
            match head {
                Ok(()) => serve_head(&core, &mut client, &mut request).await,
                Err(fault) => refuse_head(&core, &mut client, &mut request, &fault).await,
            }
        });
        poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| serving.as_mut().poll(context))) {
            Ok(Poll::Ready(after)) => Poll::Ready(Ended::Answered(after)),
            Ok(Poll::Pending) if core.cutting.get() => Poll::Ready(Ended::Cut),
            Ok(Poll::Pending) if stream.poll_gone(context) => Poll::Ready(Ended::Gone),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Ended::Panicked),
        })
        .await
    };
    let mut is_early = false;
    match ended {
        Ended::Answered(After::KeepAlive | After::Close | After::Done) => {
            stream.finish();
            is_early = !stream.is_received();
            line.taken_back.set(line.taken_back.get().saturating_sub(1));
        }
        Ended::Answered(After::Cut) => stream.cut(Reason::INTERNAL_ERROR),
        Ended::Panicked => {
            let after = panicked(&core, &mut client, request.reply.sent).await;
            if after == After::Cut {
                stream.cut(Reason::INTERNAL_ERROR);
            } else {
                stream.finish();
            }
            // What a panic left behind is not used again.
            request = core.requests.take();
        }
        Ended::Cut => {
            cut(&core, &request);
            stream.cut(Reason::CANCEL);
        }
        Ended::Gone => {
            cut(&core, &request);
            line.taken_back.set(line.taken_back.get() + 1);
        }
    }
    request.end(&core);
    core.requests.put(request);
    if is_early {
        // The client is still sending: a reset at once makes some forget the answer.
        timed::unless_cut(&core, pin!(linger(&core, &mut client))).await;
    }
    line.end();
}
