//! The admin listener: signatures, the queue of calls, its bounds, and what is answered without Python.

use serde_json::{Value, json};

use super::{
    client::{Message, Wire},
    gateway::{Gateway, mock, target},
};
use crate::primitives::sigv4::{self, Credentials};

const NOW_PATH: &str = "/restapis";

/// A signed request, as an SDK would send it.
fn signed(gateway: &Gateway, method: &str, path: &str, body: &[u8], secret: &str) -> Vec<u8> {
    let host = gateway.admin.to_string();
    let clock = crate::per_core::clock::Clock::system();
    let headers = [(&b"host"[..], host.as_bytes())];
    let request = sigv4::Request { method: method.as_bytes(), path: path.as_bytes(), query: b"", headers: &headers };
    let credentials = Credentials {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: secret,
        region: "eu-west-1",
        service: "apigateway",
    };
    let fields = sigv4::sign(&request, body, &credentials, clock.wall().as_secs().cast_signed());
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n").into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn next_call(gateway: &Gateway) -> crate::control::Call {
    loop {
        if let Some(call) = gateway.engine.take_calls().into_iter().next() {
            return call;
        }
        std::thread::yield_now();
    }
}

fn error_type(answer: &Message) -> &str {
    answer.header("x-amzn-ErrorType").unwrap_or("")
}

#[test]
fn a_signed_call_reaches_python_and_its_answer_the_client() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut wire = Wire::connect(gateway.admin);
    for body in [&br#"{"name":"pets"}"#[..], &vec![b'x'; 300_000]] {
        wire.send(signed(&gateway, "POST", NOW_PATH, body, "secret"));
        let call = next_call(&gateway);
        assert_eq!((call.kind, &*call.body), ("control", body));
        let head: Value = serde_json::from_slice(&call.head).unwrap();
        assert_eq!((&head["method"], &head["path"], &head["query"]), (&json!("POST"), &json!("/restapis"), &json!("")));
        assert_eq!(head["headers"][0], json!(["host", gateway.admin.to_string()]));
        assert_eq!(head["request_id"].as_str().unwrap().len(), 36);
        let caller = json!({"access_key_id": "AKIDEXAMPLE", "region": "eu-west-1", "service": "apigateway", "source_ip": "127.0.0.1"});
        assert_eq!(head["caller"], caller);
        gateway.engine.answer(
            call.id,
            br#"{"status":201,"headers":[["Content-Type","application/json"],["X-Y","z"]]}"#.to_vec(),
            b"{}".to_vec(),
        );
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), answer.text().as_str(), answer.header("X-Y")), (201, "{}", Some("z")));
        assert_eq!(answer.header("x-amzn-RequestId"), head["request_id"].as_str());
    }
    assert_eq!(gateway.metric("apigw_queued_calls"), 0);
}

#[test]
fn calls_that_are_not_signed_well_never_reach_python() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut wire = Wire::connect(gateway.admin);
    let answer = wire.get(NOW_PATH);
    assert_eq!((answer.status(), error_type(&answer)), (403, "MissingAuthenticationTokenException"));
    assert_eq!(answer.text(), "{\"message\":\"Missing Authentication Token\"}");
    wire.send(signed(&gateway, "POST", NOW_PATH, b"{}", "wrong"));
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), error_type(&answer)), (403, "InvalidSignatureException"));
    serde_json::from_slice::<Value>(&answer.body).unwrap();
    // The body is part of what is signed.
    let mut tampered = signed(&gateway, "POST", NOW_PATH, b"{}", "secret");
    let last = tampered.len() - 1;
    tampered[last] = b']';
    wire.send(tampered);
    assert_eq!(error_type(&wire.read().unwrap()), "InvalidSignatureException");
    let stranger = String::from_utf8(signed(&gateway, "GET", NOW_PATH, b"", "secret"))
        .unwrap()
        .replace("AKIDEXAMPLE", "AKIDSTRANGER");
    wire.send(stranger);
    assert_eq!(error_type(&wire.read().unwrap()), "UnrecognizedClientException");
    assert!(gateway.engine.take_calls().is_empty());
}

