//! THE list: what happens to a REST API's request, in order, under AWS's four headings. Phases are plain functions on data;
//! waiting happens at the four named places only: the client's body, another request that fetches the same, the backend, and
//! a thread that judges a long body.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

use std::{ops::Range, time::Duration};

use crate::{
    accept::{Client, Pumped, Reply, Request, Sent, address::address},
    fault::Fault,
    http1::Framing,
    inbound::{
        cache_lookup::{self, Lookup},
        content_encoding, request_validator,
        route::route,
        throttle,
    },
    integration::{self, body_values, mock},
    observe::data_trace,
    outbound::{
        cache_store::Kept,
        forward::{COPIED, Forward, HELD, KeepAlive},
        gateway_response, mapped,
    },
    per_core::{
        Core,
        clock::{Micros, SECOND},
        long_work::LONG,
        shared::Shared,
        timed::{self, Stopped},
    },
    primitives::json_schema::SchemaId,
    snapshot::{
        plan::{DeploymentPlan, IntegrationPlan},
        wire::ResponseTransferMode,
    },
    state::{
        caches::{Caching, HeldAnswer, StageCache, Stored},
        destinations::Destination,
    },
    upstream::{self, Failure},
};

/// What happens to the client's connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The next request may come.
    KeepAlive,
    /// Closed, lingering: the client may still be sending.
    Close,
    /// Closed without waiting: the client has sent all it ever will.
    Done,
    /// Closed at once: nobody is there, or the answer was cut and must look so.
    Cut,
}

/// The body as far as the integration needs it.
#[derive(Debug)]
enum Body {
    /// Complete, in the exchange's input.
    Inline(Range<usize>),
    /// Complete, in `incoming.body`.
    Held,
    /// `incoming.body` is its beginning; the rest is still on its way.
    Streamed,
}

impl Body {
    /// As much of it as is there.
    fn bytes<'r>(&self, request: &'r Request) -> &'r [u8] {
        match self {
            Self::Inline(range) => &request.exchange.input[range.clone()],
            Self::Held | Self::Streamed => &request.incoming.body,
        }
    }
}

/// What answers, copied out of the plan so that the exchange stays free.
#[derive(Debug, Clone, Copy)]
enum Answerer {
    Mock,
    Http { timeout: Duration },
    HttpProxy { timeout: Duration, mode: ResponseTransferMode },
}

/// Answers one REST API request whose head is complete.
pub async fn rest(core: &Core, client: &mut Client, request: &mut Request) -> After {
    let after = match phases(core, client, request).await {
        Ok(after) => after,
        Err(failure) => fail(core, client, request, failure).await,
    };
    // One line and one count for every request, however it ended.
    core.record(request);
    after
}

/// Answers a request whose method was chosen by hand (`TestInvokeMethod`), from the integration request on: no stage, authorizer,
/// key or limit is asked, and nothing is counted.
pub async fn test(core: &Core, client: &mut Client, request: &mut Request) -> After {
    match test_phases(core, client, request).await {
        Ok(after) => after,
        Err(failure) => fail(core, client, request, failure).await,
    }
}

async fn test_phases(core: &Core, client: &mut Client, request: &mut Request) -> Result<After, Failure> {
    let coding = content_encoding::of_request(&request.exchange)?;
    request.incoming.decode(coding)?;
    let body = validate(core, client, request).await?;
    integrate(core, client, request, body).await
}

async fn fail(core: &Core, client: &mut Client, request: &mut Request, failure: Failure) -> After {
    match failure {
        Failure::Fault(fault) => refuse(core, client, request, &fault).await,
        Failure::Died => refuse(core, client, request, &Fault::INTEGRATION_FAILURE).await,
        Failure::Gone => After::Cut,
    }
}

