//! HTTP/2: the same answers as over HTTP/1.1, many at once, and streams that end ill without hurting others.

use std::{
    sync::{Mutex, mpsc::channel},
    time::Duration,
};

use bytes::Bytes;

use super::{
    backend::{Backend, ok},
    client::{Message, Wire},
    gateway::{Gateway, http, impatient, mock, proxy, streamed, with_tls},
    http2_client::{Http2, ask, block, frame, get, goaway, next, raw},
};
use crate::config::AccessLog;

const PROTOCOL_ERROR: u16 = 1;

fn gateway(resources: &[(&str, serde_json::Value)]) -> Gateway {
    Gateway::configured(resources, with_tls)
}

fn echo() -> Backend {
    Backend::answering(|request: &Message| ok(&request.body))
}

#[test]
fn every_kind_of_integration_answers() {
    let backend = echo();
    let uri = backend.uri("/");
    let gateway = gateway(&[("/m", mock("mocked")), ("/p", proxy(&uri)), ("/h", http(&uri)), ("/s", streamed(&uri))]);
    let mut client = Http2::connect(&gateway);
    let answer = client.get("/m");
    assert_eq!((answer.status, answer.text().as_str()), (200, "mocked"));
    assert_eq!(answer.header("content-length"), Some("6"));
    for forbidden in ["connection", "transfer-encoding", "keep-alive"] {
        assert_eq!(answer.header(forbidden), None);
    }
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36));
    for path in ["/p", "/h", "/s"] {
        for length in [0, 1, 5000, 70_000, 1_000_000] {
            let body = vec![b'x'; length];
            for fields in [&[][..], &[("content-length", &*length.to_string())]] {
                let answer = client.ask("POST", path, fields, &body).unwrap();
                assert_eq!((answer.status, answer.body.len()), (200, length), "{path} {fields:?}");
            }
        }
    }
    let head = client.ask("HEAD", "/m", &[], b"").unwrap();
    assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, Some("6")));
    assert_eq!(client.get("/nowhere").status, 403);
    assert_eq!(gateway.metric("apigw_connections_accepted_total"), 1);
    while gateway.metric("apigw_requests_in_flight") > 0 {
        std::thread::yield_now();
    }
}

