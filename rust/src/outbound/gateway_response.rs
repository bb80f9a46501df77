//! What the gateway itself answers when a request fails: rest-api §5 and §1.2. Customised gateway responses come later.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use std::borrow::Cow;

use super::headers::baseline;
use crate::{
    exchange::Exchange,
    fault::{BodyForm, Fault},
    http1::HeadWriter,
};

/// Writes the whole answer; sets `status` and `response_length`. Never fails: everything in it is ours.
pub fn write(exchange: &mut Exchange, fault: &Fault, keep_alive: bool, date: &[u8; 29], out: &mut Vec<u8>) {
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
    exchange.status = row.status;
    exchange.fault = Some(fault.clone());
    exchange.response_length = 0;
    if !exchange.is_head() {
        out.extend_from_slice(body.as_bytes());
        exchange.response_length = body.len() as u64;
    }
}

/// `{"message":"…"}`.
fn json(key: &str, message: &str) -> String {
    // A string always becomes JSON.
    let quoted = serde_json::to_string(message).unwrap_or_else(|_| "null".to_owned());
    format!("{{\"{key}\":{quoted}}}")
}

#[cfg(test)]
#[path = "gateway_response_tests.rs"]
mod tests;
