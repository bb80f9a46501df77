//! What is written, to backends and to clients, is read as exactly one message, whatever came in.

use proptest::prelude::*;

use super::*;
use crate::{
    http1::{HeadLimits, RequestHead, ResponseHead, parse_request, parse_response},
    inbound::route::route,
    outbound::{gateway_response, proxy},
};

const LIMITS: HeadLimits = HeadLimits { target: 60_000, header_block: 60_000, fields: 256 };

fn name() -> impl Strategy<Value = String> {
    let known = [
        "Accept",
        "accept-encoding",
        "Connection",
        "TE",
        "X-In",
        "x-in",
        "Authorization",
        "Content-Type",
        "Cookie",
        "Via",
        "Expect",
        "X-Forwarded-For",
        "X-Amzn-Trace-Id",
        "X-HTTP-Method-Override",
        "x-amzn-RequestId",
        "Keep-Alive",
        "X-Out",
        "User-Agent",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[!-9;-~]{1,9}"]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\u{80}-\u{ff}\t]{0,14}",
        prop::sample::select(vec![
            "close, X-In",
            "gzip, br",
            "GET",
            "AWS4-HMAC-SHA256 x",
            "Root=1-a;Parent=b;Sampled=1",
            "a:b"
        ])
        .prop_map(str::to_owned)
    ]
}

fn serves() -> Gateway {
    let parameters = [
        ("header", "X-Out", from("multi_value_header", "X-In")),
        ("header", "Host", from("header", "X-Out")),
        ("header", "X-Q", from("querystring", "q")),
        ("querystring", "q", from("querystring", "q")),
        ("querystring", "p", from("path", "rest")),
        ("querystring", "h", from("header", "X-In")),
        ("path", "rest", from("path", "rest")),
        ("path", "q", from("querystring", "q")),
    ];
    Gateway::with(&[
        ("/p/{rest+}", &[("ANY", http_proxy("http://b.test/{rest}", &parameters))]),
        ("/q/{rest+}", &[("ANY", http("http://b.test/x?y={q}", &parameters, &json!([])))]),
        ("/d/{rest+}", &[("ANY", http_proxy("http://{q}/{rest}", &parameters))]),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn to_backends_and_to_clients(
        start in prop::sample::select(vec!["GET /dev/p/", "POST /dev/q/", "PUT //dev//d/", "HEAD /dev/p/"]),
        path in "[a-b/%.;#?{}]{0,6}",
        query in "(q=[a-z0-9%+&;=]{0,8}|q=[a-z.:0-9]{1,9}|[!-~]{0,9})",
        headers in prop::collection::vec((name(), value()), 0..9),
        body in prop::sample::select(vec![Framing::None, Framing::Length(3), Framing::Chunked]),
    ) {
        let gateway = serves();
        let lines: String = headers.iter().fold(String::new(), |lines, (name, value)| lines + name + ": " + value + "\r\n");
        let raw = format!("{start}{path}?{query} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", testing::HOST);
        let mut exchange = Exchange { input: raw.clone().into_bytes(), ..Exchange::default() };
        if !matches!(parse_request(raw.as_bytes(), &LIMITS, &mut exchange.head), Ok(true)) {
            return Ok(());
        }
        let mut out = Vec::new();
        let mut outcome = crate::accept::address::address(&gateway.served, &mut exchange).and_then(|()| route(&mut exchange));
        if outcome.is_ok() {
            let framing = framing(&exchange, body);
            outcome = write_head(&exchange, framing, &mut out).map(drop);
            if outcome.is_ok() {
                let mut head = RequestHead::default();
                prop_assert_eq!(parse_request(&out, &LIMITS, &mut head), Ok(true), "{:?}", String::from_utf8_lossy(&out));
                prop_assert_eq!((head.length as usize, head.framing), (out.len(), framing));
            } else {
                prop_assert!(out.is_empty());
            }
        }
        // The same lines from a backend, on the way to the client.
        let answer = format!("HTTP/1.1 200 OK\r\n{lines}\r\n");
        let mut backend = ResponseHead::default();
        out.clear();
        if matches!(parse_response(answer.as_bytes(), false, &mut backend), Ok(true)) {
            proxy::write_head(&mut exchange, &backend, answer.as_bytes(), body, true, testing::DATE, &mut out).expect("read, so writable");
            let mut head = ResponseHead::default();
            prop_assert_eq!(parse_response(&out, exchange.is_head(), &mut head), Ok(true), "{:?}", String::from_utf8_lossy(&out));
            prop_assert_eq!(head.length as usize, out.len());
            prop_assert_eq!((head.framing, head.keep_alive), (if exchange.is_head() { Framing::None } else { body }, true));
        }
        if let Err(fault) = outcome {
            out.clear();
            gateway_response::write(&mut exchange, &fault, true, testing::DATE, &mut out);
            let mut head = ResponseHead::default();
            prop_assert_eq!(parse_response(&out, exchange.is_head(), &mut head), Ok(true), "{:?}", String::from_utf8_lossy(&out));
            let length = out.len() - head.length as usize;
            let framing = if length == 0 { Framing::None } else { Framing::Length(length as u64) };
            prop_assert_eq!(head.framing, framing);
        }
    }
}
