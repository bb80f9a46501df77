//! Answers that are selected and mapped: those of `HTTP` backends and of MOCK (rest-api §8.1–8.5).
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html>

use std::borrow::Cow;

use super::{
    compression,
    headers::{append_body, baseline, may_have_body},
    overridden::Overridden,
    proxy::{self, ContentEncoding},
};
use crate::{
    exchange::Exchange,
    fault::{Cause, Fault},
    http1::{HeadWriter, ResponseHead},
    integration::{
        bodies::{self, Payload},
        body_values, trace, transform,
        values::{self, Answered},
    },
    primitives::{
        content_coding::{self, NotDecoded},
        header_names::HeaderName,
    },
    snapshot::{
        plan::{IntegrationPlan, ResponsePlan, ResponseTemplate, StagePlan},
        wire::ContentHandling,
    },
};

/// Writes the whole answer of an `HTTP` backend, body included.
pub fn write(
    exchange: &mut Exchange,
    backend: &ResponseHead,
    backend_bytes: &[u8],
    body: &[u8],
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    exchange.integration_status = backend.status;
    let Some(stage) = exchange.stage.clone() else { return Err(Fault::INTERNAL) };
    let Some(IntegrationPlan::Http(plan)) =
        stage.deployment.methods.get(exchange.method as usize).map(|method| &method.integration)
    else {
        return Err(Fault::INTERNAL);
    };
    // AWS: no match and no default is a configuration error.
    let selected = plan.responses.select(backend.status.into());
    let selected = selected.ok_or(Fault::mapping(Cause::NoOutputMapping(backend.status)))?;
    let response = &plan.responses.entries[selected];
    let (body, coded) = undo_coding(response, backend, backend_bytes, body)?;
    // AWS: the mapping comes before the conversion.
    let body_values = body_values::of_answer(response, &body)?;
    let answered = Answered { head: backend, bytes: backend_bytes, body_values: &body_values };
    let source = Source { backend: Some(answered), body: &body, coded };
    write_response(exchange, &stage, response, &source, keep_alive, date, out)
}

/// The most that a coded answer may become: AWS's limit of a response payload (§19).
const MOST_DECODED: usize = 10 << 20;

/// What a coded answer becomes: coding and header go together or stay together (§8.5).
fn undo_coding<'a>(
    response: &ResponsePlan,
    backend: &ResponseHead,
    backend_bytes: &[u8],
    body: &'a [u8],
) -> Result<(Cow<'a, [u8]>, Coded), Fault> {
    let is_mapped = response.headers.iter().any(|header| header.id == HeaderName::ContentEncoding);
    Ok(match proxy::content_encoding(backend, backend_bytes) {
        ContentEncoding::Absent | ContentEncoding::Identity => (Cow::Borrowed(body), Coded::No),
        _ if is_mapped => (Cow::Borrowed(body), Coded::Mapped),
        ContentEncoding::Unknown => (Cow::Borrowed(body), Coded::Passes),
        ContentEncoding::Undo(coding) => match content_coding::decode(coding, body, MOST_DECODED) {
            Ok(decoded) => (Cow::Owned(decoded), Coded::No),
            Err(NotDecoded::TooLarge) => return Err(Fault::RESPONSE_TOO_LARGE),
            Err(NotDecoded::Corrupt(_)) => return Err(Fault::INTERNAL),
        },
    })
}

/// Whether a body is still in a coding; then it is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coded {
    /// It is not.
    No,
    /// The mapping passes the coding's header on.
    Mapped,
    /// Nobody can undo it: the header passes though nothing maps it.
    Passes,
}

/// What a response is mapped from.
pub(crate) struct Source<'a> {
    /// What the backend answered; MOCK has none.
    pub(crate) backend: Option<Answered<'a>>,
    /// The backend's body.
    pub(crate) body: &'a [u8],
    /// Whether it is still in a coding.
    pub(crate) coded: Coded,
}