#[test]
fn what_a_backend_sees_is_plain_http1() {
    let backend = Backend::answering(|request: &Message| {
        let lines: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        ok(format!("{}\n{}", request.first_line, lines.join("\n")))
    });
    let gateway = gateway(&[("/p", proxy(&backend.uri("/x")))]);
    let mut client = Http2::connect(&gateway);
    let fields =
        [("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("x-own", "1"), ("x-own", "2"), ("accept", "a/b")];
    let seen = client.ask("GET", "/p?q=1", &fields, b"").unwrap().text();
    let line = |text: &str| seen.lines().filter(|line| *line == text).count();
    assert!(seen.starts_with("GET /x?q=1 HTTP/1.1\n"), "{seen}");
    for (text, count) in [
        ("cookie: a=1; b=2", 1),
        ("x-own: 1,2", 1),
        ("accept: a/b", 1),
        ("X-Forwarded-Proto: https", 1),
        (&*format!("X-Forwarded-Port: {}", gateway.secure.unwrap().port()), 1),
        (&*format!("Host: {}", backend.address), 1),
        ("te: trailers", 0),
    ] {
        assert_eq!(line(text), count, "{text} in\n{seen}");
    }
    // A body whose length nobody said.
    let seen = client.ask("POST", "/p", &[], &vec![b'x'; 100_000]).unwrap().text();
    assert!(seen.contains("Transfer-Encoding: chunked"), "{seen}");
    let seen = client.ask("POST", "/p", &[], b"short").unwrap().text();
    assert!(seen.contains("Content-Length: 5"), "{seen}");
}

#[test]
fn many_streams_are_served_at_once() {
    let (arrived, told) = channel();
    let arrived = Mutex::new(arrived);
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let backend = Backend::answering(move |request: &Message| {
        arrived.lock().unwrap().send(()).unwrap();
        let _ = wait.lock().unwrap().recv();
        ok(&request.body)
    });
    let gateway = gateway(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut client = Http2::connect(&gateway);
    let asked: Vec<_> = (0..100)
        .map(|number: u32| {
            let body = number.to_string().into_bytes();
            client.runtime.spawn(ask(client.streams.clone(), Http2::request("POST", "/p", &[]), body))
        })
        .collect();
    // All of them wait for the backend, and the next one is answered meanwhile.
    client.runtime.block_on(async {
        for _ in 0..100 {
            while told.try_recv().is_err() {
                tokio::task::yield_now().await;
            }
        }
    });
    assert_eq!(client.get("/m").text(), "mocked");
    drop(go);
    for (number, answer) in asked.into_iter().enumerate() {
        assert_eq!(client.runtime.block_on(answer).unwrap().unwrap().text(), number.to_string());
    }
    assert_eq!(gateway.metric("apigw_connections"), 1);
}

#[test]
fn heads_that_http1_would_refuse_are_refused_one_by_one() {
    let gateway = gateway(&[("/m", mock("mocked"))]);
    let mut wire = raw(&gateway);
    let target = super::gateway::target("/m");
    let head = |method: &'static str, scheme: &'static str, path: &str, rest: &[(&str, &str)]| {
        block(&[&[(":method", method), (":scheme", scheme), (":path", path)], rest].concat())
    };
    let mut stream = 1;
    let mut ask = |block: &[u8]| {
        wire.send(frame(1, 5, stream, block));
        let answer = loop {
            let (kind, _, of, payload) =
                next(&mut wire).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(block)));
            match kind {
                1 if of == stream => break if payload[0] == 0x8c { 400 } else { u16::from(payload[0]) },
                3 if of == stream => break u16::from(payload[3]),
                _ => {}
            }
        };
        stream += 2;
        answer
    };
    for (block, answer) in [
        (head("GET", "https", &target, &[(":authority", "a"), ("host", "b")]), 400),
        (head("GET", "https", &target, &[]), 400),
        (head("GET", "ftp", &target, &[(":authority", "a")]), 400),
        (head("GET", "https", "*", &[(":authority", "a")]), 400),
        (head("GET", "https", &target, &[(":authority", "u@a")]), 400),
        (head("GET", "https", &target, &[(":authority", "a"), ("x", " y")]), 400),
        (head("GET", "https", &target, &[(":authority", "a"), ("content-length", "5")]), PROTOCOL_ERROR),
        (head("GET", "https", &target, &[(":authority", "a"), ("connection", "close")]), PROTOCOL_ERROR),
        (head("GET", "https", &target, &[(":authority", "a"), ("transfer-encoding", "chunked")]), PROTOCOL_ERROR),
        (head("GET", "https", &target, &[(":authority", "a"), ("te", "gzip")]), PROTOCOL_ERROR),
        (head("GET", "https", &target, &[(":authority", "a"), ("x", "a"), (":path", "/")]), PROTOCOL_ERROR),
    ] {
        assert_eq!(ask(&block), answer, "{}", String::from_utf8_lossy(&block));
    }
    assert_eq!(ask(&get("/m")), 0x88, "200");
}

#[test]
fn a_body_that_is_not_as_long_as_it_says_is_an_error_of_its_stream() {
    let gateway = gateway(&[("/m", mock("mocked")), ("/p", proxy(&echo().uri("/")))]);
    let mut wire = raw(&gateway);
    let target = super::gateway::target("/p");
    let fields =
        [(":method", "POST"), (":scheme", "https"), (":path", &*target), (":authority", "a"), ("content-length", "5")];
    for (stream, body) in [(1, &b"1234"[..]), (3, b"123456")] {
        wire.send(frame(1, 4, stream, &block(&fields)));
        wire.send(frame(0, 1, stream, body));
    }
    wire.send(frame(1, 5, 5, &get("/m")));
    let (mut reset, mut answered) = (0, false);
    while reset < 2 || !answered {
        let (kind, _, stream, payload) = next(&mut wire).expect("the connection lives");
        match (kind, stream) {
            (3, 1 | 3) => {
                assert_eq!(payload, [0, 0, 0, 1], "PROTOCOL_ERROR");
                reset += 1;
            }
            (1, 5) => answered = true,
            _ => {}
        }
    }
}

#[test]
fn a_stream_that_is_taken_back_drops_its_backend_connection() {
    let (arrived, told) = channel();
    let (closed, seen) = channel();
    let (arrived, closed) = (Mutex::new(arrived), Mutex::new(closed));
    let backend = Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        arrived.lock().unwrap().send(()).unwrap();
        closed.lock().unwrap().send(wire.is_closed()).unwrap();
    });
    let gateway = gateway(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut wire = raw(&gateway);
    wire.send(frame(1, 5, 1, &get("/p")));
    told.recv().unwrap();
    wire.send(frame(3, 0, 1, &[0, 0, 0, 8]));
    assert!(seen.recv_timeout(Duration::from_secs(10)).unwrap());
    wire.send(frame(1, 5, 3, &get("/m")));
    while !matches!(next(&mut wire).unwrap(), (1, _, 3, _)) {}
    while gateway.metric("apigw_requests_in_flight") > 0 {
        std::thread::yield_now();
    }
    assert!(gateway.engine.metrics().contains("status=\"none\"} 1"), "it is counted as answered by nobody");
}

