//! Tests of `request`.

use serde_json::{Value, json};

use super::*;
use crate::{
    fault::FaultKind,
    testing::{self, Gateway, deployment, exchange, from, header, http, http_proxy, raw, response, stage},
};

/// A gateway whose `/{id}/{rest+}` and `/q` call this integration.
fn gateway(integration: &Value) -> Gateway {
    Gateway::with(&[("/q", &[("ANY", integration.clone())]), ("/p/{id}/{rest+}", &[("ANY", integration.clone())])])
}

fn proxy(parameters: &[(&str, &str, Value)]) -> Gateway {
    gateway(&http_proxy("http://backend.test/base", parameters))
}

fn forwarded(gateway: &Gateway, line: &str, headers: &[&str]) -> String {
    gateway.forwarded(line, headers).unwrap_or_else(|fault| panic!("{fault:?}")).0
}

fn fault(gateway: &Gateway, line: &str, headers: &[&str]) -> FaultKind {
    gateway.forwarded(line, headers).expect_err("refused").kind
}

fn target(head: &str) -> &str {
    head.split(' ').nth(1).expect("a target")
}

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
fn s20_10_mapped_query_is_appended_and_mapped_header_replaces() {
    let gateway = proxy(&[
        ("querystring", "testVar", from("literal", "foobar")),
        ("header", "headerVar", from("literal", "mapped")),
    ]);
    let head = forwarded(&gateway, "GET /dev/q?testVar=bar", &["HEADERVAR: client"]);
    assert_eq!(target(&head), "/base?testVar=bar&testVar=foobar");
    assert_eq!(header(&head, "headerVar"), Some("mapped"));
    let head = forwarded(&proxy(&[("header", "Accept", from("header", "X-None"))]), "GET /dev/q", &["Accept: client"]);
    assert_eq!(header(&head, "Accept"), Some("client"), "a missing source replaces nothing");
}

#[test]
fn s7_2_4_query_of_the_uri_then_the_clients_then_the_mapped() {
    let gateway =
        gateway(&http_proxy("http://b.test/x?testVar=foobar", &[("querystring", "a b", from("context", "stage"))]));
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q?testVar=bar", &[])), "/x?testVar=foobar&testVar=bar&a%20b=dev");
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q", &[])), "/x?testVar=foobar&a%20b=dev");
    let nothing =
        proxy(&[("querystring", "a", from("querystring", "none")), ("querystring", "b", from("literal", ""))]);
    assert_eq!(target(&forwarded(&nothing, "GET /dev/q", &[])), "/base");
    assert_eq!(target(&forwarded(&nothing, "GET /dev/q?x", &[])), "/base?x");
}

#[test]
fn s7_2_1_an_unmapped_path_variable_ends_in_500() {
    let unmapped = gateway(&http_proxy("http://backend.test/{proxy}", &[]));
    assert_eq!(fault(&unmapped, "GET /dev/p/1/a/b", &[]), FaultKind::Configuration);
    let mapped = gateway(&http_proxy(
        "http://backend.test/{proxy}/{n}",
        &[("path", "proxy", from("path", "rest")), ("path", "n", from("querystring", "n"))],
    ));
    assert_eq!(target(&forwarded(&mapped, "GET /dev/p/1/a//b%2F?n=7", &[])), "/a//b%2F/7?n=7");
    assert_eq!(
        fault(&mapped, "GET /dev/p/1/a/b", &[]),
        FaultKind::Configuration,
        "a missing source leaves the name literal"
    );
    assert_eq!(fault(&mapped, "GET /dev/p/1/a/b?n=a%23b", &[]), FaultKind::Configuration, "a fragment is no target");
}

#[test]
fn s7_2_2_stage_variables_are_this_stages() {
    let integration =
        http_proxy("http://${stageVariables.host}/${stageVariables.version}/x${stageVariables.missing}", &[]);
    let units = json!([
        deployment("dep001", &[("/q", &[("GET", integration)])]),
        stage("dev", "dep001", &[("host", "one.test:81"), ("version", "v1")]),
        stage("prod", "dep001", &[("host", "two.test"), ("version", "v2/y?z=1")]),
        stage("bare", "dep001", &[]),
    ]);
    let gateway = Gateway::serve(&units);
    let (head, endpoint) = gateway.forwarded("GET /dev/q", &[]).expect("a head");
    assert_eq!((target(&head), header(&head, "Host"), endpoint.port), ("/v1/x", Some("one.test:81"), 81));
    let (head, endpoint) = gateway.forwarded("GET /prod/q", &[]).expect("a head");
    assert_eq!((target(&head), header(&head, "Host"), &*endpoint.host), ("/v2/y?z=1/x", Some("two.test"), "two.test"));
    assert_eq!(fault(&gateway, "GET /bare/q", &[]), FaultKind::Configuration);
}

