//! The answer of an `HTTP_PROXY` backend on its way to the client: rest-api §8.5 and §3.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>

use super::{
    compression::{self, Wish},
    headers::{DROP_OF_PROXY, REMAP_OF_PROXY, REMAPPED, baseline, may_have_body},
};
use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::{Framing, HeadWriter, ResponseHead},
    integration::{
        client_headers::{is_named_by_connection, names_headers},
        headers::bit,
    },
    primitives::{
        content_coding::Coding,
        header_names::{HeaderName, identify},
    },
};

/// The coding of the answer's body that has to be undone; `None` passes the bytes as they are.
pub fn coding(backend: &ResponseHead, backend_bytes: &[u8]) -> Option<Coding> {
    match content_encoding(backend, backend_bytes) {
        ContentEncoding::Undo(coding) => Some(coding),
        ContentEncoding::Absent | ContentEncoding::Identity | ContentEncoding::Unknown => None,
    }
}

/// How the answer is compressed, and from how many bytes on: not one that is in a coding which stays.
#[inline]
pub fn wish(exchange: &Exchange, backend: &ResponseHead, backend_bytes: &[u8]) -> Option<Wish> {
    let wish = compression::wish(exchange, backend.status)?;
    (!matches!(content_encoding(backend, backend_bytes), ContentEncoding::Unknown)).then_some(wish)
}

/// What a head says of a body that does not follow it.
pub fn announced(backend: &ResponseHead, backend_bytes: &[u8]) -> Option<u64> {
    let length = backend.fields.iter().find(|field| field.id == HeaderName::ContentLength)?;
    std::str::from_utf8(length.value.of(backend_bytes)).ok()?.parse().ok()
}

/// What an answer's `Content-Encoding` asks of us.
#[derive(Debug, Clone, Copy)]
pub(super) enum ContentEncoding {
    /// There is none.
    Absent,
    /// It says nothing.
    Identity,
    /// It can be undone.
    Undo(Coding),
    /// Cannot be undone: header and bytes both pass.
    Unknown,
}

/// Reads it; two codings on top of each other are unknown.
pub(super) fn content_encoding(backend: &ResponseHead, bytes: &[u8]) -> ContentEncoding {
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
    // One look tells what the usual answer does not have.
    let seen = backend.fields.iter().fold(0, |seen, field| seen | bit(field.id));
    let names_headers = seen & bit(HeaderName::Connection) != 0
        && names_headers(&backend.fields, backend_bytes).ok_or(Fault::BAD_BACKEND_HEAD)?;
    let mut head = HeadWriter::new(out);
    head.status_line(backend.status);
    baseline(&mut head, exchange, keep_alive, date);
    let is_coded = seen & bit(HeaderName::ContentEncoding) != 0;
    let passes_coding = is_coded && matches!(content_encoding(backend, backend_bytes), ContentEncoding::Unknown);
    let drop = if passes_coding { DROP_OF_PROXY } else { DROP_OF_PROXY | bit(HeaderName::ContentEncoding) };
    for field in &backend.fields {
        let mark = bit(field.id);
        // A chain of gateways must not make an answer longer hop by hop: what we rename takes the place of what was renamed before.
        if field.id == HeaderName::Other && renamed_before(field.name.of(backend_bytes)) & seen != 0 {
            continue;
        }
        if mark & REMAP_OF_PROXY != 0 {
            head.forward_as(REMAPPED, backend_bytes, field);
        } else if mark & drop == 0 && !(names_headers && is_named_by_connection(&backend.fields, backend_bytes, field))
        {
            head.forward(backend_bytes, field);
        }
    }
    if seen & bit(HeaderName::ContentType) == 0 {
        head.trusted(b"Content-Type: application/json\r\n");
    }
    if let Some(coding) = exchange.packed {
        head.trusted(compression::line(coding));
    }
    match body {
        Framing::None if exchange.is_head() => {
            // What a GET would have; unknown when we would decode it.
            if let Some(length) =
                announced(backend, backend_bytes).filter(|_| (!is_coded || passes_coding) && exchange.packed.is_none())
            {
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

/// The bit of the header that `x-amzn-Remapped-…` stood for, if this is such a name and we would rename it again; else none.
#[inline]
fn renamed_before(name: &[u8]) -> u128 {
    match name.split_at_checked(REMAPPED.len()) {
        Some((prefix, original)) if prefix.eq_ignore_ascii_case(REMAPPED) => bit(identify(original)) & REMAP_OF_PROXY,
        _ => 0,
    }
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
