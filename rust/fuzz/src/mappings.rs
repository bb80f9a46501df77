//! A whole API without sockets: a request is addressed, routed and written for its backend, and the backend's answer for its
//! client. Whatever is in them, what is written is one message, to the host and with the method it should have.

use std::net::SocketAddr;

use apigw_engine::{
    accept::address::address,
    exchange::Exchange,
    http1::{Framing, HeadLimits, ResponseHead, parse_request, parse_response},
    inbound::route::route,
    integration::request,
    outbound::{mapped, proxy},
    snapshot::{plan::IntegrationPlan, registry::Registry, served::Served},
};
use serde_json::{Value, json};

use super::{
    addresses,
    requests::{self, Heard},
    responses,
};

pub(crate) const API: &str = "abcdef1234";
/// The API's own host.
pub(crate) const HOST: &str = "abcdef1234.execute-api.eu-west-1.amazonaws.com";
const DATE: &[u8; 29] = b"Sat, 21 Nov 2026 09:00:00 GMT";

/// Where mapped values come from.
fn sources() -> Vec<(&'static str, Value)> {
    let named = |from: &str, name: &str| json!({"from": from, "name": name});
    vec![
        ("path", named("path", "proxy")),
        ("query", named("querystring", "x")),
        ("multiquery", named("multi_value_querystring", "x")),
        ("header", named("header", "X-In")),
        ("multiheader", named("multi_value_header", "X-In")),
        ("context", json!({"from": "context", "path": "path"})),
        ("domain", json!({"from": "context", "path": "domainName"})),
    ]
}

fn deployment() -> Value {
    let backend = |uri: &str| json!({"uri": uri, "http_method": null, "timeout_in_millis": 29000, "insecure_skip_verification": false});
    let path = json!({"location": "path", "name": "proxy", "source": {"from": "path", "name": "proxy"}});
    let proxy = |uri: &str, parameters: &Value| json!({"type": "HTTP_PROXY", "backend": backend(uri), "request_parameters": parameters, "response_transfer_mode": "BUFFERED"});
    let responses = json!([{"status_code": "200", "selection_pattern": "", "content_handling": null, "response_templates": [], "response_parameters": [
        {"name": "X-One", "source": {"from": "header", "name": "X-Out"}},
        {"name": "X-All", "source": {"from": "multi_value_header", "name": "X-Out"}},
        {"name": "Content-Type", "source": {"from": "header", "name": "Content-Type"}},
    ]}]);
    let mut integrations = vec![
        ("/{proxy+}".to_owned(), proxy("http://backend.test/{proxy}", &json!([path]))),
        ("/dynamic/{proxy+}".to_owned(), proxy("http://${stageVariables.host}/{proxy}", &json!([path]))),
    ];
    for (name, source) in sources() {
        for location in ["header", "querystring", "path"] {
            let mapped = json!({"location": location, "name": if location == "path" { "proxy" } else { "X-Mapped" }, "source": source});
            let parameters = if location == "path" { json!([mapped]) } else { json!([path, mapped]) };
            integrations.push((
                format!("/{location}-{name}/{{proxy+}}"),
                json!({"type": "HTTP", "backend": backend("http://backend.test/{proxy}"), "request_parameters": parameters,
                    "content_handling": null, "request_templates": [], "passthrough_behavior": "WHEN_NO_MATCH", "responses": responses}),
            ));
        }
    }
    let resources: Vec<Value> = integrations
        .iter()
        .enumerate()
        .map(|(number, (path, integration))| {
            json!({"resource_id": format!("res{number:03}"), "path": path,
                "methods": [{"http_method": "ANY", "validation": null, "method_responses": ["200"], "integration": integration,
                    "cache_key": {"namespace": path, "parameters": []}}]})
        })
        .collect();
    json!({"kind": "deployment", "api_id": API, "api_name": "fuzzed", "deployment_id": "dep001", "account_id": "123456789012",
        "region": "eu-west-1", "endpoint_type": "REGIONAL", "disable_execute_api_endpoint": false, "binary_media_types": [], "gateway_responses": [], "models": [], "minimum_compression_size": null,
        "resources": resources})
}

