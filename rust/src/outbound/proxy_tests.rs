//! Tests of `proxy`.

use super::*;
use crate::{
    http1::parse_response,
    testing::{Gateway, body, exchange, header, http_proxy, raw},
};

fn gateway() -> Gateway {
    Gateway::with(&[("/p", &[("ANY", http_proxy("http://b.test/", &[]))])])
}

fn answer(headers: &[&str], text: &str) -> String {
    let mut backend = "HTTP/1.1 200 Fine\r\n".to_owned();
    for header in headers {
        backend.push_str(header);
        backend.push_str("\r\n");
    }
    gateway().answer(&raw("GET /dev/p", &[], ""), &format!("{backend}Content-Length: {}\r\n\r\n{text}", text.len()))
}

#[test]
fn a_proxied_answer_is_exactly_this() {
    assert_eq!(
        answer(
            &[
                "Date: Mon, 01 Jan 2001 00:00:00 GMT",
                "Server: b/1",
                "Content-Type: text/plain",
                "Set-Cookie: a=1",
                "Set-Cookie: b=2",
                "ETag:  \"x\""
            ],
            "body"
        ),
        "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 11111111-2222-4333-8444-555555555555\r\nx-amz-apigw-id: AbCdEfGhIjKlMno=\r\n\
         Date: Sat, 21 Nov 2026 09:00:00 GMT\r\nConnection: keep-alive\r\nx-amzn-Remapped-Date: Mon, 01 Jan 2001 00:00:00 GMT\r\nx-amzn-Remapped-Server: b/1\r\n\
         Content-Type: text/plain\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nETag: \"x\"\r\nx-amzn-Remapped-Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody"
    );
}

#[test]
fn s8_5_what_a_backend_sends_is_renamed_dropped_or_passed() {
    for name in [
        "Connection",
        "Date",
        "Server",
        "Authorization",
        "Content-MD5",
        "Max-Forwards",
        "User-Agent",
        "WWW-Authenticate",
    ] {
        let value = if name == "Connection" { "keep-alive" } else { "secret" };
        let answer = answer(&[&format!("{name}: {value}")], "x");
        assert_eq!(header(&answer, &format!("x-amzn-Remapped-{name}")), Some(value), "{name}");
        assert!(answer.contains(&format!("x-amzn-Remapped-{name}: ")), "{name} keeps its spelling");
        assert_ne!(header(&answer, name), Some("secret"));
    }
    for name in
        ["Expect", "Host", "Proxy-Authenticate", "Trailer", "Upgrade", "TE", "Via", "Keep-Alive", "Proxy-Connection"]
    {
        let answer = answer(&[&format!("{name}: secret")], "x");
        assert!(!answer.contains("secret"), "{name} in {answer}");
    }
    for name in [
        "Accept",
        "Accept-Ranges",
        "Age",
        "Pragma",
        "Range",
        "Referer",
        "Warn",
        "X-Custom",
        "X-Amzn-Trace-Id",
        "Location",
        "Cache-Control",
    ] {
        assert_eq!(header(&answer(&[&format!("{name}: kept")], "x"), name), Some("kept"), "{name}");
    }
}

#[test]
fn s20_11_a_backends_request_id_is_renamed() {
    let answer = answer(&["x-amzn-RequestId: theirs"], "x");
    assert_eq!(header(&answer, "x-amzn-Remapped-x-amzn-RequestId"), Some("theirs"));
    assert_eq!(header(&answer, "x-amzn-RequestId"), Some("11111111-2222-4333-8444-555555555555"));
}

#[test]
fn a_backends_extended_request_id_is_renamed_too() {
    let answer = answer(&["x-amz-apigw-id: theirs"], "x");
    assert_eq!(header(&answer, "x-amzn-Remapped-x-amz-apigw-id"), Some("theirs"));
    assert_eq!(header(&answer, "x-amz-apigw-id"), Some("AbCdEfGhIjKlMno="));
}

#[test]
fn a_chain_of_gateways_renames_once() {
    let answer = answer(
        &["Date: second", "x-amzn-remapped-date: first", "x-amzn-Remapped-Server: kept", "x-amzn-Remapped-Mine: kept"],
        "x",
    );
    assert_eq!(answer.to_ascii_lowercase().matches("x-amzn-remapped-date").count(), 1, "{answer}");
    assert_eq!(header(&answer, "x-amzn-Remapped-Date"), Some("second"));
    // Nothing takes the place of these.
    assert_eq!(header(&answer, "x-amzn-Remapped-Server"), Some("kept"));
    assert_eq!(header(&answer, "x-amzn-Remapped-Mine"), Some("kept"));
}

