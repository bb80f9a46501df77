//! Customised gateway responses become plans: which one answers a failure, its headers, and its body's text in pieces.
//!
//! Templates here are no VTL: references are replaced, everything else is text (rest-api §5.5).
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use super::{
    backend_request::request_value,
    compile::Interned,
    plan::{ContextVariable, MappedHeader, RequestValue},
    problems::Problems,
    wire,
};
use crate::{http1::prebuild, outbound::headers::mapped_name, primitives::header_names::identify};

/// The gateway responses of a deployment that are customised.
#[derive(Debug)]
pub struct GatewayResponses {
    entries: Box<[GatewayResponsePlan]>,
}

/// A customised gateway response.
#[derive(Debug)]
pub struct GatewayResponsePlan {
    response_type: Box<str>,
    /// The status; `None` keeps that of the failure.
    pub status: Option<u16>,
    /// Headers that are set.
    pub headers: Box<[MappedHeader<GatewayValue>]>,
    /// Bodies by content type; without any it is AWS's own.
    pub templates: Box<[GatewayTemplate]>,
}

/// A body's text.
#[derive(Debug)]
pub struct GatewayTemplate {
    /// Its key.
    pub content_type: Box<str>,
    /// Text and references in turn.
    pub pieces: Box<[Piece]>,
}

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(Box<str>),
    /// What a reference stands for.
    Value(GatewayValue),
}

/// A source of a gateway response's header or text.
#[derive(Debug, PartialEq, Eq)]
pub enum GatewayValue {
    /// Of `$context.error`.
    Error(ErrorVariable),
    /// A path variable by its name: which number it has depends on the resource, if there is one.
    Path(Box<[u8]>),
    /// As in request mappings.
    Mapped(RequestValue),
}

/// A member of `$context.error`; only a failure has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorVariable {
    /// The text.
    Message,
    /// The text with quotes, as JSON.
    MessageString,
    /// The gateway response type of the failure, whichever response answers it.
    ResponseType,
    /// What the model found.
    ValidationErrorString,
}

