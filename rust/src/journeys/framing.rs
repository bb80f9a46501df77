//! Where one message ends and the next begins, whatever happens to the one before: at clients' connections and at backends'.
//! `tools/mutants` names these tests.

use super::{
    backend::{Backend, ok},
    client::Wire,
    gateway::{Gateway, http, mock, proxy, request, streamed, target},
};

/// A request that an attacker would like to be one.
fn hidden() -> Vec<u8> {
    request("GET", "/hidden", "", b"")
}

#[test]
fn what_is_left_of_a_body_is_no_request() {
    let gateway = Gateway::start(&[("/m", mock("first")), ("/hidden", mock("hidden")), ("/good", mock("good"))]);
    for framing in ["length", "chunks"] {
        let mut wire = gateway.connect();
        let body = hidden();
        let (field, body) = match framing {
            "length" => (format!("Content-Length: {}", body.len()), body),
            _ => (
                "Transfer-Encoding: chunked".to_owned(),
                [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat(),
            ),
        };
        // MOCK answers without its body, which comes after the answer.
        wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\n{field}\r\n\r\n", target("/m")));
        let first = wire.read().unwrap();
        assert_eq!(first.text(), "first");
        if first.header("Connection") == Some("close") {
            assert!(wire.is_closed());
            continue;
        }
        wire.send(body);
        wire.send(request("GET", "/good", "", b""));
        assert_eq!(wire.read().unwrap().text(), "good", "{framing}");
    }
}

#[test]
fn a_body_that_its_client_ends_early_ends_the_connection() {
    let backend = Backend::answering(|request| ok(&request.body));
    let gateway = Gateway::start(&[("/h", http(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc", target("/h")));
    wire.stream.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), answer.header("Connection")), (400, Some("close")));
    assert!(wire.is_closed());
}

#[test]
fn a_body_of_nonsense_that_is_whole_is_followed_by_the_next_request() {
    let backend = Backend::answering(|request| ok(&request.body));
    let gateway =
        Gateway::start(&[("/h", http(&backend.uri("/"))), ("/hidden", mock("hidden")), ("/good", mock("good"))]);
    let body = hidden();
    let fields = format!("Host: a\r\nContent-Encoding: gzip\r\nContent-Length: {}", body.len());
    let head = format!("POST {} HTTP/1.1\r\n{fields}\r\n\r\n", target("/h"));
    let rest = [&body[..], &request("GET", "/good", "", b"")].concat();
    // With its head, and behind it: where the body lies is not the same.
    for parts in [vec![[head.as_bytes(), &rest].concat()], vec![head.clone().into_bytes(), rest.clone()]] {
        let mut wire = gateway.connect();
        for part in parts {
            wire.send(part);
        }
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), answer.header("Connection")), (415, Some("keep-alive")));
        assert_eq!(wire.read().unwrap().text(), "good");
    }
}

#[test]
fn a_head_has_256_fields_at_most() {
    let gateway = Gateway::start(&[("/m", mock("first"))]);
    for (fields, status) in [(255, 200), (256, 431)] {
        // Host is one more.
        let answer = gateway.send("GET", "/m", &"A: b\r\n".repeat(fields), b"").unwrap();
        assert_eq!(answer.status(), status, "{fields}");
    }
}

#[test]
fn a_close_is_no_reset_although_the_client_is_still_sending() {
    let gateway = Gateway::start(&[("/m", mock("first"))]);
    let mut wire = gateway.connect();
    // What is unread when a socket closes turns the close into a reset, which may destroy the answer on its way.
    wire.send([b"GET / HTTP/1.1\r\n\r\n", &[b'x'; 40_000][..]].concat());
    assert_eq!(wire.read().unwrap().status(), 400);
    wire.send([b'x'; 10_000]);
    wire.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(std::io::Read::read(&mut wire.stream, &mut [0; 1]).map_err(|error| error.kind()), Ok(0));
}

#[test]
fn a_closed_connection_is_read_for_64_kilobytes_at_most() {
    let gateway = Gateway::start(&[("/m", mock("first"))]);
    let mut wire = gateway.connect();
    wire.send("GET / HTTP/1.1\r\n\r\n");
    assert_eq!(wire.read().unwrap().status(), 400);
    // More than both sockets' buffers hold: who reads all of it does not close.
    let refused = (0..2000).any(|_| std::io::Write::write_all(&mut wire.stream, &[b'x'; 65_536]).is_err());
    assert!(refused, "the rest was read");
}

#[test]
fn a_length_that_connection_names_still_counts() {
    let backend = Backend::answering(|request| ok(&request.body));
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/good", mock("good"))]);
    let mut wire = gateway.connect();
    let length = format!("Content-Length: {}\r\n", hidden().len());
    for option in ["content-length", "Content-Length, x", "transfer-encoding, content-length"] {
        let option = format!("Connection: {option}\r\n");
        for fields in [[&*length, &option].concat(), [&*option, &length].concat()] {
            wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\n{fields}\r\n", target("/p")));
            wire.send(hidden());
            wire.send(request("GET", "/good", "", b""));
            assert_eq!(wire.read().unwrap().body, hidden(), "{fields}");
            assert_eq!(wire.read().unwrap().text(), "good", "{fields}");
        }
    }
}

