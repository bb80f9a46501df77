//! Bodies: framed again, streamed with backpressure, decoded, limited, answered early.

use std::{
    io::{ErrorKind, Write},
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use super::{
    backend::{Backend, ok},
    client::Wire,
    gateway::{Gateway, http, impatient, mock, proxy, request, streamed, target},
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| b' ' + (index * 7 % 89) as u8).collect()
}

/// Says how a request came and gives its body back.
fn echo() -> Backend {
    Backend::answering(|request| {
        let framing = request.header("Content-Length").unwrap_or("chunked").to_owned();
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nX-Framing: {framing}\r\nContent-Length: {}\r\n\r\n", request.body.len())
                .into_bytes();
        answer.extend_from_slice(&request.body);
        answer
    })
}

#[test]
pub(super) fn bodies_of_all_sizes_and_framings_arrive() {
    let backend = echo();
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
    for length in [1, 3000, 10_000, 65_536, 65_537, 300_000, 5_000_000] {
        let body = pattern(length);
        for path in ["/p", "/h"] {
            let answer = gateway.send("POST", path, "", &body).unwrap();
            assert!(answer.body == body, "{path} {length}");
        }
        let mut wire = gateway.connect();
        wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", target("/p")));
        for chunk in body.chunks(9_999) {
            wire.send(format!("{:x};extension=1\r\n", chunk.len()));
            wire.send(chunk);
            wire.send("\r\n");
        }
        wire.send("0\r\nTrailer: dropped\r\n\r\n");
        let answer = wire.read().unwrap();
        assert!(answer.body == body, "chunked {length}");
        // Small ones get a length: not every backend understands chunks.
        let framing = if length < 60_000 { length.to_string() } else { "chunked".to_owned() };
        if !(60_000..70_000).contains(&length) {
            assert_eq!(answer.header("X-Framing"), Some(&*framing));
        }
        assert_eq!(wire.get(&target("/p")).status(), 200, "the connection is in step");
    }
}

#[test]
pub(super) fn chunked_answers_are_held_or_streamed_and_framed_again() {
    let backend = Backend::answering(|request| {
        let length: usize = request.header("X-Length").unwrap().parse().unwrap();
        let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for chunk in pattern(length).chunks(4321) {
            answer.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
            answer.extend_from_slice(chunk);
            answer.extend_from_slice(b"\r\n");
        }
        answer.extend_from_slice(b"0\r\n\r\n");
        answer
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/s", streamed(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    for length in [0, 1, 60_000, 65_535, 70_000, 1_000_000] {
        for (path, held) in [("/p", length < 65_536), ("/s", false)] {
            wire.send(request("GET", path, &format!("X-Length: {length}\r\n"), b""));
            let answer = wire.read().unwrap();
            assert!(answer.body == pattern(length), "{path} {length}");
            if path == "/p" {
                assert_eq!(answer.header("Content-Length").is_some(), held, "{length}");
            }
        }
    }
    assert_eq!(backend.connections(), 1, "the backend's connection stays in step");
    // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
    let mut wire = gateway.connect();
    wire.send(format!("GET {} HTTP/1.0\r\nHost: a\r\nX-Length: 100000\r\n\r\n", target("/p")));
    let answer = wire.read().unwrap();
    assert_eq!((answer.header("Connection"), answer.header("Transfer-Encoding")), (Some("close"), None));
    assert!(answer.body == pattern(100_000));
}

#[test]
pub(super) fn answers_that_end_with_their_connection_are_understood() {
    for length in [0, 10, 100_000] {
        let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        answer.extend(pattern(length));
        let backend = Backend::once(answer);
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
        assert!(gateway.get("/p").body == pattern(length));
        assert!(gateway.get("/h").body == pattern(length));
    }
}

#[test]
pub(super) fn coded_bodies_are_decoded_both_ways() {
    let backend = Backend::answering(|request| {
        if let Some(length) = request.header("X-Length") {
            let coded = gzip(&pattern(length.parse().unwrap()));
            let mut answer =
                format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", coded.len())
                    .into_bytes();
            answer.extend_from_slice(&coded);
            return answer;
        }
        assert_eq!(request.header("Content-Encoding"), None);
        ok(&request.body)
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))]);
    for length in [100, 200_000, 2_000_000] {
        let body = pattern(length);
        let answer = gateway.send("POST", "/p", "Content-Encoding: gzip\r\n", &gzip(&body)).unwrap();
        assert!(answer.body == body, "request {length}");
        let answer = gateway.send("POST", "/h", "Content-Encoding: gzip\r\n", &gzip(&body)).unwrap();
        assert!(answer.body == body, "mapped request {length}");
        let answer = gateway.send("GET", "/p", &format!("X-Length: {length}\r\n"), b"").unwrap();
        assert_eq!(answer.header("Content-Encoding"), None);
        assert!(answer.body == body, "answer {length}");
    }
    for (coding, body) in [("br", &b"x"[..]), ("gzip", b"no gzip"), ("gzip", &gzip(&pattern(1000))[..100])] {
        let answer = gateway.send("POST", "/p", &format!("Content-Encoding: {coding}\r\n"), body).unwrap();
        assert_eq!((answer.status(), answer.text().as_str()), (415, "{\"message\":\"Unsupported Media Type\"}"));
    }
}

