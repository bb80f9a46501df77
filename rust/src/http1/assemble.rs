//! Request heads that do not come as text (HTTP/2): written into the exchange's buffer line by line as HTTP/1.1 would have
//! them, so that every later step finds one kind of head, and judged as strictly as those that are parsed.

use self::Refusal::BadRequest;
use super::{
    HeadLimits, Refusal, RequestHead,
    fields::{Meaning, mark},
    head::{Field, Framing, Span, Version},
    host::is_host,
    request::LONGEST_METHOD,
    scan::{is_token, target_end, value_end},
};
use crate::primitives::header_names::{HeaderName, identify};

/// What takes a request line's place.
#[derive(Debug, Clone, Copy)]
pub struct Pseudo<'a> {
    /// The method.
    pub method: &'a [u8],
    /// Path and query.
    pub path: &'a [u8],
    /// The host, if it was said here.
    pub authority: Option<&'a [u8]>,
}

/// A head on its way into a buffer; `finish` judges it as a whole.
#[derive(Debug)]
#[must_use = "a head is complete after finish"]
pub struct HeadAssembler<'a> {
    input: &'a mut Vec<u8>,
    head: &'a mut RequestHead,
    limits: &'a HeadLimits,
    lines: usize,
}

impl<'a> HeadAssembler<'a> {
    /// Begins a head in an empty buffer. A `Host` line stands in for the authority, which is the host of the request.
    pub fn begin(
        input: &'a mut Vec<u8>,
        head: &'a mut RequestHead,
        limits: &'a HeadLimits,
        pseudo: Pseudo<'_>,
    ) -> Result<Self, Refusal> {
        let Pseudo { method, path, authority } = pseudo;
        input.clear();
        head.clear();
        head.version = Version::Http2;
        if !is_token(method) || method.len() > LONGEST_METHOD || method == b"CONNECT" {
            return Err(BadRequest("the method is none that a gateway takes"));
        }
        if path.len() > limits.target as usize {
            return Err(Refusal::UriTooLong);
        }
        if path.first() != Some(&b'/') || target_end(path, 0).is_some() {
            return Err(BadRequest("the path is no path"));
        }
        head.method = append(input, method);
        input.push(b' ');
        head.target = append(input, path);
        head.path = head.target;
        input.extend_from_slice(b" HTTP/2.0\r\n");
        let lines = input.len();
        let mut assembler = Self { input, head, limits, lines };
        if let Some(authority) = authority {
            assembler.line(HeaderName::Host, b"host", authority);
            assembler.head.host = assembler.head.fields[0].value;
        }
        Ok(assembler)
    }

    /// One field. Crumbs of a cookie that follow each other become one (RFC 9113 §8.2.3).
    pub fn field(&mut self, name: &[u8], value: &[u8]) -> Result<(), Refusal> {
        let id = identify(name);
        if id == HeaderName::Other && !is_token(name) {
            return Err(BadRequest("a field name is no token"));
        }
        if value_end(value, 0).is_some() || value.trim_ascii().len() != value.len() {
            return Err(BadRequest("a value holds a control character or begins or ends with white space"));
        }
        match id {
            // RFC 9113 §8.2.2: what rules a connection has no place in a stream.
            HeaderName::Connection
            | HeaderName::KeepAlive
            | HeaderName::ProxyConnection
            | HeaderName::TransferEncoding
            | HeaderName::Upgrade => return Err(BadRequest("a field that belongs to HTTP/1.1 connections")),
            HeaderName::Te if value != b"trailers" => return Err(BadRequest("TE is not trailers")),
            HeaderName::Host if self.head.host != Span::default() => {
                // One of two that agree is enough.
                return if self.head.host.of(self.input).eq_ignore_ascii_case(value) {
                    Ok(())
                } else {
                    Err(BadRequest("the authority is another host"))
                };
            }
            HeaderName::Cookie if self.head.fields.last().is_some_and(|last| last.id == HeaderName::Cookie) => {
                // Behind an empty one nothing but white space would be left at the end.
                if !value.is_empty() {
                    self.crumb(value);
                }
            }
            _ => self.line(id, name, value),
        }
        if self.head.fields.len() > usize::from(self.limits.fields)
            || self.input.len() - self.lines > self.limits.header_block as usize
        {
            return Err(Refusal::HeadTooLarge);
        }
        Ok(())
    }

