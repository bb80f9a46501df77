//! Long answers of known length: what did not come with the head passes through a pipe (`outbound::splice`) or is copied;
//! nobody can tell which.

use std::{io::Write, net::Shutdown, time::Duration};

use super::{
    backend::{Backend, ok},
    client::Wire,
    gateway::{Gateway, impatient, proxy, request, streamed, target},
};

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| b' ' + (index * 31 % 89) as u8).collect()
}

/// Answers with as many bytes as the query string says.
fn by_length() -> Backend {
    Backend::answering(|request| {
        let (_, query) = request.first_line.split_once("length=").unwrap();
        ok(pattern(query.split(' ').next().unwrap().parse().unwrap()))
    })
}

/// Announces a length, sends so many bytes of it, and waits until the other side is done.
fn short(announced: usize, sent: usize) -> Backend {
    Backend::raw(move |stream, _| {
        let mut wire = Wire::over(stream);
        if wire.read().is_some() {
            let answer = ok(pattern(announced));
            wire.send(&answer[..answer.len() - announced + sent]);
            let _ = wire.stream.shutdown(Shutdown::Write);
        }
    })
}

#[test]
fn every_length_arrives_whole_over_one_connection_each_way() {
    let backend = by_length();
    let uri = backend.uri("/");
    let gateway = Gateway::start(&[("/held", proxy(&uri)), ("/streamed", streamed(&uri))]);
    for path in ["/held", "/streamed"] {
        let mut wire = gateway.connect();
        for length in [1, 16_000, 16_384, 32_700, 32_768, 40_000, 65_535, 65_536, 65_537, 262_144, 1_000_000, 9_000_000]
        {
            let answer = wire.get(&format!("{}?length={length}", target(path)));
            assert!(answer.body == pattern(length), "{path} {length}");
        }
    }
    assert_eq!(backend.connections(), 1, "every answer ended where it said");
    assert_eq!(gateway.metric("apigw_responses_cut_total"), 0);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let backend = by_length();
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let lengths = [70_000, 10, 300_000, 40_000, 0, 65_536];
    let mut wire = gateway.connect();
    for length in lengths {
        wire.send(format!("GET {}?length={length} HTTP/1.1\r\nHost: a\r\n\r\n", target("/p")));
    }
    for length in lengths {
        assert!(wire.read().unwrap().body == pattern(length), "{length}");
    }
}

#[test]
fn an_answer_in_many_small_segments_is_held_all_the_same() {
    // More segments than a pipe has places for.
    let backend = Backend::raw(|stream, _| {
        stream.set_nodelay(true).unwrap();
        let mut wire = Wire::over(stream);
        while wire.read().is_some() {
            for piece in ok(pattern(60_000)).chunks(90) {
                wire.stream.write_all(piece).unwrap();
            }
        }
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/"))), ("/s", streamed(&backend.uri("/")))]);
    for path in ["/p", "/s", "/p"] {
        assert!(gateway.get(path).body == pattern(60_000), "{path}");
    }
}

#[test]
fn a_backend_that_ends_early_is_answered_for_while_held_and_cut_after() {
    for (announced, sent) in [(60_000, 0), (60_000, 30_000), (60_000, 59_999), (200_000, 50_000)] {
        let backend = short(announced, sent);
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
        let answer = gateway.get("/p");
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (504, "{\"message\":\"Network error communicating with endpoint\"}"),
            "{sent}"
        );
        assert_eq!(gateway.metric("apigw_responses_cut_total"), 0);
    }
    for sent in [100_000, 199_999] {
        let backend = short(200_000, sent);
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
        assert_eq!(gateway.send("GET", "/p", "", b""), None, "{sent}: the beginning was sent");
        assert_eq!(gateway.metric("apigw_responses_cut_total"), 1);
    }
}

#[test]
fn what_follows_an_answer_never_becomes_another_ones() {
    let backend = Backend::raw(|stream, _| {
        let mut wire = Wire::over(stream);
        if wire.read().is_some() {
            let mut answer = ok(pattern(100_000));
            answer.extend_from_slice(&ok("not asked for"));
            wire.send(answer);
            // Ends when the gateway drops the connection.
            wire.read();
        }
    });
    let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
    let mut wire = gateway.connect();
    for _ in 0..3 {
        let answer = wire.get(&target("/p"));
        assert_eq!(answer.first_line, "HTTP/1.1 200 OK");
        assert!(answer.body == pattern(100_000));
    }
    assert_eq!(backend.connections(), 3);
}

#[test]
fn a_slow_backend_and_a_client_that_leaves_hurt_nobody_else() {
    let backend = Backend::raw(|stream, number| {
        let mut wire = Wire::over(stream);
        while wire.read().is_some() {
            let answer = ok(pattern(3_000_000));
            // The first one stalls in the middle of what is held.
            let end = if number == 0 { 30_000 } else { answer.len() };
            if wire.stream.write_all(&answer[..end]).is_err() {
                return;
            }
        }
    });
    let gateway = Gateway::start(&[("/p", impatient(proxy(&backend.uri("/")), 500))]);
    let answer = gateway.get("/p");
    assert_eq!((answer.status(), answer.text().as_str()), (504, "{\"message\":\"Endpoint request timed out\"}"));
    let mut leaves = gateway.connect();
    leaves.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    leaves.send(request("GET", "/p", "", b""));
    assert_eq!(leaves.read_head().unwrap().status(), 200);
    drop(leaves);
    for _ in 0..3 {
        assert!(gateway.get("/p").body == pattern(3_000_000));
    }
}