#[test]
fn s7_2_an_authority_from_the_request() {
    let gateway = gateway(&http_proxy("http://{host}/x", &[("path", "host", from("querystring", "h"))]));
    let (head, endpoint) = gateway.forwarded("GET /dev/q?h=one.test:8081", &[]).expect("a head");
    assert_eq!((header(&head, "Host"), &*endpoint.host, endpoint.port), (Some("one.test:8081"), "one.test", 8081));
    assert_eq!(target(&head), "/x?h=one.test:8081");
    for value in ["a%20b", "u@h", "", "a:b", "%0d%0a", "a%00"] {
        assert_eq!(fault(&gateway, &format!("GET /dev/q?h={value}"), &[]), FaultKind::Configuration, "{value}");
    }
}

#[test]
fn s7_3_every_source_into_every_location() {
    let sources = [
        ("path", "rest", "a%2Fb/c", "a%2Fb/c"),
        ("querystring", "q", "two words", "two%20words"),
        ("header", "X-In", "last", "last"),
        ("multi_value_header", "X-In", "first,last", "first%2Clast"),
        ("context", "identity.sourceIp", "192.0.2.7", "192.0.2.7"),
        ("stage_variable", "version", "v7", "v7"),
        ("literal", "a%20b", "a%20b", "a%20b"),
    ];
    for (kind, argument, plain, encoded) in sources {
        let source = from(kind, argument);
        let gateway = gateway(&http_proxy(
            "http://b.test/x",
            &[("header", "X-Out", source.clone()), ("querystring", "out", source)],
        ));
        let head = forwarded(
            &gateway,
            "GET /dev/p/1/a%2Fb/c?q=one&q=two+words",
            &["X-In: first", "x-in: other", "X-In: last"],
        );
        assert_eq!(header(&head, "X-Out"), Some(plain), "{kind}");
        assert_eq!(target(&head), format!("/x?q=one&q=two+words&out={encoded}"), "{kind}");
    }
}

#[test]
fn s7_3_multi_value_query_becomes_repeated_parameters() {
    let source = from("multi_value_querystring", "q");
    let gateway = gateway(&http(
        "http://b.test/x",
        &[("querystring", "out", source.clone()), ("header", "X-Out", source)],
        &json!([]),
    ));
    let head = forwarded(&gateway, "GET /dev/q?q=a%26b&q=&q=c", &[]);
    assert_eq!(target(&head), "/x?out=a%26b&out=c");
    assert_eq!(header(&head, "X-Out"), Some("a&b,c"));
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q?q=one", &[])), "/x?out=one");
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q", &[])), "/x");
}

#[test]
fn s7_3_missing_and_empty_sources_are_left_out() {
    let missing = [
        from("path", "nothing"),
        from("querystring", "nothing"),
        from("querystring", "empty"),
        from("multi_value_querystring", "nothing"),
        from("header", "x-in"),
        from("multi_value_header", "nothing"),
        from("header", "Connection"),
        from("context", "authorizer.principalId"),
        from("context", "nothing"),
        from("stage_variable", "nothing"),
        from("literal", ""),
    ];
    for source in missing {
        let gateway = gateway(&http(
            "http://b.test/x",
            &[("header", "X-Out", source.clone()), ("querystring", "out", source.clone())],
            &json!([]),
        ));
        let head = forwarded(&gateway, "GET /dev/q?empty=", &["X-In: exact case only", "Connection: close"]);
        assert_eq!((header(&head, "X-Out"), target(&head)), (None, "/x"), "{source}");
    }
}

#[test]
fn s20_9_forbidden_targets_fail_every_request() {
    for name in ["Content-Length", "transfer-encoding", "X-Amzn-Trace-Id", "X-AMZN-Apigateway-Api-Id"] {
        assert_eq!(
            fault(&proxy(&[("header", name, from("literal", "1"))]), "GET /dev/q", &[]),
            FaultKind::Configuration,
            "{name}"
        );
        let missing = gateway(&http("http://b.test/x", &[("header", name, from("header", "None"))], &json!([])));
        assert_eq!(
            fault(&missing, "GET /dev/q", &[]),
            FaultKind::Configuration,
            "{name}, though its source is missing"
        );
    }
}