#[test]
fn s3_no_trace_id_of_ours_and_a_content_type_always() {
    let answer = answer(&[], "x");
    assert_eq!(
        (header(&answer, "X-Amzn-Trace-Id"), header(&answer, "Content-Type"), body(&answer)),
        (None, Some("application/json"), "x")
    );
}

#[test]
fn headers_that_connection_names_are_dropped() {
    let answer = answer(&["Connection: close, X-Hop", "X-Hop: secret", "X-Stays: y"], "x");
    assert_eq!((header(&answer, "X-Hop"), header(&answer, "X-Stays")), (None, Some("y")));
}

#[test]
fn s20_22_a_coding_we_undo_loses_its_header_and_another_keeps_it() {
    let of = |values: &[&str]| {
        let lines = values.iter().fold(String::new(), |lines, value| lines + "Content-Encoding: " + value + "\r\n");
        let bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n{lines}\r\n");
        let mut head = ResponseHead::default();
        assert!(parse_response(bytes.as_bytes(), false, &mut head).expect("valid"));
        let mut exchange = gateway().call("GET /dev/p", &[]).expect("routed");
        let mut out = Vec::new();
        write_head(&mut exchange, &head, bytes.as_bytes(), Framing::Chunked, true, crate::testing::DATE, &mut out)
            .expect("a head");
        let passed = out.windows(18).filter(|window| window.eq_ignore_ascii_case(b"\r\ncontent-encoding")).count();
        (coding(&head, bytes.as_bytes()), passed)
    };
    assert_eq!(of(&["gzip"]), (Some(Coding::Gzip), 0));
    assert_eq!(of(&["X-GZip"]), (Some(Coding::Gzip), 0));
    assert_eq!(of(&["deflate"]), (Some(Coding::Deflate), 0));
    assert_eq!(of(&["identity"]), (None, 0));
    assert_eq!(of(&[""]), (None, 0));
    assert_eq!(of(&["br"]), (None, 1));
    assert_eq!(of(&["gzip, br"]), (None, 1));
    assert_eq!(of(&["gzip", "gzip"]), (None, 2));
    assert_eq!(of(&[]), (None, 0));
}

#[test]
fn framing_follows_the_caller_and_the_method() {
    let framed = |line: &str, backend: &str, body: Framing| {
        let mut head = ResponseHead::default();
        let mut exchange = gateway().call(line, &[]).expect("routed");
        assert!(parse_response(backend.as_bytes(), exchange.is_head(), &mut head).expect("valid"));
        let mut out = Vec::new();
        write_head(&mut exchange, &head, backend.as_bytes(), body, true, crate::testing::DATE, &mut out)
            .expect("a head");
        let text = String::from_utf8(out).expect("text");
        (header(&text, "Content-Length").map(str::to_owned), header(&text, "Transfer-Encoding").map(str::to_owned))
    };
    let plain = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
    assert_eq!(framed("GET /dev/p", plain, Framing::Length(9)), (Some("9".into()), None));
    assert_eq!(framed("GET /dev/p", plain, Framing::Chunked), (None, Some("chunked".into())));
    assert_eq!(framed("GET /dev/p", plain, Framing::UntilClose), (None, None));
    assert_eq!(
        framed("GET /dev/p", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Framing::None),
        (Some("0".into()), None)
    );
    assert_eq!(framed("HEAD /dev/p", plain, Framing::None), (Some("7".into()), None));
    assert_eq!(
        framed("HEAD /dev/p", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Encoding: gzip\r\n\r\n", Framing::None),
        (None, None)
    );
    assert_eq!(framed("GET /dev/p", "HTTP/1.1 204 No\r\n\r\n", Framing::None), (None, None));
    assert_eq!(framed("GET /dev/p", "HTTP/1.1 304 No\r\nETag: x\r\n\r\n", Framing::None), (None, None));
}

#[test]
fn connection_may_not_name_headers_without_end() {
    let answer = answer(&[&format!("Connection: {}", vec!["x"; 33].join(","))], "x");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
}

#[test]
fn an_interim_answer_is_no_answer() {
    let mut exchange = exchange(&raw("GET /dev/p", &[], ""));
    let head = ResponseHead { status: 103, ..ResponseHead::default() };
    let refused = write_head(&mut exchange, &head, b"", Framing::None, true, crate::testing::DATE, &mut Vec::new())
        .expect_err("refused");
    assert_eq!(refused, Fault::BAD_BACKEND_HEAD);
}
