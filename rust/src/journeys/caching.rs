//! Answers from the cache, over the wire: what is kept, what is not, who waits for whom.

use std::{
    io::Read,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
};

use serde_json::{Value, json};

use super::{
    backend::{Backend, ok},
    client::Message,
    gateway::{Gateway, http, mock, patch, proxy, request, streamed, target},
};

/// A backend that counts its requests; `answer` gets the number of each, from 1.
fn counting(answer: impl Fn(usize, &Message) -> Vec<u8> + Send + Sync + 'static) -> (Backend, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    (Backend::answering(move |request| answer(count.fetch_add(1, Ordering::SeqCst) + 1, request)), asked)
}

fn setting(cache: &Value) -> Value {
    json!({"method": null, "metrics_enabled": false, "logging_level": "OFF", "data_trace_enabled": false, "throttle": null, "cache": cache})
}

fn cached() -> Value {
    json!({"ttl_in_seconds": 3600, "encrypted": false, "require_authorization": true, "unauthorized_strategy": "SUCCEED_WITH_RESPONSE_HEADER"})
}

/// Serves these with a cache; `change` may change the patch.
fn serve(gateway: &Gateway, resources: &[(&str, Value)], change: impl FnOnce(&mut Value)) {
    let mut patch: Value = serde_json::from_slice(&patch("dep001", resources)).unwrap();
    patch["put"][1]["method_settings"] = json!([setting(&cached())]);
    patch["put"][1]["cache_bytes"] = json!(500_000_000);
    change(&mut patch);
    let ticket = gateway.engine.prepare(patch.to_string().as_bytes()).unwrap();
    gateway.engine.activate(vec![ticket]);
}

fn caching(resources: &[(&str, Value)]) -> Gateway {
    let gateway = Gateway::start(resources);
    serve(&gateway, resources, |_| ());
    gateway
}

fn hits_and_misses(gateway: &Gateway) -> (u64, u64) {
    let of = |name: &str| gateway.metric(&format!("apigw_cache_{name}_total{{api=\"abcdefghij\",stage=\"prod\"}}"));
    (of("hits"), of("misses"))
}

/// The header lines but for those that each answer has of its own.
fn shared_lines(message: &Message) -> Vec<String> {
    let own = ["x-amzn-RequestId", "x-amz-apigw-id", "Date", "X-Amzn-Trace-Id"];
    let lines = message.headers.iter().filter(|(name, _)| !own.contains(&&**name));
    let mut lines: Vec<_> = lines.map(|(name, value)| format!("{name}: {value}")).collect();
    lines.sort();
    lines
}

fn same_answer_twice(gateway: &Gateway, path: &str) -> (Message, Message) {
    let (first, second) = (gateway.get(path), gateway.get(path));
    assert_eq!((first.status(), &first.body), (second.status(), &second.body), "{path}");
    assert_eq!(shared_lines(&first), shared_lines(&second), "{path}");
    assert_ne!(first.header("x-amzn-RequestId"), second.header("x-amzn-RequestId"), "ids are each answer's own");
    (first, second)
}

#[test]
pub(super) fn s13_an_answer_is_given_again_without_its_backend() {
    for (size, chunked) in
        [(0, false), (200, false), (200, true), (64 * 1024, false), (200_000, true), (1_040_000, false)]
    {
        let (backend, asked) = counting(move |number, _| {
            let body = number.to_string().repeat(size);
            if chunked {
                let head = "HTTP/1.1 200 OK\r\nX-Number: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
                format!("{head}{size:x}\r\n{body}\r\n0\r\n\r\n").into_bytes()
            } else {
                ok(body)
            }
        });
        let uri = backend.uri("/");
        let gateway = caching(&[("/p", proxy(&uri)), ("/h", http(&uri))]);
        for (path, number) in [("/p", "1"), ("/h", "2")] {
            let (_, second) = same_answer_twice(&gateway, path);
            assert_eq!(second.text(), number.repeat(size), "{size} {chunked}");
            assert_eq!(second.header("Connection"), Some("keep-alive"));
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2, "{size}");
        assert_eq!(hits_and_misses(&gateway), (2, 2));
    }
}

