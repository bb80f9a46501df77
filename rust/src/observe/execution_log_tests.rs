//! Tests of `execution_log`.

use std::{cell::Cell, rc::Rc};

use super::*;
use crate::{
    per_core::clock::{Clock, SECOND},
    testing::{Gateway, deployment, from, http_proxy, mock, stage},
};

const ID: &str = "[21/Nov/2026:09:00:00 +0000] (11111111-2222-4333-8444-555555555555) ";

/// The events of a request, without what all begin with.
fn events(exchange: &Exchange, level: LoggingLevel) -> Vec<String> {
    let clock = Clock::manual(Rc::new(Cell::new(exchange.arrived.as_secs() * SECOND)));
    let integration = (exchange.integration_status > 0).then_some(7_999);
    let completed = Completed { exchange, clock: &clock, latency: 9_000, integration };
    let stage = exchange.stage.clone().unwrap();
    let mut out = Vec::new();
    let lines = append(&completed, &stage, level, Some(b"http://backend.test/pets/7"), &mut out);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count() as u64, lines);
    text.lines().map(|line| line.strip_prefix(ID).unwrap().to_owned()).collect()
}

fn exchange(line: &str) -> Exchange {
    let gateway = Gateway::with(&[("/pets/{petId}/{rest+}", &[("GET", http_proxy("http://backend.test/", &[]))])]);
    gateway.call(line, &["Authorization: secret"]).unwrap()
}

#[test]
fn info_tells_the_whole_request() {
    let mut exchange = exchange("GET /dev/pets/7/a/b?x=1&y=%0a2");
    (exchange.status, exchange.integration_status) = (200, 201);
    assert_eq!(
        events(&exchange, LoggingLevel::Info),
        [
            "Extended Request Id: AbCdEfGhIjKlMno=",
            "Verifying Usage Plan for request: 11111111-2222-4333-8444-555555555555. API Key:  API Stage: abcdef1234/dev",
            "API Key authorized because method 'GET /pets/{petId}/{rest+}' does not require API Key. Request will not contribute to throttle or quota limits",
            "Usage Plan check succeeded for API Key  and API Stage abcdef1234/dev",
            "Starting execution for request: 11111111-2222-4333-8444-555555555555",
            "HTTP Method: GET, Resource Path: /pets/7/a/b",
            "Method request path: {petId=7, rest=a/b}",
            "Method request query string: {x=1, y=\\x0a2}",
            "Endpoint request URI: http://backend.test/pets/7",
            "Sending request to http://backend.test/pets/7",
            "Received response. Status: 201, Integration latency: 7 ms",
            "Successfully completed execution",
            "Method completed with status: 200",
        ]
    );
}

#[test]
fn error_tells_of_failures_only() {
    let mut exchange = exchange("GET /dev/pets/7/a");
    exchange.status = 200;
    assert!(events(&exchange, LoggingLevel::Error).is_empty());
    exchange.status = 404;
    assert_eq!(events(&exchange, LoggingLevel::Error), ["Method completed with status: 404"]);
    (exchange.status, exchange.fault) = (504, Some(Fault::INTEGRATION_TIMEOUT));
    assert_eq!(
        events(&exchange, LoggingLevel::Error),
        [
            "Execution failed due to a timeout error",
            "Gateway response type: INTEGRATION_TIMEOUT with status code: 504",
            "Method completed with status: 504",
        ]
    );
    assert!(events(&exchange, LoggingLevel::Off).is_empty());
    assert!(!events(&exchange, LoggingLevel::Info).iter().any(|event| event.starts_with("Successfully")));
}

#[test]
fn s7_14_a_mapping_that_fails_says_why() {
    let forbidden = http_proxy("http://b.test/", &[("header", "transfer-encoding", from("literal", "x"))]);
    let gateway = Gateway::with(&[("/", &[("GET", forbidden)])]);
    for (cause, said) in [
        (Cause::NotBase64, "Unable to base64 decode the body."),
        (Cause::TransformRequest, "Unable to transform request"),
        (Cause::TransformResponse, "Unable to transform response"),
        (
            Cause::NoOutputMapping(404),
            "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 404",
        ),
        (Cause::UndeclaredStatus(201), "Output mapping refers to an invalid method response: 201"),
        (Cause::ForbiddenHeader, "transfer-encoding header already present"),
        (
            Cause::NoStatusCode,
            "Unable to parse statusCode. It should be an integer that is defined in the request template.",
        ),
        (Cause::InvalidEndpoint, "Invalid endpoint address"),
        (Cause::Certificate, "Unable to find valid certification path to requested target"),
    ] {
        let mut exchange = gateway.call("GET /dev/", &[]).unwrap();
        (exchange.status, exchange.fault) = (500, Some(Fault::mapping(cause)));
        let wanted = format!("Execution failed due to configuration error: {said}");
        assert_eq!(events(&exchange, LoggingLevel::Error)[0], wanted);
    }
}

#[test]
fn s14_a_throttle_of_the_method_is_told_with_its_limits() {
    let mut stage = stage("dev", "dep001", &[]);
    stage["method_settings"] = serde_json::json!([{"method": null, "metrics_enabled": false, "logging_level": "ERROR", "data_trace_enabled": false,
        "throttle": {"rate_limit": 1.0, "burst_limit": 1}}]);
    let units = serde_json::json!([deployment("dep001", &[("/pets", &[("POST", mock("a"))])]), stage]);
    let mut exchange = Gateway::serve(&units).call("POST /dev/pets", &[]).unwrap();
    (exchange.status, exchange.fault) = (429, Some(Fault::THROTTLED));
    assert_eq!(
        events(&exchange, LoggingLevel::Error),
        [
            "Key throttle limit exceeded for RestApi abcdef1234, Stage dev, Resource res000, HttpMethod POST. Limit: 1.00 Burst: 1",
            "Gateway response type: THROTTLED with status code: 429",
            "Method completed with status: 429",
        ]
    );
}

