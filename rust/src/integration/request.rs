//! What a backend is asked: rest-api §7.2–7.8.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>

use std::borrow::Cow;

use super::{
    bodies::{self, Choice, Payload},
    body_values,
    client_headers::{Survey, write_client_headers},
    forwarded::{EDGE_PROTO, proto, scheme},
    headers::{bit, is_dropped_when_mapped, is_forbidden_target, set},
    target, trace,
    transform::{self, Overrides, Part},
    values,
};
use crate::{
    exchange::Exchange,
    fault::{Cause, Fault},
    http1::{Framing, HeadWriter, prebuild},
    primitives::header_names::{HeaderName, identify},
    snapshot::{
        plan::{Backend, BackendPlan, BackendRequest, HttpPlan, IntegrationPlan, StagePlan, Verb},
        uri::Url,
        wire::ContentHandling,
    },
    state::destinations::Destination,
};

/// How the body towards the backend is framed when what we have is framed so: verbs without a body drop it (§7.5).
pub fn framing(exchange: &Exchange, incoming: Framing) -> Framing {
    let Some(request) = exchange.method_plan().and_then(|method| method.integration.request()) else {
        return Framing::None;
    };
    if backend_verb(request, exchange).is_some_and(Verb::is_bodiless) { Framing::None } else { incoming }
}

fn backend_verb(request: &BackendRequest, exchange: &Exchange) -> Option<Verb> {
    request.verb.map(|(verb, _)| verb).or_else(|| exchange.known_verb())
}

/// The body of an `HTTP` integration: a template's text or the client's, or 415 (§7.6). Ask before `write_head`.
pub fn body<'a>(exchange: &'a Exchange, body: &'a [u8]) -> Result<Cow<'a, [u8]>, Fault> {
    let Some(IntegrationPlan::Http(plan)) = exchange.method_plan().map(|method| &method.integration) else {
        return Ok(Cow::Borrowed(body));
    };
    let content_type = exchange.header(HeaderName::ContentType);
    let choice = bodies::choose(&plan.templates, content_type);
    if choice == Choice::Refuse {
        return Err(Fault::UNSUPPORTED_MEDIA_TYPE);
    }
    let payload = convert(exchange, plan.content_handling, body)?;
    body_values::read(exchange, payload.bytes())?;
    let rendered = match choice {
        Choice::Render(number) => match &plan.templates.entries[number].program {
            Some(program) => Cow::Owned(transform::render(&program.0, exchange, &payload, Cause::TransformRequest)?),
            // AWS: a template reads text only.
            None if !payload.is_text() => return Err(Fault::transform(Cause::TransformRequest)),
            None => Cow::Borrowed(&*plan.templates.entries[number].text),
        },
        Choice::Pass | Choice::Refuse => payload.into_bytes(),
    };
    let is_sent = framing(exchange, Framing::Chunked) != Framing::None;
    Ok(if is_sent { rendered } else { Cow::Borrowed(&[]) })
}

/// The client's body as the integration gets it, for what reads it earlier.
pub fn payload<'a>(exchange: &Exchange, body: &'a [u8]) -> Result<Payload<'a>, Fault> {
    match exchange.method_plan().map(|method| &method.integration) {
        Some(IntegrationPlan::Http(plan)) => convert(exchange, plan.content_handling, body),
        Some(IntegrationPlan::Mock(plan)) => convert(exchange, plan.content_handling, body),
        Some(IntegrationPlan::HttpProxy(_)) | None => Ok(Payload::Bytes(Cow::Borrowed(body))),
    }
}

fn convert<'a>(exchange: &Exchange, handling: Option<ContentHandling>, body: &'a [u8]) -> Result<Payload<'a>, Fault> {
    let content_type = exchange.header(HeaderName::ContentType);
    let is_binary =
        exchange.deployment().is_some_and(|deployment| bodies::is_binary(&deployment.binary_media_types, content_type));
    bodies::convert_request(is_binary, handling, body)
}

const NO_ENDPOINT: Fault = Fault::mapping(Cause::InvalidEndpoint);

