//! Which headers a backend gets: the client's, without what is ours or only between two hops, and our own.

use super::*;

#[test]
fn a_plain_proxied_request_is_exactly_this() {
    let (head, endpoint) =
        proxy(&[]).forwarded("GET /dev/q?a=1", &["User-Agent: test", "Accept: */*", "X-Custom: Ü"]).expect("a head");
    let (start, trace) = head.split_once("X-Amzn-Trace-Id: ").expect("a trace id");
    assert_eq!(
        start,
        "GET /base?a=1 HTTP/1.1\r\nHost: backend.test\r\nX-Amzn-Apigateway-Api-Id: abcdef1234\r\nUser-Agent: test\r\nAccept: */*\r\nX-Custom: Ü\r\n\
         X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Port: 8080\r\nX-Forwarded-Proto: http\r\n"
    );
    let trace = trace.strip_suffix("\r\n\r\n").expect("the end");
    assert!(
        trace.starts_with("Root=1-6b015d90-") && trace.len() == "Root=1-;Parent=;Sampled=0".len() + 8 + 1 + 24 + 16,
        "{trace}"
    );
    assert_eq!((endpoint.host.as_ref(), endpoint.port, endpoint.secure), ("backend.test", 80, false));
}

#[test]
fn s7_4_what_is_dropped_at_entry_or_withheld_reaches_no_backend() {
    let names = [
        "Connection",
        "Content-MD5",
        "Max-Forwards",
        "Proxy-Authenticate",
        "Server",
        "TE",
        "Trailer",
        "Upgrade",
        "WWW-Authenticate",
        "Keep-Alive",
        "Proxy-Connection",
        "Content-Encoding",
        "Via",
        "X-HTTP-Method-Override",
        "X-Amzn-Apigateway-Api-Id",
    ];
    for name in names {
        let value = if name == "X-HTTP-Method-Override" { "GET" } else { "secret" };
        let head = forwarded(&proxy(&[]), "GET /dev/q", &[&format!("{name}: {value}")]);
        assert!(!head.contains(value) || header(&head, name).is_none(), "{name} in {head}");
    }
    let head = forwarded(&proxy(&[]), "GET /dev/q", &["Expect: 100-continue"]);
    assert_eq!(header(&head, "Expect"), None);
    for name in ["Date", "Referer", "Cookie", "Authorization", "Origin", "Content-Type"] {
        let head = forwarded(&proxy(&[]), "GET /dev/q", &[&format!("{name}: kept")]);
        assert_eq!(header(&head, name), Some("kept"));
    }
}

#[test]
fn s7_4_a_signature_goes_no_further() {
    let authorization = "Authorization: AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c";
    assert_eq!(header(&forwarded(&proxy(&[]), "GET /dev/q", &[authorization]), "Authorization"), None);
    let mapped = proxy(&[("header", "X-Copy", from("header", "Authorization"))]);
    assert_eq!(header(&forwarded(&mapped, "GET /dev/q", &[authorization]), "X-Copy"), None);
    assert_eq!(header(&forwarded(&mapped, "GET /dev/q", &["Authorization: Bearer x"]), "X-Copy"), Some("Bearer x"));
}

#[test]
fn headers_that_connection_names_are_for_us_only() {
    let head = forwarded(&proxy(&[]), "GET /dev/q", &["Connection: keep-alive, X-Hop", "X-Hop: a", "X-Stays: b"]);
    assert_eq!(
        (header(&head, "X-Hop"), header(&head, "X-Stays"), header(&head, "Connection")),
        (None, Some("b"), None)
    );
}

#[test]
fn connection_may_not_name_headers_without_end() {
    let line = |options: usize| format!("Connection: {}", vec!["x"; options].join(","));
    assert!(proxy(&[]).forwarded("GET /dev/q", &[&line(32)]).is_ok());
    assert_eq!(fault(&proxy(&[]), "GET /dev/q", &[&line(33)]), FaultKind::MalformedRequest);
    assert_eq!(fault(&proxy(&[]), "GET /dev/q", &[&line(20), &line(20)]), FaultKind::MalformedRequest);
    let plain = gateway(&http("http://b.test/x", &[], &json!([])));
    assert!(plain.forwarded("GET /dev/q", &[&line(100)]).is_ok(), "nothing passes anyway");
}

#[test]
fn s7_8_headers_of_one_name_are_joined() {
    let head =
        forwarded(&proxy(&[]), "GET /dev/q", &["X-A: 1", "x-b: 0", "x-a: 2", "Accept: a", "accept: b", "X-A: 3"]);
    assert_eq!(header(&head, "X-A"), Some("1,2,3"));
    assert_eq!(header(&head, "Accept"), Some("a,b"));
    assert_eq!(header(&head, "x-b"), Some("0"));
}

#[test]
fn s7_8_accept_encoding_is_cut_to_what_can_be_undone() {
    let cut = |value: &str| {
        let head = forwarded(&proxy(&[]), "GET /dev/q", &[&format!("Accept-Encoding: {value}")]);
        header(&head, "Accept-Encoding").map(str::to_owned)
    };
    assert_eq!(cut("gzip, deflate, br, zstd").as_deref(), Some("gzip, deflate"));
    assert_eq!(cut("br;q=1.0, GZIP;q=0.8, identity;q=0, *;q=0.1").as_deref(), Some("GZIP;q=0.8, identity;q=0"));
    assert_eq!(cut("br").as_deref(), Some("identity"));
    let head = forwarded(&proxy(&[]), "GET /dev/q", &["Accept-Encoding: br", "Accept-Encoding: gzip"]);
    assert_eq!(header(&head, "Accept-Encoding"), Some("gzip"));
    assert_eq!(header(&forwarded(&proxy(&[]), "GET /dev/q", &[]), "Accept-Encoding"), None);
}

