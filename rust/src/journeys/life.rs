//! The life of an engine: panics, drain, changes under load, logs and metrics, ports.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::Value;

use super::{
    backend::{Backend, ok},
    client::Wire,
    gateway::{Gateway, config, http, impatient, metric, mock, proxy, request, streamed, target},
};
use crate::{config::AccessLog, engine::Engine};

#[test]
pub(super) fn a_panic_answers_500_and_hurts_nobody_else() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut other = gateway.connect();
    assert_eq!(other.get(&target("/a")).text(), "fine");
    let mut wire = gateway.connect();
    wire.send(request("GET", "/a", "X-Test-Panic: 1\r\n", b""));
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (500, "{\"message\":\"Internal server error\"}"));
    assert!(wire.is_closed());
    assert_eq!(other.get(&target("/a")).text(), "fine");
    assert_eq!(gateway.metric("apigw_panics_total"), 1);
    // A request stops being in flight a moment after its answer was sent.
    while gateway.metric("apigw_requests_in_flight") > 0 {
        std::thread::yield_now();
    }
}

#[test]
pub(super) fn draining_finishes_what_runs_and_closes_what_idles() {
    let (arrived, told) = std::sync::mpsc::channel();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (arrived, wait) = (std::sync::Mutex::new(arrived), std::sync::Mutex::new(wait));
    let backend = Backend::answering(move |_| {
        arrived.lock().unwrap().send(()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        ok("finished")
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/a", mock("fine"))]);
    gateway.engine.set_ready(true);
    let mut idle = gateway.connect();
    assert_eq!(idle.get(&target("/a")).text(), "fine");
    let mut admin = Wire::connect(gateway.admin);
    assert_eq!(admin.get("/ready").status(), 200);
    let mut busy = gateway.connect();
    busy.send(request("GET", "/p", "", b""));
    told.recv().unwrap();
    gateway.engine.drain();
    assert!(idle.is_closed());
    assert!(std::net::TcpStream::connect(gateway.address).is_err(), "nobody listens any more");
    go.send(()).unwrap();
    let answer = busy.read().unwrap();
    assert_eq!((answer.text().as_str(), answer.header("Connection")), ("finished", Some("close")));
    assert_eq!(gateway.engine.stop(Duration::from_secs(10)), 0);
}

#[test]
pub(super) fn what_does_not_end_in_time_is_cut_and_counted() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        std::thread::park();
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(request("GET", "/p", "", b""));
    while gateway.metric("apigw_upstream_connections") == 0 {
        std::thread::yield_now();
    }
    assert_eq!(gateway.engine.stop(Duration::from_millis(20)), 1);
    assert!(wire.is_closed());
}

#[test]
pub(super) fn what_is_cut_has_its_line_and_its_count() {
    let path = std::env::temp_dir().join(format!("apigw-cut-{}.log", std::process::id()));
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        if wire.read_head().unwrap().first_line.contains("/begins") {
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
        }
        std::thread::park();
    });
    let waits = backend.uri("/waits");
    let paths =
        [("/a", mock("fine")), ("/w", proxy(&waits)), ("/h", http(&waits)), ("/s", streamed(&backend.uri("/begins")))];
    let gateway = Gateway::configured(&paths, |config| {
        config.workers = 2;
        config.access_log = AccessLog::File { path: path.clone() };
    });
    assert_eq!(gateway.get("/a").text(), "fine");
    // Four that wait: twice for an answer, for the rest of one, for the rest of a body (which two integrations do differently).
    let mut wires: Vec<Wire> = (0..5).map(|_| gateway.connect()).collect();
    wires[0].send(request("GET", "/w", "", b""));
    wires[1].send(request("GET", "/h", "", b""));
    wires[2].send(request("GET", "/s", "", b""));
    wires[3].send(request("POST", "/h", "Content-Length: 10\r\n", b""));
    wires[4].send(request("POST", "/w", "Content-Length: 100000\r\n", b""));
    // And two that are not requests: nothing sent, half a head sent.
    let mut idle = gateway.connect();
    let mut half = gateway.connect();
    half.send("GET / HT");
    let begun = wires[2].read_head().unwrap();
    assert_eq!((begun.status(), wires[2].read_exactly(3).unwrap().as_slice()), (200, &b"abc"[..]));
    while gateway.metric("apigw_requests_in_flight") < 5 {
        std::thread::yield_now();
    }
    let node = gateway.engine.node().unwrap();
    assert_eq!(gateway.engine.stop(Duration::from_millis(20)), 5);
    for wire in wires.iter_mut().chain([&mut idle, &mut half]) {
        assert!(wire.is_closed());
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut seen: Vec<_> = lines
        .iter()
        .map(|line| {
            (
                line["resourcePath"].as_str().unwrap(),
                line["httpMethod"].as_str().unwrap(),
                line["status"].as_u64().unwrap(),
            )
        })
        .collect();
    seen.sort_unstable();
    // The status is what the client saw: none, unless its answer had begun.
    let expected = [
        ("/a", "GET", 200),
        ("/h", "GET", 0),
        ("/h", "POST", 0),
        ("/s", "GET", 200),
        ("/w", "GET", 0),
        ("/w", "POST", 0),
    ];
    assert_eq!(seen, expected);
    let metrics = node.metrics(crate::observe::Exposition::Prometheus);
    let count = |class: &str| {
        metric(&metrics, &format!("apigw_requests_total{{api=\"abcdefghij\",stage=\"prod\",status=\"{class}\"}}"))
    };
    assert_eq!((count("2xx"), count("none")), (2, 4), "{metrics}");
    for gauge in ["apigw_requests_in_flight", "apigw_connections", "apigw_upstream_connections"] {
        assert_eq!(metric(&metrics, gauge), 0, "{gauge}");
    }
}

#[test]
pub(super) fn a_loop_through_two_names_of_the_gateway_leaves_half_of_the_connections() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| config.limits.connections = 40);
    let uri = |name: &str, path: &str| format!("http://{name}:{}{}", gateway.address.port(), target(path));
    gateway.activate(
        "dep002",
        &[
            ("/a", mock("fine")),
            ("/0", impatient(proxy(&uri("127.0.0.1", "/1")), 3000)),
            ("/1", impatient(proxy(&uri("localhost", "/0")), 3000)),
        ],
    );
    let answer = gateway.get("/0");
    // Not "Endpoint request timed out": the loop ended because it got no more connections.
    assert_eq!(
        (answer.status(), answer.text().as_str()),
        (504, "{\"message\":\"Network error communicating with endpoint\"}")
    );
    assert!(gateway.metric("apigw_upstream_connections") <= 20);
    assert_eq!(gateway.metric("apigw_upstream_connects_total"), 21, "the last one was refused");
    assert_eq!(gateway.metric("apigw_accept_pauses_total"), 0);
    assert_eq!(gateway.get("/a").text(), "fine");
    // What idles is used again: it needs no leave.
    assert_eq!(gateway.get("/0").status(), 504);
    assert_eq!(gateway.get("/a").text(), "fine");
}