impl GatewayResponses {
    /// What answers a failure of this type and status (§5.3): the type's own response as a whole, else that of its class.
    pub fn find(&self, response_type: &str, status: u16) -> Option<&GatewayResponsePlan> {
        let of = |wanted: &str| self.entries.iter().find(|entry| &*entry.response_type == wanted);
        of(response_type).or_else(|| of(if status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" }))
    }
}

/// Compiles what a deployment customises.
pub(super) fn compile(
    units: &[wire::GatewayResponse],
    interned: &mut Interned,
    problems: &mut Problems,
) -> Option<Box<GatewayResponses>> {
    let mut entries = Vec::with_capacity(units.len());
    for (index, unit) in units.iter().enumerate() {
        entries.push(problems.at_index(".gateway_responses", index, |problems| response(unit, interned, problems)));
    }
    (!entries.is_empty()).then(|| Box::new(GatewayResponses { entries: entries.into() }))
}

fn response(unit: &wire::GatewayResponse, interned: &mut Interned, problems: &mut Problems) -> GatewayResponsePlan {
    let status = unit.status_code.as_deref().map(|code| {
        // An interim status is no answer.
        let status = code.parse().ok().filter(|status| (200..=599).contains(status) && code.len() == 3);
        if status.is_none() {
            problems.at(".status_code", |problems| problems.add("a status code is three digits, 200 to 599"));
        }
        status.unwrap_or(500)
    });
    let mut headers: Vec<MappedHeader<GatewayValue>> = Vec::with_capacity(unit.headers.len());
    for (index, header) in unit.headers.iter().enumerate() {
        let Some(name) = mapped_name(header.name.as_bytes()) else { continue };
        if prebuild(&mut Vec::new(), &name, b"x").is_err() {
            problems.at_index(".headers", index, |problems| {
                problems.at(".name", |problems| problems.add("no header can have this name"));
            });
            continue;
        }
        let value = match &header.source {
            wire::RequestSource::Path { name } => GatewayValue::Path(name.as_bytes().into()),
            wire::RequestSource::Context { path } => context(path),
            wire::RequestSource::Body { .. } => {
                problems.at_index(".headers", index, |problems| {
                    problems.at(".source", |problems| problems.add("a gateway response has no body to read"));
                });
                continue;
            }
            source => GatewayValue::Mapped(request_value(source, &[], interned)),
        };
        headers.push(MappedHeader::new(&name, identify(&name), value));
    }
    let mut templates = Vec::with_capacity(unit.templates.len());
    for (index, template) in unit.templates.iter().enumerate() {
        if prebuild(&mut Vec::new(), b"Content-Type", template.content_type.as_bytes()).is_err() {
            problems.at_index(".templates", index, |problems| {
                problems.at(".content_type", |problems| problems.add("no header can have this value"));
            });
        }
        templates.push(GatewayTemplate {
            content_type: template.content_type.as_str().into(),
            pieces: pieces(&template.text, interned).into(),
        });
    }
    let response_type = unit.response_type.as_str().into();
    GatewayResponsePlan { response_type, status, headers: headers.into(), templates: templates.into() }
}

fn context(path: &str) -> GatewayValue {
    let absent = || ContextVariable::parse(path).map_or(RequestValue::Absent, RequestValue::Context);
    error(path).map_or_else(|| GatewayValue::Mapped(absent()), GatewayValue::Error)
}

fn error(path: &str) -> Option<ErrorVariable> {
    Some(match path {
        "error.message" => ErrorVariable::Message,
        "error.messageString" => ErrorVariable::MessageString,
        "error.responseType" => ErrorVariable::ResponseType,
        "error.validationErrorString" => ErrorVariable::ValidationErrorString,
        _ => return None,
    })
}

/// Splits a template into text and references.
fn pieces(text: &str, interned: &mut Interned) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while at < text.len() {
        let found = match text.as_bytes()[at] {
            b'$' | b'm' => reference(&text[at..], interned),
            _ => None,
        };
        let Some((length, value)) = found else {
            at += 1;
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        };
        if begin < at {
            pieces.push(Piece::Text(text[begin..at].into()));
        }
        pieces.push(Piece::Value(value));
        at += length;
        begin = at;
    }
    if begin < text.len() {
        pieces.push(Piece::Text(text[begin..].into()));
    }
    pieces
}

/// The reference that `text` begins with, and its length.
fn reference(text: &str, interned: &mut Interned) -> Option<(usize, GatewayValue)> {
    let run = |rest: &str, more: &str| {
        let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && !more.contains(next)).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', '-']).len()
    };
    if let Some(rest) = text.strip_prefix("$context.") {
        let name = &rest[..context_length(rest, run(rest, "._-"))];
        return (!name.is_empty()).then(|| ("$context.".len() + name.len(), context(name)));
    }
    if let Some(rest) = text.strip_prefix("$stageVariables.") {
        let name = &rest[..run(rest, "_")];
        let mut value = || GatewayValue::Mapped(RequestValue::StageVariable(interned.variable(name)));
        return (!name.is_empty()).then(|| ("$stageVariables.".len() + name.len(), value()));
    }
    // AWS writes these without the dollar sign; people write them with it.
    let start = usize::from(text.starts_with('$'));
    for (prefix, make) in PARAMETERS {
        if let Some(rest) = text[start..].strip_prefix(prefix) {
            let name = &rest[..run(rest, "._-")];
            return (!name.is_empty()).then(|| (start + prefix.len() + name.len(), make(name.as_bytes().into())));
        }
    }
    None
}

/// What becomes of a parameter's name.
type Parameter = fn(Box<[u8]>) -> GatewayValue;

/// How a request's parameters are named, and what they become.
const PARAMETERS: [(&str, Parameter); 3] = [
    ("method.request.header.", |name| GatewayValue::Mapped(RequestValue::Header(name))),
    ("method.request.querystring.", |name| GatewayValue::Mapped(RequestValue::Querystring(name))),
    ("method.request.path.", GatewayValue::Path),
];

/// What is known is taken as far as it is known: `$context.requestId-1` is a name and a suffix.
fn context_length(rest: &str, whole: usize) -> usize {
    let is_end = |end: &usize| *end == whole || matches!(rest.as_bytes()[*end], b'.' | b'-' | b'_');
    let known = |end: &usize| error(&rest[..*end]).is_some() || ContextVariable::parse(&rest[..*end]).is_some();
    let dashed = rest[..whole].find('-').unwrap_or(whole);
    (1..=whole).rev().filter(is_end).find(known).unwrap_or(dashed)
}

#[cfg(test)]
#[path = "gateway_response_tests.rs"]
mod tests;