async fn phases(core: &Core, client: &mut Client, request: &mut Request) -> Result<After, Failure> {
    // METHOD REQUEST
    // Which deployment answers comes first: all that follows, the form of refusals included, is the deployment's.
    address(&core.served.borrow(), &mut request.exchange)?;
    // Before matching, as AWS decodes at its edge: a coding nobody can undo is refused whatever it was sent to.
    let coding = content_encoding::of_request(&request.exchange)?;
    // A body that says it is too long is refused before anything is done for it.
    request.incoming.decode(coding)?;
    // Then the method: from here on its plan says what to do.
    route(&mut request.exchange)?;
    let mut has_cache = false;
    // Refused before anything is done for it: throttles, then the number in flight. One test where nothing is limited.
    if let Some(limits) = request.exchange.stage.as_ref().and_then(|stage| stage.limits.as_deref()) {
        let admitted = throttle::admit(limits, request.exchange.method, core.clock.now());
        request.admitted = admitted.map_err(|refused| core.throttled(&request.exchange, refused))?;
        has_cache = limits.cache.is_some();
    }

    #[cfg(test)]
    crate::journeys::panic_if_asked(&request.exchange);

    // Its messages are recorded where the stage logs them: one test where nothing is observed.
    if request.exchange.stage.as_ref().is_some_and(|stage| stage.observed.is_some()) {
        data_trace::begin(&mut request.exchange);
    }
    // Then what the request says.
    let body = if is_validated(request) { validate(core, client, request).await? } else { None };
    // An answer that is there needs no integration.
    if has_cache {
        if let Some(body) = &body {
            cache_lookup::read_body(&request.exchange, body.bytes(request))?;
        }
        let found = cache_lookup::look(&mut request.exchange, &mut core.cache_key.borrow_mut(), core.clock.now())?;
        match found {
            Lookup::Off => {}
            Lookup::Hit(held, stage) => return answer_hit(core, client, request, &held, &stage).await,
            Lookup::Miss(caching) => return Box::pin(through_cache(core, client, request, caching, body)).await,
        }
    }
    integrate(core, client, request, body).await
}

/// A request whose answer may be kept. Boxed by its caller: it asks a backend.
async fn through_cache(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    mut caching: Box<Caching>,
    body: Option<Body>,
) -> Result<After, Failure> {
    if !caching.refreshes {
        core.deadlines.arm(&client.slot, deadline(core, patience(request)?));
        // A place that waits: another request, which fetches the same. It takes as long as a backend may.
        let boarding = caching.stage.flights().board(caching.key.clone());
        let boarded = timed::before(core, &client.slot, boarding).await;
        caching.lead = boarded.map_err(|_| Fault::INTEGRATION_TIMEOUT)?;
        // Who led has left it there; who leads now may have come too late to see that.
        if let Some(held) = cache_lookup::found(&caching, &request.exchange, core.clock.refresh()) {
            if let Some(lead) = caching.lead.take() {
                lead.land();
            }
            return answer_hit(core, client, request, &held, &caching.stage).await;
        }
    }
    core.count_cache(&request.exchange, false);
    request.reply.caching = Some(caching);
    let answered = integrate(core, client, request, body).await;
    // What was not kept failed: the next one who waits may try.
    request.reply.caching = None;
    answered
}

/// How long the integration may take.
fn patience(request: &Request) -> Result<Duration, Fault> {
    Ok(match answerer(request)? {
        Answerer::Mock => Duration::from_secs(29),
        Answerer::Http { timeout } | Answerer::HttpProxy { timeout, .. } => timeout,
    })
}

/// Sends an answer that was kept; a long body goes out from where it is kept.
async fn answer_hit(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    held: &HeldAnswer,
    stage: &StageCache,
) -> Result<After, Failure> {
    let keep_alive = may_keep_alive(core, request);
    core.count_cache(&request.exchange, true);
    let Request { exchange, reply, .. } = request;
    let Stored::Answer(answer) = &held.value else { return Err(Fault::INTERNAL.into()) };
    let opened = stage.open(answer, &mut reply.held).ok_or(Fault::INTERNAL)?;
    reply.out.clear();
    let body = cache_lookup::write_head(exchange, answer, opened, keep_alive, &core.clock.date(), &mut reply.out)?;
    if body.len() <= COPIED {
        reply.out.extend_from_slice(body);
        return finish(core, client, request, keep_alive).await;
    }
    if let Some(trace) = &mut exchange.data_trace {
        trace.answers(&reply.out, body);
    }
    core.deadlines.arm(&client.slot, core.clock.now() + u64::from(core.limits.borrow().idle_seconds) * SECOND);
    reply.sent = Sent::Some;
    let written = timed::write_both(core, &client.slot, &mut client.socket, &reply.out, body).await;
    written.map_err(|_| Failure::Gone)?;
    reply.sent = Sent::All;
    Ok(if keep_alive { After::KeepAlive } else { After::Close })
}