    fn line(&mut self, id: HeaderName, name: &[u8], value: &[u8]) {
        let name = append(self.input, name);
        self.input.extend_from_slice(b": ");
        let value = append(self.input, value);
        self.input.extend_from_slice(b"\r\n");
        self.head.fields.push(Field { name, value, id });
        self.head.marks |= mark(id);
    }

    fn crumb(&mut self, value: &[u8]) {
        self.input.truncate(self.input.len() - 2);
        self.input.extend_from_slice(b"; ");
        let end = append(self.input, value).end;
        self.input.extend_from_slice(b"\r\n");
        if let Some(last) = self.head.fields.last_mut() {
            last.value.end = end;
        }
    }

    /// Ends the head; `is_whole` says that no body follows.
    pub fn finish(self, is_whole: bool) -> Result<(), Refusal> {
        let Self { input, head, .. } = self;
        input.extend_from_slice(b"\r\n");
        let meaning = Meaning::of(input, &head.fields, Version::Http2).map_err(BadRequest)?;
        let host = meaning.host.ok_or(BadRequest("no authority"))?;
        if !is_host(host.of(input)) {
            return Err(BadRequest("the authority is no host[:port]"));
        }
        head.host = host;
        head.framing = match (meaning.length, is_whole) {
            (None | Some(0), true) => Framing::None,
            (Some(_), true) => return Err(BadRequest("a length and no body")),
            // The stream says where the body ends; a length of zero may yet be contradicted by data.
            (None | Some(0), false) => Framing::UntilClose,
            (Some(length), false) => Framing::Length(length),
        };
        head.keep_alive = true;
        head.expect_continue = meaning.expect_continue && head.framing != Framing::None;
        head.length = input.len() as u32;
        Ok(())
    }
}

