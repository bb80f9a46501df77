//! The answer of an `HTTP_PROXY` backend on its way to the client: rest-api §8.5 and §3.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>

use super::headers::{DROP_OF_PROXY, REMAP_OF_PROXY, REMAPPED, baseline, may_have_body};
use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::{Framing, HeadWriter, ResponseHead},
    inbound::content_encoding::Coding,
    integration::{headers::bit, request::is_named_by_connection},
    primitives::header_names::HeaderName,
};

/// The coding of the answer's body that has to be undone; `None` passes the bytes as they are.
pub fn coding(backend: &ResponseHead, backend_bytes: &[u8]) -> Option<Coding> {
    match content_encoding(backend, backend_bytes) {
        ContentEncoding::Undo(coding) => Some(coding),
        ContentEncoding::Absent | ContentEncoding::Identity | ContentEncoding::Unknown => None,
    }
}

enum ContentEncoding {
    Absent,
    Identity,
    Undo(Coding),
    /// Cannot be undone: header and bytes both pass.
    Unknown,
}

#[inline]
fn content_encoding(backend: &ResponseHead, bytes: &[u8]) -> ContentEncoding {
    let mut found = ContentEncoding::Absent;
    for field in backend.fields.iter().filter(|field| field.id == HeaderName::ContentEncoding) {
        found = match (found, field.value.of(bytes)) {
            (found, b"") => found,
            (ContentEncoding::Absent | ContentEncoding::Identity, value) => match Coding::parse(value) {
                Some(coding) => ContentEncoding::Undo(coding),
                None if value.eq_ignore_ascii_case(b"identity") => ContentEncoding::Identity,
                None => ContentEncoding::Unknown,
            },
            (_, value) if value.eq_ignore_ascii_case(b"identity") => return ContentEncoding::Unknown,
            // Two codings on top of each other.
            _ => return ContentEncoding::Unknown,
        };
    }
    found
}

/// Writes the whole answer head; `body` is how the caller frames what follows (the decoded bytes when there is a `coding`).
pub fn write_head(
    exchange: &mut Exchange,
    backend: &ResponseHead,
    backend_bytes: &[u8],
    body: Framing,
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if backend.status < 200 {
        return Err(Fault::BAD_BACKEND_HEAD);
    }
    exchange.integration_status = backend.status;
    let mut head = HeadWriter::new(out);
    head.status_line(backend.status);
    baseline(&mut head, exchange, keep_alive, date);
    let content_encoding = content_encoding(backend, backend_bytes);
    let drop = match content_encoding {
        ContentEncoding::Unknown => DROP_OF_PROXY,
        _ => DROP_OF_PROXY | bit(HeaderName::ContentEncoding),
    };
    let names_headers = backend.fields.iter().any(|field| {
        let value = field.value.of(backend_bytes);
        field.id == HeaderName::Connection
            && !value.eq_ignore_ascii_case(b"keep-alive")
            && !value.eq_ignore_ascii_case(b"close")
    });
    let mut has_content_type = false;
    let mut length = None;
    for field in &backend.fields {
        let mark = bit(field.id);
        if mark & (REMAP_OF_PROXY | drop) != 0 {
            if field.id == HeaderName::ContentLength {
                length = std::str::from_utf8(field.value.of(backend_bytes)).ok().and_then(|text| text.parse().ok());
            }
            if mark & REMAP_OF_PROXY != 0 {
                remap(&mut head, field.name.of(backend_bytes), field.value.of(backend_bytes));
            }
            continue;
        }
        if names_headers && is_named_by_connection(&backend.fields, backend_bytes, field) {
            continue;
        }
        has_content_type |= field.id == HeaderName::ContentType;
        head.forward(backend_bytes, field);
    }
    if !has_content_type {
        head.trusted(b"Content-Type: application/json\r\n");
    }
    match body {
        Framing::None if exchange.is_head() => {
            // What a GET would have; unknown when we would decode it.
            if let (Some(length), ContentEncoding::Absent | ContentEncoding::Unknown) = (length, &content_encoding) {
                head.content_length(length);
            }
        }
        Framing::None if may_have_body(backend.status) => head.content_length(0),
        framing => head.framing(framing),
    }
    head.finish().map_err(|_| Fault::INTERNAL)?;
    exchange.status = backend.status;
    Ok(())
}

fn remap(head: &mut HeadWriter, name: &[u8], value: &[u8]) {
    // The longest name in the set has 16 letters.
    let mut renamed = [0; 48];
    let length = REMAPPED.len() + name.len();
    if let Some(renamed) = renamed.get_mut(..length) {
        renamed[..REMAPPED.len()].copy_from_slice(REMAPPED);
        renamed[REMAPPED.len()..].copy_from_slice(name);
        head.field(renamed, value);
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