/// Writes the whole request head for an `HTTP` or `HTTP_PROXY` backend. `body` must come from `framing`.
pub fn write_head(exchange: &Exchange, body: Framing, out: &mut Vec<u8>) -> Result<Destination, Fault> {
    let (Some(stage), Some(method)) = (exchange.stage.as_deref(), exchange.method_plan()) else {
        return Err(Fault::INTERNAL);
    };
    let Some(request) = method.integration.request() else { return Err(Fault::INTERNAL) };
    if request.forbidden.is_some() {
        return Err(Fault::mapping(Cause::ForbiddenHeader));
    }
    let is_proxy = matches!(method.integration, IntegrationPlan::HttpProxy(_));
    let survey = if is_proxy { Survey::of(&exchange.head.fields, &exchange.input) } else { Some(Survey::default()) };
    let survey = survey.ok_or(Fault::MALFORMED_REQUEST)?;
    let verb = request.verb.map_or_else(|| exchange.verb.of(&exchange.input), |(_, name)| name);
    let client_query = if is_proxy { exchange.query.of(&exchange.input) } else { &[] };
    let mut head = HeadWriter::new(out);
    let destination = match backend(request, stage)? {
        BackendPlan::Static { destination, host_line, target } => {
            head.request_line_with(verb, |out| {
                let start = out.len();
                match target::append_pieces(target, request, exchange, out) {
                    Some(()) => target::append_query(request, client_query, exchange, start, out),
                    // An empty target fails the head.
                    None => out.truncate(start),
                }
            });
            write_host(&mut head, request, exchange, host_line);
            Destination::Interned(*destination)
        }
        BackendPlan::Dynamic { uri, insecure_skip_verification } => {
            let mut text = Vec::new();
            target::append_pieces(uri, request, exchange, &mut text).ok_or(NO_ENDPOINT)?;
            let url = Url::parse(&text).ok_or(NO_ENDPOINT)?;
            let mut host_line = Vec::new();
            prebuild(&mut host_line, b"Host", url.authority).map_err(|_| NO_ENDPOINT)?;
            head.request_line_with(verb, |out| {
                let start = out.len();
                if url.target.first() != Some(&b'/') {
                    out.push(b'/');
                }
                out.extend_from_slice(url.target);
                target::append_query(request, client_query, exchange, start, out);
            });
            write_host(&mut head, request, exchange, &host_line);
            Destination::Dynamic(Box::new(url.endpoint(*insecure_skip_verification)))
        }
        BackendPlan::Invalid => return Err(NO_ENDPOINT),
    };
    let destination = match &stage.client_certificate {
        None => destination,
        Some(certificate) => certificate.shown_to(destination),
    };
    head.trusted(&stage.deployment.api_id_line);
    let written = write_mapped(&mut head, request, exchange);
    let mut sent = written.names;
    if let Some(overrides) = exchange.overrides() {
        sent |= write_overrides(&mut head, overrides)?;
    }
    if is_proxy {
        sent |= write_client_headers(&mut head, request, &survey, &written, exchange);
        write_forwarded(&mut head, sent, request, &written, exchange);
    } else if let IntegrationPlan::Http(plan) = &method.integration
        && sent & bit(HeaderName::ContentType) == 0
    {
        write_content_type(&mut head, plan, exchange);
    }
    if sent & bit(HeaderName::Accept) == 0 {
        head.trusted(b"Accept: application/json\r\n");
    }
    if sent & bit(HeaderName::UserAgent) == 0 {
        head.trusted(&stage.deployment.user_agent_line);
    }
    if exchange.head.may_have(HeaderName::XAmznTraceId) {
        head.value_with(b"X-Amzn-Trace-Id: ", |out| trace::append(exchange, out));
    } else {
        head.trusted(&trace::line(exchange));
    }
    match body {
        // A recipient may wait for a body after these.
        Framing::None if matches!(verb, b"POST" | b"PUT" | b"PATCH") => head.content_length(0),
        framing => head.framing(framing),
    }
    // Whatever a mapping or the client put in it that no head can hold: nothing of it is sent.
    head.finish().map_err(|_| Fault::CONFIGURATION)?;
    Ok(destination)
}

fn backend<'a>(request: &'a BackendRequest, stage: &'a StagePlan) -> Result<&'a BackendPlan, Fault> {
    match &request.backend {
        Backend::Shared(plan) => Ok(plan),
        Backend::PerStage(number) => stage.backends.get(*number as usize).ok_or(Fault::INTERNAL),
    }
}

/// The endpoint's own host, unless one is mapped.
fn write_host(head: &mut HeadWriter, request: &BackendRequest, exchange: &Exchange, host_line: &[u8]) {
    if let Some(overrides) = exchange.overrides()
        && let Some((name, values)) = overrides.get(Part::Header, |name| name.eq_ignore_ascii_case("host"))
    {
        for value in values {
            head.field(name.as_bytes(), value.as_bytes());
        }
        return;
    }
    if request.mapped_names & bit(HeaderName::Host) != 0
        && let Some(mapped) = request.headers.iter().find(|header| header.id == HeaderName::Host)
        && head.field_with(mapped.name(), |out| values::append_request(&mapped.value, exchange, out))
    {
        return;
    }
    head.trusted(host_line);
}