#[test]
pub(super) fn a_change_is_served_when_activate_returns_and_never_mixed() {
    let gateway = Gateway::configured(&[("/a", mock("0"))], |config| config.workers = 2);
    let (stop, served, requests) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut wire = gateway.connect();
                while !stop.load(Ordering::SeqCst) {
                    // What was active before the request is the oldest it may be answered with.
                    let oldest = served.load(Ordering::SeqCst);
                    let answer = wire.get(&target("/a"));
                    let found: usize = answer.text().parse().unwrap();
                    assert_eq!(answer.status(), 200);
                    assert!(found >= oldest, "an old deployment answered: {found} after {oldest}");
                    requests.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for version in 1..=200 {
            gateway.activate(&format!("dep{version:03}"), &[("/a", mock(&version.to_string()))]);
            served.store(version, Ordering::SeqCst);
        }
        while requests.load(Ordering::SeqCst) < 2000 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::SeqCst);
    });
    assert_eq!(gateway.metric("apigw_4xx_total{api=\"abcdefghij\",stage=\"prod\"}"), 0);
}

#[test]
pub(super) fn lines_metrics_and_requests_are_the_same_number() {
    let path = std::env::temp_dir().join(format!("apigw-access-{}.log", std::process::id()));
    let backend = Backend::answering(|_| ok("proxied"));
    let paths = [("/a", mock("fine")), ("/p/{name}", proxy(&backend.uri("/")))];
    let gateway = Gateway::configured(&paths, |config| {
        config.workers = 2;
        config.access_log = AccessLog::File { path: path.clone() };
    });
    for _ in 0..5 {
        let mut wire = gateway.connect();
        for path in ["/a", "/p/x?y=z", "/missing"] {
            wire.send(request("GET", path, "User-Agent: \"quoted\\\r\n", b""));
            wire.read().unwrap();
        }
        wire.send("GET /restapis/zzzzzzzzzz/prod/_user_request_/ HTTP/1.1\r\nHost: a\r\n\r\nNONSENSE\r\n\r\n");
        assert_eq!(wire.read().unwrap().status(), 403);
        assert_eq!(wire.read().unwrap().status(), 400);
    }
    gateway.engine.flush_log();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 25);
    assert_eq!(gateway.metric("apigw_access_log_lines_total"), 25);
    let sum: u64 = ["2xx", "4xx"]
        .iter()
        .flat_map(|class| {
            [("abcdefghij", "prod"), ("", "")].map(|(api, stage)| {
                gateway.metric(&format!("apigw_requests_total{{api=\"{api}\",stage=\"{stage}\",status=\"{class}\"}}"))
            })
        })
        .sum();
    assert_eq!(sum, 25);
    let proxied: Vec<_> = lines.iter().filter(|line| line["resourcePath"] == "/p/{name}").collect();
    assert_eq!(proxied.len(), 5);
    for line in proxied {
        assert_eq!(line["path"], "/prod/p/x");
        assert_eq!(line["userAgent"], "\"quoted\\");
        assert_eq!(
            (&line["status"], &line["integrationStatus"], &line["responseLength"]),
            (&200.into(), &200.into(), &7.into())
        );
        assert_eq!(
            (&line["apiId"], &line["stage"], &line["httpMethod"]),
            (&"abcdefghij".into(), &"prod".into(), &"GET".into())
        );
    }
}

