//! Parameter mapping: every source into every location.

use super::*;

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
