//! Connections and messages: keep-alive, pipelining, HTTP/1.0, refusals, lingering, limits.

use super::{
    backend::{Backend, ok},
    gateway::{Gateway, http, mock, proxy, request, target},
};

#[test]
pub(super) fn connections_are_kept_and_requests_pipelined() {
    let gateway = Gateway::start(&[("/a", mock("first")), ("/b", mock("second"))]);
    let mut wire = gateway.connect();
    for _ in 0..3 {
        assert_eq!(wire.get(&target("/a")).text(), "first");
    }
    // Two requests in one write, and the second one cut in two.
    let both = [request("GET", "/a", "", b""), request("GET", "/b", "", b"")].concat();
    wire.send(&both[..both.len() - 10]);
    assert_eq!(wire.read().unwrap().text(), "first");
    wire.send(&both[both.len() - 10..]);
    let second = wire.read().unwrap();
    assert_eq!((second.text().as_str(), second.header("Connection")), ("second", Some("keep-alive")));
    assert_eq!(gateway.metric("apigw_connections_accepted_total"), 1);
}

#[test]
pub(super) fn a_pipelined_request_behind_a_body_is_seen() {
    let backend = Backend::answering(|request| ok(&request.body));
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    for body in [&b"small"[..], &vec![b'x'; 30_000], &vec![b'y'; 200_000]] {
        let mut wire = gateway.connect();
        wire.send([request("POST", "/p", "", body), request("GET", "/m", "", b"")].concat());
        assert_eq!(wire.read().unwrap().body, body);
        assert_eq!(wire.read().unwrap().text(), "mocked");
    }
    // A body that nobody reads is passed over.
    let mut wire = gateway.connect();
    wire.send([request("POST", "/m", "", &vec![b'z'; 60_000]), request("GET", "/m", "", b"")].concat());
    assert_eq!(wire.read().unwrap().text(), "mocked");
    assert_eq!(wire.read().unwrap().text(), "mocked");
}

#[test]
pub(super) fn clients_that_want_to_close_are_obeyed() {
    let gateway = Gateway::start(&[("/a", mock("first"))]);
    for head in ["HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "HTTP/1.0\r\nHost: localhost\r\n\r\n"] {
        let mut wire = gateway.connect();
        wire.send(format!("GET {} {head}", target("/a")));
        let answer = wire.read().unwrap();
        assert_eq!((answer.text().as_str(), answer.header("Connection")), ("first", Some("close")));
        assert!(wire.is_closed());
    }
}

#[test]
fn who_asked_for_the_end_and_sends_more_is_answered_once_all_the_same() {
    let gateway = Gateway::start(&[("/a", mock("first"))]);
    let mut wire = gateway.connect();
    let last = request("GET", "/a", "Connection: close\r\n", b"");
    let more = request("GET", "/a", "", b"");
    wire.send([last, more].concat());
    // Were it closed without reading on, this would be lost to a reset.
    wire.send("x".repeat(30_000));
    assert_eq!(wire.read().unwrap().text(), "first");
    assert!(wire.is_closed());
    assert_eq!(gateway.metric("apigw_requests_total{api=\"abcdefghij\",stage=\"prod\",status=\"2xx\"}"), 1);
}

#[test]
pub(super) fn a_half_closed_client_gets_its_answer() {
    let backend = Backend::answering(|_| ok("late"));
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(request("GET", "/p", "", b""));
    wire.half_close();
    assert_eq!(wire.read().unwrap().text(), "late");
    assert!(wire.is_closed());
}

#[test]
pub(super) fn heads_that_cannot_be_understood_are_refused_and_the_connection_closes() {
    let gateway = Gateway::start(&[("/a", mock("first"))]);
    let long = "x".repeat(11_000);
    for (head, status, body) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, "{\"message\":\"Bad Request\"}"),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414, "{\"message\":\"Request URI too long\"}"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX: {long}\r\n\r\n"), 431, "HTTP header is larger than 10240 bytes."),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n".to_owned(), 505, "{\"message\":\"HTTP Version Not Supported\"}"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            400,
            "{\"message\":\"Bad Request\"}",
        ),
    ] {
        let mut wire = gateway.connect();
        wire.send(head);
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), answer.text().as_str()), (status, body));
        assert_eq!(answer.header("Connection"), Some("close"));
        assert!(answer.header("x-amzn-RequestId").is_some());
        assert!(wire.is_closed());
    }
    assert_eq!(gateway.metric("apigw_requests_total{api=\"\",stage=\"\",status=\"4xx\"}"), 4);
    assert_eq!(gateway.metric("apigw_requests_total{api=\"\",stage=\"\",status=\"5xx\"}"), 1);
}

