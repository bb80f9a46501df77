//! Values that would end a head or begin another one.

use super::*;

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
        ("body", "evil"),
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
                body_values::read(&exchange, br#"{"evil": "a\r\nHost: evil"}"#).expect("read");
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
