//! `minimumCompressionSize` over sockets (rest-api §9.4): which answers are compressed, on every way an answer can take.

use serde_json::Value;

use super::{
    backend::{Backend, ok},
    client::Message,
    gateway::{Gateway, http, mock, patch, proxy, request, streamed, target},
};
use crate::primitives::content_coding::{Coding, decode, encode};

fn text(length: usize) -> Vec<u8> {
    (0..length).map(|index| b' ' + (index * index % 89) as u8).collect()
}

/// A gateway whose API compresses from so many bytes on.
fn gateway(least: u32, resources: &[(&str, Value)]) -> Gateway {
    let gateway = Gateway::start(&[]);
    let unit = String::from_utf8(patch("dep002", resources)).unwrap();
    let unit = unit.replace("\"minimum_compression_size\":null", &format!("\"minimum_compression_size\":{least}"));
    let ticket = gateway.engine.prepare(unit.as_bytes()).unwrap();
    gateway.engine.activate(vec![ticket]);
    gateway
}

/// By path: `/length/N`, `/chunked/N`, `/gzip/N`, `/br/N`, `/part/N`.
fn backend() -> Backend {
    Backend::answering(|request| {
        let path = request.first_line.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
        let (kind, length) = path.split_once('/').unwrap();
        let body = text(length.parse().unwrap());
        let is_head = request.first_line.starts_with("HEAD ");
        let with = |fields: &str, body: &[u8]| {
            let head = format!("HTTP/1.1 200 OK\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
            [head.as_bytes(), if is_head { b"" } else { body }].concat()
        };
        match kind {
            "length" => with("", &body),
            "gzip" => with("Content-Encoding: gzip\r\n", &encode(Coding::Gzip, &body)),
            "br" => with("Content-Encoding: br\r\n", &body),
            "part" => String::from_utf8(ok(&body)).unwrap().replace("200 OK", "206 Partial Content").into_bytes(),
            _ => {
                let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
                for piece in body.chunks(10_000) {
                    answer.extend(format!("{:x}\r\n", piece.len()).into_bytes());
                    answer.extend([piece, b"\r\n"].concat());
                }
                answer.extend(b"0\r\n\r\n");
                answer
            }
        }
    })
}

fn ask(gateway: &Gateway, method: &str, path: &str, accept: &str) -> Message {
    let fields = if accept.is_empty() { String::new() } else { format!("Accept-Encoding: {accept}\r\n") };
    gateway.send(method, path, &fields, b"").unwrap()
}

/// The body behind its coding, which must be the expected one.
fn plain(answer: &Message, coding: Option<&str>) -> Vec<u8> {
    assert_eq!(answer.header("Content-Encoding"), coding, "{:?}", answer.headers);
    if let Some(length) = answer.header("Content-Length") {
        assert_eq!(length, answer.body.len().to_string());
    }
    match coding.and_then(|coding| Coding::parse(coding.as_bytes())) {
        Some(coding) => decode(coding, &answer.body, 10 << 20).unwrap(),
        None => answer.body.clone(),
    }
}

#[test]
fn s9_4_answers_of_every_kind_and_length() {
    let backend = backend();
    let answers = |integration: fn(&str) -> Value| {
        ["length", "chunked", "gzip"]
            .map(|kind| [99, 100, 60_000, 70_000, 700_000].map(|length| (format!("/{kind}/{length}"), length)))
            .concat()
            .into_iter()
            .map(|(path, length)| (integration(&backend.uri(&path)), path, length))
            .collect::<Vec<_>>()
    };
    for integration in [proxy as fn(&str) -> Value, http] {
        let all = answers(integration);
        let resources: Vec<(&str, Value)> = all.iter().map(|(unit, path, _)| (path.as_str(), unit.clone())).collect();
        let gateway = gateway(100, &resources);
        // All on one connection: each answer ended where it said.
        let mut wire = gateway.connect();
        for (_, path, length) in &all {
            for (accept, coding) in [("gzip", Some("gzip")), ("deflate", Some("deflate")), ("br", None), ("", None)] {
                let fields = if accept.is_empty() { String::new() } else { format!("Accept-Encoding: {accept}\r\n") };
                wire.send(request("GET", path, &fields, b""));
                let answer = wire.read().unwrap();
                assert!(plain(&answer, coding.filter(|_| *length >= 100)) == text(*length), "{path} {accept}");
            }
        }
    }
}

#[test]
fn s9_4_what_stays_as_it_is() {
    let backend = backend();
    let uri = |path: &str| backend.uri(path);
    let gateway = gateway(
        100,
        &[
            ("/br", proxy(&uri("/br/200"))),
            ("/mapped-br", http(&uri("/br/200"))),
            ("/part", proxy(&uri("/part/200"))),
            ("/stream", streamed(&uri("/length/200"))),
            ("/empty", proxy(&uri("/length/0"))),
            ("/mock", mock(&"m".repeat(99))),
        ],
    );
    for path in ["/br", "/mapped-br"] {
        assert_eq!(ask(&gateway, "GET", path, "gzip").header("Content-Encoding"), Some("br"));
    }
    for path in ["/part", "/stream", "/empty", "/mock"] {
        assert_eq!(ask(&gateway, "GET", path, "gzip").header("Content-Encoding"), None, "{path}");
    }
}

#[test]
fn s9_4_a_mock_is_compressed_after_its_template_and_from_nothing_on() {
    let gateway = gateway(0, &[("/mock", mock(&"m".repeat(100))), ("/short", mock("m")), ("/empty", mock(""))]);
    assert_eq!(plain(&ask(&gateway, "GET", "/mock", "gzip"), Some("gzip")), "m".repeat(100).into_bytes());
    assert_eq!(plain(&ask(&gateway, "GET", "/short", "deflate"), Some("deflate")), b"m");
    assert_eq!(ask(&gateway, "GET", "/empty", "gzip").header("Content-Encoding"), None);
}

#[test]
fn s9_4_head_says_what_get_would_as_far_as_anybody_knows() {
    let backend = backend();
    let gateway = gateway(100, &[("/p", proxy(&backend.uri("/length/200"))), ("/m", mock(&"m".repeat(100)))]);
    let ask = |path, accept: &str| {
        let mut wire = gateway.connect();
        wire.send(format!("HEAD {} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {accept}\r\n\r\n", target(path)));
        wire.read_head().unwrap()
    };
    let packed = ask("/p", "gzip");
    assert_eq!((packed.header("Content-Encoding"), packed.header("Content-Length")), (Some("gzip"), None));
    let as_is = ask("/p", "br");
    assert_eq!((as_is.header("Content-Encoding"), as_is.header("Content-Length")), (None, Some("200")));
    let length = self::ask(&gateway, "GET", "/m", "gzip").body.len().to_string();
    assert_eq!(ask("/m", "gzip").header("Content-Length"), Some(length.as_str()));
}

#[test]
fn an_answer_of_unknown_length_is_only_as_long_as_what_came() {
    // The threshold lies beyond what is held: nobody knows yet that it will be reached.
    let backend = backend();
    let uri = |path: &str| backend.uri(path);
    let gateway =
        gateway(100_000, &[("/chunked", proxy(&uri("/chunked/200000"))), ("/length", proxy(&uri("/length/200000")))]);
    assert_eq!(plain(&ask(&gateway, "GET", "/chunked", "gzip"), None), text(200_000));
    assert_eq!(plain(&ask(&gateway, "GET", "/length", "gzip"), Some("gzip")), text(200_000));
}
