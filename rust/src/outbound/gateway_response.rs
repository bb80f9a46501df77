//! What the gateway itself answers when a request fails: rest-api §5 and §1.2. An API's own gateway response answers where
//! there is one, else AWS's, which is a row of `fault`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use std::borrow::Cow;

use super::headers::{append_body, baseline, may_have_body};
use crate::{
    exchange::Exchange,
    fault::{BodyForm, Fault},
    http1::{HeadWriter, Unwritable},
    integration::{bodies::media_type, values},
    primitives::header_names::HeaderName,
    snapshot::gateway_response::{ErrorVariable, GatewayResponsePlan, GatewayTemplate, GatewayValue, Piece},
};

/// Writes the whole answer; sets `status`, `response_length` and `fault`. Never fails: where an API's own response cannot be
/// written, AWS's is.
pub fn write(exchange: &mut Exchange, fault: &Fault, keep_alive: bool, date: &[u8; 29], out: &mut Vec<u8>) {
    exchange.fault = Some(fault.clone());
    // What fails before a deployment is known has no type (§1.2), and most APIs customise nothing.
    let stage = exchange.stage.clone();
    let responses = stage.as_deref().and_then(|stage| stage.deployment.gateway_responses.as_deref());
    let response_type = fault.kind.row().response_type;
    let own = responses.zip(response_type).and_then(|(all, response_type)| all.find(response_type, fault.status()));
    match own {
        None => stock(exchange, fault, keep_alive, date, out),
        // A header that no head can hold: nothing of this answer is sent.
        Some(own) if customised(exchange, fault, own, keep_alive, date, out).is_err() => {
            stock(exchange, &Fault::CONFIGURATION, keep_alive, date, out);
        }
        Some(_) => {}
    }
}

/// AWS's own answer: everything in it is ours.
fn stock(exchange: &mut Exchange, fault: &Fault, keep_alive: bool, date: &[u8; 29], out: &mut Vec<u8>) {
    let row = fault.kind.row();
    let body = match (&fault.message, row.form) {
        (None, _) => Cow::Borrowed(row.body),
        (Some(message), BodyForm::Text) => Cow::Borrowed(&**message),
        (Some(message), BodyForm::Json) => Cow::Owned(json("message", message)),
        (Some(message), BodyForm::Message) => Cow::Owned(json("Message", message)),
    };
    let mut head = HeadWriter::new(out);
    head.status_line(row.status);
    head.trusted(match row.form {
        BodyForm::Json | BodyForm::Message => b"Content-Type: application/json\r\n",
        BodyForm::Text => b"Content-Type: text/plain\r\n",
    });
    head.content_length(body.len() as u64);
    if let Some(error_type) = row.error_type {
        head.field(b"x-amzn-ErrorType", error_type.as_bytes());
    }
    baseline(&mut head, exchange, keep_alive, date);
    let written = head.finish();
    debug_assert!(written.is_ok(), "the table holds only what a head can");
    append_body(exchange, row.status, body.as_bytes(), out);
}

/// The API's own answer: its status, headers and body, where it has them.
#[cold]
fn customised(
    exchange: &mut Exchange,
    fault: &Fault,
    own: &GatewayResponsePlan,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let status = own.status.unwrap_or(fault.status());
    let template = choose(&own.templates, exchange);
    let body = match template {
        Some(template) => render(template, exchange, fault),
        None => json("message", fault.message()).into_bytes(),
    };
    let mut head = HeadWriter::new(out);
    head.status_line(status);
    if may_have_body(status) {
        head.content_length(body.len() as u64);
    }
    if let Some(error_type) = fault.kind.row().error_type {
        head.field(b"x-amzn-ErrorType", error_type.as_bytes());
    }
    let mut has_content_type = false;
    for header in &own.headers {
        let is_written = head.value_with(&header.start, |out| append(&header.value, exchange, fault, out));
        has_content_type |= is_written && header.id == HeaderName::ContentType;
    }
    if !has_content_type {
        let content_type = template.map_or("application/json", |template| &template.content_type);
        head.field(b"Content-Type", content_type.as_bytes());
    }
    baseline(&mut head, exchange, keep_alive, date);
    head.finish()?;
    append_body(exchange, status, &body, out);
    Ok(())
}

/// The template of the first media type in `Accept` that has one, else that of `application/json`, else the first.
fn choose<'a>(templates: &'a [GatewayTemplate], exchange: &Exchange) -> Option<&'a GatewayTemplate> {
    let find =
        |key: &[u8]| templates.iter().find(|template| template.content_type.as_bytes().eq_ignore_ascii_case(key));
    let accept = exchange.header(HeaderName::Accept).unwrap_or_default();
    let mut accepted = accept.split(|byte| *byte == b',').map(media_type);
    accepted.find_map(find).or_else(|| find(b"application/json")).or_else(|| templates.first())
}

fn render(template: &GatewayTemplate, exchange: &Exchange, fault: &Fault) -> Vec<u8> {
    let mut body = Vec::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => body.extend_from_slice(text.as_bytes()),
            Piece::Value(value) => append(value, exchange, fault, &mut body),
        }
    }
    body
}

/// Appends what a reference stands for; what there is not is nothing.
fn append(value: &GatewayValue, exchange: &Exchange, fault: &Fault, out: &mut Vec<u8>) {
    match value {
        GatewayValue::Error(ErrorVariable::Message) => out.extend_from_slice(fault.message().as_bytes()),
        GatewayValue::Error(ErrorVariable::MessageString) => out.extend_from_slice(quoted(fault.message()).as_bytes()),
        GatewayValue::Error(ErrorVariable::ResponseType) => {
            out.extend_from_slice(fault.kind.row().response_type.unwrap_or_default().as_bytes());
        }
        GatewayValue::Error(ErrorVariable::ValidationErrorString) => {
            out.extend_from_slice(fault.validation_error().as_bytes());
        }
        GatewayValue::Path(name) => out.extend_from_slice(path_parameter(exchange, name)),
        GatewayValue::Mapped(value) => values::append_request(value, exchange, out),
    }
}

/// The raw value of a path variable; empty where nothing was matched.
fn path_parameter<'a>(exchange: &'a Exchange, name: &[u8]) -> &'a [u8] {
    let path = exchange.deployment().map_or(&[][..], |deployment| deployment.tree.path(exchange.resource));
    let mut variables = path.split(|byte| *byte == b'/').filter_map(|part| part.strip_prefix(b"{")?.strip_suffix(b"}"));
    let number = variables.position(|variable| variable.strip_suffix(b"+").unwrap_or(variable) == name);
    let span = number.and_then(|number| exchange.path_parameters.get(number));
    span.map_or(&[], |span| span.of(&exchange.input))
}

/// `{"message":"…"}`.
fn json(key: &str, message: &str) -> String {
    format!("{{\"{key}\":{}}}", quoted(message))
}

fn quoted(message: &str) -> String {
    // A string always becomes JSON.
    serde_json::to_string(message).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
#[path = "gateway_response_tests.rs"]
mod tests;
