//! Tests of lines: literal and variable parts, hostile bytes.

use std::{cell::Cell, net::IpAddr, rc::Rc};

use serde_json::{Value, json};

use super::*;
use crate::{
    exchange::Exchange,
    fault::Fault,
    observe::room::{Scratch, ScratchBytes},
    per_core::clock::{Clock, Micros, SECOND},
    testing,
};

const CONSTANTS: StageConstants<'_> = StageConstants {
    api_id: "abcdef1234",
    stage: "dev",
    account_id: "123456789012",
    deployment_id: "dep001",
    endpoint_type: "REGIONAL",
};

fn clock() -> Clock {
    let arrived = testing::exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").arrived;
    Clock::manual(Rc::new(Cell::new(arrived.as_secs() * SECOND)))
}

/// A format's line for an exchange; both rooms write the same one.
fn written(format: &LineFormat, exchange: &mut Exchange, integration: Option<Micros>) -> String {
    exchange.forwarded.prepare(IpAddr::from([192, 0, 2, 7]), 8080, false);
    let completed = Completed { exchange, clock: &clock(), latency: 12_345, integration };
    let mut list = Vec::new();
    format.write(&completed, &mut list);
    let mut bytes: ScratchBytes = [0; _];
    let mut scratch = Scratch::new(&mut bytes);
    format.write(&completed, &mut scratch);
    if let Some(line) = scratch.line() {
        assert_eq!(line, list);
    } else {
        assert!(list.len() > 4096);
    }
    assert_eq!(list.iter().filter(|byte| **byte == b'\n').count(), 1);
    String::from_utf8(list).unwrap().strip_suffix('\n').unwrap().to_owned()
}

/// The gateway's line for an exchange.
fn line(exchange: &mut Exchange, integration: Option<Micros>) -> Value {
    let stage = exchange.stage.clone();
    let format = LineFormat::of_gateway(None);
    let format = stage.as_deref().map_or(&format, |stage| &stage.line_format);
    serde_json::from_str(&written(format, exchange, integration)).unwrap()
}

fn gateway() -> testing::Gateway {
    testing::Gateway::with(&[("/pets/{petId}", &[("GET", testing::mock("{}"))])])
}

#[test]
fn the_gateways_line_is_one_json_object() {
    let mut exchange = gateway().call("GET /dev/pets/7?q=%22", &["User-Agent: test/1.0 (\"quoted\")"]).unwrap();
    exchange.status = 200;
    exchange.integration_status = 201;
    exchange.response_length = 65_536;
    let wanted = json!({
        "requestId": "11111111-2222-4333-8444-555555555555", "extendedRequestId": "AbCdEfGhIjKlMno=",
        "requestTime": "21/Nov/2026:09:00:00 +0000", "protocol": "HTTP/1.1", "status": 200, "responseLength": 65_536,
        "responseLatency": 12, "integrationStatus": 201, "integrationLatency": 9, "ip": "192.0.2.7", "httpMethod": "GET",
        "resourcePath": "/pets/{petId}", "path": "/dev/pets/7", "apiId": testing::API, "stage": "dev",
        "userAgent": "test/1.0 (\"quoted\")"
    });
    assert_eq!(line(&mut exchange, Some(9_999)), wanted);
}

#[test]
fn what_is_not_known_is_a_dash_or_missing() {
    let mut exchange = testing::exchange("PUT /a\"b?c HTTP/1.0\r\nHost: nobody\r\n\r\n");
    exchange.status = 403;
    let found = line(&mut exchange, None);
    let read = |name: &str| found[name].as_str();
    assert_eq!((read("apiId"), read("stage"), read("resourcePath")), (Some("-"), Some("-"), Some("-")));
    assert_eq!((read("userAgent"), read("path"), read("protocol")), (Some("-"), Some("/a\"b"), Some("HTTP/1.0")));
    assert_eq!((found.get("integrationStatus"), found.get("integrationLatency")), (None, None));
}

#[test]
fn the_time_is_that_of_the_arrival() {
    let mut exchange = testing::exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    exchange.arrived -= std::time::Duration::from_secs(29);
    assert_eq!(line(&mut exchange, None)["requestTime"], "21/Nov/2026:08:59:31 +0000");
}

