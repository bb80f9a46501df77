//! HTTPS: handshakes that end well and ill, certificates, sessions, and what a backend is told.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use rustls::{HandshakeKind, pki_types::CertificateDer};

use super::{
    backend::{Backend, ok},
    client::{Message, Wire},
    gateway::{Gateway, certificate, config, mock, over_tls, proxy, target, trusting, with_tls},
};
use crate::{accept::tls::self_signed, engine::Engine, per_core::clock::Clock};

fn gateway() -> Gateway {
    Gateway::configured(&[("/a", mock("fine"))], with_tls)
}

fn raw(gateway: &Gateway) -> Wire {
    Wire::connect(gateway.secure.unwrap())
}

fn secured(gateway: &Gateway, client: &Arc<rustls::ClientConfig>) -> Wire {
    Wire::secured(TcpStream::connect(gateway.secure.unwrap()).unwrap(), client).unwrap()
}

/// Waits until every connection has ended: all is counted then.
fn settle(gateway: &Gateway) {
    while gateway.metric("apigw_connections") > 0 {
        std::thread::yield_now();
    }
}

fn session(wire: &Wire) -> &rustls::ClientConnection {
    wire.tls.as_ref().unwrap()
}

#[test]
fn plain_http_on_the_port_is_told_so() {
    let gateway = gateway();
    let mut wire = raw(&gateway);
    wire.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let answer = wire.read().unwrap();
    assert_eq!((answer.status(), answer.text().as_str()), (400, "This port speaks HTTPS only"));
    assert!(wire.is_closed());
    settle(&gateway);
    assert_eq!(gateway.metric("apigw_tls_plain_http_total"), 1);
}

#[test]
fn what_is_no_tls_is_closed_and_counted() {
    let gateway = gateway();
    let hello_of_an_old_version = [&[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0][..]].concat();
    for garbage in [&[0_u8; 64][..], &[0xff; 3000], b"\x16\x03\x01\xff\xff", b"\x16\x03", &hello_of_an_old_version] {
        let mut wire = raw(&gateway);
        wire.send(garbage);
        wire.stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        let _ = wire.stream.read_to_end(&mut rest);
        // At most an alert.
        assert!(rest.is_empty() || rest[0] == 21 && rest.len() < 16, "{rest:?}");
    }
    settle(&gateway);
    let counted = |name| gateway.metric(&format!("apigw_tls_{name}_total"));
    assert_eq!((counted("malformed"), counted("gone")), (4, 1), "two bytes may become anything");
    assert_eq!(raw_answer(&gateway), 200);
}

fn raw_answer(gateway: &Gateway) -> u16 {
    secured(gateway, &trusting(&[])).get(&target("/a")).status()
}

#[test]
fn a_hello_that_is_too_large_is_closed_and_counted() {
    let gateway = gateway();
    let mut wire = raw(&gateway);
    // A handshake message of 60,000 bytes, in records that are fine by themselves.
    let mut hello = vec![1, 0, 0xea, 0x60];
    hello.resize(60_000, 0);
    for piece in hello.chunks(8000) {
        let mut record = vec![0x16, 3, 1];
        record.extend_from_slice(&(piece.len() as u16).to_be_bytes());
        record.extend_from_slice(piece);
        if wire.stream.write_all(&record).is_err() {
            break;
        }
    }
    assert!(wire.is_closed());
    settle(&gateway);
    assert_eq!(gateway.metric("apigw_tls_too_large_total"), 1);
}

#[test]
fn a_slow_handshake_is_cut_and_counted() {
    let gateway = Gateway::configured(&[], |config| {
        with_tls(config);
        config.limits.head_seconds = 1;
    });
    // One says nothing, one stops in the middle of its hello.
    let (mut silent, mut stopping) = (raw(&gateway), raw(&gateway));
    stopping.send([0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3]);
    assert!(silent.is_closed() && stopping.is_closed());
    settle(&gateway);
    assert_eq!(gateway.metric("apigw_tls_late_total"), 2);
}

#[test]
fn both_versions_are_spoken_and_protocols_agreed_on() {
    let gateway = gateway();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut client = (*trusting(&[b"http/1.1"])).clone();
        client = {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(der()).unwrap();
            let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
            let builder = rustls::ClientConfig::builder_with_provider(provider);
            let mut only =
                builder.with_protocol_versions(&[version]).unwrap().with_root_certificates(roots).with_no_client_auth();
            only.alpn_protocols = client.alpn_protocols;
            only
        };
        let mut wire = secured(&gateway, &Arc::new(client));
        assert_eq!(wire.get(&target("/a")).text(), "fine");
        assert_eq!(session(&wire).protocol_version(), Some(version.version));
        assert_eq!(session(&wire).alpn_protocol(), Some(&b"http/1.1"[..]));
    }
    // A client that offers none speaks HTTP/1.1; one that offers only others is refused.
    let wire = secured(&gateway, &trusting(&[]));
    assert_eq!(session(&wire).alpn_protocol(), None);
    let refused = Wire::secured(TcpStream::connect(gateway.secure.unwrap()).unwrap(), &trusting(&[b"http/0.9"]));
    assert!(refused.is_err());
    drop(wire);
    settle(&gateway);
    assert_eq!(gateway.metric("apigw_tls_malformed_total"), 1);
    assert_eq!(gateway.metric("apigw_tls_handshakes_total"), 3);
}

