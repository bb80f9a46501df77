//! Tests of `request`.

use proptest::prelude::*;

use super::*;
use crate::primitives::header_names::HeaderName;

const LIMITS: HeadLimits = HeadLimits { target: 200, header_block: 600, fields: 8 };

/// What of a head is compared: everything, as text.
#[derive(Debug, PartialEq, Eq, Clone)]
struct Seen {
    method: Vec<u8>,
    target: Vec<u8>,
    host: Vec<u8>,
    path: Vec<u8>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    expect_continue: bool,
    length: u32,
}

fn parse(text: &[u8], limits: &HeadLimits) -> Result<Option<Seen>, Refusal> {
    let mut head = RequestHead { keep_alive: true, ..RequestHead::default() };
    if !parse_request(text, limits, &mut head)? {
        return Ok(None);
    }
    let owned = |span: Span| span.of(text).to_vec();
    Ok(Some(Seen {
        method: owned(head.method),
        target: owned(head.target),
        host: owned(head.host),
        path: owned(head.path),
        fields: head.fields.iter().map(|field| (owned(field.name), owned(field.value))).collect(),
        version: head.version,
        framing: head.framing,
        keep_alive: head.keep_alive,
        expect_continue: head.expect_continue,
        length: head.length,
    }))
}

/// The first answer that is not "more bytes", when the text arrives byte by byte.
fn parse_growing(text: &[u8], limits: &HeadLimits) -> Result<Option<Seen>, Refusal> {
    for end in 0..text.len() {
        match parse(&text[..end], limits) {
            Ok(None) => {}
            decided => return decided,
        }
    }
    parse(text, limits)
}

/// What the text gives, whole and grown byte by byte: the same.
fn seen(text: &[u8]) -> Result<Option<Seen>, Refusal> {
    let whole = parse(text, &LIMITS);
    assert_eq!(parse_growing(text, &LIMITS), whole, "{}", text.escape_ascii());
    whole
}

fn accepted(text: &str) -> Seen {
    match seen(text.as_bytes()) {
        Ok(Some(seen)) => seen,
        other => panic!("{text:?} gave {other:?}"),
    }
}

fn with_fields(lines: &str) -> String {
    format!("POST /a HTTP/1.1\r\nHost: h\r\n{lines}\r\n")
}

#[test]
fn a_usual_request() {
    let text = "GET /prod/pets?limit=2 HTTP/1.1\r\nHost: api.example.com:8080\r\nAccept: */*\r\nX-Empty:\r\nX-Pad: \t a b \t\r\nuser-agent: \u{e9}\r\n\r\nrest";
    let seen = accepted(text);
    assert_eq!(seen.method, b"GET");
    assert_eq!(seen.target, b"/prod/pets?limit=2");
    assert_eq!(seen.path, seen.target);
    assert_eq!(seen.host, b"api.example.com:8080");
    assert_eq!(
        (seen.version, seen.framing, seen.keep_alive, seen.expect_continue),
        (Version::Http11, Framing::None, true, false)
    );
    assert_eq!(seen.length as usize, text.len() - 4);
    let fields: Vec<(&[u8], &[u8])> = seen.fields.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    assert_eq!(
        fields,
        [
            (&b"Host"[..], &b"api.example.com:8080"[..]),
            (b"Accept", b"*/*"),
            (b"X-Empty", b""),
            (b"X-Pad", b"a b"),
            (b"user-agent", "\u{e9}".as_bytes())
        ]
    );
}

#[test]
fn identities_come_with_the_fields() {
    let text = b"GET / HTTP/1.1\r\nHOST: h\r\nx-AMZN-trace-id: Root=1\r\nx-mine: 1\r\n\r\n";
    let mut head = RequestHead::default();
    assert_eq!(parse_request(text, &LIMITS, &mut head), Ok(true));
    let ids: Vec<_> = head.fields.iter().map(|field| field.id).collect();
    assert_eq!(ids, [HeaderName::Host, HeaderName::XAmznTraceId, HeaderName::Other]);
}