#[test]
fn s7_4_forwarded_headers_are_ours_after_the_clients_chain() {
    let client = [
        "X-Forwarded-For: 10.0.0.1, 10.0.0.2",
        "X-Forwarded-For: 10.0.0.3",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Proto: gopher",
    ];
    let head = forwarded(&proxy(&[]), "GET /dev/q", &client);
    assert_eq!(header(&head, "X-Forwarded-For"), Some("10.0.0.1, 10.0.0.2, 10.0.0.3, 192.0.2.7"));
    assert_eq!((header(&head, "X-Forwarded-Port"), header(&head, "X-Forwarded-Proto")), (Some("8080"), Some("http")));
    let mut exchange = proxy(&[]).call("GET /dev/q", &[]).expect("routed");
    exchange.peer = "[::ffff:192.0.2.9]:1".parse().expect("an address");
    assert_eq!(header(&proxy(&[]).forwarded_of(&exchange).expect("a head").0, "X-Forwarded-For"), Some("192.0.2.9"));
    exchange.peer = "[2001:db8::1]:1".parse().expect("an address");
    assert_eq!(header(&proxy(&[]).forwarded_of(&exchange).expect("a head").0, "X-Forwarded-For"), Some("2001:db8::1"));
}

#[test]
fn s7_4_defaults_are_added_where_the_client_has_none() {
    let head = forwarded(&proxy(&[]), "GET /dev/q", &[]);
    assert_eq!(header(&head, "Accept"), Some("application/json"));
    assert_eq!(header(&head, "User-Agent"), Some("AmazonAPIGateway_abcdef1234"));
    assert_eq!(header(&head, "Content-Type"), None);
}

#[test]
fn s3_trace_ids_are_kept_and_completed() {
    let trace = |sent: &str| {
        let head = forwarded(&proxy(&[]), "GET /dev/q", &[&format!("X-Amzn-Trace-Id: {sent}")]);
        header(&head, "X-Amzn-Trace-Id").expect("always there").to_owned()
    };
    assert_eq!(trace("Root=1-a-b;Parent=c;Sampled=1"), "Root=1-a-b;Parent=c;Sampled=1");
    assert_eq!(trace("Sampled=0; Parent=c;Root=1-a-b;Lineage=x"), "Sampled=0; Parent=c;Root=1-a-b;Lineage=x");
    let root_only = trace("Root=1-a-b");
    assert!(root_only.starts_with("Root=1-a-b;Parent=") && root_only.ends_with(";Sampled=0"), "{root_only}");
    let with_parent = trace("Root=1-a-b;Parent=c");
    assert_eq!(with_parent, "Root=1-a-b;Parent=c;Sampled=1");
    assert!(trace("nonsense").starts_with("Root=1-6b015d90-"));
}

#[test]
fn s7_4_host_is_the_endpoints_unless_mapped() {
    let mapped = proxy(&[("header", "host", from("header", "X-Host"))]);
    assert_eq!(header(&forwarded(&mapped, "GET /dev/q", &["X-Host: other.test:9"]), "Host"), Some("other.test:9"));
    assert_eq!(header(&forwarded(&mapped, "GET /dev/q", &[]), "Host"), Some("backend.test"));
    assert_eq!(fault(&mapped, "GET /dev/q", &["X-Host: no host"]), FaultKind::Configuration);
}

#[test]
fn s7_4_http_sends_only_what_is_mapped() {
    let gateway = gateway(&http("http://b.test/x", &[("header", "X-Out", from("literal", "v"))], &json!([])));
    let head = forwarded(
        &gateway,
        "GET /dev/q?a=1",
        &[
            "X-In: 1",
            "Accept: text/html",
            "User-Agent: me",
            "Content-Type: a/b",
            "Cookie: c",
            "X-Forwarded-For: 1.1.1.1",
        ],
    );
    let (start, _) = head.split_once("X-Amzn-Trace-Id: ").expect("a trace id");
    assert_eq!(
        start,
        "GET /x HTTP/1.1\r\nHost: b.test\r\nX-Amzn-Apigateway-Api-Id: abcdef1234\r\nX-Out: v\r\nAccept: application/json\r\nUser-Agent: AmazonAPIGateway_abcdef1234\r\n"
    );
}

#[test]
fn s7_4_content_type_towards_http() {
    let plain = gateway(&http("http://b.test/x", &[], &json!([])));
    assert_eq!(header(&forwarded(&plain, "POST /dev/q", &["Content-Type: a/b"]), "Content-Type"), Some("a/b"));
    assert_eq!(header(&forwarded(&plain, "POST /dev/q", &[]), "Content-Type"), None);
    for verb in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(header(&forwarded(&plain, &format!("{verb} /dev/q"), &["Content-Type: a/b"]), "Content-Type"), None);
    }
    let mut templated = http("http://b.test/x", &[], &json!([]));
    templated["request_templates"] = json!([{"content_type": "application/json", "text": "{}"}]);
    assert_eq!(header(&forwarded(&gateway(&templated), "POST /dev/q", &[]), "Content-Type"), Some("application/json"));
    let mapped = gateway(&http("http://b.test/x", &[("header", "Content-Type", from("literal", "m/m"))], &json!([])));
    assert_eq!(header(&forwarded(&mapped, "POST /dev/q", &["Content-Type: a/b"]), "Content-Type"), Some("m/m"));
}
