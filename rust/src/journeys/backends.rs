//! Backends that are dead, slow, resetting or lying: the exact answers of rest-api §7.14, and nobody else is hurt.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::{
    backend::{Backend, ok},
    client::{Message, Wire},
    gateway::{Gateway, http, impatient, proxy, request, target},
};

const NETWORK: (u16, &str) = (504, "{\"message\":\"Network error communicating with endpoint\"}");
const TIMED_OUT: (u16, &str) = (504, "{\"message\":\"Endpoint request timed out\"}");
const BAD: (u16, &str) = (502, "{\"message\":\"Internal server error\"}");
const INTERNAL: (u16, &str) = (500, "{\"message\":\"Internal server error\"}");

fn is(answer: &Message, (status, body): (u16, &str)) {
    assert_eq!((answer.status(), answer.text().as_str()), (status, body));
    assert!(answer.header("x-amzn-ErrorType").is_some());
}

fn free_address() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
pub(super) fn no_backend_is_there() {
    let dead = format!("http://{}/", free_address());
    let paths = [
        ("/dead", proxy(&dead)),
        ("/dead-http", http(&dead)),
        ("/name", proxy("http://no-such-host.invalid/")),
        ("/denied", proxy("http://169.254.169.254/latest/meta-data/")),
        ("/mapped", proxy("http://[::ffff:169.254.169.254]/")),
    ];
    let gateway = Gateway::start(&paths);
    is(&gateway.get("/dead"), NETWORK);
    is(&gateway.get("/dead-http"), NETWORK);
    is(&gateway.get("/name"), INTERNAL);
    is(&gateway.get("/denied"), INTERNAL);
    is(&gateway.get("/mapped"), INTERNAL);
    assert_eq!(gateway.metric("apigw_upstream_connections"), 0);
}

#[test]
pub(super) fn answers_that_are_none() {
    let long = "x".repeat(70_000);
    let fields = "X-Many: 1\r\n".repeat(300);
    let storm = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000);
    for (bytes, expected) in [
        (String::new(), NETWORK),
        ("HTTP/1.1 200 OK\r\nContent-Le".to_owned(), NETWORK),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!".to_owned(), NETWORK),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfive!\r\n".to_owned(), NETWORK),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n".to_owned(), BAD),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n".to_owned(), BAD),
        (format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n"), BAD),
        (format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), BAD),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx".to_owned(), BAD),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n".to_owned(), BAD),
        (storm, BAD),
    ] {
        let backend = Backend::once(bytes);
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
        is(&gateway.get("/p"), expected);
        is(&gateway.get("/h"), expected);
        assert_eq!(gateway.metric("apigw_upstream_connections"), 0, "what cannot be trusted is dropped");
    }
}

#[test]
pub(super) fn a_backend_that_resets() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_exactly(1);
        // Closing with unread bytes sends a reset.
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    is(&gateway.get("/p"), NETWORK);
    is(&gateway.send("POST", "/p", "", &vec![b'x'; 1_000_000]).unwrap(), NETWORK);
}

#[test]
pub(super) fn a_backend_that_takes_too_long() {
    for beginning in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!"] {
        let backend = Backend::raw(move |stream, _| {
            let mut wire = Wire::over(stream);
            wire.read();
            wire.send(beginning);
            std::thread::park();
        });
        let gateway = Gateway::start(&[
            ("/p", impatient(proxy(&backend.uri("/")), 50)),
            ("/h", impatient(http(&backend.uri("/")), 50)),
            ("/long", impatient(proxy(&backend.uri("/")), 1500)),
        ]);
        is(&gateway.get("/p"), TIMED_OUT);
        is(&gateway.get("/h"), TIMED_OUT);
        is(&gateway.get("/long"), TIMED_OUT);
        assert_eq!(gateway.metric("apigw_upstream_connections"), 0);
    }
}

#[test]
pub(super) fn a_timeout_after_streaming_began_cuts_the_connection() {
    let backend = Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        wire.send(vec![b'x'; 100_000]);
        std::thread::park();
    });
    let gateway = Gateway::start(&[("/p", impatient(proxy(&backend.uri("/")), 200))]);
    let mut wire = gateway.connect();
    wire.send(request("GET", "/p", "", b""));
    let mut answer = wire.read_head().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(wire.read_body(&mut answer), None, "the length is not kept, and the client sees it");
    assert_eq!(gateway.metric("apigw_responses_cut_total"), 1);
}