fn serve() -> Served {
    let stage = json!({"kind": "stage", "api_id": API, "stage_name": "dev", "deployment_id": "dep001",
        "variables": [{"name": "host", "value": "other.test:8181"}], "canary": null, "access_log": null, "method_settings": [], "cache_bytes": 0, "client_certificate": null});
    let mut registry = Registry::new();
    let patch = json!({"put": [deployment(), stage], "remove": []}).to_string();
    let ticket = registry.prepare(patch.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut served = Served::new();
    served.apply(&registry.commit(vec![ticket]));
    served
}

thread_local! {
    static SERVED: Served = serve();
}

/// The exchange of a request in `text`, if it is one.
pub(crate) fn exchange(text: Vec<u8>) -> Option<Exchange> {
    let mut exchange = Exchange {
        input: text,
        peer: SocketAddr::from(([192, 0, 2, 7], 50_000)),
        local_port: 8080,
        request_id: *b"11111111-2222-4333-8444-555555555555",
        extended_request_id: *b"AbCdEfGhIjKlMno=",
        ..Exchange::default()
    };
    let limits = HeadLimits { target: 10_240, header_block: 10_240, fields: 256 };
    parse_request(&exchange.input, &limits, &mut exchange.head).ok()?.then_some(exchange)
}

/// Addresses and routes.
pub(crate) fn routed(exchange: &mut Exchange) -> bool {
    SERVED.with(|served| address(served, exchange).is_ok()) && route(exchange).is_ok()
}

/// See the module. The bytes are a request's and, behind two zeros, its answer's.
pub fn mapping(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == [0, 0]).unwrap_or(bytes.len());
    let (text, answer) = (bytes[..end].to_vec(), bytes.get(end + 2..).unwrap_or_default());
    let Some(mut exchange) = exchange(text) else { return };
    if !routed(&mut exchange) {
        return;
    }
    addresses::routed(&exchange);
    let framing = request::framing(&exchange, exchange.head.framing);
    let mut out = b"before".to_vec();
    match request::write_head(&exchange, framing, &mut out) {
        Err(_) => assert_eq!(out, b"before", "nothing is written"),
        Ok(_) => asked(&out[6..], &exchange, framing),
    }
    answered(&mut exchange, answer);
}

/// What the backend gets is one request.
fn asked(head: &[u8], exchange: &Exchange, framing: Framing) {
    let mut all = head.to_vec();
    match framing {
        Framing::Chunked => all.extend_from_slice(b"0\r\n\r\n"),
        Framing::Length(length) => all.resize(head.len() + usize::try_from(length.min(1000)).unwrap_or(1000), b'x'),
        Framing::None | Framing::UntilClose => {}
    }
    if matches!(framing, Framing::Length(length) if length > 1000) {
        return;
    }
    // Heads we write may be longer than those we read.
    if head.len() > 9000 {
        return;
    }
    let messages = requests::read(&[&all]);
    let [Heard::Message(sent, _)] = &messages[..] else { panic!("{} is read as {messages:?}", head.escape_ascii()) };
    assert_eq!(sent.method, exchange.verb.of(&exchange.input));
    assert!(matches!(&sent.host[..], b"backend.test" | b"other.test:8181"), "{}", head.escape_ascii());
    assert!(sent.target.starts_with(b"/"));
    let named = |name: &[u8]| sent.fields.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count();
    assert_eq!(
        named(b"upgrade") + named(b"te") + named(b"trailer") + named(b"keep-alive"),
        0,
        "{}",
        head.escape_ascii()
    );
}

/// What the client gets is one answer.
fn answered(exchange: &mut Exchange, answer: &[u8]) {
    let mut backend = ResponseHead::default();
    if parse_response(answer, exchange.is_head(), &mut backend) != Ok(true) || backend.status < 200 {
        return;
    }
    let body = &answer[backend.length as usize..];
    let is_mapped = matches!(exchange.method_plan().map(|method| &method.integration), Some(IntegrationPlan::Http(_)));
    let mut out = Vec::new();
    let written = if is_mapped {
        mapped::write(exchange, &backend, answer, body, true, DATE, &mut out)
    } else {
        let framing = if body.is_empty() { Framing::None } else { Framing::Length(body.len() as u64) };
        proxy::write_head(exchange, &backend, answer, framing, true, DATE, &mut out)
    };
    if written.is_err() {
        assert!(out.is_empty(), "nothing is written");
        return;
    }
    // What we write may be longer than what we read: every field may come back under a longer name.
    if out.len() > 60_000 {
        return;
    }
    let again = responses::head(&out, exchange.is_head());
    let Ok(Some(again)) = again else { panic!("{} is read as {again:?}", out.escape_ascii()) };
    assert!(is_mapped || again.status == backend.status);
    assert_ne!(again.framing, Framing::UntilClose, "{}", out.escape_ascii());
}