#[test]
fn s7_4_mapped_headers_that_are_dropped_or_sent() {
    for name in ["Via", "Expect", "Proxy-Authenticate", "TE", "Connection", "Keep-Alive"] {
        for gateway in [
            proxy(&[("header", name, from("literal", "v"))]),
            gateway(&http("http://b.test/x", &[("header", name, from("literal", "v"))], &json!([]))),
        ] {
            assert_eq!(header(&forwarded(&gateway, "GET /dev/q", &[]), name), None, "{name}");
        }
    }
    for name in [
        "Content-MD5",
        "Max-Forwards",
        "Server",
        "Trailer",
        "Upgrade",
        "WWW-Authenticate",
        "Date",
        "Authorization",
        "Content-Encoding",
        "Referer",
    ] {
        for gateway in [
            proxy(&[("header", name, from("literal", "v"))]),
            gateway(&http("http://b.test/x", &[("header", name, from("literal", "v"))], &json!([]))),
        ] {
            assert_eq!(
                header(&forwarded(&gateway, "GET /dev/q", &[&format!("{name}: client")]), name),
                Some("v"),
                "{name}"
            );
        }
    }
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

#[test]
fn s7_1_the_integrations_verb_beats_the_clients() {
    let mut integration = http_proxy("http://b.test/x", &[]);
    assert!(forwarded(&gateway(&integration), "PATCH /dev/q", &[]).starts_with("PATCH /x "));
    assert!(forwarded(&gateway(&integration), "GET /dev/q", &["X-HTTP-Method-Override: PUT"]).starts_with("PUT /x "));
    integration["backend"]["http_method"] = json!("POST");
    assert!(forwarded(&gateway(&integration), "GET /dev/q", &[]).starts_with("POST /x "));
    integration["backend"]["http_method"] = json!("ANY");
    assert!(forwarded(&gateway(&integration), "DELETE /dev/q", &[]).starts_with("DELETE /x "));
}

#[test]
fn s7_5_verbs_without_a_body_send_none_and_others_are_framed() {
    let gateway = proxy(&[]);
    let framed = |line: &str, body: Framing| {
        let exchange = gateway.call(line, &[]).expect("routed");
        let framing = framing(&exchange, body);
        let mut out = Vec::new();
        write_head(&exchange, framing, &mut out).expect("a head");
        let head = String::from_utf8(out).expect("text");
        (header(&head, "Content-Length").map(str::to_owned), header(&head, "Transfer-Encoding").map(str::to_owned))
    };
    let none = (None, None);
    for verb in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(framed(&format!("{verb} /dev/q"), Framing::Length(7)), none);
        assert_eq!(framed(&format!("{verb} /dev/q"), Framing::Chunked), none);
    }
    assert_eq!(framed("POST /dev/q", Framing::Length(7)), (Some("7".into()), None));
    assert_eq!(framed("DELETE /dev/q", Framing::Chunked), (None, Some("chunked".into())));
    assert_eq!(framed("PUT /dev/q", Framing::None), (Some("0".into()), None));
    assert_eq!(framed("DELETE /dev/q", Framing::None), none);
}

/// Every source of a mapping with a value that would split the head: `a\r\nHost: evil` where a request can carry it, else planted.
#[test]
fn a_value_that_would_split_the_head_ends_in_500_with_nothing_written() {
    const EVIL: &str = "a\r\nHost: evil";
    let sources = [
        ("path", "rest"),
        ("querystring", "q"),
        ("multi_value_querystring", "q"),
        ("header", "X-Evil"),
        ("multi_value_header", "X-Evil"),
        ("context", "identity.userAgent"),
        ("context", "httpMethod"),
        ("context", "path"),
        ("stage_variable", "evil"),
        ("literal", EVIL),
    ];
    for (kind, argument) in sources {
        for location in ["header", "path"] {
            let uri = if location == "path" { "http://b.test/{out}" } else { "http://b.test/x" };
            for integration in [
                http_proxy(uri, &[(location, "out", from(kind, argument))]),
                http(uri, &[(location, "out", from(kind, argument))], &json!([])),
            ] {
                let units = json!([
                    deployment("dep001", &[("/p/{rest+}", &[("ANY", integration)])]),
                    stage("dev", "dep001", &[("evil", EVIL)]),
                ]);
                let gateway = Gateway::serve(&units);
                let mut exchange = gateway
                    .call("GET /dev/p/XX?q=a%0d%0aHost:%20evil", &["X-Evil: XX", "User-Agent: XX"])
                    .expect("routed");
                // What no parser lets through is planted behind it.
                let start = exchange.input.len() as u32;
                exchange.input.extend_from_slice(EVIL.as_bytes());
                let planted = crate::http1::Span { start, end: exchange.input.len() as u32 };
                match argument {
                    "rest" => exchange.path_parameters[0] = planted,
                    "X-Evil" => exchange
                        .head
                        .fields
                        .iter_mut()
                        .filter(|field| field.value.end - field.value.start == 2)
                        .for_each(|field| field.value = planted),
                    "identity.userAgent" => exchange
                        .head
                        .fields
                        .iter_mut()
                        .filter(|field| field.id == HeaderName::UserAgent)
                        .for_each(|field| field.value = planted),
                    "httpMethod" => exchange.verb = planted,
                    "path" => exchange.path = planted,
                    _ => {}
                }
                let refused = gateway.forwarded_of(&exchange).expect_err("refused");
                assert_eq!(refused.kind, FaultKind::Configuration, "{kind} {argument} into {location}");
            }
        }
    }
}