#[test]
fn a_line_is_one_json_object_whatever_the_client_sent() {
    let mut exchange = gateway().call("GET /dev/pets/7", &["User-Agent: yyyy"]).unwrap();
    // What no parser lets through would stand in the line as text, too.
    let hostile: Vec<u8> = (0..=255).chain("\u{2028}é\"}\n{".bytes()).collect();
    let start = exchange.input.len() as u32;
    exchange.input.extend_from_slice(&hostile);
    exchange.path = crate::http1::Span { start, end: exchange.input.len() as u32 };
    for field in &mut exchange.head.fields {
        field.value = exchange.path;
    }
    let found = line(&mut exchange, None);
    let hostile = String::from_utf8_lossy(&hostile);
    assert_eq!(found["path"].as_str().unwrap(), format!("/dev{hostile}"));
    assert_eq!(found["userAgent"].as_str().unwrap(), hostile);
    assert_eq!(found.as_object().unwrap().len(), 14);
}

#[test]
fn lines_may_be_longer_than_the_usual_room() {
    let mut exchange = gateway().call("GET /dev/pets/7", &[]).unwrap();
    for length in (0..100_000).step_by(9_999) {
        let start = exchange.input.len() as u32;
        exchange.input.resize(start as usize + length, b'"');
        exchange.path = crate::http1::Span { start, end: start + length as u32 };
        assert_eq!(line(&mut exchange, None)["path"].as_str().unwrap().len(), "/dev".len() + length);
    }
}

/// The line of a stage's format.
fn of_stage(format: &str, exchange: &mut Exchange, integration: Option<Micros>) -> String {
    written(&LineFormat::compile(format, Some(CONSTANTS)), exchange, integration)
}

#[test]
fn every_variable_has_its_value() {
    let mut exchange = gateway().call("GET /dev/pets/7?q=1", &["User-Agent: test"]).unwrap();
    (exchange.status, exchange.response_length, exchange.integration_status) = (200, 5, 201);
    for (name, wanted) in [
        ("accountId", "123456789012"),
        ("apiId", "abcdef1234"),
        ("deploymentId", "dep001"),
        ("domainName", testing::HOST),
        ("domainPrefix", "abcdef1234"),
        ("endpointType", "REGIONAL"),
        ("error.message", "-"),
        ("error.messageString", "-"),
        ("error.responseType", "-"),
        ("extendedRequestId", "AbCdEfGhIjKlMno="),
        ("httpMethod", "GET"),
        ("identity.sourceIp", "192.0.2.7"),
        ("identity.userAgent", "test"),
        ("integration.error", "-"),
        ("integration.integrationStatus", "201"),
        ("integration.latency", "9"),
        ("integration.responseTransferMode", "BUFFERED"),
        ("integration.status", "201"),
        ("integrationLatency", "9"),
        ("integrationStatus", "201"),
        ("path", "/dev/pets/7"),
        ("protocol", "HTTP/1.1"),
        ("requestId", "11111111-2222-4333-8444-555555555555"),
        ("requestTime", "21/Nov/2026:09:00:00 +0000"),
        ("requestTimeEpoch", "1795251600123"),
        ("resourceId", "res000"),
        ("resourcePath", "/pets/{petId}"),
        ("responseLatency", "12"),
        ("responseLength", "5"),
        ("stage", "dev"),
        ("status", "200"),
        // What other kinds of APIs have, what is not there yet, and what nobody knows.
        ("routeKey", "-"),
        ("identity.apiKey", "-"),
        ("authorizer.claims.sub", "-"),
        ("isCanaryRequest", "-"),
        ("nonsense", "-"),
    ] {
        // Alone, twice, and with more behind it.
        let text = format!("\"$context.{name}\" \"$context.{name}\"|\"$context.{name}\".");
        let wanted = format!("\"{wanted}\" \"{wanted}\"|\"{wanted}\".");
        assert_eq!(of_stage(&text, &mut exchange, Some(9_999)), wanted, "{name}");
    }
    assert_eq!(of_stage("$context.requestId.log $context.status-$context.status.", &mut exchange, None), {
        "11111111-2222-4333-8444-555555555555.log 200-200."
    });
    assert_eq!(of_stage("a $$context. $context b\r\n", &mut exchange, None), "a $- $context b");
}

#[test]
fn a_refusal_says_why() {
    let mut exchange = gateway().call("GET /dev/pets/7", &[]).unwrap();
    let format = "$context.error.message|$context.error.messageString|$context.error.responseType|$context.integration.error|$context.integration.latency";
    exchange.fault = Some(Fault::INTEGRATION_TIMEOUT);
    let wanted =
        "Endpoint request timed out|\"Endpoint request timed out\"|INTEGRATION_TIMEOUT|Endpoint request timed out|-";
    assert_eq!(of_stage(format, &mut exchange, None), wanted);
    exchange.fault = Some(Fault::with_message(crate::fault::FaultKind::BadRequest, "no \"x\"|\n"));
    assert_eq!(of_stage(format, &mut exchange, None), "no \\\"x\\\"\\x7c\\x0a|\"no \\\"x\\\"|\\n\"|DEFAULT_4XX|-|-");
}