#[test]
fn s3_4_what_a_validator_refused_is_told() {
    let gateway = Gateway::with(&[("/pets", &[("POST", mock("a"))])]);
    let why = "[object has missing required properties ([\"a\"])]";
    let missing =
        Fault::with_message(crate::fault::FaultKind::BadRequestParameters, "Missing required request parameters: [q]");
    for (headers, fault, wanted) in [
        (&[][..], missing, "Request parameter validation failed: Missing required request parameters: [q]".to_owned()),
        (
            &[],
            Fault::request_body(why.into()),
            format!("Request body does not match model schema for content type application/json: {why}"),
        ),
        (
            &["Content-Type: a/b; c=d"],
            Fault::request_body(why.into()),
            format!("Request body does not match model schema for content type a/b: {why}"),
        ),
    ] {
        let mut exchange = gateway.call("POST /dev/pets", headers).unwrap();
        (exchange.status, exchange.fault) = (400, Some(fault));
        assert_eq!(events(&exchange, LoggingLevel::Error)[0], wanted);
    }
}

#[test]
fn an_event_has_a_bound() {
    let exchange = exchange(&format!("GET /dev/pets/7/a?b={}", "%C3%A9".repeat(1000)));
    let all = events(&exchange, LoggingLevel::Info);
    let long: Vec<_> = all.iter().filter(|event| event.ends_with(" [TRUNCATED]")).collect();
    assert_eq!(long.len(), 1, "{all:?}");
    assert!(long.iter().all(|event| event.len() <= EVENT + " [TRUNCATED]".len()));
}

/// An exchange that was traced: a whole conversation with a backend.
fn traced() -> Exchange {
    let gateway = Gateway::with(&[("/pets/{petId}", &[("POST", http_proxy("http://backend.test/", &[]))])]);
    let headers = ["Authorization: Bearer 0123456789abcdef", "X-One: 1", "x-one: 2"];
    let mut exchange = gateway.call("POST /dev/pets/7", &headers).unwrap();
    (exchange.status, exchange.integration_status) = (200, 201);
    let mut trace = crate::observe::DataTrace::default();
    trace.request_body(b"{\n\"a\":1}");
    trace.asked(b"POST /pets/7 HTTP/1.1\r\nHost: backend.test\r\nx-api-key: 0123456789abcdef\r\n\r\n", b"{\n\"a\":1}");
    trace.passes(
        b"HTTP/1.1 201 Created\r\nSet-Cookie: session=0123456789\r\n\r\n",
        b"HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\n\r\n",
    );
    trace.piece(b"fine");
    exchange.data_trace = Some(Box::new(trace));
    exchange
}

#[test]
fn a_traced_request_shows_its_messages() {
    let all = events(&traced(), LoggingLevel::Info);
    let Some(start) = all.iter().position(|event| event.starts_with("Method request query")) else { panic!("{all:?}") };
    let host = format!("Host={}", crate::testing::HOST);
    let shown: Vec<_> = all[start + 1..].iter().map(|event| event.replace(&format!("{host}, "), "")).collect();
    assert_eq!(
        shown,
        [
            "Method request headers: {Authorization=*****************abcdef, X-One=1, 2}",
            "Method request body before transformations: {\\x0a\"a\":1}",
            "Endpoint request URI: http://backend.test/pets/7",
            "Endpoint request headers: {Host=backend.test, x-api-key=**********abcdef}",
            "Endpoint request body after transformations: {\\x0a\"a\":1}",
            "Sending request to http://backend.test/pets/7",
            "Received response. Status: 201, Integration latency: 7 ms",
            "Endpoint response headers: {Set-Cookie=************456789}",
            "Endpoint response body before transformations: fine",
            "Method response body after transformations: fine",
            "Method response headers: {Content-Type=text/plain}",
            "Successfully completed execution",
            "Method completed with status: 200",
        ]
    );
    assert!(events(&traced(), LoggingLevel::Error).is_empty(), "only INFO shows them");
}

#[test]
fn a_test_has_the_same_lines_in_its_own_form() {
    let mut exchange = traced();
    let log = |exchange: &Exchange| {
        let clock = Clock::manual(Rc::new(Cell::new(exchange.arrived.as_secs() * SECOND)));
        let completed = Completed { exchange, clock: &clock, latency: 9_000, integration: Some(7_999) };
        let stage = exchange.stage.clone().unwrap();
        String::from_utf8(of_test(&completed, &stage, Some(b"http://backend.test/pets/7"))).unwrap()
    };
    let whole = log(&exchange);
    let lines: Vec<_> = whole.lines().collect();
    assert_eq!(lines[0], "Execution log for request 11111111-2222-4333-8444-555555555555");
    assert_eq!(
        lines[1],
        "Sat Nov 21 09:00:00 UTC 2026 : Starting execution for request: 11111111-2222-4333-8444-555555555555"
    );
    assert!(whole.contains("body before transformations: {\n\"a\":1}\n"), "a body is as it was: {whole}");
    assert!(whole.ends_with(": Method completed with status: 200\n"));
    assert!(!whole.contains("API Key"), "{whole}");
    (exchange.status, exchange.fault) = (500, Some(Fault::mapping(Cause::NoOutputMapping(404))));
    let failed = log(&exchange);
    assert!(!failed.contains("Method response") && !failed.contains("Gateway response"), "{failed}");
    assert!(failed.contains("Execution failed due to configuration error: No match for output mapping"));
}