#[test]
pub(super) fn s13_hits_and_misses_follow_each_other_on_one_connection() {
    let (backend, asked) = counting(|number, _| ok(number.to_string().repeat(30_000)));
    let gateway = caching(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut wire = gateway.connect();
    for _ in 0..3 {
        assert_eq!(wire.get(&target("/p")).text(), "1".repeat(30_000));
        assert_eq!(wire.get(&target("/m")).text(), "mocked");
        wire.send([request("GET", "/p", "", b""), request("GET", "/m", "", b"")].concat());
        assert_eq!(wire.read().unwrap().body.len(), 30_000);
        assert_eq!(wire.read().unwrap().text(), "mocked");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(hits_and_misses(&gateway), (10, 2));
}

#[test]
fn s13_sealed_answers_are_the_same() {
    let (backend, asked) = counting(|number, _| ok(number.to_string().repeat(10_000)));
    let resources = [("/p", proxy(&backend.uri("/")))];
    let gateway = Gateway::start(&resources);
    serve(&gateway, &resources, |patch| patch["put"][1]["method_settings"][0]["cache"]["encrypted"] = json!(true));
    let (_, second) = same_answer_twice(&gateway, "/p");
    assert_eq!((second.text(), asked.load(Ordering::SeqCst)), ("1".repeat(10_000), 1));
}

/// A backend's 404 is answered from the cache; an integration that failed or came too late is not.
#[test]
fn s20_24_every_status_of_a_backend_is_kept_and_no_failure() {
    let (backend, asked) = counting(|_, request| match request.first_line.split(' ').nth(1) {
        Some("/missing") => b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone".to_vec(),
        Some("/busy") => b"HTTP/1.1 429 Too Many\r\nContent-Length: 4\r\n\r\nbusy".to_vec(),
        Some("/empty") => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        _ => b"nonsense\r\n\r\n".to_vec(),
    });
    let at = |path: &str| proxy(&backend.uri(path));
    let mut late = at("/late");
    late["backend"]["timeout_in_millis"] = json!(50);
    let silent = Backend::raw(|stream, _| {
        let mut wire = super::client::Wire::over(stream);
        while wire.read().is_some() {}
    });
    late["backend"]["uri"] = json!(silent.uri("/"));
    let resources = [
        ("/missing", at("/missing")),
        ("/busy", at("/busy")),
        ("/empty", at("/empty")),
        ("/bad", at("/bad")),
        ("/late", late),
    ];
    let gateway = caching(&resources);
    for (path, status) in [("/missing", 404), ("/busy", 429), ("/empty", 204)] {
        let (_, second) = same_answer_twice(&gateway, path);
        assert_eq!(second.status(), status);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert_eq!([gateway.get("/bad").status(), gateway.get("/bad").status()], [502, 502]);
    assert_eq!(asked.load(Ordering::SeqCst), 5, "each one asked");
    assert_eq!([gateway.get("/late").status(), gateway.get("/late").status()], [504, 504]);
    assert_eq!(silent.connections(), 2, "each one asked");
}

#[test]
fn s13_only_successes_where_that_is_set() {
    let (backend, asked) = counting(|_, _| b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone".to_vec());
    let resources = [("/p", proxy(&backend.uri("/")))];
    let gateway = Gateway::configured(&resources, |config| config.cache.successes_only = true);
    serve(&gateway, &resources, |_| ());
    assert_eq!([gateway.get("/p").status(), gateway.get("/p").status()], [404, 404]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn s13_what_is_larger_than_a_mebibyte_streams_is_ranged_or_unchanged_is_not_kept() {
    let large = 1_048_577;
    let (backend, asked) = counting(move |_, request| {
        let target = request.first_line.split(' ').nth(1).unwrap_or_default();
        match target {
            "/unchanged" => b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(),
            "/part" => b"HTTP/1.1 206 Partial\r\nContent-Length: 1\r\n\r\nx".to_vec(),
            "/chunked" => format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{large:x}\r\n{}\r\n0\r\n\r\n",
                "x".repeat(large)
            )
            .into_bytes(),
            _ => ok("x".repeat(large)),
        }
    });
    let paths = [("/large", large), ("/chunked", large), ("/unchanged", 0), ("/part", 1), ("/streamed", large)];
    let resources = paths.map(|(path, _)| {
        let uri = backend.uri(path);
        (path, if path == "/streamed" { streamed(&uri) } else { proxy(&uri) })
    });
    let gateway = caching(&resources);
    for (path, length) in paths {
        let before = asked.load(Ordering::SeqCst);
        let lengths = [gateway.get(path).body.len(), gateway.get(path).body.len()];
        assert_eq!(lengths, [length; 2], "{path}");
        assert_eq!(asked.load(Ordering::SeqCst) - before, 2, "{path}");
    }
}

#[test]
fn s13_one_asks_and_the_others_wait_for_it() {
    let (entered, enters) = channel();
    let (leave, leaves) = channel::<()>();
    let leaves = Mutex::new(leaves);
    let (backend, asked) = counting(move |number, _| {
        entered.send(()).unwrap();
        leaves.lock().unwrap().recv().unwrap();
        ok(number.to_string())
    });
    let resources = [("/p", proxy(&backend.uri("/"))), ("/m", mock("m"))];
    let gateway = Gateway::configured(&resources, |config| config.workers = 2);
    serve(&gateway, &resources, |_| ());
    let mut wires: Vec<_> = (0..8).map(|_| gateway.connect()).collect();
    for wire in &mut wires {
        wire.send(request("GET", "/p", "", b""));
    }
    enters.recv().unwrap();
    // All of them are in the gateway: others are answered meanwhile.
    while gateway.metric("apigw_requests_in_flight") < 8 {
        assert_eq!(gateway.get("/m").text(), "m");
    }
    leave.send(()).unwrap();
    for wire in &mut wires {
        assert_eq!(wire.read().unwrap().text(), "1");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// A backend whose first answers fail, one for each word that the test sends.
fn stepping() -> (Backend, Arc<AtomicUsize>, Receiver<()>, Sender<bool>) {
    let (entered, enters) = channel();
    let (say, said) = channel::<bool>();
    let said = Mutex::new(said);
    let (backend, asked) = counting(move |number, _| {
        entered.send(()).unwrap();
        if said.lock().unwrap().recv().unwrap() { ok(number.to_string()) } else { b"nonsense\r\n\r\n".to_vec() }
    });
    (backend, asked, enters, say)
}

#[test]
fn s13_when_the_one_that_asks_fails_the_next_one_asks() {
    let (backend, asked, enters, say) = stepping();
    let gateway = caching(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("m"))]);
    let mut wires: Vec<_> = (0..4).map(|_| gateway.connect()).collect();
    for wire in &mut wires {
        wire.send(request("GET", "/p", "", b""));
    }
    enters.recv().unwrap();
    while gateway.metric("apigw_requests_in_flight") < 4 {
        assert_eq!(gateway.get("/m").text(), "m");
    }
    say.send(false).unwrap();
    enters.recv().unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2, "one more, not all");
    say.send(true).unwrap();
    let mut statuses: Vec<_> = wires.iter_mut().map(|wire| wire.read().unwrap().status()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 502]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn s13_who_waits_takes_no_longer_than_a_backend_may() {
    let silent = Backend::raw(|stream, _| {
        let mut wire = super::client::Wire::over(stream);
        while wire.read().is_some() {}
    });
    let mut late = proxy(&silent.uri("/"));
    late["backend"]["timeout_in_millis"] = json!(200);
    let gateway = caching(&[("/p", late)]);
    let mut wires: Vec<_> = (0..5).map(|_| gateway.connect()).collect();
    for wire in &mut wires {
        wire.send(request("GET", "/p", "", b""));
    }
    for wire in &mut wires {
        assert_eq!(wire.read().unwrap().status(), 504);
    }
}

#[test]
fn s13_who_asks_for_a_fresh_answer_without_leave_is_treated_as_configured() {
    let (backend, asked) = counting(|number, _| ok(number.to_string()));
    let resources = [("/p", proxy(&backend.uri("/")))];
    let gateway = Gateway::start(&resources);
    let fresh = "Cache-Control: no-cache, Max-Age=0\r\n";
    let warning = "199 Cache-control headers were ignored because the caller was unauthorized.";
    let with = |strategy: &str, needed: bool| {
        serve(&gateway, &resources, |patch| {
            let cache = &mut patch["put"][1]["method_settings"][0]["cache"];
            cache["unauthorized_strategy"] = json!(strategy);
            cache["require_authorization"] = json!(needed);
        });
    };
    with("SUCCEED_WITH_RESPONSE_HEADER", true);
    let first = gateway.send("GET", "/p", fresh, b"").unwrap();
    assert_eq!((first.text().as_str(), first.header("Warning")), ("1", Some(warning)));
    let again = gateway.send("GET", "/p", fresh, b"").unwrap();
    assert_eq!((again.text().as_str(), again.header("Warning")), ("1", Some(warning)));
    assert_eq!(gateway.get("/p").header("Warning"), None, "it is not kept with the answer");
    with("SUCCEED_WITHOUT_RESPONSE_HEADER", true);
    let silent = gateway.send("GET", "/p", fresh, b"").unwrap();
    assert_eq!((silent.text().as_str(), silent.header("Warning")), ("1", None));
    with("FAIL_WITH_403", true);
    let refused = gateway.send("GET", "/p", fresh, b"").unwrap();
    assert_eq!((refused.status(), refused.header("x-amzn-ErrorType")), (403, Some("AccessDeniedException")));
    assert_eq!(
        refused.text(),
        "{\"Message\":\"User: anonymous is not authorized to perform: execute-api:InvalidateCache on resource: \
         arn:aws:execute-api:eu-west-1:********9012:abcdefghij/prod/GET/p\"}"
    );
    assert_eq!(gateway.get("/p").text(), "1");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // Without authorisation anybody may; the answer takes the other's place.
    with("FAIL_WITH_403", false);
    assert_eq!(gateway.send("GET", "/p", fresh, b"").unwrap().text(), "2");
    assert_eq!(gateway.get("/p").text(), "2");
    for other in ["Cache-Control: max-age=10\r\n", "Cache-Control: no-cache\r\n", "X-Cache-Control: max-age=0\r\n"] {
        assert_eq!(gateway.send("GET", "/p", other, b"").unwrap().text(), "2", "{other}");
    }
}

#[test]
fn s13_all_methods_are_get_alone_and_head_has_no_body() {
    let (backend, asked) = counting(|number, request| {
        let body = if request.first_line.starts_with("HEAD") { "" } else { "body" };
        format!("HTTP/1.1 200 OK\r\nX-Number: {number}\r\nContent-Length: 4\r\n\r\n{body}").into_bytes()
    });
    let resources = [("/p", proxy(&backend.uri("/")))];
    let gateway = caching(&resources);
    let number = |method: &str| {
        let mut wire = gateway.connect();
        wire.send(request(method, "/p", "Connection: close\r\n", b""));
        let mut bytes = Vec::new();
        wire.stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(text.ends_with("\r\n\r\nbody"), method != "HEAD", "{text}");
        assert!(text.contains("Content-Length: 4\r\n"), "{text}");
        let at = text.find("X-Number: ").unwrap() + 10;
        text[at..].split('\r').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!([number("GET"), number("GET")], [1, 1]);
    assert_eq!([number("POST"), number("POST"), number("HEAD"), number("HEAD")], [2, 3, 4, 5]);
    serve(&gateway, &resources, |patch| {
        let mut own = setting(&cached());
        own["method"] = json!({"path": "/p", "http_method": "ANY"});
        patch["put"][1]["method_settings"] = json!([own]);
    });
    assert_eq!([number("POST"), number("POST"), number("HEAD"), number("HEAD"), number("GET")], [6, 6, 7, 7, 1]);
    // A line that says HEAD and is treated as GET has an answer of its own form.
    let mixed = gateway.send("POST", "/p", "X-HTTP-Method-Override: GET\r\n", b"").unwrap();
    assert_eq!(mixed.text(), "body");
    assert_eq!(asked.load(Ordering::SeqCst), 7);
}

#[test]
fn s13_a_flush_forgets_and_other_stages_keep() {
    let (backend, asked) = counting(|number, _| ok(number.to_string()));
    let gateway = caching(&[("/p", proxy(&backend.uri("/")))]);
    assert_eq!([gateway.get("/p").text(), gateway.get("/p").text()], ["1", "1"]);
    gateway.engine.flush_cache("abcdefghij", "other");
    assert_eq!(gateway.get("/p").text(), "1");
    gateway.engine.flush_cache("abcdefghij", "prod");
    assert_eq!([gateway.get("/p").text(), gateway.get("/p").text()], ["2", "2"]);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn s13_answers_survive_a_deployment_and_not_another_size() {
    let (backend, _) = counting(|number, _| ok(number.to_string()));
    let resources = [("/p", proxy(&backend.uri("/")))];
    let gateway = caching(&resources);
    assert_eq!(gateway.get("/p").text(), "1");
    serve(&gateway, &resources, |patch| {
        patch["put"][0]["deployment_id"] = json!("dep002");
        patch["put"][1]["deployment_id"] = json!("dep002");
    });
    assert_eq!(gateway.get("/p").text(), "1");
    serve(&gateway, &resources, |patch| patch["put"][1]["cache_bytes"] = json!(1_600_000_000));
    assert_eq!(gateway.get("/p").text(), "2");
    serve(&gateway, &resources, |patch| patch["put"][1]["cache_bytes"] = json!(0));
    assert_eq!([gateway.get("/p").text(), gateway.get("/p").text()], ["3", "4"]);
    assert_eq!(gateway.metric("apigw_cache_entries"), 0, "what no stage needs is gone");
}

#[test]
fn s13_an_answer_in_a_coding_goes_to_those_who_take_it() {
    let (backend, asked) = counting(|number, _| {
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\n{number}").into_bytes()
    });
    let gateway = caching(&[("/p", proxy(&backend.uri("/")))]);
    let get = |accept: &str| gateway.send("GET", "/p", &format!("Accept-Encoding: {accept}\r\n"), b"").unwrap().text();
    assert_eq!([get("br"), get("gzip, br;q=0.5"), get("*")], ["1", "1", "1"]);
    assert_eq!([get("gzip"), get("br;q=0"), get("br")], ["2", "3", "1"]);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[test]
pub(super) fn s13_a_client_that_went_away_or_reads_slowly_keeps_nobody_waiting() {
    let (backend, asked) = counting(|number, _| ok(number.to_string().repeat(1_000_000)));
    let gateway = caching(&[("/p", proxy(&backend.uri("/")))]);
    // It asks and never reads.
    let mut slow = gateway.connect();
    slow.send(request("GET", "/p", "", b""));
    assert_eq!(gateway.get("/p").text(), "1".repeat(1_000_000));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(slow.read().unwrap().body.len(), 1_000_000);
}