const AGENT: &str = "$context.requestId,$context.identity.userAgent,$context.status";

/// What each form of a format makes of a hostile agent.
#[test]
fn no_client_forges_a_line_a_field_or_a_member() {
    let mut exchange = gateway().call("GET /dev/pets/7", &["User-Agent: \",</a>x|y \\"]).unwrap();
    exchange.status = 200;
    let id = "11111111-2222-4333-8444-555555555555";
    for (format, wanted) in [
        (AGENT, format!("{id},\"\"\",</a>x|y \\\",200")),
        ("$context.requestId,\"$context.identity.userAgent\"", format!("{id},\"\"\",</a>x|y \\\"")),
        ("{\"a\": \"$context.identity.userAgent\"}", "{\"a\": \"\\\",</a>x|y \\\\\"}".to_owned()),
        ("{\"a\": $context.identity.userAgent}", "{\"a\": \"\\\",</a>x|y \\\\\"}".to_owned()),
        ("{\"\\\"\": \"$context.identity.userAgent\"}", "{\"\\\"\": \"\\\",</a>x|y \\\\\"}".to_owned()),
        ("[$context.status, \"$context.identity.userAgent\"]", "[200, \"\\\",</a>x|y \\\\\"]".to_owned()),
        ("<a>$context.identity.userAgent</a>", "<a>&quot;,&lt;/a&gt;x|y \\</a>".to_owned()),
        ("$context.identity.userAgent|$context.status", "\\\",</a>x\\x7cy \\\\|200".to_owned()),
        ("$context.identity.userAgent $context.status", "\\\",</a>x|y\\x20\\\\ 200".to_owned()),
        ("\"$context.identity.userAgent\" $context.status", "\"\\\",</a>x|y \\\\\" 200".to_owned()),
        ("$context.identity.userAgent", "\\\",</a>x|y \\\\".to_owned()),
    ] {
        assert_eq!(of_stage(format, &mut exchange, None), wanted, "{format}");
    }
}

#[test]
fn a_value_gets_quotes_as_a_whole() {
    let mut exchange = gateway().call("GET /dev/pets/a\",b", &[]).unwrap();
    let id = "11111111-2222-4333-8444-555555555555";
    for (format, wanted) in [
        ("$context.requestId,$context.path", format!("{id},\"/dev/pets/a\"\",b\"")),
        ("$context.requestId,\"$context.path\"", format!("{id},\"/dev/pets/a\"\",b\"")),
        ("{\"a\": $context.path}", "{\"a\": \"/dev/pets/a\\\",b\"}".to_owned()),
    ] {
        assert_eq!(of_stage(format, &mut exchange, None), wanted, "{format}");
    }
}

#[test]
fn aws_own_formats() {
    let mut exchange = gateway().call("GET /dev/pets/7", &[]).unwrap();
    (exchange.status, exchange.response_length) = (200, 2);
    let clf = "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]\"$context.httpMethod $context.resourcePath $context.protocol\" $context.status $context.responseLength $context.requestId $context.extendedRequestId\n";
    assert_eq!(
        of_stage(clf, &mut exchange, None),
        "192.0.2.7 - - [21/Nov/2026:09:00:00 +0000]\"GET /pets/{petId} HTTP/1.1\" 200 2 11111111-2222-4333-8444-555555555555 AbCdEfGhIjKlMno="
    );
    let csv = "$context.identity.sourceIp,$context.identity.caller,$context.requestTime,$context.httpMethod,$context.resourcePath,$context.status";
    assert_eq!(of_stage(csv, &mut exchange, None), "192.0.2.7,-,21/Nov/2026:09:00:00 +0000,GET,/pets/{petId},200");
    let xml = "<request id=\"$context.requestId\"> <ip>$context.identity.sourceIp</ip> <user>$context.identity.user</user> </request>";
    assert_eq!(
        of_stage(xml, &mut exchange, None),
        "<request id=\"11111111-2222-4333-8444-555555555555\"> <ip>192.0.2.7</ip> <user>-</user> </request>"
    );
}