#[test]
fn a_reused_head_remembers_nothing() {
    let mut head = RequestHead::default();
    let first = b"POST http://h/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    assert_eq!(parse_request(first, &LIMITS, &mut head), Ok(true));
    assert_eq!((head.framing, head.keep_alive, head.expect_continue), (Framing::Length(5), false, true));
    assert_eq!(parse_request(b"GET / HTTP/1.1\r\nHost: other\r\n\r\n", &LIMITS, &mut head), Ok(true));
    assert_eq!(
        (head.framing, head.keep_alive, head.expect_continue, head.fields.len()),
        (Framing::None, true, false, 1)
    );
    assert_eq!(parse_request(b"GET / HT", &LIMITS, &mut head), Ok(false));
}

#[test]
fn framing_is_computed_once() {
    for (lines, framing) in [
        ("", Framing::None),
        ("Content-Length: 0\r\n", Framing::None),
        ("Content-Length: 12\r\n", Framing::Length(12)),
        ("content-LENGTH:\t007 \r\n", Framing::Length(7)),
        ("Content-Length: 18446744073709551615\r\n", Framing::Length(u64::MAX)),
        ("Transfer-Encoding: chunked\r\n", Framing::Chunked),
        ("transfer-encoding: CHUNKED\r\n", Framing::Chunked),
    ] {
        assert_eq!(accepted(&with_fields(lines)).framing, framing, "{lines:?}");
    }
}

#[test]
fn ambiguous_framing_is_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 0\r\nContent-Length: 0\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: 5,6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: -0\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5.0\r\n",
        "Content-Length: 5e0\r\n",
        "Content-Length: \"5\"\r\n",
        "Content-Length:\r\n",
        "Content-Length: \u{665}\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked,\r\n",
        "Transfer-Encoding: ,chunked\r\n",
        "Transfer-Encoding: chunked;q=1\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunke\r\n",
        "Transfer-Encoding: chun ked\r\n",
        "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    ] {
        let result = seen(with_fields(lines).as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{lines:?} gave {result:?}");
    }
    let old = b"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(seen(old), Err(Refusal::BadRequest("Transfer-Encoding in HTTP/1.0")));
}