/// Whether anything is asked of the request itself: the one test that others pay.
#[inline]
fn is_validated(request: &Request) -> bool {
    request.exchange.method_plan().is_some_and(|plan| plan.demands.is_some())
}

/// Parameters before there is a body, and the body where it has a model or is mapped: then it is given back.
async fn validate(core: &Core, client: &mut Client, request: &mut Request) -> Result<Option<Body>, Failure> {
    let Some(demands) = request.exchange.method_plan().and_then(|plan| plan.demands.as_deref()) else {
        return Ok(None);
    };
    let model = match &demands.validation {
        Some(validation) => request_validator::parameters(validation, &request.exchange)?,
        None => None,
    };
    if model.is_none() && demands.body.is_empty() {
        return Ok(None);
    }
    Box::pin(judge(core, client, request, model)).await.map(Some)
}

/// What follows once a request's method is found and nothing stands in its way. `judged` is the body, where a model has seen it.
async fn integrate(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    judged: Option<Body>,
) -> Result<After, Failure> {
    // INTEGRATION REQUEST
    let answerer = answerer(request)?;
    // The body is awaited only as far as the integration needs it whole; a proxied one of any size is not kept.
    let body = match judged {
        Some(body) => Box::pin(read_for_mapping(core, request, body, answerer)).await?,
        None => receive(core, client, request, answerer).await?,
    };
    if let Some(mut trace) = request.exchange.data_trace.take() {
        trace.request_body(body.bytes(request));
        request.exchange.data_trace = Some(trace);
    }
    match answerer {
        Answerer::Mock => answer_mock(core, client, request, &body).await,
        Answerer::Http { timeout } => answer_http(core, client, request, &body, timeout).await,
        Answerer::HttpProxy { timeout, mode } => match body {
            Body::Streamed => Box::pin(stream_proxy(core, client, request, timeout, mode)).await,
            body => answer_proxy(core, client, request, body, timeout, mode).await,
        },
    }
}

fn answerer(request: &Request) -> Result<Answerer, Fault> {
    // `route` matched, so that the plan is there; were it not, it is our bug and a 500.
    Ok(match &request.exchange.method_plan().ok_or(Fault::INTERNAL)?.integration {
        IntegrationPlan::Mock(_) => Answerer::Mock,
        IntegrationPlan::Http(plan) => Answerer::Http { timeout: plan.timeout },
        IntegrationPlan::HttpProxy(plan) => {
            Answerer::HttpProxy { timeout: plan.timeout, mode: plan.response_transfer_mode }
        }
    })
}

/// A place that waits: the client's body, all of it, for its model and for mapping. Boxed by its caller: most methods have none.
async fn judge(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    model: Option<SchemaId>,
) -> Result<Body, Failure> {
    let Request { exchange, incoming, .. } = request;
    let body = if let Some(range) = incoming.inline(exchange) {
        Body::Inline(range)
    } else {
        incoming.hold(core, &client.slot, &mut client.socket, &exchange.input, usize::MAX).await?;
        Body::Held
    };
    if let Some(model) = model {
        look(core, request, &body, move |deployment, body| request_validator::body(deployment, model, body)).await??;
    }
    Ok(body)
}

/// What mapping asks of the body of a proxied request; others read it when they have converted it. Boxed by its caller.
async fn read_for_mapping(core: &Core, request: &mut Request, body: Body, answerer: Answerer) -> Result<Body, Failure> {
    if matches!(answerer, Answerer::HttpProxy { .. })
        && let Some(read) = body_values::reading(&request.exchange)
    {
        let values = look(core, request, &body, read).await??;
        body_values::keep(&request.exchange, values);
    }
    Ok(body)
}

