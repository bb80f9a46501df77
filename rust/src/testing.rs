//! What the tests of phases share: an API compiled from JSON, requests as text, answers as text.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::{
    accept::address::address,
    config::AccountLimits,
    exchange::Exchange,
    fault::Fault,
    http1::{Framing, HeadLimits, ResponseHead, parse_request, parse_response},
    inbound::route::route,
    integration,
    outbound::{gateway_response, mapped, proxy},
    snapshot::{
        plan::IntegrationPlan,
        registry::{PrepareError, Registry},
        served::Served,
    },
    state::destinations::{Destination, Endpoint},
};

pub(crate) const API: &str = "abcdef1234";
pub(crate) const DATE: &[u8; 29] = b"Sat, 21 Nov 2026 09:00:00 GMT";
/// The host of the API below, as in a request.
pub(crate) const HOST: &str = "abcdef1234.execute-api.eu-west-1.amazonaws.com";

/// A gateway without sockets.
pub(crate) struct Gateway {
    pub(crate) registry: Registry,
    pub(crate) served: Served,
}

/// A deployment unit with these resources: `[[path, {verb: integration}]]`.
pub(crate) fn deployment(id: &str, resources: &[(&str, &[(&str, Value)])]) -> Value {
    let resources: Vec<Value> = resources
        .iter()
        .enumerate()
        .map(|(number, (path, methods))| {
            let methods: Vec<Value> = methods
                .iter()
                .map(|(verb, integration)| json!({"http_method": verb, "validation": null, "method_responses": ["200", "201", "204", "404", "500"], "integration": integration,
                    "cache_key": {"namespace": format!("res{number:03}"), "parameters": []}}))
                .collect();
            json!({"resource_id": format!("res{number:03}"), "path": path, "methods": methods})
        })
        .collect();
    json!({"kind": "deployment", "api_id": API, "api_name": "Pets", "deployment_id": id, "account_id": "123456789012", "region": "eu-west-1",
        "endpoint_type": "REGIONAL", "disable_execute_api_endpoint": false, "binary_media_types": [], "gateway_responses": [], "models": [], "minimum_compression_size": null, "resources": resources})
}

/// A stage unit.
pub(crate) fn stage(name: &str, deployment_id: &str, variables: &[(&str, &str)]) -> Value {
    let variables: Vec<Value> = variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({"kind": "stage", "api_id": API, "stage_name": name, "deployment_id": deployment_id, "variables": variables, "canary": null, "access_log": null, "method_settings": [], "cache_bytes": 0, "client_certificate": null})
}

/// A MOCK that answers 200 with `text`.
pub(crate) fn mock(text: &str) -> Value {
    mock_with(
        "{statusCode: 200}",
        &json!([response("200", "", &json!([]), &json!([{"content_type": "application/json", "text": text}]))]),
    )
}

/// A MOCK with this request template.
pub(crate) fn mock_with(template: &str, responses: &Value) -> Value {
    json!({"type": "MOCK", "content_handling": null, "request_templates": [{"content_type": "application/json", "text": template}], "passthrough_behavior": "WHEN_NO_MATCH", "responses": responses})
}

/// An integration response.
pub(crate) fn response(status: &str, pattern: &str, parameters: &Value, templates: &Value) -> Value {
    json!({"status_code": status, "selection_pattern": pattern, "content_handling": null, "response_parameters": parameters, "response_templates": templates})
}

/// An `HTTP_PROXY` integration with these parameters: `[location, name, source]`.
pub(crate) fn http_proxy(uri: &str, parameters: &[(&str, &str, Value)]) -> Value {
    json!({"type": "HTTP_PROXY", "backend": backend(uri), "request_parameters": request_parameters(parameters), "response_transfer_mode": "BUFFERED"})
}

/// An `HTTP` integration without templates.
pub(crate) fn http(uri: &str, parameters: &[(&str, &str, Value)], responses: &Value) -> Value {
    json!({"type": "HTTP", "backend": backend(uri), "request_parameters": request_parameters(parameters), "content_handling": null, "request_templates": [],
        "passthrough_behavior": "WHEN_NO_MATCH", "responses": responses})
}

pub(crate) fn backend(uri: &str) -> Value {
    json!({"uri": uri, "http_method": null, "timeout_in_millis": 29000, "insecure_skip_verification": false})
}

pub(crate) fn request_parameters(parameters: &[(&str, &str, Value)]) -> Value {
    parameters
        .iter()
        .map(|(location, name, source)| json!({"location": location, "name": name, "source": source}))
        .collect()
}

/// A source of a mapping.
pub(crate) fn from(kind: &str, argument: &str) -> Value {
    match kind {
        "context" => json!({"from": kind, "path": argument}),
        "literal" => json!({"from": kind, "value": argument}),
        "body" => json!({"from": kind, "json_path": argument}),
        _ => json!({"from": kind, "name": argument}),
    }
}

impl Gateway {
    /// Serves one stage `dev` with these resources.
    pub(crate) fn with(resources: &[(&str, &[(&str, Value)])]) -> Self {
        Self::serve(&json!([
            deployment("dep001", resources),
            stage("dev", "dep001", &[("host", "backend.test:8081"), ("version", "v7")])
        ]))
    }

    /// Serves these units.
    pub(crate) fn serve(units: &Value) -> Self {
        let mut gateway = Self { registry: Registry::new(), served: Served::new() };
        gateway.apply(units).unwrap_or_else(|errors| panic!("{errors:?}"));
        gateway
    }

