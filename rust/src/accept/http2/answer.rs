//! An answer's head as HTTP/2 wants it, from the lines that the pipeline wrote: the one place where that is made.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

use crate::primitives::header_names::{HeaderName as Known, identify};

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    /// So many bytes.
    Length(u64),
    /// Bytes until the stream ends.
    Some,
}

/// An answer's head and how many bytes of what was given it took; nothing for what is no head.
pub(super) fn head(written: &[u8]) -> Option<(Response<()>, Follows, usize)> {
    let end = memchr::memmem::find(written, b"\r\n\r\n")? + 4;
    // One piece of memory for all values.
    let shared = Bytes::copy_from_slice(&written[..end]);
    let status = StatusCode::from_bytes(shared.get(9..12)?).ok()?;
    let mut response = Response::new(());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(12);
    let mut length = None;
    let mut at = memchr::memchr(b'\n', &shared)? + 1;
    while at + 2 < end {
        let line = &shared[at..];
        let colon = memchr::memchr(b':', line)?;
        let stop = colon + memchr::memchr(b'\r', &line[colon..])?;
        let id = identify(&line[..colon]);
        let value = at + colon + 2..at + stop;
        at += stop + 2;
        match id {
            // Streams have their own ways to end, and none to rule their connection.
            Known::Connection
            | Known::KeepAlive
            | Known::ProxyConnection
            | Known::TransferEncoding
            | Known::Upgrade => {
                continue;
            }
            Known::ContentLength => length = std::str::from_utf8(&shared[value.clone()]).ok()?.parse().ok(),
            _ => {}
        }
        let name = match known(id) {
            Some(name) => name,
            None => HeaderName::from_bytes(&line[..colon]).ok()?,
        };
        headers.append(name, HeaderValue::from_maybe_shared(shared.slice(value)).ok()?);
    }
    Some((response, length.map_or(Follows::Some, Follows::Length), end))
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
static APIGW_ID: HeaderName = HeaderName::from_static("x-amz-apigw-id");
static ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
static TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// Names of every answer, made once.
fn known(id: Known) -> Option<HeaderName> {
    Some(match id {
        Known::ContentType => header::CONTENT_TYPE,
        Known::ContentLength => header::CONTENT_LENGTH,
        Known::Date => header::DATE,
        Known::XAmznRequestId => REQUEST_ID.clone(),
        Known::XAmzApigwId => APIGW_ID.clone(),
        Known::XAmznErrorType => ERROR_TYPE.clone(),
        Known::XAmznTraceId => TRACE_ID.clone(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Shown = (u16, Vec<(String, String)>, Follows, usize);

    fn shown(written: &str) -> Option<Shown> {
        let (response, follows, taken) = head(written.as_bytes())?;
        let fields = response.headers().iter();
        let fields = fields.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        Some((response.status().as_u16(), fields.collect(), follows, taken))
    }

    #[test]
    fn lines_become_fields() {
        let text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Twice: a:b\r\nX-Twice: \r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello";
        let fields = [("content-type", "text/plain"), ("x-twice", "a:b"), ("x-twice", ""), ("content-length", "5")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(shown(text), Some((200, fields, Follows::Length(5), text.len() - 5)));
        let text = "HTTP/1.1 418 I'm a teapot\r\nTransfer-Encoding: chunked\r\nUpgrade: x\r\nKeep-Alive: x\r\n\r\n";
        assert_eq!(shown(text), Some((418, Vec::new(), Follows::Some, text.len())));
        let text = "HTTP/1.1 100 Continue\r\n\r\n";
        assert_eq!(shown(text), Some((100, Vec::new(), Follows::Some, text.len())));
    }

    #[test]
    fn what_is_no_head_becomes_none() {
        for text in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 099 No\r\n\r\n",
            "HTTP/1.1 200 OK\r\nA b: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nab\r\n\r\n",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
