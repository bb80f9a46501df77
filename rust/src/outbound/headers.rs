//! Headers towards the client: which pass, are renamed or dropped (rest-api §8.5), and those of every answer (§3).

use crate::{
    exchange::Exchange,
    http1::HeadWriter,
    integration::headers::set,
    primitives::header_names::{HeaderName as H, identify},
};

/// What renamed headers begin with; their own spelling follows.
pub const REMAPPED: &[u8] = b"x-amzn-Remapped-";

/// Renamed for every integration type.
const REMAP: u128 = set(&[
    H::Connection,
    H::ContentLength,
    H::Date,
    H::Server,
    H::Authorization,
    H::ContentMd5,
    H::MaxForwards,
    H::UserAgent,
    H::WwwAuthenticate,
    H::XAmznRequestId,
    // Like it, or the client would get two ids.
    H::XAmzApigwId,
]);

/// Renamed when mapped, dropped when an `HTTP_PROXY` backend sends them.
const REMAP_OR_DROP: u128 = set(&[H::Expect, H::Host, H::ProxyAuthenticate, H::Trailer, H::Upgrade]);

/// Renamed on the way from an `HTTP_PROXY` backend.
pub const REMAP_OF_PROXY: u128 = REMAP;

/// Dropped on the way from an `HTTP_PROXY` backend, but for `Content-Encoding`, which goes with its coding.
pub const DROP_OF_PROXY: u128 =
    REMAP_OR_DROP | set(&[H::Te, H::TransferEncoding, H::Via, H::KeepAlive, H::ProxyConnection]);

/// Dropped even when mapped: only the gateway frames a message and rules a connection.
const DROP_WHEN_MAPPED: u128 = set(&[H::TransferEncoding, H::KeepAlive, H::ProxyConnection]);

/// The name under which a mapped response header is sent; `None` when it is dropped.
pub fn mapped_name(name: &[u8]) -> Option<Box<[u8]>> {
    let bit = crate::integration::headers::bit(identify(name));
    if DROP_WHEN_MAPPED & bit != 0 {
        None
    } else if (REMAP | REMAP_OR_DROP) & bit != 0 {
        Some([REMAPPED, name].concat().into())
    } else {
        Some(name.into())
    }
}

/// Whether an answer with this status may have a body, and so a length.
#[inline]
pub fn may_have_body(status: u16) -> bool {
    status >= 200 && status != 204 && status != 304
}

/// Ends an answer behind its head: what is known of it, and its body where it may have one.
#[inline(always)]
#[expect(clippy::inline_always, reason = "once a request, and its other callers are rare; measured")]
pub fn append_body(exchange: &mut Exchange, status: u16, body: &[u8], out: &mut Vec<u8>) {
    exchange.status = status;
    exchange.response_length = 0;
    if may_have_body(status) && !exchange.is_head() {
        out.extend_from_slice(body);
        exchange.response_length = body.len() as u64;
    }
}

/// What a client is told that asked for a fresh answer without leave (§13).
pub const CACHE_CONTROL_IGNORED: &[u8] =
    b"Warning: 199 Cache-control headers were ignored because the caller was unauthorized.\r\n";

/// The lines of every answer, with places for what differs.
const LINES: &[u8; LENGTH] =
    b"x-amzn-RequestId: 00000000-0000-0000-0000-000000000000\r\nx-amz-apigw-id: 0000000000000000\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n";
const LENGTH: usize = REQUEST_ID + 36 + 2 + 16 + 16 + 2 + 6 + 29 + 2;
const REQUEST_ID: usize = 18;
const EXTENDED: usize = REQUEST_ID + 36 + 2 + 16;
const DATE: usize = EXTENDED + 16 + 2 + 6;

/// Writes the headers of every answer: ids, date, connection.
#[inline]
pub fn baseline(head: &mut HeadWriter, exchange: &Exchange, keep_alive: bool, date: &[u8; 29]) {
    let mut lines = *LINES;
    lines[REQUEST_ID..REQUEST_ID + 36].copy_from_slice(&exchange.request_id);
    lines[EXTENDED..EXTENDED + 16].copy_from_slice(&exchange.extended_request_id);
    lines[DATE..DATE + 29].copy_from_slice(date);
    head.trusted(&lines);
    head.trusted(if keep_alive { b"Connection: keep-alive\r\n" } else { b"Connection: close\r\n" });
    if exchange.warns_of_cache_control {
        head.trusted(CACHE_CONTROL_IGNORED);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(name: &str) -> Option<String> {
        mapped_name(name.as_bytes()).map(|name| String::from_utf8(name.into()).expect("ascii"))
    }

    #[test]
    fn s8_5_mapped_headers_are_renamed_passed_or_dropped() {
        for name in [
            "Connection",
            "Content-Length",
            "Date",
            "Server",
            "Authorization",
            "Content-MD5",
            "Max-Forwards",
            "User-Agent",
            "WWW-Authenticate",
            "Expect",
            "Host",
            "Proxy-Authenticate",
            "Trailer",
            "Upgrade",
        ] {
            assert_eq!(mapped(name), Some(format!("x-amzn-Remapped-{name}")));
        }
        for name in [
            "TE",
            "Content-Encoding",
            "Via",
            "Accept",
            "Age",
            "Pragma",
            "Range",
            "Referer",
            "Warn",
            "X-Custom",
            "Content-Type",
        ] {
            assert_eq!(mapped(name).as_deref(), Some(name));
        }
        assert_eq!(mapped("transfer-encoding"), None);
        assert_eq!(mapped("sErVeR").as_deref(), Some("x-amzn-Remapped-sErVeR"));
    }

    #[test]
    fn s3_the_lines_of_every_answer() {
        let exchange = Exchange { request_id: [b'a'; 36], extended_request_id: [b'e'; 16], ..Exchange::default() };
        let mut out = Vec::new();
        let mut head = HeadWriter::new(&mut out);
        baseline(&mut head, &exchange, false, b"Sat, 21 Nov 2026 09:00:00 GMT");
        head.finish().expect("writable");
        let wanted = format!(
            "x-amzn-RequestId: {}\r\nx-amz-apigw-id: {}\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\nConnection: close\r\n\r\n",
            "a".repeat(36),
            "e".repeat(16)
        );
        assert_eq!(String::from_utf8_lossy(&out), wanted);
    }
}
