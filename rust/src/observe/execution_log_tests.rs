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
    stage["method_settings"] = serde_json::json!([{"method": null, "metrics_enabled": false, "logging_level": "ERROR",
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