#[test]
pub(super) fn a_second_gateway_on_the_port_is_refused() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut second = config();
    second.listen = vec![gateway.address];
    let error = Engine::new().start(second).unwrap_err().to_string();
    assert!(error.contains(&format!("cannot listen at {}", gateway.address)), "{error}");
    assert_eq!(gateway.get("/a").text(), "fine");
}

#[test]
pub(super) fn a_port_is_free_again_after_stop() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| config.workers = 3);
    let address = gateway.address;
    assert_eq!(gateway.get("/a").text(), "fine");
    gateway.engine.stop(Duration::ZERO);
    let again = Gateway::configured(&[("/a", mock("again"))], |config| config.listen = vec![address]);
    assert_eq!(again.get("/a").text(), "again");
}

#[test]
pub(super) fn limits_change_on_reload() {
    let gateway = Gateway::start(&[("/a", mock("fine"))]);
    let mut changed = config();
    changed.limits.request_headers = 200;
    gateway.engine.reload(&changed).unwrap();
    let mut fixed = changed.clone();
    fixed.workers = 7;
    let error = gateway.engine.reload(&fixed).unwrap_err().to_string();
    assert_eq!(error, "workers cannot change while the engine runs");
    let answer = gateway.send("GET", "/a", &format!("X-Long: {}\r\n", "x".repeat(300)), b"").unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (431, "HTTP header is larger than 200 bytes."));
}