fn append(input: &mut Vec<u8>, bytes: &[u8]) -> Span {
    let start = input.len() as u32;
    input.extend_from_slice(bytes);
    Span { start, end: input.len() as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: HeadLimits = HeadLimits { target: 100, header_block: 200, fields: 6 };

    fn assembled(
        pseudo: (&str, &str, Option<&str>),
        fields: &[(&str, &str)],
        is_whole: bool,
    ) -> Result<(Vec<u8>, RequestHead), Refusal> {
        let (mut input, mut head) = (b"left over".to_vec(), RequestHead::default());
        let (method, path, authority) = pseudo;
        let pseudo =
            Pseudo { method: method.as_bytes(), path: path.as_bytes(), authority: authority.map(str::as_bytes) };
        let mut assembler = HeadAssembler::begin(&mut input, &mut head, &LIMITS, pseudo)?;
        for (name, value) in fields {
            assembler.field(name.as_bytes(), value.as_bytes())?;
        }
        assembler.finish(is_whole)?;
        Ok((input, head))
    }

    #[test]
    fn a_head_is_what_the_parser_would_have_made_of_its_text() {
        let fields =
            [("accept", "*/*"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-other", ""), ("content-length", "7")];
        let (input, head) = assembled(("POST", "/p?q=1", Some("h.example:8443")), &fields, false).unwrap();
        let text = "POST /p?q=1 HTTP/2.0\r\nhost: h.example:8443\r\naccept: */*\r\ncookie: a=1; b=2\r\nx-other: \r\ncontent-length: 7\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&input), text);
        let mut parsed = RequestHead::default();
        let text = text.replace("HTTP/2.0", "HTTP/1.1");
        assert_eq!(super::super::parse_request(text.as_bytes(), &LIMITS, &mut parsed), Ok(true));
        assert_eq!((parsed.version, head.version), (Version::Http11, Version::Http2));
        assert_eq!(parsed.fields, head.fields);
        assert_eq!(
            (parsed.method, parsed.target, parsed.path, parsed.host),
            (head.method, head.target, head.path, head.host)
        );
        assert_eq!((parsed.framing, parsed.marks, parsed.length), (head.framing, head.marks, head.length));
        assert!(head.keep_alive && !head.expect_continue);
    }

    #[test]
    fn bodies_end_with_their_stream() {
        let get = ("GET", "/", Some("h"));
        let framing = |fields: &[_], is_whole| assembled(get, fields, is_whole).map(|(_, head)| head.framing);
        assert_eq!(framing(&[], true), Ok(Framing::None));
        assert_eq!(framing(&[], false), Ok(Framing::UntilClose));
        assert_eq!(framing(&[("content-length", "0")], true), Ok(Framing::None));
        assert_eq!(framing(&[("content-length", "0")], false), Ok(Framing::UntilClose));
        assert_eq!(framing(&[("content-length", "5")], false), Ok(Framing::Length(5)));
        assert_eq!(framing(&[("content-length", "5")], true), Err(BadRequest("a length and no body")));
        let (_, head) = assembled(get, &[("expect", "100-continue")], false).unwrap();
        assert!(head.expect_continue);
        let (_, head) = assembled(get, &[("expect", "100-continue")], true).unwrap();
        assert!(!head.expect_continue);
    }

    #[test]
    fn the_authority_is_the_host() {
        let host = |authority, fields: &[_]| {
            assembled(("GET", "/", authority), fields, true).map(|(input, head)| {
                let hosts = head.fields.iter().filter(|field| field.id == HeaderName::Host).count();
                assert_eq!(hosts, 1);
                String::from_utf8_lossy(head.host.of(&input)).into_owned()
            })
        };
        assert_eq!(host(Some("a"), &[]).as_deref(), Ok("a"));
        assert_eq!(host(None, &[("host", "b:1")]).as_deref(), Ok("b:1"));
        assert_eq!(host(Some("A.b"), &[("host", "a.B")]).as_deref(), Ok("A.b"));
        assert_eq!(host(Some("a"), &[("host", "b")]), Err(BadRequest("the authority is another host")));
        assert_eq!(host(None, &[]), Err(BadRequest("no authority")));
        assert_eq!(host(None, &[("host", "a"), ("host", "b")]), Err(BadRequest("several Hosts")));
        for bad in ["", "u@a", "a b", "a/b", "[::1"] {
            assert_eq!(host(Some(bad), &[]), Err(BadRequest("the authority is no host[:port]")), "{bad}");
        }
    }

    #[test]
    fn what_http1_refuses_is_refused() {
        for (method, path) in [
            ("CONNECT", "/"),
            ("", "/"),
            ("G T", "/"),
            ("GET", ""),
            ("GET", "*"),
            ("GET", "http://h/"),
            ("GET", "/a b"),
            ("GET", "/\u{7f}"),
            ("GET", "/\u{e9}"),
            ("GET", "/#"),
        ] {
            assert!(matches!(assembled((method, path, Some("h")), &[], true), Err(BadRequest(_))), "{method} {path}");
        }
        for (name, value) in [
            ("connection", "close"),
            ("keep-alive", "1"),
            ("proxy-connection", "close"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("te", "gzip"),
            ("", "x"),
            ("a b", "x"),
            ("a\r\nb", "x"),
            ("a", "x\r\ny: z"),
            ("a", "x\0"),
            ("a", " x"),
            ("a", "x\t"),
            ("content-length", "+1"),
            ("content-length", "1, 1"),
            ("content-length", ""),
        ] {
            let refused = assembled(("GET", "/", Some("h")), &[(name, value)], false);
            assert!(matches!(refused, Err(BadRequest(_))), "{name}: {value}");
        }
        let twice = [("content-length", "1"), ("content-length", "1")];
        assert_eq!(
            assembled(("GET", "/", Some("h")), &twice, false).map(drop),
            Err(BadRequest("several Content-Lengths"))
        );
        assert!(assembled(("GET", "/", Some("h")), &[("te", "trailers")], true).is_ok());
    }

    #[test]
    fn limits_are_those_of_http1() {
        let path = |length: usize| format!("/{}", "x".repeat(length - 1));
        assert!(assembled(("GET", &path(100), Some("h")), &[], true).is_ok());
        assert_eq!(assembled(("GET", &path(101), Some("h")), &[], true).map(drop), Err(Refusal::UriTooLong));
        // `host: h` takes nine bytes, `a: …` five and its value.
        let value = |length: usize| "x".repeat(length);
        assert!(assembled(("GET", "/", Some("h")), &[("a", &value(186))], true).is_ok());
        let larger = assembled(("GET", "/", Some("h")), &[("a", &value(187))], true);
        assert_eq!(larger.map(drop), Err(Refusal::HeadTooLarge));
        assert!(assembled(("GET", "/", Some("h")), &[("a", ""); 5], true).is_ok());
        assert_eq!(assembled(("GET", "/", Some("h")), &[("a", ""); 6], true).map(drop), Err(Refusal::HeadTooLarge));
    }
}