#[test]
fn broken_lines_are_refused() {
    for lines in [
        "A: b\r\n c\r\n",
        "A: b\r\n\tc\r\n",
        " A: b\r\n",
        "\tA: b\r\n",
        "A : b\r\n",
        "A\t: b\r\n",
        "A\r\n",
        "AB\r\n",
        "Content-Length\r\n",
        "A b\r\n",
        "A\n",
        ": b\r\n",
        "A b: c\r\n",
        "\u{e9}: b\r\n",
        "A(: b\r\n",
        "A,: b\r\n",
        "A/B: b\r\n",
        "A@: b\r\n",
        "\"A\": b\r\n",
        "[A]: b\r\n",
        "A\x7f: b\r\n",
        "A\0: b\r\n",
        "A: b\0c\r\n",
        "A: \0\r\n",
        "A: b\rc\r\n",
        "A: b\r\r\n",
        "A: b\n",
        "A: b\nC: d\r\n",
        "A: b\n\r\n",
        "A: b\x0bc\r\n",
        "A: b\x1fc\r\n",
        "A: \x7f\r\n",
        "A: b\x08\r\n",
        "A: b\x0c\r\n",
        "\rA: b\r\n",
        "\nA: b\r\n",
        "A:\n",
        "A:\r",
        "A: b\r\n\n",
        "A: b\r\n\rX",
    ] {
        let result = seen(with_fields(lines).as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{lines:?} gave {result:?}");
    }
    for text in [
        "GET / HTTP/1.1\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\n\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "GET / HTTP/1.1\r\n\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
    ] {
        let result = seen(text.as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn hosts() {
    for (text, host) in [
        ("GET / HTTP/1.1\r\nHost: a.b:1\r\n\r\n", "a.b:1"),
        ("GET / HTTP/1.0\r\nhost: a\r\n\r\n", "a"),
        ("GET http://a.b:1/x?y HTTP/1.1\r\nHost: A.B:1\r\n\r\n", "A.B:1"),
        ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "[::1]:80"),
    ] {
        assert_eq!(accepted(text).host, host.as_bytes());
    }
    for text in [
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: http://a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n",
        "GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let result = seen(text.as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn targets() {
    for (target, path) in [
        ("/", "/"),
        ("//", "//"),
        ("/a%20b/../c;d?e=f&g=%0d%0a", "/a%20b/../c;d?e=f&g=%0d%0a"),
        ("/{x}|\\^`\"<>", "/{x}|\\^`\"<>"),
        ("http://h/a?b", "/a?b"),
        ("HTTPS://H/a", "/a"),
        ("http://h", ""),
        ("http://h?a=/b", "?a=/b"),
    ] {
        let seen = accepted(&format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n"));
        assert_eq!((seen.target, seen.path), (target.as_bytes().to_vec(), path.as_bytes().to_vec()));
    }
    for target in [
        "",
        "*",
        "h:80",
        "a",
        "?a",
        "ftp://h/",
        "http:/h/",
        "http:h",
        "ws://h/",
        "/a#b",
        "http://h#b",
        "/\u{e9}",
        "/a\tb",
        "/a b",
        "/\0",
        "/\x7f",
        "/\r",
        "/\n",
        "/a\x0bb",
        "\\a",
    ] {
        let result = seen(format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{target:?} gave {result:?}");
    }
    for text in [
        "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        let result = seen(text.as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn request_lines() {
    for line in ["M-SEARCH / HTTP/1.1", "get / HTTP/1.1", "!#$%&'*+-.^_`|~09 / HTTP/1.1", "OPTIONS / HTTP/1.0"] {
        accepted(&format!("{line}\r\nHost: h\r\n\r\n"));
    }
    let long = format!("{} / HTTP/1.1", "M".repeat(65));
    for line in [
        "",
        " ",
        " GET / HTTP/1.1",
        " / HTTP/1.1",
        "GET",
        "GET /",
        "GET / ",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET\t/ HTTP/1.1",
        "GET /\tHTTP/1.1",
        "G(T / HTTP/1.1",
        "G\u{c9}T / HTTP/1.1",
        "GET: / HTTP/1.1",
        "\u{16}\u{3}\u{1}",
        "GET / HTTP/1",
        "GET / HTTP/1.",
        "GET / HTTP/11.1",
        "GET / HTTP/1.10",
        "GET / http/1.1",
        "GET / HTTP /1.1",
        "GET / XTTP/1.1",
        "GET / HTTP/x.1",
        "GET / HTTP/1,1",
        "GET / HTTP/1.1\r",
        "GET / HTTP/+1.1",
        &long,
    ] {
        let result = seen(format!("{line}\r\nHost: h\r\n\r\n").as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{line:?} gave {result:?}");
    }
    for version in ["0.9", "1.2", "1.9", "2.0", "3.0", "0.0", "9.9"] {
        assert_eq!(
            seen(format!("GET / HTTP/{version}\r\nHost: h\r\n\r\n").as_bytes()),
            Err(Refusal::Version),
            "{version}"
        );
    }
    assert_eq!(seen(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Err(Refusal::Version));
}

#[test]
fn one_empty_line_may_come_first() {
    let text = "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
    assert_eq!(accepted(text).length as usize, text.len());
    for text in [
        "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\rGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\n GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\r\n",
    ] {
        let result = seen(text.as_bytes());
        assert!(matches!(result, Err(Refusal::BadRequest(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn persistence_and_expectations() {
    for (version, lines, keep_alive) in [
        ("1.1", "", true),
        ("1.1", "Connection: close\r\n", false),
        ("1.1", "Connection: CLOSE\r\n", false),
        ("1.1", "Connection: x, close ,y\r\n", false),
        ("1.1", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: keep-alive, close\r\n", false),
        ("1.1", "Connection: a\r\nConnection: close\r\n", false),
        ("1.1", "Connection: closed\r\n", true),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        ("1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ] {
        let seen = accepted(&format!("GET / HTTP/{version}\r\nHost: h\r\n{lines}\r\n"));
        assert_eq!(seen.keep_alive, keep_alive, "{version} {lines:?}");
    }
    for (version, lines, expected) in [
        ("1.1", "Content-Length: 1\r\nExpect: 100-continue\r\n", true),
        ("1.1", "Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n", true),
        ("1.1", "Content-Length: 0\r\nExpect: 100-continue\r\n", false),
        ("1.1", "Expect: 100-continue\r\n", false),
        ("1.1", "Content-Length: 1\r\nExpect: other\r\n", false),
        ("1.0", "Content-Length: 1\r\nExpect: 100-continue\r\n", false),
    ] {
        let seen = accepted(&format!("PUT / HTTP/{version}\r\nHost: h\r\n{lines}\r\n"));
        assert_eq!(seen.expect_continue, expected, "{version} {lines:?}");
    }
}

#[test]
fn limits_are_exact_and_known_early() {
    let target = |length: usize| format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "a".repeat(length - 1));
    accepted(&target(200));
    assert_eq!(seen(target(201).as_bytes()), Err(Refusal::UriTooLong));
    assert_eq!(seen(format!("GET /{}", "a".repeat(200)).as_bytes()), Err(Refusal::UriTooLong));
    assert_eq!(seen(format!("GET /{}", "a".repeat(199)).as_bytes()), Ok(None));

    let block = |length: usize| {
        format!("GET / HTTP/1.1\r\nHost: h\r\nA: {}\r\n\r\n", "a".repeat(length - "Host: h\r\nA: \r\n".len()))
    };
    accepted(&block(600));
    assert_eq!(seen(block(601).as_bytes()), Err(Refusal::HeadTooLarge));
    let unfinished = block(700);
    assert_eq!(seen(&unfinished.as_bytes()[.."GET / HTTP/1.1\r\n".len() + 602]), Err(Refusal::HeadTooLarge));
    assert_eq!(seen(&unfinished.as_bytes()[.."GET / HTTP/1.1\r\n".len() + 601]), Ok(None));

    let fields = |count: usize| with_fields(&"A: b\r\n".repeat(count - 1));
    accepted(&fields(8));
    assert_eq!(seen(fields(9).as_bytes()), Err(Refusal::HeadTooLarge));
    assert_eq!(
        seen(format!("POST /a HTTP/1.1\r\nHost: h\r\n{}A", "A: b\r\n".repeat(7)).as_bytes()),
        Err(Refusal::HeadTooLarge)
    );
    let aws = HeadLimits { target: 10_240, header_block: 10_240, fields: 256 };
    let count = |count: usize| parse(with_fields(&"A: b\r\n".repeat(count - 1)).as_bytes(), &aws);
    assert_eq!(count(256).unwrap().unwrap().fields.len(), 256);
    assert_eq!(count(257), Err(Refusal::HeadTooLarge));
    // What is wrong within the limit is said before what lies beyond it.
    assert!(matches!(
        seen(format!("GET / HTTP/1.1\r\nA : b\r\nB: {}", "c".repeat(900)).as_bytes()),
        Err(Refusal::BadRequest(_))
    ));
}

/// An independent reader: where both read a head, they read the same; what it refuses, we refuse.
fn agrees_with_httparse(text: &[u8]) {
    let limits = HeadLimits { target: 65_536, header_block: 65_536, fields: 256 };
    let ours = parse(text, &limits);
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut theirs = httparse::Request::new(&mut fields);
    match (ours, theirs.parse(text)) {
        (Ok(Some(ours)), Ok(httparse::Status::Complete(length))) => {
            assert_eq!(ours.length as usize, length);
            assert_eq!(ours.method, theirs.method.unwrap_or_default().as_bytes());
            assert_eq!(ours.target, theirs.path.unwrap_or_default().as_bytes());
            let theirs: Vec<_> =
                theirs.headers.iter().map(|field| (field.name.as_bytes().to_vec(), field.value.to_vec())).collect();
            assert_eq!(ours.fields, theirs);
        }
        (Ok(Some(ours)), theirs) => {
            panic!("{:?} was accepted as {ours:?} but gave {theirs:?}", text.escape_ascii().to_string())
        }
        _ => {}
    }
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(vec![
            "GET", "POST", " ", "/", "/a?b", "http://h", "HTTP/1.1", "HTTP/1.0", "\r\n", "\r\n", "\r\n\r\n", "Host", ": ", ":", "h", "Host: h\r\n", "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n", "\r", "\n", "\t", "X-A: b\r\n", "Connection: close\r\n", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\n",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..4),
    ];
    proptest::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn anything_is_judged_the_same_in_pieces_and_as_httparse_reads_it(text in pieces()) {
        let _ = seen(&text);
        agrees_with_httparse(&text);
    }

    #[test]
    fn one_changed_byte_never_confuses(place in 0usize..150, byte in any::<u8>()) {
        let mut text = b"POST /v1/a?b=c HTTP/1.1\r\nHost: api.example.com\r\nContent-Length: 5\r\nAccept: */*\r\nConnection: keep-alive\r\nX-A: some value\r\n\r\nhello".to_vec();
        let place = place % text.len();
        text[place] = byte;
        let _ = seen(&text);
        agrees_with_httparse(&text);
    }
}