/// Looks at all of a body. A place that waits where it is long: then a thread does it while the core serves others; the body
/// goes there and comes back.
async fn look<T: Send + 'static>(
    core: &Core,
    request: &mut Request,
    body: &Body,
    look: impl FnOnce(&DeploymentPlan, &[u8]) -> T + Send + 'static,
) -> Result<T, Failure> {
    let stage = request.exchange.stage.as_ref().ok_or(Fault::INTERNAL)?;
    if !matches!(body, Body::Held) || request.incoming.body.len() <= LONG {
        return Ok(look(&stage.deployment, body.bytes(request)));
    }
    let deployment = stage.deployment.clone();
    let body = std::mem::take(&mut request.incoming.body);
    let work = move || {
        #[cfg(test)]
        crate::journeys::hold_long_work(&body);
        (look(&deployment, &body), body)
    };
    let (found, body) = core.long_work.run(work).await.ok_or(Fault::INTERNAL)?;
    request.incoming.body = body;
    core.clock.refresh();
    Ok(found)
}

/// A place that waits: the client's body.
async fn receive(core: &Core, client: &mut Client, request: &mut Request, answerer: Answerer) -> Result<Body, Failure> {
    if let Some(range) = request.incoming.inline(&request.exchange) {
        return Ok(Body::Inline(range));
    }
    let proxied = matches!(answerer, Answerer::HttpProxy { .. });
    if !proxied && !request.exchange.method_plan().is_some_and(crate::snapshot::plan::MethodPlan::needs_body) {
        // Nobody reads it: it is dropped after the answer, or the connection closes.
        return Ok(Body::Inline(0..0));
    }
    let most = if proxied { HELD } else { usize::MAX };
    // A long body of known length is streamed from its first byte; shorter ones, and those that do not say, are held a moment:
    // then most of them reach the backend with a Content-Length, in one write, and can be sent twice.
    // What is logged has to be there.
    let is_traced = request.exchange.data_trace.is_some();
    let is_long = matches!(request.incoming.outgoing(), Framing::Length(length) if length > HELD as u64);
    if proxied && is_long && !is_traced {
        return Ok(Body::Streamed);
    }
    let Request { exchange, incoming, .. } = request;
    let complete = incoming.hold(core, &client.slot, &mut client.socket, &exchange.input, most).await?;
    Ok(if complete { Body::Held } else { Body::Streamed })
}

async fn answer_mock(core: &Core, client: &mut Client, request: &mut Request, body: &Body) -> Result<After, Failure> {
    let keep_alive = may_keep_alive(core, request);
    // The mapping may want the body and the exchange at once: the body leaves its place for the call.
    let held = std::mem::take(&mut request.incoming.body);
    let inline;
    let bytes: &[u8] = match body {
        Body::Inline(range) => {
            inline = request.exchange.input[range.clone()].to_vec();
            &inline
        }
        _ => &held,
    };
    // METHOD RESPONSE: a MOCK's integration response is its own.
    let date = core.clock.date();
    let answered = mock::answer(&mut request.exchange, bytes, keep_alive, &date, &mut request.reply.out);
    request.incoming.body = held;
    answered?;
    finish(core, client, request, keep_alive).await
}

async fn answer_http(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    body: &Body,
    timeout: Duration,
) -> Result<After, Failure> {
    // 415 is decided before any mapping.
    let rendered = { integration::request::body(&request.exchange, body.bytes(request))?.into_owned() };
    let framing = if rendered.is_empty() { Framing::None } else { Framing::Length(rendered.len() as u64) };
    let framing = integration::request::framing(&request.exchange, framing);
    request.incoming.replace(core, if framing == Framing::None { Vec::new() } else { rendered })?;
    let destination = integration::request::write_head(&request.exchange, framing, &mut request.reply.out)?;
    let deadline = deadline(core, timeout);
    // A place that waits: the backend.
    let mut connection = upstream::ask(core, client, request, &destination, None, deadline).await?;

    // INTEGRATION RESPONSE
    // The request's body makes room for the answer's: two that wait for each other's share would wait forever.
    request.incoming.let_go(core);
    let Request { exchange, reply, .. } = request;
    exchange.integration_status = reply.answer.status;
    // The whole answer is mapped, so it is held, within the limit and the node's budget.
    let clean = upstream::hold_answer(core, &client.slot, &mut connection.stream, reply).await?;
    reply.replied = core.clock.now();
    exchange.integration_latency = (reply.replied.saturating_sub(reply.asked) / 1000) as u32;
    if let Some(trace) = &mut exchange.data_trace {
        trace.received(&reply.upstream[..reply.answer.length as usize], &reply.held);
    }
    if clean && reply.answer.keep_alive {
        core.keep(&destination, connection);
    }

    // METHOD RESPONSE
    let keep_alive = may_keep_alive(core, request);
    let Request { exchange, reply, .. } = request;
    reply.out.clear();
    let (answer, upstream, held) = (&reply.answer, &reply.upstream, &reply.held);
    mapped::write(exchange, answer, upstream, held, keep_alive, &core.clock.date(), &mut reply.out)?;
    finish(core, client, request, keep_alive).await
}