fn der() -> CertificateDer<'static> {
    use rustls::pki_types::pem::PemObject;
    CertificateDer::from_pem_slice(certificate().2.certificate.as_bytes()).unwrap()
}

#[test]
fn sessions_are_resumed_on_any_core_and_across_a_reload() {
    let mut started = config();
    with_tls(&mut started);
    started.workers = 2;
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| *config = started.clone());
    let client = trusting(&[]);
    assert_eq!(secured(&gateway, &client).get(&target("/a")).status(), 200);
    for round in 0..12 {
        if round == 6 {
            gateway.engine.reload(&started).unwrap();
        }
        let mut wire = secured(&gateway, &client);
        assert_eq!(session(&wire).handshake_kind(), Some(HandshakeKind::Resumed));
        assert_eq!(wire.get(&target("/a")).status(), 200);
    }
    assert_eq!(gateway.metric("apigw_tls_handshakes_total"), 1);
    assert_eq!(gateway.metric("apigw_tls_resumptions_total"), 12);
}

#[test]
fn certificates_are_read_again_on_reload_and_a_bad_one_changes_nothing() {
    let path = |kind| std::env::temp_dir().join(format!("apigw-reload-{}.{kind}", std::process::id()));
    let put = |made: &crate::accept::tls::SelfSigned| {
        std::fs::write(path("crt"), &made.certificate).unwrap();
        std::fs::write(path("key"), &made.key).unwrap();
    };
    let now = Clock::system().wall().as_secs();
    put(&self_signed(now).unwrap());
    let mut started = config();
    with_tls(&mut started);
    (started.tls_certificate, started.tls_key) = (Some(path("crt")), Some(path("key")));
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| *config = started.clone());
    let trusts = || Wire::secured(TcpStream::connect(gateway.secure.unwrap()).unwrap(), &trusting(&[])).is_ok();
    assert!(!trusts(), "it is another certificate");
    put(&certificate().2);
    assert!(!trusts(), "not before a reload");
    gateway.engine.reload(&started).unwrap();
    assert!(trusts());
    std::fs::write(path("key"), "nothing").unwrap();
    let refused = gateway.engine.reload(&started).unwrap_err().to_string();
    assert!(refused.contains(".key cannot be used"), "{refused}");
    assert!(trusts(), "what was, stays");
    put(&self_signed(now - 900 * 86_400).unwrap());
    let refused = Engine::new().start(started.clone()).unwrap_err().to_string();
    assert!(refused.contains("has expired"), "{refused}");
    for kind in ["crt", "key"] {
        std::fs::remove_file(path(kind)).unwrap();
    }
    started.tls_key = None;
    let refused = Engine::new().start(started).unwrap_err().to_string();
    assert_eq!(refused, "listen_tls needs tls_certificate and tls_key");
}

#[test]
fn backends_are_told_of_https() {
    let backend = Backend::answering(|request: &Message| {
        let said = |name| request.header(name).unwrap_or("-").to_owned();
        ok(format!("{} {}", said("X-Forwarded-Proto"), said("X-Forwarded-Port")))
    });
    let gateway = Gateway::configured(&[("/p", proxy(&backend.uri("/")))], with_tls);
    let port = gateway.secure.unwrap().port();
    assert_eq!(gateway.connect().get(&target("/p")).text(), format!("https {port}"));
    let mut plain = Wire::connect(gateway.address);
    assert_eq!(plain.get(&target("/p")).text(), format!("http {}", gateway.address.port()));
    let mut wire = gateway.connect();
    wire.send(super::gateway::request("GET", "/p", "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: http\r\n", b""));
    assert_eq!(wire.read().unwrap().text(), format!("https {port}"), "a client's own claim is none");
}

#[test]
fn the_end_of_a_connection_is_said() {
    let gateway = Gateway::configured(&[("/a", mock("fine"))], |config| {
        with_tls(config);
        config.limits.idle_seconds = 1;
    });
    let mut wire = gateway.connect();
    assert_eq!(wire.get(&target("/a")).status(), 200);
    let mut room = [0; 1];
    let end = rustls::Stream::new(wire.tls.as_mut().unwrap().as_mut(), &mut wire.stream).read(&mut room);
    assert!(matches!(end, Ok(0)), "a goodbye, not a cut: {end:?}");
}

#[test]
fn records_of_any_size_pass() {
    over_tls(|| {
        let backend = Backend::answering(|request| ok(&request.body));
        let gateway = Gateway::start(&[("/p", proxy(&backend.uri("/")))]);
        let mut wire = gateway.connect();
        wire.stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        for length in [1, 4000, 4096, 16_383, 16_384, 16_385, 65_536, 70_000, 3_000_000] {
            let body = vec![b'x'; length];
            wire.send(super::gateway::request("POST", "/p", "", &body));
            assert_eq!(wire.read().unwrap().body, body);
        }
        // One byte a record.
        for byte in super::gateway::request("POST", "/p", "", b"slow") {
            wire.send([byte]);
        }
        assert_eq!(wire.read().unwrap().text(), "slow");
    });
}