#[test]
pub(super) fn interim_answers_are_passed_over() {
    let backend = Backend::answering(|_| {
        [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".to_vec(), ok("final")].concat()
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    for _ in 0..2 {
        let answer = gateway.get("/p");
        assert_eq!((answer.status(), answer.text().as_str(), answer.header("Link")), (200, "final", None));
    }
    assert_eq!(backend.connections(), 1);
}

#[test]
pub(super) fn bytes_after_an_answer_drop_the_connection() {
    for (extra, path) in [("x", "/p"), ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", "/p"), ("x", "/h")] {
        let backend = Backend::answering(move |_| [ok("good"), extra.into()].concat());
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
        let mut wire = gateway.connect();
        for round in 1..4 {
            assert_eq!(wire.get(&target(path)).text(), "good");
            assert_eq!(backend.connections(), round);
        }
    }
}

#[test]
pub(super) fn backend_connections_are_reused_and_dropped_when_they_end() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        for _ in 0..2 {
            if wire.read().is_none() {
                return;
            }
            wire.send(ok("served"));
        }
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    for round in 0..6 {
        assert_eq!(wire.get(&target("/p")).text(), "served");
        assert_eq!(backend.connections(), round / 2 + 1);
    }
    // An answer that says so ends its connection.
    let backend = Backend::answering(|_| b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec());
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    for round in 1..4 {
        assert_eq!(wire.get(&target("/p")).status(), 200);
        assert_eq!(backend.connections(), round);
    }
}

/// Serves one request a connection and closes when the second one arrives, before a byte of its answer.
fn fickle() -> Backend {
    let served = AtomicUsize::new(0);
    Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        if wire.read().is_some() {
            served.fetch_add(1, Ordering::SeqCst);
            wire.send(ok("served"));
            wire.read_head();
        }
    })
}

#[test]
pub(super) fn a_reused_connection_that_died_is_replaced_for_verbs_that_may_be_repeated() {
    let backend = fickle();
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/p")).text(), "served");
    for (verb, body) in [("GET", &b""[..]), ("PUT", b"body"), ("DELETE", b"")] {
        wire.send(request(verb, "/p", "", body));
        assert_eq!(wire.read().unwrap().text(), "served", "{verb}");
    }
    assert_eq!(backend.connections(), 4);
    for verb in ["POST", "PATCH"] {
        wire.send(request(verb, "/p", "", b"body"));
        is(&wire.read().unwrap(), NETWORK);
        assert_eq!(wire.get(&target("/p")).text(), "served");
    }
    // A fresh connection that dies is no reason to ask again.
    let dying = Backend::raw(|stream, _| drop(Wire::over(stream).read()));
    let gateway = Gateway::start(&[("/p", proxy(&dying.uri("/")))]);
    is(&gateway.get("/p"), NETWORK);
    assert_eq!(dying.connections(), 1);
}

#[test]
pub(super) fn a_client_that_resets_cancels_its_slow_backend() {
    let (closed, told) = std::sync::mpsc::channel();
    let closed = std::sync::Mutex::new(closed);
    let backend = Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        assert!(wire.is_closed());
        closed.lock().unwrap().send(()).unwrap();
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(request("GET", "/p", "", b""));
    while gateway.metric("apigw_upstream_connections") == 0 {
        std::thread::yield_now();
    }
    socket2::SockRef::from(&wire.stream).set_linger(Some(std::time::Duration::ZERO)).unwrap();
    drop(wire);
    told.recv_timeout(std::time::Duration::from_secs(8)).unwrap();
}

#[test]
pub(super) fn an_api_that_calls_itself_ends_in_an_error_and_others_keep_answering() {
    let address = free_address();
    let uri = format!("http://{address}{}", target("/loop"));
    let paths = [("/loop", proxy(&uri)), ("/m", super::gateway::mock("mocked"))];
    let gateway = Gateway::configured(&paths, |config| {
        config.listen = vec![address];
        config.limits.connections = 100;
    });
    let answer = gateway.get("/loop");
    assert!(matches!(answer.status(), 500 | 504), "{}", answer.status());
    assert_eq!(gateway.get("/m").text(), "mocked");
}
