//! Request validation over sockets (rest-api §6.2): whatever answers, and however a body comes, a model sees all of it first.

use serde_json::{Value, json};

use super::{
    backend::{Backend, ok},
    gateway::{Gateway, HELD_WORK, LONG_WORK, http, mock, patch, proxy, request, streamed},
};

const PET: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

/// A gateway whose methods all validate bodies and ask for `?q`.
fn gateway(resources: &[(&str, Value)]) -> Gateway {
    let gateway = Gateway::start(&[]);
    let mut unit: Value = serde_json::from_slice(&patch("dep002", resources)).unwrap();
    let deployment = &mut unit["put"][0];
    deployment["models"] = json!([{"name": "Pet", "url": "u:Pet", "schema": PET}]);
    for resource in deployment["resources"].as_array_mut().unwrap() {
        resource["methods"][0]["validation"] = json!({
            "parameters": [{"location": "querystring", "name": "q"}],
            "models": [{"content_type": "application/json", "model": "Pet"}],
        });
    }
    let ticket = gateway.engine.prepare(unit.to_string().as_bytes()).unwrap();
    gateway.engine.activate(vec![ticket]);
    gateway
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut framed = Vec::new();
    for piece in body.chunks(1000) {
        framed.extend(format!("{:x}\r\n", piece.len()).into_bytes());
        framed.extend([piece, b"\r\n"].concat());
    }
    [&framed[..], b"0\r\n\r\n"].concat()
}

#[test]
fn s6_2_a_body_is_judged_whole_before_anybody_is_asked() {
    let backend = Backend::answering(|request| ok(format!("{} bytes", request.body.len())));
    let uri = backend.uri("/");
    let gateway = gateway(&[
        ("/mock", mock("mock")),
        ("/http", http(&uri)),
        ("/proxy", proxy(&uri)),
        ("/stream", streamed(&uri)),
    ]);
    let bodies = |name: &str| {
        [10, 3000, 70_000, 700_000].map(|length| format!("{{\"{name}\": \"{}\"}}", "x".repeat(length)).into_bytes())
    };
    let send = |path: &str, body: &[u8], is_chunked: bool| {
        let path = format!("{path}?q=1");
        let mut wire = gateway.connect();
        if is_chunked {
            wire.send([request("POST", &path, "Transfer-Encoding: chunked\r\n", b""), chunked(body)].concat());
        } else {
            wire.send(request("POST", &path, "", body));
        }
        wire.read()
    };
    for is_chunked in [false, true] {
        for body in bodies("other") {
            for path in ["/mock", "/http", "/proxy", "/stream"] {
                let answer = send(path, &body, is_chunked).unwrap();
                assert_eq!((answer.status(), answer.text().as_str()), (400, "{\"message\":\"Invalid request body\"}"));
            }
        }
    }
    assert_eq!(backend.connections(), 0);
    for is_chunked in [false, true] {
        for body in bodies("name") {
            for path in ["/http", "/proxy", "/stream"] {
                let answer = send(path, &body, is_chunked).unwrap();
                assert_eq!(answer.text(), format!("{} bytes", body.len()), "{path}");
            }
            assert_eq!(send("/mock", &body, is_chunked).unwrap().text(), "mock");
        }
    }
}

#[test]
fn a_connection_outlives_what_its_requests_are_refused_for() {
    let gateway = gateway(&[("/mock", mock("mock"))]);
    let mut wire = gateway.connect();
    for _ in 0..3 {
        wire.send(request("POST", "/mock", "", b"null"));
        let missing = "{\"message\":\"Missing required request parameters: [q]\"}";
        assert_eq!(wire.read().unwrap().text(), missing);
        wire.send(request("POST", "/mock?q=1", "", b"null"));
        assert_eq!(wire.read().unwrap().text(), "{\"message\":\"Invalid request body\"}");
        wire.send(request("POST", "/mock?q=1", "", b"{\"name\": \"\"}"));
        assert_eq!(wire.read().unwrap().text(), "mock");
    }
}

/// One core, one thread: while a body of megabytes is judged, and while mapping reads it, others are answered.
#[test]
fn a_long_body_keeps_no_other_request_waiting() {
    let seconds = std::time::Duration::from_secs(20);
    let backend = Backend::answering(|request| {
        let is_mapped = request.first_line.contains("said=this%20work%20is%20held");
        ok(format!("{is_mapped} {}", request.body.len()))
    });
    let mut mapped = proxy(&backend.uri("/"));
    let source = json!({"from": "body", "json_path": "name"});
    mapped["request_parameters"] = json!([{"location": "querystring", "name": "said", "source": source}]);
    let gateway = gateway(&[("/mock", mock("mock")), ("/mapped", mapped)]);
    let body = format!("{{\"name\": \"{HELD_WORK}\", \"rest\": \"{}\"}}", "x".repeat(3 << 20));
    let wrong = body.replace("name", "none");
    let length = body.len();
    // Of a text there is no model: it is mapping alone that looks at it.
    for (path, fields, body, status, text) in [
        ("/mock?q=1", "", &body, 200, "mock".to_owned()),
        ("/mock?q=1", "", &wrong, 400, "{\"message\":\"Invalid request body\"}".to_owned()),
        ("/mapped?q=1", "Content-Type: text/plain\r\n", &body, 200, format!("true {length}")),
    ] {
        let (begun, begins) = std::sync::mpsc::channel();
        let (go_on, gate) = std::sync::mpsc::channel();
        *LONG_WORK.lock().unwrap() = Some((begun, gate));
        let mut long = gateway.connect();
        let mut other = gateway.connect();
        long.send(request("POST", path, fields, body.as_bytes()));
        begins.recv_timeout(seconds).expect("the long body is looked at away from the core");
        for _ in 0..3 {
            other.send(request("POST", "/mock?q=1", "", b"{\"name\": \"small\"}"));
            assert_eq!(other.read().unwrap().text(), "mock", "answered while the long one is not");
        }
        go_on.send(()).unwrap();
        let answer = long.read().unwrap();
        assert_eq!((answer.status(), answer.text()), (status, text));
    }
}