#[test]
fn a_panic_is_an_error_of_its_stream() {
    let gateway = gateway(&[("/m", mock("mocked"))]);
    let mut client = Http2::connect(&gateway);
    let request = Http2::request("GET", "/m", &[("x-test-panic", "1")]);
    let streams = client.streams.clone();
    let answer = client.runtime.block_on(ask(streams, request, Vec::new())).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (500, "{\"message\":\"Internal server error\"}"));
    assert_eq!(client.get("/m").text(), "mocked");
    assert_eq!(gateway.metric("apigw_panics_total"), 1);
}

#[test]
fn draining_says_goaway_and_finishes_what_runs() {
    let (arrived, told) = channel();
    let (go, wait) = channel::<()>();
    let (arrived, wait) = (Mutex::new(arrived), Mutex::new(wait));
    let backend = Backend::answering(move |_: &Message| {
        arrived.lock().unwrap().send(()).unwrap();
        let _ = wait.lock().unwrap().recv();
        ok("finished")
    });
    let gateway = gateway(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut idle = Http2::connect(&gateway);
    assert_eq!(idle.get("/m").text(), "mocked");
    let busy = Http2::connect(&gateway);
    let answer = busy.runtime.spawn(ask(busy.streams.clone(), Http2::request("GET", "/p", &[]), Vec::new()));
    busy.runtime.block_on(async {
        while told.try_recv().is_err() {
            tokio::task::yield_now().await;
        }
    });
    gateway.engine.drain();
    let Http2 { runtime, ended, streams } = idle;
    drop(streams);
    runtime.block_on(ended).unwrap().expect("a graceful end");
    go.send(()).unwrap();
    assert_eq!(busy.runtime.block_on(answer).unwrap().unwrap().text(), "finished");
    let Http2 { runtime, ended, streams } = busy;
    drop(streams);
    runtime.block_on(ended).unwrap().expect("a graceful end");
    assert_eq!(gateway.engine.stop(Duration::from_secs(10)), 0);
}

#[test]
fn what_does_not_end_in_time_is_cut() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read();
        std::thread::park();
    });
    let gateway = gateway(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = raw(&gateway);
    wire.send(frame(1, 5, 1, &get("/p")));
    while gateway.metric("apigw_upstream_connections") == 0 {
        std::thread::yield_now();
    }
    let node = gateway.engine.node().unwrap();
    assert_eq!(gateway.engine.stop(Duration::from_millis(20)), 1);
    while next(&mut wire).is_some() {}
    assert_eq!(node.cores.iter().map(|core| core.in_flight.get() + core.connections.get()).sum::<u64>(), 0);
}

#[test]
fn leave_to_continue_is_given_when_the_body_is_wanted() {
    let gateway = gateway(&[("/p", proxy(&echo().uri("/")))]);
    let client = Http2::connect(&gateway);
    let request = Http2::request("POST", "/p", &[("expect", "100-continue"), ("content-length", "5")]);
    let streams = client.streams.clone();
    let (interim, body) = client.runtime.block_on(async move {
        let (mut response, mut sending) = streams.ready().await.unwrap().send_request(request, false).unwrap();
        let interim = std::future::poll_fn(|context| response.poll_informational(context)).await;
        let interim = interim.unwrap().unwrap().status();
        sending.send_data(Bytes::from_static(b"hello"), true).unwrap();
        let mut receiving = response.await.unwrap().into_body();
        (interim.as_u16(), receiving.data().await.unwrap().unwrap())
    });
    assert_eq!((interim, &body[..]), (100, &b"hello"[..]));
}

