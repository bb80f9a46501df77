//! Tests of lines: literal and variable parts, hostile bytes.

use std::{cell::Cell, net::IpAddr, rc::Rc};

use serde_json::Value;

use super::*;
use crate::{observe::AccessLogPage, per_core::clock::SECOND, testing};

fn clock() -> Clock {
    Clock::manual(Rc::new(Cell::new(testing_second() * SECOND)))
}

fn testing_second() -> u64 {
    testing::exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n").arrived.as_secs()
}

/// The gateway's line for an exchange.
fn line(exchange: &mut Exchange, integration: Option<Micros>) -> Value {
    exchange.forwarded.prepare(IpAddr::from([192, 0, 2, 7]), 8080, false);
    let stage = exchange.stage.clone();
    let format = LineFormat::of_gateway(None);
    let format = stage.as_deref().map_or(&format, |stage| &stage.line_format);
    let mut page = AccessLogPage::default();
    page.push(format, &Completed { exchange, clock: &clock(), latency: 12_345, integration });
    let (bytes, lines) = page.take();
    assert_eq!((lines, memchr::memchr_iter(b'\n', &bytes).count()), (1, 1));
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn the_gateways_line_is_one_json_object() {
    let gateway = testing::Gateway::with(&[("/pets/{petId}", &[("GET", testing::mock("{}"))])]);
    let mut exchange = gateway.call("GET /dev/pets/7?q=%22", &["User-Agent: test/1.0 (\"quoted\")"]).unwrap();
    exchange.status = 200;
    exchange.integration_status = 201;
    exchange.response_length = 65_536;
    let wanted = serde_json::json!({
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
    let gateway = testing::Gateway::with(&[("/{proxy+}", &[("GET", testing::mock("{}"))])]);
    let mut exchange = gateway.call("GET /dev/xxxx", &["User-Agent: yyyy"]).unwrap();
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
fn lines_of_any_length_follow_each_other() {
    let gateway = testing::Gateway::with(&[("/{proxy+}", &[("GET", testing::mock("{}"))])]);
    let stage = gateway.call("GET /dev/a", &[]).unwrap().stage.unwrap();
    let mut page = AccessLogPage::default();
    for length in (0..100_000).step_by(9_999) {
        let mut exchange = testing::exchange("GET /dev/a HTTP/1.1\r\nHost: a\r\n\r\n");
        exchange.stage = Some(stage.clone());
        exchange.input.resize(length + 100, b'"');
        exchange.path = crate::http1::Span { start: 100, end: length as u32 + 100 };
        let clock = clock();
        page.push(&stage.line_format, &Completed { exchange: &exchange, clock: &clock, latency: 0, integration: None });
    }
    assert!(page.is_full());
    let (bytes, lines) = page.take();
    assert_eq!(lines, 11);
    for (number, line) in bytes.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n').enumerate() {
        let line: Value = serde_json::from_slice(line).unwrap();
        assert_eq!(line["path"].as_str().unwrap().len(), "/dev".len() + number * 9_999);
    }
    assert!(page.take().0.is_empty());
}