/// Which mapped headers had a value.
#[derive(Default)]
pub(super) struct Written {
    /// Known names.
    pub(super) names: u128,
    /// Numbers in the mapping.
    pub(super) numbers: u128,
}

impl Written {
    /// Whether a name that we do not know is among them.
    pub(super) fn replaces(&self, request: &BackendRequest, name: &[u8]) -> bool {
        request.headers.iter().enumerate().any(|(number, header)| {
            header.id == HeaderName::Other
                && self.numbers & 1 << (number & 127) != 0
                && header.name().eq_ignore_ascii_case(name)
        })
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "once a request; measured")]
fn write_mapped(head: &mut HeadWriter, request: &BackendRequest, exchange: &Exchange) -> Written {
    let mut written = Written::default();
    for (number, header) in request.headers.iter().enumerate() {
        if header.id != HeaderName::Host
            && !is_overridden(exchange, header.name())
            && head.value_with(&header.start, |out| values::append_request(&header.value, exchange, out))
        {
            written.names |= bit(header.id);
            written.numbers |= 1 << (number & 127);
        }
    }
    written
}

/// Whether a template gives this header another value: it wins over the mapping (§10.6).
#[inline]
fn is_overridden(exchange: &Exchange, name: &[u8]) -> bool {
    let is_same = |other: &str| other.as_bytes().eq_ignore_ascii_case(name);
    exchange.overrides().is_some_and(|overrides| overrides.get(Part::Header, is_same).is_some())
}

/// Writes `$context.requestOverride.header`, by the rules of mapped headers; says which known names there were.
#[cold]
fn write_overrides(head: &mut HeadWriter, overrides: &Overrides) -> Result<u128, Fault> {
    let mut sent = 0;
    for (name, values) in overrides.all(Part::Header) {
        let id = identify(name.as_bytes());
        if is_forbidden_target(id) {
            return Err(Fault::mapping(Cause::ForbiddenHeader));
        }
        if id == HeaderName::Host || is_dropped_when_mapped(id) {
            continue;
        }
        sent |= bit(id);
        for value in values {
            head.field(name.as_bytes(), value.as_bytes());
        }
    }
    Ok(sent)
}

/// What is said of the client, where neither it nor a mapping does.
const OURS: u128 = set(&[HeaderName::XForwardedFor, HeaderName::XForwardedPort, HeaderName::XForwardedProto]);

/// `X-Forwarded-For` (the client's chain, then the client), `-Port` and `-Proto`; a mapped one replaces ours.
fn write_forwarded(
    head: &mut HeadWriter,
    sent: u128,
    request: &BackendRequest,
    written: &Written,
    exchange: &Exchange,
) {
    let input = &exchange.input;
    if sent & OURS == 0
        && !exchange.head.may_have(HeaderName::XForwardedFor)
        && let Some(lines) = exchange.forwarded.lines(exchange.peer.ip(), exchange.local_port, exchange.is_secure)
    {
        return head.trusted(lines);
    }
    if sent & bit(HeaderName::XForwardedFor) == 0 {
        head.value_with(b"X-Forwarded-For: ", |out| {
            for field in exchange
                .head
                .fields
                .iter()
                .filter(|field| field.id == HeaderName::XForwardedFor && field.value.start < field.value.end)
            {
                out.extend_from_slice(field.value.of(input));
                out.extend_from_slice(b", ");
            }
            values::append_ip(exchange.peer.ip(), out);
        });
    }
    if sent & bit(HeaderName::XForwardedPort) == 0 {
        head.value_with(b"X-Forwarded-Port: ", |out| {
            out.extend_from_slice(itoa::Buffer::new().format(exchange.local_port).as_bytes());
        });
    }
    if sent & bit(HeaderName::XForwardedProto) == 0 {
        head.trusted(proto(exchange.is_secure));
    }
    if exchange.deployment().is_some_and(|deployment| deployment.is_edge)
        && !written.replaces(request, EDGE_PROTO.as_bytes())
    {
        head.field(EDGE_PROTO.as_bytes(), scheme(exchange.is_secure).as_bytes());
    }
}

/// The content type of an `HTTP` integration that maps none (§7.4).
fn write_content_type(head: &mut HeadWriter, plan: &HttpPlan, exchange: &Exchange) {
    let content_type = exchange.header(HeaderName::ContentType);
    if exchange.known_verb().is_some_and(Verb::is_bodiless) {
        return;
    }
    match content_type {
        Some(content_type) => head.field(b"Content-Type", content_type),
        None if matches!(bodies::choose(&plan.templates, None), Choice::Render(_)) => {
            head.trusted(b"Content-Type: application/json\r\n");
        }
        None => {}
    }
}

#[cfg(test)]
#[path = "request_tests/mod.rs"]
mod tests;