/// Writes the whole answer that an integration response describes.
pub(crate) fn write_response(
    exchange: &mut Exchange,
    stage: &StagePlan,
    response: &ResponsePlan,
    source: &Source,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    // AWS: a status without a method response is a configuration error (§8.2). An interim one is no answer.
    if !response.declared || response.status < 200 {
        return Err(Fault::mapping(Cause::UndeclaredStatus(response.status)));
    }
    let template = choose(&response.templates, exchange.header(HeaderName::Accept));
    let plays = template.filter(|template| !template.text.is_empty());
    let payload = convert(exchange, stage, response, source, plays.is_some())?;
    let body = match plays {
        Some(ResponseTemplate { program: Some(program), .. }) => {
            Cow::Owned(transform::render(&program.0, exchange, &payload, Cause::TransformResponse)?)
        }
        // AWS: a template reads text only.
        Some(_) if !payload.is_text() => return Err(Fault::transform(Cause::TransformResponse)),
        Some(template) => Cow::Borrowed(&*template.text),
        None => payload.into_bytes(),
    };
    let overridden = Overridden::of(exchange);
    let status = overridden.as_ref().map_or(response.status, |overridden| overridden.status(response.status));
    let is_overridden = |name: &[u8]| overridden.as_ref().is_some_and(|overridden| overridden.replaces(name));
    // A coding that stays, or that the mapping claims, is enough.
    let is_coded = source.coded != Coded::No || response.sets_content_encoding || is_overridden(b"Content-Encoding");
    let wish = if is_coded { None } else { compression::wish(exchange, status) };
    let wish = wish.filter(|wish| body.len() as u64 >= wish.least);
    let body = match wish {
        Some(wish) => Cow::Owned(content_coding::encode(wish.coding, &body)),
        None => body,
    };
    let start = out.len();
    let mut head = HeadWriter::new(out);
    match (plays, &body) {
        _ if overridden.is_some() => {}
        (Some(template), Cow::Borrowed(_)) => head.trusted(&template.start),
        (None, Cow::Borrowed([])) if template.is_none() => head.trusted(&response.empty_start),
        _ => write_start(&mut head, response, template, body.len()),
    }
    if let Some(overridden) = &overridden {
        write_overridden(&mut head, response, template, body.len(), overridden);
    }
    if let Some(wish) = wish {
        head.trusted(compression::line(wish.coding));
    }
    let mut has_content_type = !response.sets_content_type || is_overridden(b"Content-Type");
    let mut has_trace_id = is_overridden(b"X-Amzn-Trace-Id");
    for header in &response.headers {
        let is_written = !is_overridden(header.name())
            && head
                .value_with(&header.start, |out| values::append_response(&header.value, exchange, source.backend, out));
        has_content_type |= is_written && header.id == HeaderName::ContentType;
        has_trace_id |= is_written && header.id == HeaderName::XAmznTraceId;
    }
    if !has_content_type
        && !response.headers.is_empty()
        && response.headers.iter().any(|header| header.id == HeaderName::ContentType)
    {
        head.field(b"Content-Type", template.map_or("application/json", |template| &template.content_type).as_bytes());
    }
    if source.coded == Coded::Passes
        && plays.is_none()
        && let Some(Answered { head: backend, bytes, .. }) = source.backend
    {
        for field in backend.fields.iter().filter(|field| field.id == HeaderName::ContentEncoding) {
            head.forward(bytes, field);
        }
    }
    // AWS: only an integration that asked a backend answers with its trace (§3).
    if source.backend.is_some() && !has_trace_id {
        head.value_with(b"X-Amzn-Trace-Id: ", |out| trace::append(exchange, out));
    }
    baseline(&mut head, exchange, keep_alive, date);
    // Whatever a source put in that no head can hold: nothing of it is sent.
    head.finish().map_err(|_| Fault::CONFIGURATION)?;
    debug_assert!(out.len() > start, "a head was written");
    append_body(exchange, status, &body, out);
    Ok(())
}

/// The lines that are prebuilt when the body is a template's.
fn write_start(head: &mut HeadWriter, response: &ResponsePlan, template: Option<&ResponseTemplate>, length: usize) {
    head.status_line(response.status);
    if !response.sets_content_type {
        head.field(b"Content-Type", template.map_or("application/json", |template| &template.content_type).as_bytes());
    }
    if may_have_body(response.status) {
        head.content_length(length as u64);
    }
    head.trusted(&response.fixed_lines);
}

/// The same where a template has replaced the status, or headers.
fn write_overridden(
    head: &mut HeadWriter,
    response: &ResponsePlan,
    template: Option<&ResponseTemplate>,
    length: usize,
    overridden: &Overridden,
) {
    let status = overridden.status(response.status);
    head.status_line(status);
    if !response.sets_content_type && !overridden.sets(HeaderName::ContentType) {
        head.field(b"Content-Type", template.map_or("application/json", |template| &template.content_type).as_bytes());
    }
    if may_have_body(status) {
        head.content_length(length as u64);
    }
    overridden.write_fixed(head, &response.fixed_lines);
    overridden.write(head);
}

/// The template for an `Accept`: its first media type, else `application/json`, else the first one (§8.4).
fn choose<'a>(templates: &'a [ResponseTemplate], accept: Option<&[u8]>) -> Option<&'a ResponseTemplate> {
    if templates.len() < 2 {
        return templates.first();
    }
    let find =
        |key: &[u8]| templates.iter().find(|template| template.content_type.as_bytes().eq_ignore_ascii_case(key));
    let key = accept.map(bodies::media_type).filter(|key| !key.is_empty()).unwrap_or(b"application/json");
    find(key).or_else(|| find(b"application/json")).or_else(|| templates.first())
}

/// Text or bytes, by the media types that the API calls binary and by `contentHandling` (§9.3). Templates read what comes of it.
fn convert<'a>(
    exchange: &Exchange,
    stage: &StagePlan,
    response: &ResponsePlan,
    source: &Source<'a>,
    is_rendered: bool,
) -> Result<Payload<'a>, Fault> {
    use ContentHandling::{ConvertToBinary, ConvertToText};
    let types = &stage.deployment.binary_media_types;
    let (is_produced, is_accepted) = if types.is_empty() || source.body.is_empty() {
        (false, false)
    } else {
        let content_type = source.backend.and_then(|Answered { head, bytes, .. }| {
            let mut fields = head.fields.iter().rev();
            fields.find(|field| field.id == HeaderName::ContentType).map(|field| field.value.of(bytes))
        });
        (bodies::is_binary(types, content_type), bodies::is_binary(types, exchange.header(HeaderName::Accept)))
    };
    Ok(match (is_produced, is_accepted, response.content_handling) {
        (false, true, None) | (false, _, Some(ConvertToBinary)) => Payload::Bytes(bodies::from_base64(source.body)?),
        (true, false, None) | (true, _, Some(ConvertToText)) => Payload::Text(bodies::to_base64(source.body)),
        (true, true, None) | (true, _, Some(ConvertToBinary)) => Payload::Bytes(Cow::Borrowed(source.body)),
        // What is still in its coding is no text.
        (false, ..) if source.coded != Coded::No && !is_rendered => Payload::Bytes(Cow::Borrowed(source.body)),
        (false, false, None) | (false, _, Some(ConvertToText)) => Payload::Text(bodies::text(source.body)),
    })
}

#[cfg(test)]
#[path = "mapped_tests.rs"]
mod tests;