async fn answer_proxy(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    body: Body,
    timeout: Duration,
    mode: ResponseTransferMode,
) -> Result<After, Failure> {
    let length = match &body {
        Body::Inline(range) => range.len(),
        _ => request.incoming.body.len(),
    };
    let framing = if length == 0 { Framing::None } else { Framing::Length(length as u64) };
    let framing = integration::request::framing(&request.exchange, framing);
    let destination = integration::request::write_head(&request.exchange, framing, &mut request.reply.out)?;
    let inline = match (framing, body) {
        // Verbs without a body drop it.
        (Framing::None, _) => Some(0..0),
        (_, Body::Inline(range)) => Some(range),
        (_, _) => None,
    };
    let deadline = deadline(core, timeout);
    // A place that waits: the backend.
    let mut connection = upstream::ask(core, client, request, &destination, inline, deadline).await?;

    // INTEGRATION RESPONSE and METHOD RESPONSE are one for a proxy: the answer passes, its head edited on the way.
    let keep_alive = KeepAlive::new(may_keep_alive(core, request));
    let Request { exchange, reply, .. } = request;
    let (slot, backend) = (&client.slot, &mut connection.stream);
    let client = &mut client.socket;
    let mut forward = Forward { core, slot, client, backend, mode, keep_alive: &keep_alive };
    if forward.run(exchange, reply).await? {
        core.keep(&destination, connection);
    }
    Ok(if keep_alive.kept() { After::KeepAlive } else { After::Close })
}

/// A body that is not held goes out while the answer may already come in. Boxed by its caller: it is rare and large.
async fn stream_proxy(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    timeout: Duration,
    mode: ResponseTransferMode,
) -> Result<After, Failure> {
    let framing = integration::request::framing(&request.exchange, request.incoming.outgoing());
    let destination = integration::request::write_head(&request.exchange, framing, &mut request.reply.out)?;
    let patience = timeout.as_micros() as Micros;
    if framing == Framing::None {
        // The verb takes no body: it is dropped after the answer, or the connection closes.
        let deadline = deadline(core, timeout);
        let connection = upstream::ask(core, client, request, &destination, Some(0..0), deadline).await?;
        return forward_late(core, client, request, &destination, connection, mode).await;
    }
    request.trace_asked(None);
    let mut connection = upstream::begin(core, client, request, &destination, deadline(core, timeout)).await?;
    let was_head = request.reply.out.starts_with(b"HEAD ");
    let wish = may_keep_alive_when_read(core, request);
    let keep_alive = KeepAlive::new(false);
    let Request { exchange, incoming, reply, .. } = request;
    incoming.leave_input(core, &exchange.input);
    let slot = &*client.slot;
    let written = timed::write_all(core, slot, &mut connection.stream, &reply.out).await;
    written.map_err(|_| Fault::INTEGRATION_FAILURE)?;
    let mut complete = false;
    let result = {
        let (client, backend) = (Shared::new(&mut client.socket), Shared::new(&mut connection.stream));
        let pump = async {
            incoming.send_held(core, slot, &mut &backend, patience).await?;
            incoming.pump(core, slot, &mut &client, &mut &backend, patience).await
        };
        let answer = async {
            let Reply { upstream, answer, .. } = reply;
            let first = timed::first_read(core, slot, &mut &backend, upstream).await;
            let first = first.map_err(|stopped| match stopped {
                Stopped::Late => Fault::INTEGRATION_TIMEOUT,
                Stopped::Broken(_) => Fault::INTEGRATION_FAILURE,
            })?;
            core.clock.refresh();
            upstream::receive_head(core, slot, &mut &backend, upstream, answer, first, was_head).await?;
            let (client, backend) = (&mut &client, &mut &backend);
            Forward { core, slot, client, backend, mode, keep_alive: &keep_alive }.run(exchange, reply).await
        };
        upstream::both(pump, answer, |how| {
            complete = how == Pumped::All;
            // From here on the backend has its time, to the last byte of its answer.
            core.deadlines.arm(slot, core.clock.refresh() + patience);
            keep_alive.wish(complete && wish);
        })
        .await
    };
    if result? && complete {
        core.keep(&destination, connection);
    }
    Ok(if keep_alive.kept() { After::KeepAlive } else { After::Close })
}

