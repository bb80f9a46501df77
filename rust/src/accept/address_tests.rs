//! Tests of `address`.

use serde_json::json;

use super::*;
use crate::{
    fault::FaultKind,
    testing::{API, Gateway, deployment, exchange, mock, raw, stage},
};

fn gateway() -> Gateway {
    Gateway::with(&[
        ("/", &[("GET", mock("root"))]),
        ("/hardcoded", &[("GET", mock("h"))]),
        ("/{proxy+}", &[("ANY", mock("p"))]),
    ])
}

/// Matched resource path of the tree, greedy value, path as matched, `$context.path`.
fn paths(host: &str, target: &str) -> Result<(String, Option<String>, String, String), Fault> {
    let exchange = gateway().request(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut context_path = Vec::new();
    crate::integration::values::append_context(
        crate::snapshot::plan::ContextVariable::Path,
        &exchange,
        &mut context_path,
    );
    Ok((
        text(exchange.deployment().expect("addressed").tree.path(exchange.resource)),
        exchange.path_parameters.first().map(|span| text(span.of(&exchange.input))),
        text(exchange.resource_path.of(&exchange.input)),
        text(&context_path),
    ))
}

fn kind(host: &str, target: &str) -> FaultKind {
    paths(host, target).expect_err("refused").kind
}

const HOST: &str = crate::testing::HOST;

#[test]
fn s1_1_four_forms_address_the_same_stage() {
    for (host, target) in [
        ("abcdef1234.execute-api.eu-west-1.amazonaws.com", "/dev/hardcoded"),
        ("ABCDEF1234.Execute-API.EU-West-1.example:8080", "/dev/hardcoded"),
        ("abcdef1234.execute-api.localhost", "/dev/hardcoded"),
        ("abcdef1234.execute-api.localhost:8080", "/dev/hardcoded"),
        ("127.0.0.1:8080", "/restapis/abcdef1234/dev/_user_request_/hardcoded"),
        ("[::1]:8080", "/_aws/execute-api/abcdef1234/dev/hardcoded"),
        ("anything", "http://anything/_aws/execute-api/abcdef1234/dev/hardcoded"),
    ] {
        let (resource, _, path, context_path) =
            paths(host, target).unwrap_or_else(|fault| panic!("{host} {target}: {fault:?}"));
        assert_eq!(
            (resource.as_str(), path.as_str(), context_path.as_str()),
            ("/hardcoded", "/hardcoded", "/dev/hardcoded"),
            "{host} {target}"
        );
    }
}

#[test]
fn s1_1_the_root_in_every_form() {
    for (host, target) in [
        (HOST, "/dev"),
        (HOST, "/dev/"),
        (HOST, "/dev///"),
        (HOST, "/dev?x=1"),
        ("h", "/restapis/abcdef1234/dev/_user_request_"),
        ("h", "/restapis/abcdef1234/dev/_user_request_/"),
        ("h", "/_aws/execute-api/abcdef1234/dev"),
        ("h", "/_aws/execute-api/abcdef1234/dev/"),
    ] {
        assert_eq!(paths(host, target).expect("found").2, "/", "{host} {target}");
    }
}

#[test]
fn s1_2_unknown_stages_apis_and_forms_are_forbidden() {
    for (host, target) in [
        (HOST, "/"),
        (HOST, ""),
        (HOST, "/prod/hardcoded"),
        (HOST, "/Dev/hardcoded"),
        (HOST, "/%64ev/hardcoded"),
        ("zzzzzzzzzz.execute-api.eu-west-1.amazonaws.com", "/dev/hardcoded"),
        ("abcdef1234.execute-api.us-east-1.amazonaws.com", "/dev/hardcoded"),
        ("abcdef1234-vpce1.execute-api.eu-west-1.amazonaws.com", "/dev/hardcoded"),
        ("localhost", "/dev/hardcoded"),
        ("localhost", "/restapis/abcdef1234/dev/hardcoded"),
        ("localhost", "/restapis/abcdef1234/dev/_user_request_x/hardcoded"),
        ("localhost", "/restapis/abcdef1234/prod/_user_request_/hardcoded"),
        ("localhost", "/restapis/abcdef1234"),
        ("localhost", "/_aws/execute-api/abcdef1234"),
        ("localhost", "/_aws/execute-api/abcdef1234/"),
        ("localhost", "/_aws/execute-api/abcdef1234/prod/x"),
    ] {
        let target = if target.is_empty() { format!("http://{host}") } else { target.to_owned() };
        assert_eq!(kind(host, &target), FaultKind::Forbidden, "{host} {target}");
    }
}

#[test]
fn s1_2_a_disabled_endpoint_is_forbidden_in_every_form() {
    let mut unit = deployment("dep001", &[("/", &[("GET", mock("root"))])]);
    unit["disable_execute_api_endpoint"] = json!(true);
    let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
    for (host, target) in
        [(HOST, "/dev"), ("h", "/_aws/execute-api/abcdef1234/dev"), ("abcdef1234.execute-api.localhost", "/dev")]
    {
        let refused = gateway.request(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).expect_err("refused");
        assert_eq!(refused, Fault::FORBIDDEN);
    }
}

#[test]
fn s19_how_long_a_url_may_be_depends_on_the_endpoint_type() {
    for (endpoint_type, longest) in [("EDGE", 8_192), ("PRIVATE", 8_192), ("REGIONAL", 10_240)] {
        let mut unit = deployment("dep001", &[("/{proxy+}", &[("GET", mock("p"))])]);
        unit["endpoint_type"] = json!(endpoint_type);
        let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
        let ask = |length: usize| {
            gateway.request(&format!("GET /dev/{:x<1$} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", "", length - "/dev/".len()))
        };
        assert!(ask(longest).is_ok(), "{endpoint_type}");
        assert_eq!(ask(longest + 1).expect_err("refused"), Fault::URI_TOO_LONG, "{endpoint_type}");
    }
}

#[test]
fn s1_3_path_handling() {
    for (target, resource, proxy, path, context_path) in [
        ("/dev/proxy-value", "/{proxy+}", Some("proxy-value"), "/proxy-value", "/dev/proxy-value"),
        ("/dev/proxy-value/", "/{proxy+}", Some("proxy-value"), "/proxy-value", "/dev/proxy-value/"),
        (
            "/dev/proxy-value//double-slash",
            "/{proxy+}",
            Some("proxy-value//double-slash"),
            "/proxy-value//double-slash",
            "/dev/proxy-value//double-slash",
        ),
        ("//dev/proxy-value", "/{proxy+}", Some("proxy-value"), "/proxy-value", "/dev/proxy-value"),
        ("/dev//proxy-value", "/{proxy+}", Some("proxy-value"), "/proxy-value", "/dev//proxy-value"),
        ("/dev//hardcoded", "/hardcoded", None, "/hardcoded", "/dev//hardcoded"),
        (
            "/dev/api/test%2Balias@x.com/plus/test+alias@x.com",
            "/{proxy+}",
            Some("api/test%2Balias@x.com/plus/test+alias@x.com"),
            "/api/test%2Balias@x.com/plus/test+alias@x.com",
            "/dev/api/test%2Balias@x.com/plus/test+alias@x.com",
        ),
        ("/dev/a/../b/./c", "/{proxy+}", Some("a/../b/./c"), "/a/../b/./c", "/dev/a/../b/./c"),
        ("/dev/a%2Fb", "/{proxy+}", Some("a%2Fb"), "/a%2Fb", "/dev/a%2Fb"),
        ("/dev/hardcoded?x=/y/", "/hardcoded", None, "/hardcoded", "/dev/hardcoded"),
    ] {
        let found = paths(HOST, target).expect("found");
        assert_eq!(
            found,
            (resource.to_owned(), proxy.map(str::to_owned), path.to_owned(), context_path.to_owned()),
            "{target}"
        );
    }
}

#[test]
fn s1_4_a_query_that_is_not_percent_encoded_is_a_bad_request() {
    for query in ["%", "a=%4", "a=%zz", "a=%%41", "a=b|c", "|"] {
        assert_eq!(kind(HOST, &format!("/dev/hardcoded?{query}")), FaultKind::BadRequest, "{query}");
    }
    // The deployment is known by then: its gateway responses say how that is answered.
    let mut broken = exchange(&raw("GET /dev/hardcoded?a=%zz", &[], ""));
    assert_eq!(address(&gateway().served, &mut broken), Err(Fault::BAD_REQUEST));
    assert!(broken.stage.is_some());
    let exchange = gateway().call("GET /dev/hardcoded?a=%20&b", &[]).expect("fine");
    assert_eq!(exchange.query.of(&exchange.input), b"a=%20&b");
    let exchange = gateway().call("GET /dev/hardcoded?", &[]).expect("fine");
    assert_eq!(exchange.query.of(&exchange.input), b"");
}

#[test]
fn s3_a_client_may_choose_the_request_id_if_it_is_a_uuid() {
    let gateway = gateway();
    let id = |value: &str| gateway.call("GET /dev", &[&format!("x-amzn-RequestId: {value}")]).expect("fine").request_id;
    assert_eq!(&id("AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee"), b"AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    for refused in ["x", "AAAAAAAAAbbbb-4ccc-8ddd-eeeeeeeeeeee", "AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeee\u{7e}"] {
        assert_eq!(&id(refused), b"11111111-2222-4333-8444-555555555555", "{refused}");
    }
}

#[test]
fn a_request_keeps_the_plan_it_started_with() {
    let mut gateway = gateway();
    let mut before = exchange(&raw("GET /dev", &[], ""));
    address(&gateway.served, &mut before).expect("found");
    gateway
        .apply(&json!([deployment("dep002", &[("/", &[("GET", mock("new"))])]), stage("dev", "dep002", &[])]))
        .expect("valid");
    let mut after = exchange(&raw("GET /dev", &[], ""));
    address(&gateway.served, &mut after).expect("found");
    assert_eq!(&*before.deployment().expect("addressed").deployment_id, "dep001");
    assert_eq!(&*after.deployment().expect("addressed").deployment_id, "dep002");
    assert_eq!(after.deployment().map(|deployment| &*deployment.api_id), Some(API));
}