#[test]
fn with_any_credentials_any_key_will_do() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| config.any_credentials = true);
    let mut wire = Wire::connect(gateway.admin);
    wire.send(signed(&gateway, "GET", NOW_PATH, b"", "anything"));
    let call = next_call(&gateway);
    gateway.engine.answer(call.id, br#"{"status":204,"headers":[]}"#.to_vec(), Vec::new());
    assert_eq!(wire.read_head().unwrap().status(), 204);
}

#[test]
fn a_full_queue_asks_to_come_again() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| config.limits.queued_calls = 1);
    let (mut one, mut two) = (Wire::connect(gateway.admin), Wire::connect(gateway.admin));
    one.send(signed(&gateway, "GET", NOW_PATH, b"", "secret"));
    let call = next_call(&gateway);
    two.send(signed(&gateway, "GET", NOW_PATH, b"", "secret"));
    let answer = two.read().unwrap();
    assert_eq!(
        (answer.status(), error_type(&answer), answer.header("Retry-After")),
        (429, "TooManyRequestsException", Some("1"))
    );
    assert_eq!(answer.text(), "{\"message\":\"Too Many Requests\"}");
    gateway.engine.answer(call.id, br#"{"status":200,"headers":[]}"#.to_vec(), b"done".to_vec());
    assert_eq!(one.read().unwrap().text(), "done");
}

#[test]
fn a_client_that_resets_cancels_its_call() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut wire = Wire::connect(gateway.admin);
    wire.send(signed(&gateway, "GET", NOW_PATH, b"", "secret"));
    let call = next_call(&gateway);
    socket2::SockRef::from(&wire.stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(wire);
    let cancelled = next_call(&gateway);
    assert_eq!((cancelled.kind, cancelled.id), ("cancelled", call.id));
    gateway.engine.answer(call.id, br#"{"status":200,"headers":[]}"#.to_vec(), Vec::new());
}

#[test]
fn an_answer_that_no_head_can_hold_is_a_500() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut wire = Wire::connect(gateway.admin);
    for head in [&br#"{"status":200,"headers":[["X","a\r\nb: c"]]}"#[..], br#"{"status":7,"headers":[]}"#, b"no JSON"] {
        wire.send(signed(&gateway, "GET", NOW_PATH, b"", "secret"));
        let call = next_call(&gateway);
        gateway.engine.answer(call.id, head.to_vec(), Vec::new());
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), error_type(&answer)), (500, "InternalFailure"));
    }
}

#[test]
fn a_management_body_over_the_limit_is_refused() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| config.limits.management_body = 1000);
    let mut wire = Wire::connect(gateway.admin);
    wire.send(signed(&gateway, "POST", NOW_PATH, &[b'x'; 1001], "secret"));
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), error_type(&answer)), (413, "RequestEntityTooLargeException"));
}

#[test]
fn health_readiness_and_metrics_need_no_signature_and_no_python() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut wire = Wire::connect(gateway.admin);
    assert_eq!(wire.get("/health").status(), 200);
    assert_eq!(wire.get("/ready").status(), 503);
    gateway.engine.set_ready(true);
    assert_eq!(wire.get("/ready").status(), 200);
    let metrics = wire.get("/metrics");
    assert!(metrics.text().contains("# TYPE apigw_requests_total counter"));
    assert_eq!(metrics.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    wire.send("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(wire.read_head().unwrap().header("Content-Length"), Some("15"));
    assert_eq!(wire.get("/health").status(), 200);
}

#[test]
fn one_port_serves_both() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| {
        config.listen = vec![free];
        config.admin_listen = vec![free];
    });
    assert_eq!(gateway.address, gateway.admin);
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/a")).text(), "fine");
    assert_eq!(wire.get("/health").status(), 200);
    assert_eq!(error_type(&wire.get("/restapis")), "MissingAuthenticationTokenException");
    wire.send("GET /prod/a HTTP/1.1\r\nHost: abcdefghij.execute-api.localhost\r\n\r\n");
    assert_eq!(wire.read().unwrap().text(), "fine");
}