async fn forward_late(
    core: &Core,
    client: &mut Client,
    request: &mut Request,
    destination: &Destination,
    mut connection: upstream::Connection,
    mode: ResponseTransferMode,
) -> Result<After, Failure> {
    let keep_alive = KeepAlive::new(may_keep_alive(core, request));
    let Request { exchange, reply, .. } = request;
    let (slot, backend) = (&client.slot, &mut connection.stream);
    let client = &mut client.socket;
    if (Forward { core, slot, client, backend, mode, keep_alive: &keep_alive }).run(exchange, reply).await? {
        core.keep(destination, connection);
    }
    Ok(if keep_alive.kept() { After::KeepAlive } else { After::Close })
}

fn deadline(core: &Core, timeout: Duration) -> Micros {
    core.clock.now() + timeout.as_micros() as Micros
}

fn may_keep_alive_when_read(core: &Core, request: &Request) -> bool {
    request.exchange.head.keep_alive && !core.draining.get()
}

/// Whether the connection can stay after this answer: the client wants it, we do, and its body is no obstacle.
fn may_keep_alive(core: &Core, request: &mut Request) -> bool {
    let Request { exchange, incoming, .. } = request;
    let is_read = incoming.is_complete() || incoming.is_nearly_read(&exchange.input);
    exchange.head.keep_alive && !core.draining.get() && is_read
}

/// Sends a complete answer that lies in `reply.out`.
async fn finish(core: &Core, client: &mut Client, request: &mut Request, keep_alive: bool) -> Result<After, Failure> {
    let patience = u64::from(core.limits.borrow().idle_seconds) * SECOND;
    core.deadlines.arm(&client.slot, core.clock.now() + patience);
    core.keep_answer(&request.exchange, &mut request.reply, Kept::Written);
    request.reply.sent = Sent::Some;
    if let Some(trace) = &mut request.exchange.data_trace {
        trace.answered(&request.reply.out);
    }
    let done = timed::write_at_once(&client.socket, &request.reply.out);
    if done < request.reply.out.len() {
        let rest = &request.reply.out[done..];
        timed::write_all(core, &client.slot, &mut client.socket, rest).await.map_err(|_| Failure::Gone)?;
    }
    request.reply.sent = Sent::All;
    Ok(if keep_alive { After::KeepAlive } else { After::Close })
}

/// Every refusal is a gateway response; one that comes too late for that cuts the connection.
pub(crate) async fn refuse(core: &Core, client: &mut Client, request: &mut Request, fault: &Fault) -> After {
    if request.reply.sent != Sent::Nothing {
        core.metrics.cut.add(1);
        return After::Cut;
    }
    core.clock.refresh();
    if request.reply.asked != crate::per_core::deadlines::NEVER {
        request.reply.replied = core.clock.now();
    }
    let keep_alive = may_keep_alive(core, request);
    request.reply.out.clear();
    gateway_response::write(&mut request.exchange, fault, keep_alive, &core.clock.date(), &mut request.reply.out);
    finish(core, client, request, keep_alive).await.unwrap_or(After::Cut)
}