#[test]
fn a_hostile_value_in_a_query_parameter_is_encoded() {
    let gateway = proxy(&[
        ("querystring", "out", from("querystring", "q")),
        ("querystring", "copy", from("stage_variable", "host")),
    ]);
    let head = forwarded(&gateway, "GET /dev/q?q=a%0d%0aHost:%20evil%26x=1", &[]);
    assert!(target(&head).ends_with("&out=a%0D%0AHost%3A%20evil%26x%3D1&copy=backend.test%3A8081"), "{head}");
    let literal = proxy(&[("querystring", "out", from("literal", "a\r\nHost: evil"))]);
    assert_eq!(fault(&literal, "GET /dev/q", &[]), FaultKind::Configuration, "a literal is not encoded for its writer");
}

#[test]
fn s7_6_body_of_an_http_integration() {
    let integration = |templates: Value, behavior: &str, binary: Value| {
        let mut integration = http("http://b.test/x", &[], &json!([response("200", "", &json!([]), &json!([]))]));
        integration["request_templates"] = templates;
        integration["passthrough_behavior"] = json!(behavior);
        let mut unit = deployment("dep001", &[("/q", &[("ANY", integration)])]);
        unit["binary_media_types"] = binary;
        Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]))
    };
    let sent = |gateway: &Gateway, line: &str, headers: &[&str], bytes: &[u8]| {
        let exchange = gateway.call(line, headers).expect("routed");
        body(&exchange, bytes).map(Cow::into_owned)
    };
    let json_template = json!([{"content_type": "application/json", "text": "{\"a\": 1}"}]);
    let gateway = integration(json_template.clone(), "NEVER", json!([]));
    assert_eq!(sent(&gateway, "POST /dev/q", &[], b"client").expect("a body"), b"{\"a\": 1}");
    assert_eq!(
        sent(&gateway, "POST /dev/q", &["Content-Type: text/plain"], b"client"),
        Err(Fault::UNSUPPORTED_MEDIA_TYPE)
    );
    assert_eq!(sent(&gateway, "GET /dev/q", &[], b"client").expect("a body"), b"");
    assert_eq!(sent(&gateway, "GET /dev/q", &["Content-Type: text/plain"], b""), Err(Fault::UNSUPPORTED_MEDIA_TYPE));
    let passes = integration(json!([]), "WHEN_NO_MATCH", json!(["image/*"]));
    assert_eq!(
        sent(&passes, "POST /dev/q", &["Content-Type: text/plain"], b"a\xffb").expect("a body"),
        "a\u{fffd}b".as_bytes()
    );
    assert_eq!(sent(&passes, "POST /dev/q", &["Content-Type: image/png"], b"a\xffb").expect("a body"), b"a\xffb");
    let binary = integration(json_template, "WHEN_NO_MATCH", json!(["application/json"]));
    assert_eq!(sent(&binary, "POST /dev/q", &["Content-Type: application/json"], b"x"), Err(Fault::INTERNAL));
}

#[test]
fn a_methods_plan_stays_small() {
    assert!(size_of::<crate::snapshot::plan::MethodPlan>() <= 32);
    for size in [
        size_of::<crate::snapshot::plan::HttpProxyPlan>(),
        size_of::<HttpPlan>(),
        size_of::<crate::snapshot::plan::MockPlan>(),
    ] {
        assert!(size <= 400, "{size}");
    }
    let _ = (exchange as fn(&str) -> Exchange, raw as fn(&str, &[&str], &str) -> String, testing::API);
}

mod what_is_written_is_one_message {
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
}