#[test]
pub(super) fn payloads_over_the_limit_are_refused_wherever_they_show_it() {
    let backend = echo();
    let gateway = Gateway::configured(&[("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/")))], |config| {
        config.limits.request_payload = 100_000;
    });
    let refusal = "HTTP content length exceeded 100000 bytes.";
    for path in ["/p", "/h"] {
        assert_eq!(gateway.send("POST", path, "", &pattern(100_000)).unwrap().status(), 200);
        // Counted after decoding.
        let answer = gateway.send("POST", path, "Content-Encoding: gzip\r\n", &gzip(&vec![0; 100_001])).unwrap();
        assert_eq!((answer.status(), answer.text().as_str()), (413, refusal), "{path}");
        // Said by the length.
        let mut wire = gateway.connect();
        wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 100001\r\n\r\n", target(path)));
        assert_eq!(wire.read().unwrap().text(), refusal);
        // Shown by the bytes.
        let mut wire = gateway.connect();
        wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", target(path)));
        wire.send(format!("{:x}\r\n", 100_001));
        wire.send(pattern(100_001));
        let answer = wire.read().unwrap();
        assert_eq!((answer.status(), answer.text().as_str()), (413, refusal), "{path}");
    }
}

#[test]
pub(super) fn answers_over_the_limit_are_500_or_cut() {
    let backend = Backend::answering(|request| {
        if request.header("X-Chunked").is_none() {
            return ok(pattern(100_001));
        }
        let mut answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n", 100_001).into_bytes();
        answer.extend(pattern(100_001));
        answer.extend_from_slice(b"\r\n0\r\n\r\n");
        answer
    });
    let paths =
        [("/p", proxy(&backend.uri("/"))), ("/h", http(&backend.uri("/"))), ("/s", streamed(&backend.uri("/")))];
    let gateway = Gateway::configured(&paths, |config| config.limits.response_payload = 100_000);
    for path in ["/p", "/h"] {
        let answer = gateway.get(path);
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (500, "{\"message\":\"Internal server error\"}"),
            "{path}"
        );
    }
    assert_eq!(gateway.send("GET", "/h", "X-Chunked: 1\r\n", b"").unwrap().status(), 500);
    assert_eq!(gateway.send("GET", "/p", "X-Chunked: 1\r\n", b""), None, "streaming had begun: cut");
    assert_eq!(gateway.metric("apigw_responses_cut_total"), 1);
    // STREAM lifts the limit.
    assert!(gateway.get("/s").body == pattern(100_001));
    assert!(gateway.send("GET", "/s", "X-Chunked: 1\r\n", b"").unwrap().body == pattern(100_001));
}

#[test]
pub(super) fn leave_to_continue_is_given_when_the_body_is_wanted() {
    let backend = echo();
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/m", mock("mocked"))]);
    let mut wire = gateway.connect();
    for length in [10, 100_000] {
        wire.send(format!(
            "POST {} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n",
            target("/p")
        ));
        assert_eq!(wire.read_head().unwrap().first_line, "HTTP/1.1 100 Continue");
        wire.send(pattern(length));
        assert!(wire.read().unwrap().body == pattern(length));
    }
    // MOCK does not want it: the answer comes at once, and the connection closes as the body may or may not follow.
    wire.send(format!(
        "POST {} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
        target("/m")
    ));
    let answer = wire.read().unwrap();
    assert_eq!((answer.text().as_str(), answer.header("Connection")), ("mocked", Some("close")));
}

#[test]
pub(super) fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_head();
        wire.send(ok("enough"));
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", target("/p")));
    wire.send(pattern(100));
    let answer = wire.read().unwrap();
    assert_eq!((answer.text().as_str(), answer.header("Connection")), ("enough", Some("close")));
}

