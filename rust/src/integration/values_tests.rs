//! Tests of `values`.

use super::*;
use crate::testing::{Gateway, mock};

fn context(path: &str) -> String {
    let gateway = Gateway::with(&[("/pets/{petId}", &[("GET", mock("x"))])]);
    let exchange = gateway
        .call("POST //dev//pets/a%2Fb/?x=1", &["X-HTTP-Method-Override: GET", "User-Agent: me"])
        .expect("routed");
    let mut out = Vec::new();
    append_context(ContextVariable::parse(path).unwrap_or_else(|| panic!("{path}")), &exchange, &mut out);
    String::from_utf8(out).expect("text")
}

#[test]
fn s10_5_context_variables() {
    for (path, value) in [
        ("accountId", "123456789012"),
        ("apiId", "abcdef1234"),
        ("deploymentId", "dep001"),
        ("domainName", "abcdef1234.execute-api.eu-west-1.amazonaws.com"),
        ("domainPrefix", "abcdef1234"),
        ("extendedRequestId", "AbCdEfGhIjKlMno="),
        ("httpMethod", "GET"),
        ("path", "/dev//pets/a%2Fb/"),
        ("protocol", "HTTP/1.1"),
        ("requestId", "11111111-2222-4333-8444-555555555555"),
        ("requestTime", "21/Nov/2026:09:00:00 +0000"),
        ("requestTimeEpoch", "1795251600123"),
        ("resourceId", "res000"),
        ("resourcePath", "/pets/{petId}"),
        ("stage", "dev"),
        ("identity.sourceIp", "192.0.2.7"),
        ("identity.userAgent", "me"),
    ] {
        assert_eq!(context(path), value, "{path}");
    }
    for absent in
        ["authorizer.principalId", "identity.user", "nothing", "", "error.message", "requestOverride.header.x"]
    {
        assert_eq!(ContextVariable::parse(absent), None, "{absent}");
    }
}

#[test]
fn the_domain_name_has_no_port() {
    let gateway = Gateway::with(&[("/", &[("GET", mock("x"))])]);
    for (host, name) in
        [("h.test:8080", "h.test"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("10.0.0.1", "10.0.0.1"), ("12", "12")]
    {
        let exchange = gateway
            .request(&format!("GET /_aws/execute-api/abcdef1234/dev HTTP/1.1\r\nHost: {host}\r\n\r\n"))
            .expect("routed");
        assert_eq!(domain_name(&exchange), name.as_bytes(), "{host}");
    }
}

#[test]
fn request_times_of_odd_days() {
    for (seconds, text) in [
        (0, "01/Jan/1970:00:00:00 +0000"),
        (951_782_399, "28/Feb/2000:23:59:59 +0000"),
        (951_782_400, "29/Feb/2000:00:00:00 +0000"),
        (4_107_542_400, "01/Mar/2100:00:00:00 +0000"),
        (1_798_761_599, "31/Dec/2026:23:59:59 +0000"),
    ] {
        let mut out = Vec::new();
        append_request_time(seconds, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), text);
    }
}