#[test]
fn body_and_answer_stream_at_the_same_time() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_head();
        wire.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        // Each chunk is given back before the next one is sent.
        while let Some(size) = wire.read_line() {
            let size = usize::from_str_radix(&size, 16).unwrap();
            let bytes = wire.read_exactly(size + 2).unwrap();
            if size == 0 {
                wire.send("0\r\n\r\n");
                return;
            }
            wire.send([format!("{size:x}\r\n").as_bytes(), &bytes].concat());
        }
    });
    let gateway = gateway(&[("/s", streamed(&backend.uri("/")))]);
    let client = Http2::connect(&gateway);
    let streams = client.streams.clone();
    client.runtime.block_on(async move {
        let request = Http2::request("POST", "/s", &[]);
        let (response, mut sending) = streams.ready().await.unwrap().send_request(request, false).unwrap();
        // More than is held before a body is streamed.
        let first = vec![b'a'; 70_000];
        let mut rest = Bytes::from(first.clone());
        let mut response = Box::pin(response);
        while !rest.is_empty() {
            sending.reserve_capacity(rest.len());
            let room = std::future::poll_fn(|context| sending.poll_capacity(context)).await.unwrap().unwrap();
            sending.send_data(rest.split_to(room.min(rest.len())), false).unwrap();
        }
        let mut receiving = response.as_mut().await.unwrap().into_body();
        let mut seen = 0;
        while seen < first.len() {
            let piece = receiving.data().await.unwrap().unwrap();
            receiving.flow_control().release_capacity(piece.len()).unwrap();
            seen += piece.len();
        }
        for _ in 0..3 {
            sending.send_data(Bytes::from_static(b"ping"), false).unwrap();
            assert_eq!(receiving.data().await.unwrap().unwrap(), "ping");
        }
        sending.send_data(Bytes::new(), true).unwrap();
        while let Some(rest) = receiving.data().await {
            assert!(rest.unwrap().is_empty());
        }
    });
}

#[test]
fn a_client_that_opens_no_window_stops_its_stream_and_no_other() {
    let backend = Backend::answering(|_: &Message| ok(vec![b'x'; 2_000_000]));
    let gateway = gateway(&[("/s", impatient(streamed(&backend.uri("/")), 1000)), ("/m", mock("mocked"))]);
    let mut wire = raw(&gateway);
    wire.send(frame(1, 5, 1, &get("/s")));
    let mut seen = 0;
    while seen < 65_535 {
        let (kind, _, stream, payload) = next(&mut wire).unwrap();
        if (kind, stream) == (0, 1) {
            seen += payload.len();
        }
    }
    // The window of the connection is used up too; heads and small answers need none of it.
    wire.send(frame(8, 0, 0, &60_000_u32.to_be_bytes()));
    wire.send(frame(1, 5, 3, &get("/m")));
    let mut cut = false;
    let mut answered = false;
    while !(cut && answered) {
        match next(&mut wire).unwrap() {
            (3, _, 1, _) => cut = true,
            (0, 1, 3, payload) => answered = payload == b"mocked",
            (0, _, 1, _) => panic!("more than the window"),
            _ => {}
        }
    }
    assert_eq!(gateway.metric("apigw_responses_cut_total"), 1);
}

#[test]
fn the_log_says_which_protocol_it_was() {
    let path = std::env::temp_dir().join(format!("apigw-http2-{}.log", std::process::id()));
    let gateway = Gateway::configured(&[("/m", mock("mocked"))], |config| {
        with_tls(config);
        config.access_log = AccessLog::File { path: path.clone() };
    });
    Http2::connect(&gateway).get("/m");
    gateway.connect().get(&super::gateway::target("/m"));
    while gateway.metric("apigw_requests_in_flight") > 0 {
        std::thread::yield_now();
    }
    gateway.engine.flush_log();
    let log = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(log.matches("\"HTTP/2.0\"").count(), 1, "{log}");
    assert_eq!(log.matches("\"HTTP/1.1\"").count(), 1, "{log}");
}

#[test]
fn a_connection_that_ends_says_goaway() {
    let gateway = Gateway::configured(&[("/m", mock("mocked"))], |config| {
        with_tls(config);
        config.limits.idle_seconds = 1;
    });
    let mut client = Http2::connect(&gateway);
    client.get("/m");
    let Http2 { runtime, ended, streams } = client;
    drop(streams);
    runtime.block_on(ended).unwrap().expect("a graceful end");
    // One that does not answer is not waited for.
    let mut wire = raw(&gateway);
    assert_eq!(goaway(&mut wire), Some(0), "NO_ERROR");
}