#[test]
pub(super) fn body_and_answer_stream_at_the_same_time() {
    // Echoes each 100,000 bytes as they come, before the rest was sent.
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_head();
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n");
        for _ in 0..3 {
            let part = wire.read_exactly(100_000).unwrap();
            wire.send(part);
        }
        wire.read_head();
    });
    let gateway = Gateway::start(&[("/s", streamed(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n", target("/s")));
    let body = pattern(300_000);
    wire.send(&body[..100_000]);
    assert_eq!(wire.read_head().unwrap().status(), 200);
    for part in 0..3 {
        let range = part * 100_000..(part + 1) * 100_000;
        if part > 0 {
            wire.send(&body[range.clone()]);
        }
        assert!(wire.read_exactly(100_000).unwrap() == body[range]);
    }
}

#[test]
pub(super) fn a_backend_that_does_not_read_stops_the_client() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_head();
        std::thread::park();
    });
    // Time enough to fill the sockets' buffers on a busy machine.
    let gateway = Gateway::configured(&[("/p", impatient(proxy(&backend.uri("/")), 4000))], |config| {
        config.limits.request_payload = 1 << 40;
    });
    let mut wire = gateway.connect();
    let length = 1_usize << 30;
    wire.send(format!("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n", target("/p")));
    wire.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let chunk = vec![b'x'; 1 << 20];
    let mut sent = 0;
    // What the sockets' buffers take, and no more, is read from the client.
    let stopped = loop {
        match wire.stream.write(&chunk) {
            Ok(count) => sent += count,
            Err(error) => break error.kind(),
        }
        assert!(sent < length / 4, "nothing stops the client");
    };
    assert!(matches!(stopped, ErrorKind::WouldBlock | ErrorKind::TimedOut), "{stopped} after {sent}");
    assert_eq!(gateway.metric("apigw_buffered_bytes"), 0);
    // And the backend's time ends the request.
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (504, "{\"message\":\"Endpoint request timed out\"}"));
}

#[test]
pub(super) fn a_client_that_does_not_read_stops_the_backend() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let backend = Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        wire.read_head();
        wire.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 1_usize << 30));
        let chunk = vec![b'x'; 1 << 20];
        while wire.stream.write_all(&chunk).is_ok() {
            count.fetch_add(chunk.len(), Ordering::SeqCst);
        }
    });
    let gateway = Gateway::start(&[("/s", impatient(streamed(&backend.uri("/")), 1000))]);
    let mut wire = gateway.connect();
    wire.send(request("GET", "/s", "", b""));
    assert_eq!(wire.read_head().unwrap().status(), 200);
    // Nobody reads; after the backend's time the answer is cut.
    while gateway.metric("apigw_responses_cut_total") == 0 {
        std::thread::yield_now();
    }
    assert!(sent.load(Ordering::SeqCst) < 1 << 28, "the backend could send everything");
}

#[test]
fn what_a_template_makes_counts_against_the_budget() {
    let backend = echo();
    let mut integration = http(&backend.uri("/"));
    // Twice the body, and once more.
    let text = "$input.body$input.body$input.body";
    integration["request_templates"] = json!([{"content_type": "application/json", "text": text}]);
    let gateway = Gateway::configured(&[("/h", integration)], |config| config.limits.buffered_bytes = 1_000_000);
    let header = "Content-Type: application/json\r\n";
    assert_eq!(gateway.send("POST", "/h", header, &pattern(500_000)).unwrap().status(), 503);
    let answer = gateway.send("POST", "/h", header, &pattern(100_000)).unwrap();
    assert_eq!(
        (answer.status(), answer.body.len()),
        (200, 300_000),
        "{:?}",
        &answer.text()[..200.min(answer.body.len())]
    );
    assert!(answer.body == pattern(100_000).repeat(3));
    // The answer is there a moment before its request has ended.
    while gateway.metric("apigw_buffered_bytes") > 0 {
        std::thread::yield_now();
    }
}

#[test]
pub(super) fn bodies_wait_for_the_budget() {
    let backend = echo();
    let gateway =
        Gateway::configured(&[("/h", http(&backend.uri("/")))], |config| config.limits.buffered_bytes = 1_000_000);
    std::thread::scope(|scope| {
        let sent: Vec<_> =
            (0..8).map(|_| scope.spawn(|| gateway.send("POST", "/h", "", &pattern(600_000)).unwrap())).collect();
        for answer in sent {
            assert!(answer.join().unwrap().body == pattern(600_000));
        }
    });
    assert_eq!(gateway.metric("apigw_buffered_bytes"), 0);
}
