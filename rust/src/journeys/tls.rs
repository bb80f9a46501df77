//! Backends that speak TLS: which certificates are believed, and what the client hears of the others.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use super::{
    backend::{Backend, ok},
    gateway::{Gateway, proxy, target},
};

fn parameters(name: &str, expired: bool) -> CertificateParams {
    let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
    parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(if expired { 2021 } else { 2090 }, 1, 1);
    parameters
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut parameters = parameters("test authority", false);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("apigw-ca-{name}-{}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    fn signs(&self, name: &str, expired: bool) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters(name, expired).signed_by(&key, &self.issuer).unwrap();
        (certificate.der().clone(), key)
    }
}

fn self_signed(name: &str, expired: bool) -> (CertificateDer<'static>, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let certificate = parameters(name, expired).self_signed(&key).unwrap();
    (certificate.der().clone(), key)
}

fn backend((certificate, key): (CertificateDer<'static>, KeyPair)) -> Backend {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let config = Arc::new(config);
    Backend::raw(move |mut stream: TcpStream, _| {
        let mut connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        let mut seen = Vec::new();
        let mut chunk = vec![0; 65_536];
        // A request's length is known from its head; the answer gives back how much came.
        while let Ok(count @ 1..) = tls.read(&mut chunk) {
            seen.extend_from_slice(&chunk[..count]);
            let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&seen[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if seen.len() < end + 4 + length {
                continue;
            }
            seen.drain(..end + 4 + length);
            let answer = ok(vec![b'x'; length.max(5)]);
            if tls.write_all(&answer).is_err() {
                return;
            }
        }
    })
}

fn secure(backend: &Backend, insecure: bool) -> Value {
    let mut integration = proxy(&format!("https://localhost:{}/", backend.address.port()));
    integration["backend"]["insecure_skip_verification"] = json!(insecure);
    integration
}

#[test]
fn only_certificates_in_order_are_believed() {
    let authority = Authority::new("order");
    for (certificate, checked, unchecked) in [
        (authority.signs("localhost", false), 200, 200),
        (authority.signs("localhost", true), 500, 500),
        (authority.signs("other.example", false), 500, 500),
        (self_signed("localhost", false), 500, 200),
        (self_signed("localhost", true), 500, 500),
        (self_signed("other.example", false), 500, 500),
    ] {
        let backend = backend(certificate);
        let gateway =
            Gateway::configured(&[("/c", secure(&backend, false)), ("/u", secure(&backend, true))], |config| {
                config.ca_file = Some(authority.file.clone());
            });
        for (path, status) in [("/c", checked), ("/u", unchecked)] {
            let answer = gateway.get(path);
            assert_eq!(answer.status(), status, "{path}: {}", answer.text());
            if status == 500 {
                assert_eq!(answer.text(), "{\"message\":\"Internal server error\"}");
            }
        }
    }
    std::fs::remove_file(&authority.file).unwrap();
}

#[test]
fn connections_are_reused_and_bodies_of_any_size_pass() {
    let authority = Authority::new("reuse");
    let backend = backend(authority.signs("localhost", false));
    let gateway =
        Gateway::configured(&[("/c", secure(&backend, false))], |config| config.ca_file = Some(authority.file.clone()));
    let mut wire = gateway.connect();
    for length in [0, 100, 70_000, 1_000_000] {
        if length == 0 {
            assert_eq!(wire.get(&target("/c")).body.len(), 5);
        } else {
            wire.send(super::gateway::request("POST", "/c", "", &vec![b'x'; length]));
            assert_eq!(wire.read().unwrap().body.len(), length);
        }
    }
    assert_eq!(backend.connections(), 1);
    std::fs::remove_file(&authority.file).unwrap();
}

#[test]
fn a_backend_without_tls_is_a_network_error() {
    let plain = Backend::raw(|stream, _| {
        let mut wire = super::client::Wire::over(stream);
        wire.read_exactly(1);
        wire.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    let gateway = Gateway::start(&[("/c", secure(&plain, false)), ("/u", secure(&plain, true))]);
    for path in ["/c", "/u"] {
        let answer = gateway.get(path);
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (504, "{\"message\":\"Network error communicating with endpoint\"}")
        );
    }
}

#[test]
fn a_ca_file_that_is_none_is_a_start_error() {
    let file = std::env::temp_dir().join(format!("apigw-no-ca-{}.pem", std::process::id()));
    std::fs::write(&file, "nothing").unwrap();
    let mut config = super::gateway::config();
    config.ca_file = Some(file.clone());
    let error = crate::engine::Engine::new().start(config).unwrap_err().to_string();
    assert!(error.contains("no certificate in it"), "{error}");
    std::fs::remove_file(file).unwrap();
}