    /// Puts these units.
    pub(crate) fn apply(&mut self, units: &Value) -> Result<(), Vec<PrepareError>> {
        let ticket = self.registry.prepare(json!({"put": units, "remove": []}).to_string().as_bytes())?;
        let changes = self.registry.commit(vec![ticket]);
        self.served.apply(&changes);
        Ok(())
    }

    /// Limits what the account may take.
    pub(crate) fn limit_account(&mut self, limits: &AccountLimits) {
        self.registry.limit_account(limits);
        self.served.apply(&self.registry.serving());
    }

    /// Addresses and routes a request.
    pub(crate) fn request(&self, raw: &str) -> Result<Exchange, Fault> {
        let mut exchange = exchange(raw);
        address(&self.served, &mut exchange)?;
        route(&mut exchange)?;
        Ok(exchange)
    }

    /// `METHOD path` on the API's own host, with header lines.
    pub(crate) fn call(&self, line: &str, headers: &[&str]) -> Result<Exchange, Fault> {
        self.request(&raw(line, headers, ""))
    }

    /// The head that a backend gets.
    pub(crate) fn forwarded(&self, line: &str, headers: &[&str]) -> Result<(String, Endpoint), Fault> {
        self.forwarded_of(&self.call(line, headers)?)
    }

    /// The head that a backend gets for this exchange.
    pub(crate) fn forwarded_of(&self, exchange: &Exchange) -> Result<(String, Endpoint), Fault> {
        let mut out = b"before".to_vec();
        let framing = integration::request::framing(exchange, exchange.head.framing);
        let destination = integration::request::write_head(exchange, framing, &mut out)
            .inspect_err(|_| assert_eq!(out, b"before", "nothing is written"))?;
        let endpoint = match destination {
            Destination::Interned(id) => self.registry.destinations().get(id).expect("interned").as_ref().clone(),
            Destination::Dynamic(endpoint) => *endpoint,
        };
        Ok((String::from_utf8(out).expect("text")["before".len()..].to_owned(), endpoint))
    }

    /// What the client gets for a request that no backend is needed for, or whose backend answers `backend`.
    pub(crate) fn answer(&self, raw: &str, backend: &str) -> String {
        let mut exchange = exchange(raw);
        let mut out = b"before".to_vec();
        if let Err(fault) = self.try_answer(&mut exchange, raw, backend, &mut out) {
            assert_eq!(out, b"before", "nothing is written");
            gateway_response::write(&mut exchange, &fault, true, DATE, &mut out);
        }
        assert_ne!(exchange.status, 0);
        String::from_utf8(out).expect("text")["before".len()..].to_owned()
    }

    fn try_answer(&self, exchange: &mut Exchange, raw: &str, backend: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
        address(&self.served, exchange)?;
        route(exchange)?;
        let body = raw.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
        let mut head = ResponseHead::default();
        let is_mock = matches!(exchange.method_plan().expect("routed").integration, IntegrationPlan::Mock(_));
        if is_mock {
            return integration::mock::answer(exchange, body.as_bytes(), true, DATE, out);
        }
        assert!(
            parse_response(backend.as_bytes(), exchange.is_head(), &mut head).expect("a valid answer"),
            "a whole head"
        );
        let answer = &backend.as_bytes()[head.length as usize..];
        if matches!(exchange.method_plan().expect("routed").integration, IntegrationPlan::Http(_)) {
            return mapped::write(exchange, &head, backend.as_bytes(), answer, true, DATE, out);
        }
        let framing = if answer.is_empty() { Framing::None } else { Framing::Length(answer.len() as u64) };
        proxy::write_head(exchange, &head, backend.as_bytes(), framing, true, DATE, out)?;
        out.extend_from_slice(answer);
        Ok(())
    }
}

/// A request on the API's own host.
pub(crate) fn raw(line: &str, headers: &[&str], body: &str) -> String {
    let mut raw = format!("{line} HTTP/1.1\r\nHost: {HOST}\r\n");
    for header in headers {
        raw.push_str(header);
        raw.push_str("\r\n");
    }
    if !body.is_empty() {
        raw = format!("{raw}Content-Length: {}\r\n", body.len());
    }
    format!("{raw}\r\n{body}")
}

/// A parsed request with the ids and the clock of a test.
pub(crate) fn exchange(raw: &str) -> Exchange {
    let mut exchange = Exchange {
        input: raw.as_bytes().to_vec(),
        peer: SocketAddr::from(([192, 0, 2, 7], 50_000)),
        local_port: 8080,
        arrived: std::time::Duration::from_millis(1_795_251_600_123),
        request_id: *b"11111111-2222-4333-8444-555555555555",
        extended_request_id: *b"AbCdEfGhIjKlMno=",
        ..Exchange::default()
    };
    let limits = HeadLimits { target: 16_384, header_block: 10_240, fields: 256 };
    assert!(parse_request(raw.as_bytes(), &limits, &mut exchange.head).expect("a valid request"), "a whole head");
    exchange
}

/// The value of a header in a head written by us, `None` when it is absent; panics when it is there twice.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.split_once("\r\n\r\n").map_or(head, |(head, _)| head).split("\r\n").skip(1);
    let mut values = lines.filter_map(|line| {
        line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    });
    let value = values.next();
    assert_eq!(values.next(), None, "{name} is there twice in {head}");
    value
}

/// The body after a head.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").expect("a head").1
}
