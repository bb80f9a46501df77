//! Throttles and requests in flight, over the wire.

use serde_json::{Value, json};

use super::{
    backend::{Backend, ok},
    gateway::{Gateway, mock, patch, proxy, request, target},
};
use crate::snapshot::wire::ThrottleLimit;

fn throttled(gateway: &Gateway, deployment_id: &str, resources: &[(&str, Value)], rate: f64, burst: u32) {
    let mut patch: Value = serde_json::from_slice(&patch(deployment_id, resources)).unwrap();
    patch["put"][1]["method_settings"] = json!([{"method": null, "metrics_enabled": false, "logging_level": "OFF", "data_trace_enabled": false,
        "throttle": {"rate_limit": rate, "burst_limit": burst}}]);
    let ticket = gateway.engine.prepare(patch.to_string().as_bytes()).unwrap();
    gateway.engine.activate(vec![ticket]);
}

/// Buckets in these tests take months to fill: nothing depends on how fast the test runs.
const SLOW: f64 = 1e-6;

#[test]
fn s5_2_the_answer_of_a_throttle_is_exact() {
    let resources = [("/a", mock("hello"))];
    let gateway = Gateway::start(&resources);
    throttled(&gateway, "dep001", &resources, SLOW, 2);
    let mut wire = gateway.connect();
    for _ in 0..2 {
        assert_eq!(wire.get(&target("/a")).status(), 200);
    }
    let refused = wire.get(&target("/a"));
    assert_eq!((refused.status(), refused.text().as_str()), (429, r#"{"message":"Too Many Requests"}"#));
    assert_eq!(refused.header("x-amzn-ErrorType"), Some("TooManyRequestsException"));
    assert_eq!(refused.header("Content-Type"), Some("application/json"));
    assert_eq!(refused.header("Retry-After"), None);
    assert_eq!(refused.header("Connection"), Some("keep-alive"), "the connection stays");
    let counted = |level: &str| {
        gateway.metric(&format!("apigw_throttled_total{{api=\"abcdefghij\",stage=\"prod\",level=\"{level}\"}}"))
    };
    assert_eq!((counted("method"), counted("account")), (1, 0));
}

#[test]
fn s14_a_bucket_is_one_for_all_cores() {
    let resources = [("/a", mock("hello"))];
    let gateway = Gateway::configured(&resources, |config| config.workers = 3);
    throttled(&gateway, "dep001", &resources, SLOW, 20);
    let answers: Vec<u16> = (0..30).map(|_| gateway.get("/a").status()).collect();
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 20);
    assert!(answers[20..].iter().all(|status| *status == 429));
}

#[test]
fn s14_counters_survive_a_redeploy() {
    let gateway = Gateway::start(&[("/a", mock("first"))]);
    throttled(&gateway, "dep001", &[("/a", mock("first"))], SLOW, 3);
    assert_eq!(gateway.get("/a").text(), "first");
    throttled(&gateway, "dep002", &[("/a", mock("second"))], SLOW, 3);
    assert_eq!(gateway.get("/a").text(), "second");
    assert_eq!(gateway.get("/a").status(), 200);
    assert_eq!(gateway.get("/a").status(), 429);
    gateway.activate("dep003", &[("/a", mock("third"))]);
    assert_eq!(gateway.get("/a").text(), "third", "without a setting nothing is limited");
}

#[test]
fn s14_the_account_is_limited_as_a_whole() {
    let gateway = Gateway::configured(&[("/a", mock("a")), ("/b", mock("b"))], |config| {
        config.account.throttle = Some(ThrottleLimit { rate_limit: SLOW, burst_limit: 3 });
    });
    let statuses = ["/a", "/b", "/a", "/b"].map(|path| gateway.get(path).status());
    assert_eq!(statuses, [200, 200, 200, 429]);
    // What matches no method takes no token and is refused for what it is.
    assert_eq!(gateway.get("/nowhere").status(), 403);
}

#[test]
fn s14_requests_in_flight_are_limited_until_their_last_byte() {
    let (entered, enters) = std::sync::mpsc::channel();
    let (leave, leaves) = std::sync::mpsc::channel::<()>();
    let leaves = std::sync::Mutex::new(leaves);
    let backend = Backend::answering(move |_| {
        entered.send(()).unwrap();
        leaves.lock().unwrap().recv().unwrap();
        ok("done")
    });
    let gateway = Gateway::configured(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("m"))], |config| {
        config.account.concurrency = Some(1);
    });
    let mut wire = gateway.connect();
    wire.send(request("GET", "/p", "", b""));
    enters.recv().unwrap();
    let refused = gateway.get("/m");
    assert_eq!((refused.status(), refused.text().as_str()), (429, r#"{"message":"Too Many Requests"}"#));
    let name = "apigw_throttled_total{api=\"abcdefghij\",stage=\"prod\",level=\"concurrency\"}";
    assert_eq!(gateway.metric(name), 1);
    leave.send(()).unwrap();
    assert_eq!(wire.read().unwrap().text(), "done");
    // The connection that was answered is still open; its request is over. On it the next one comes only after that.
    assert_eq!(wire.get(&target("/m")).status(), 200);
    assert_eq!(gateway.get("/m").status(), 200);
}

#[test]
fn s14_a_request_that_ends_badly_gives_its_place_back() {
    let gateway = Gateway::configured(&[("/m", mock("m"))], |config| config.account.concurrency = Some(1));
    for _ in 0..3 {
        assert_eq!(gateway.send("GET", "/m", "X-Test-Panic: 1\r\n", b"").unwrap().status(), 500);
    }
    assert_eq!(gateway.get("/m").status(), 200);
}