#[test]
pub(super) fn a_body_that_breaks_its_framing_ends_the_connection() {
    let backend = Backend::answering(|request| ok(&request.body));
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    for body in ["zz\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5;\x01\r\nhello\r\n0\r\n\r\n", "0\r\nno trailer\r\n\r\n"] {
        for path in ["/p", "/m"] {
            let mut wire = gateway.connect();
            let smuggled = request("GET", "/m", "", b"");
            wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{body}", target(path)));
            wire.send(smuggled);
            let answer = wire.read().unwrap();
            // MOCK answers without its body; nobody believes what follows.
            assert_eq!(
                (answer.status(), answer.header("Connection")),
                (if path == "/p" { 400 } else { 200 }, Some("close")),
                "{body:?}"
            );
            assert!(wire.is_closed(), "{path} {body:?}");
        }
    }
}

#[test]
pub(super) fn a_slow_head_is_answered_408() {
    let gateway = Gateway::configured(&[("/a", mock("first"))], |config| config.limits.head_seconds = 1);
    let mut wire = gateway.connect();
    wire.send("GET / HT");
    assert_eq!(wire.read().unwrap().status(), 408);
    assert!(wire.is_closed());
}

#[test]
pub(super) fn an_idle_connection_is_closed_after_its_time() {
    let gateway = Gateway::configured(&[("/a", mock("first"))], |config| config.limits.idle_seconds = 1);
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/a")).status(), 200);
    assert!(wire.is_closed());
    // One that never said anything is no slow request: it idles, and nothing is answered.
    assert!(gateway.connect().is_closed());
}

#[test]
pub(super) fn an_answer_to_an_unread_body_arrives_although_the_client_is_still_sending() {
    let gateway = Gateway::start(&[("/a", mock("first"))]);
    // Over the limit by its own account: refused before the body, which the client sends nevertheless.
    let mut wire = gateway.connect();
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n", target("/a")));
    wire.send(vec![b'x'; 60_000]);
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (413, "HTTP content length exceeded 10485760 bytes."));
    assert_eq!(answer.header("Connection"), Some("close"));
    // MOCK does not read its body; too much of it closes the connection after the answer.
    let mut wire = gateway.connect();
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", target("/a")));
    wire.send(vec![b'x'; 60_000]);
    let answer = wire.read().unwrap();
    assert_eq!((answer.text().as_str(), answer.header("Connection")), ("first", Some("close")));
}

#[test]
pub(super) fn the_limit_of_connections_makes_the_next_one_wait() {
    let gateway = Gateway::configured(&[("/a", mock("first"))], |config| config.limits.connections = 2);
    let (mut one, mut two, mut three) = (gateway.connect(), gateway.connect(), gateway.connect());
    assert_eq!(one.get(&target("/a")).status(), 200);
    assert_eq!(two.get(&target("/a")).status(), 200);
    three.send(request("GET", "/a", "", b""));
    assert_eq!(one.get(&target("/a")).status(), 200, "those who are in keep being served");
    assert_eq!(gateway.metric("apigw_connections"), 2);
    drop(two);
    assert_eq!(three.read().unwrap().status(), 200);
    assert_eq!(gateway.metric("apigw_accept_pauses_total"), 1);
}

#[test]
pub(super) fn head_requests_get_a_length_and_no_body() {
    let backend = Backend::answering(|request| {
        let head = request.first_line.starts_with("HEAD");
        if head { b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n".to_vec() } else { ok("GET me!") }
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut wire = gateway.connect();
    for (path, length) in [("/p", "7"), ("/m", "6"), ("/p", "7")] {
        wire.send(request("HEAD", path, "", b""));
        let head = wire.read_head().unwrap();
        assert_eq!((head.status(), head.header("Content-Length")), (200, Some(length)));
    }
    assert_eq!(wire.get(&target("/p")).text(), "GET me!");
}

#[test]
pub(super) fn requests_of_apis_make_no_call_into_python() {
    let backend = Backend::answering(|_| ok("proxied"));
    let gateway =
        Gateway::start(&[("/m", mock("mocked")), ("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
    for (path, status) in [("/m", 200), ("/p", 200), ("/h", 200), ("/nowhere", 403)] {
        assert_eq!(gateway.get(path).status(), status, "{path}");
    }
    assert!(gateway.engine.take_calls().is_empty());
}