#[test]
fn a_body_that_breaks_half_way_never_ends_well_at_its_backend() {
    // Enough to be on its way before it breaks.
    let long = vec![b'x'; 200_000];
    let chunk = [b"Transfer-Encoding: chunked\r\n\r\n30d40\r\n", &long[..], b"\r\n"].concat();
    let length = [b"Content-Length: 300000\r\n\r\n", &long[..]].concat();
    for (begun, broken) in [(&chunk, "zz\r\n"), (&chunk, "5\r\nhelloX"), (&chunk, "5;\n"), (&chunk, ""), (&length, "")]
    {
        let backend = Backend::answering(|_| ok("answered"));
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
        let mut wire = gateway.connect();
        wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\n", target("/p")));
        wire.send(begun);
        wire.send(broken);
        wire.stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), answer.header("Connection")), (400, Some("close")), "{broken:?}");
        // The connection with half a request on it carries no other.
        assert_eq!(gateway.get("/p").text(), "answered");
        assert_eq!(backend.connections(), 2);
    }
}

#[test]
pub(super) fn bytes_behind_any_answer_drop_the_connection() {
    let long = "x".repeat(100_000);
    let answers = [
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n".to_owned()),
        ("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n".to_owned()),
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n".to_owned()),
        ("GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood".to_owned()),
        ("GET", format!("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{long}")),
        ("GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n".to_owned()),
    ];
    for (verb, answer) in answers {
        for (behind, keeps) in [("", true), ("X", false), ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", false)] {
            check_behind(verb, &answer, behind, keeps);
        }
        let closing = answer.replacen("\r\n", "\r\nConnection: close\r\n", 1);
        check_behind(verb, &closing, "", false);
    }
}

fn check_behind(verb: &str, answer: &str, behind: &str, keeps: bool) {
    let said = format!("{answer}{behind}");
    let backend = Backend::answering(move |_| said.clone().into_bytes());
    let uri = backend.uri("/");
    let gateway = Gateway::start(&[("/p", proxy(&uri)), ("/s", streamed(&uri)), ("/h", http(&uri))]);
    for path in ["/p", "/s", "/h"] {
        let before = backend.connections();
        let mut wire = gateway.connect();
        for _ in 0..3 {
            wire.send(request(verb, path, "", b""));
            let mut head = wire.read_head().unwrap();
            assert!(matches!(head.status(), 200 | 204 | 304), "{path} {answer:.60}");
            if verb != "HEAD" && !matches!(head.status(), 204 | 304) {
                wire.read_body(&mut head).unwrap();
            }
        }
        let fresh = backend.connections() - before;
        // The last path's connection may be the next one's first.
        assert!(if keeps { fresh <= 1 } else { fresh >= 2 }, "{path} {answer:.60} {behind:.60}: {fresh} connections");
    }
}

#[test]
fn what_an_idle_connection_says_is_nobodys_answer() {
    let (say, told) = std::sync::mpsc::channel::<()>();
    let (said, heard) = std::sync::mpsc::channel::<()>();
    let (told, said) = (std::sync::Mutex::new(told), std::sync::Mutex::new(said));
    let backend = Backend::raw(move |stream, number| {
        let mut wire = Wire::over(stream);
        wire.read();
        wire.send(ok("good"));
        if number == 0 {
            told.lock().unwrap().recv().unwrap();
            wire.send(ok("evil"));
            said.lock().unwrap().send(()).unwrap();
            wire.read();
        }
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/p")).text(), "good");
    say.send(()).unwrap();
    heard.recv().unwrap();
    assert_eq!(wire.get(&target("/p")).text(), "good");
    assert_eq!(backend.connections(), 2);
}

#[test]
fn a_reused_connection_that_died_within_its_answer_is_not_replaced() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        wire.send(ok("served"));
        wire.read();
        wire.send("HTTP/1.1 200 O");
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/p")).text(), "served");
    assert_eq!(wire.get(&target("/p")).status(), 504);
    assert_eq!(backend.connections(), 1);
}

#[test]
pub(super) fn an_answer_that_breaks_half_way_is_cut() {
    let half = vec![b'x'; 100_000];
    for head in ["Content-Length: 200000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n30d40\r\n"] {
        let answer = [b"HTTP/1.1 200 OK\r\n", head.as_bytes(), &half].concat();
        let backend = Backend::once(answer);
        let uri = backend.uri("/");
        let gateway = Gateway::start(&[("/p", proxy(&uri)), ("/s", streamed(&uri))]);
        for (number, path) in (1..).zip(["/p", "/s"]) {
            let mut wire = gateway.connect();
            wire.send(request("GET", path, "", b""));
            assert!(wire.read().is_none(), "{path} {head:?} came whole");
            assert_eq!(gateway.metric("apigw_responses_cut_total"), number, "{path} {head:?}");
        }
    }
}
