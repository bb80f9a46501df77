//! Counts what the whole process allocates while requests are served: a proxied GET and a MOCK without body, nothing. Client and
//! backend are threads of this process, so they work in fixed buffers; this is the only test of its program, so nobody else runs.

use std::{
    alloc::System,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Barrier},
    time::Duration,
};

use apigw_engine::{config::Config, engine::Engine};
use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Connections asked in lockstep, so that several requests are in flight at once.
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 500;
/// Every buffer has met its largest content.
const WARM_UP: usize = 50;
const BODY: &str = "{\"id\": 1, \"type\": \"dog\", \"price\": 249.99}";

fn config(log: Option<&Path>) -> Config {
    let config = json!({
        "listen": ["127.0.0.1:0"], "listen_tls": [], "tls_certificate": null, "tls_key": null, "admin_listen": [],
        "defer_accept_seconds": 1, "workers": 1,
        "account_id": "123456789012", "stage_logs": {"to": "stdout"},
        "access_key_id": "AKIDEXAMPLE", "secret_access_key": "secret", "any_credentials": false, "regions": [],
        "access_log": log.map_or(json!({"to": "off"}), |path| json!({"to": "file", "path": path})),
        "limits": {
            "request_headers": 10_240, "request_target": 10_240, "request_payload": 10_485_760, "response_payload": 10_485_760,
            "management_body": 67_108_864, "connections": 1000, "buffered_bytes": 268_435_456, "queued_calls": 16,
            "head_seconds": 10, "idle_seconds": 310, "minimum_body_rate": 256,
        },
        "account": {"throttle": null, "regions": [], "concurrency": null}, "cache": {"memory": 67_108_864, "successes_only": false}, "deny_backends": [], "ca_file": null,
    });
    serde_json::from_value(config).expect("a configuration")
}

fn snapshot(backend: SocketAddr) -> Vec<u8> {
    let proxy = json!({
        "type": "HTTP_PROXY",
        "backend": {"uri": format!("http://{backend}/pets/{{id}}"), "http_method": null, "timeout_in_millis": 10_000, "insecure_skip_verification": false},
        "request_parameters": [{"location": "path", "name": "id", "source": {"from": "path", "name": "id"}}],
        "response_transfer_mode": "BUFFERED",
    });
    let mock = json!({
        "type": "MOCK", "passthrough_behavior": "NEVER",
        "content_handling": null, "request_templates": [{"content_type": "application/json", "text": "{\"statusCode\": 200}"}],
        "responses": [{"status_code": "200", "selection_pattern": "", "content_handling": null, "response_parameters": [],
            "response_templates": [{"content_type": "application/json", "text": BODY}]}],
    });
    let method = |integration: Value| json!([{"http_method": "GET", "validation": null, "method_responses": ["200"], "integration": integration, "cache_key": {"namespace": "n", "parameters": []}}]);
    let deployment = json!({
        "kind": "deployment", "api_id": "abcdefghij", "api_name": "test", "deployment_id": "dep001",
        "account_id": "123456789012", "region": "eu-west-1", "endpoint_type": "REGIONAL", "disable_execute_api_endpoint": false,
        "binary_media_types": [], "gateway_responses": [], "models": [], "minimum_compression_size": null,
        "resources": [
            {"resource_id": "res001", "path": "/proxied/{id}", "methods": method(proxy)},
            {"resource_id": "res002", "path": "/mock", "methods": method(mock)},
        ],
    });
    let stage = json!({"kind": "stage", "api_id": "abcdefghij", "stage_name": "prod", "deployment_id": "dep001", "variables": [],
        "canary": null, "access_log": null, "method_settings": [], "cache_bytes": 0, "client_certificate": null});
    json!({"put": [deployment, stage], "remove": []}).to_string().into_bytes()
}

/// Reads one message that ends with `end` into a buffer; `None` when the connection ends first.
fn read_until<'a>(stream: &mut TcpStream, buffer: &'a mut [u8], end: &[u8]) -> Option<&'a [u8]> {
    let mut filled = 0;
    while !buffer[..filled].ends_with(end) {
        let count = stream.read(&mut buffer[filled..]).ok().filter(|count| *count > 0)?;
        filled += count;
    }
    Some(&buffer[..filled])
}

/// A backend that answers every request with `BODY`; the first ones only when there is one on each connection, so that the
/// gateway has met its largest demand by then.
fn backend() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    let all = Arc::new(Barrier::new(CONNECTIONS));
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (answer, all) = (answer.clone(), all.clone());
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                let mut is_first = true;
                while read_until(&mut stream, &mut buffer, b"\r\n\r\n").is_some() {
                    if std::mem::take(&mut is_first) {
                        all.wait();
                    }
                    stream.write_all(answer.as_bytes()).expect("the gateway reads");
                }
            });
        }
    });
    address
}

/// Asks so many times on every connection and looks at every answer.
fn ask(wires: &mut [TcpStream], request: &[u8], rounds: usize) {
    let mut buffer = [0; 4096];
    for _ in 0..rounds {
        for wire in &mut *wires {
            wire.write_all(request).expect("the gateway reads");
        }
        for wire in &mut *wires {
            let answer = read_until(wire, &mut buffer, BODY.as_bytes()).expect("an answer");
            assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
        }
    }
}

/// Allocations and reallocations while `ROUNDS` requests are served on each connection. Frees are not looked at: what starting
/// took may be given back late by another thread, and who allocates nothing has nothing to free.
fn count(path: &str, log: Option<&Path>) -> (usize, usize) {
    let engine = Engine::new();
    let bound = engine.start(config(log)).expect("a start");
    engine.activate(vec![engine.prepare(&snapshot(backend())).expect("a plan")]);
    let mut wires: Vec<TcpStream> =
        (0..CONNECTIONS).map(|_| TcpStream::connect(bound.listen[0]).expect("a connection")).collect();
    let request = format!(
        "GET /restapis/abcdefghij/prod/_user_request_{path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: test\r\n\r\n"
    );
    ask(&mut wires, request.as_bytes(), WARM_UP);
    let region = Region::new(ALLOCATOR);
    ask(&mut wires, request.as_bytes(), ROUNDS);
    let change = region.change();
    drop(wires);
    engine.stop(Duration::from_secs(10));
    (change.allocations, change.reallocations)
}

#[test]
fn plain_requests_allocate_nothing() {
    assert_ne!(count_of_one_box(), 0, "the allocator counts");
    for path in ["/proxied/7", "/mock"] {
        assert_eq!(count(path, None), (0, 0), "{path}");
        let log = std::env::temp_dir().join(format!("apigw-allocations-{}.log", std::process::id()));
        let (allocations, reallocations) = count(path, Some(&log));
        let written = std::fs::metadata(&log).expect("a log").len() as usize;
        std::fs::remove_file(&log).expect("a log");
        // With a log a page for every 60 KB of lines, and one for every second.
        assert!(written > 1_000_000, "{written}");
        assert_eq!(reallocations, 0, "{path}");
        assert!(
            allocations <= written / (60 * 1024) + 20,
            "{path}: {allocations} allocations for {written} bytes of log"
        );
    }
}

fn count_of_one_box() -> usize {
    let region = Region::new(ALLOCATOR);
    drop(std::hint::black_box(Box::new(7)));
    region.change().allocations
}
