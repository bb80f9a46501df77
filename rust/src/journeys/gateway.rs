//! An engine with one API at one stage, `/restapis/abcdefghij/prod/_user_request_`.

use std::{
    cell::Cell,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        mpsc::{Receiver, Sender},
    },
};

use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde_json::{Value, json};

use super::client::{Message, Wire};
use crate::{
    accept::tls::{SelfSigned, self_signed},
    config::{AccessLog, AccountLimits, CacheConfig, Config, Limits, Secret, StageLogs},
    engine::Engine,
    exchange::Exchange,
    per_core::clock::Clock,
};

pub(super) struct Gateway {
    pub(super) engine: Engine,
    pub(super) address: SocketAddr,
    pub(super) admin: SocketAddr,
    /// Where TLS is spoken, when the test asked for it.
    pub(super) secure: Option<SocketAddr>,
}

thread_local! {
    static OVER_TLS: Cell<bool> = const { Cell::new(false) };
}

/// Runs a journey whose gateways are spoken to over TLS.
pub(super) fn over_tls(journey: fn()) {
    OVER_TLS.set(true);
    journey();
}

/// A certificate and its key, for all tests of this process.
pub(super) fn certificate() -> &'static (PathBuf, PathBuf, SelfSigned) {
    static MADE: OnceLock<(PathBuf, PathBuf, SelfSigned)> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = self_signed(Clock::system().wall().as_secs()).unwrap();
        let path = |kind| std::env::temp_dir().join(format!("apigw-journeys-{}.{kind}", std::process::id()));
        std::fs::write(path("crt"), &made.certificate).unwrap();
        std::fs::write(path("key"), &made.key).unwrap();
        (path("crt"), path("key"), made)
    })
}

/// What a client needs to trust it; one configuration remembers sessions.
pub(super) fn trusting(protocols: &[&[u8]]) -> Arc<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate().2.certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    Arc::new(config)
}

/// Listens for TLS too.
pub(super) fn with_tls(config: &mut Config) {
    let (certificate, key, _) = certificate();
    config.listen_tls = vec!["127.0.0.1:0".parse().unwrap()];
    (config.tls_certificate, config.tls_key) = (Some(certificate.clone()), Some(key.clone()));
}

/// Whoever holds this holds every core that serves a request with the field `X-Test-Hold`.
pub(super) static HOLD: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// A request with the field `X-Test-Panic` panics in the middle of its phases; one with `X-Test-Hold` keeps its core.
pub(crate) fn panic_if_asked(exchange: &Exchange) {
    let asks = |name: &[u8]| {
        exchange.head.fields.iter().any(|field| field.name.of(&exchange.input).eq_ignore_ascii_case(name))
    };
    if asks(b"X-Test-Hold") {
        drop(HOLD.lock());
    }
    assert!(!asks(b"X-Test-Panic"), "a test asked for this panic");
}

/// Who waits for the long work of a marked body to begin, and lets it go on.
pub(super) static LONG_WORK: std::sync::Mutex<Option<(Sender<()>, Receiver<()>)>> = std::sync::Mutex::new(None);

/// In a body: its long work begins when a test has seen it, and goes on when that says so.
pub(super) const HELD_WORK: &str = "this work is held";

/// Work on a body that says so tells its test, and waits for it.
pub(crate) fn hold_long_work(body: &[u8]) {
    if memchr::memmem::find(&body[..body.len().min(100)], HELD_WORK.as_bytes()).is_some()
        && let Some((begun, go_on)) = LONG_WORK.lock().unwrap().take()
    {
        begun.send(()).unwrap();
        go_on.recv().unwrap();
    }
}

pub(super) fn config() -> Config {
    let local = "127.0.0.1:0".parse().unwrap();
    Config {
        listen: vec![local],
        listen_tls: Vec::new(),
        tls_certificate: None,
        tls_key: None,
        admin_listen: vec![local],
        // A connection counts as soon as it is open.
        defer_accept_seconds: 0,
        workers: 1,
        account_id: "123456789012".into(),
        access_key_id: "AKIDEXAMPLE".into(),
        secret_access_key: Secret("secret".into()),
        any_credentials: false,
        regions: Vec::new(),
        access_log: AccessLog::Off {},
        stage_logs: StageLogs::Stdout {},
        limits: Limits {
            request_headers: 10_240,
            request_target: 10_240,
            request_payload: 10_485_760,
            response_payload: 10_485_760,
            management_body: 67_108_864,
            connections: 1000,
            buffered_bytes: 268_435_456,
            queued_calls: 16,
            head_seconds: 10,
            idle_seconds: 310,
            minimum_body_rate: 1,
        },
        account: AccountLimits::default(),
        cache: CacheConfig::default(),
        deny_backends: vec!["169.254.0.0/16".into()],
        ca_file: None,
    }
}

pub(super) fn mock(body: &str) -> Value {
    json!({
        "type": "MOCK",
        "content_handling": null, "request_templates": [{"content_type": "application/json", "text": "{\"statusCode\": 200}"}],
        "passthrough_behavior": "NEVER",
        "responses": [{"status_code": "200", "selection_pattern": "", "content_handling": null, "response_parameters": [],
            "response_templates": [{"content_type": "application/json", "text": body}]}],
    })
}

pub(super) fn proxy(uri: &str) -> Value {
    json!({
        "type": "HTTP_PROXY",
        "backend": {"uri": uri, "http_method": null, "timeout_in_millis": 10_000, "insecure_skip_verification": false},
        "request_parameters": [],
        "response_transfer_mode": "BUFFERED",
    })
}

pub(super) fn http(uri: &str) -> Value {
    json!({
        "type": "HTTP",
        "backend": {"uri": uri, "http_method": null, "timeout_in_millis": 10_000, "insecure_skip_verification": false},
        "request_parameters": [], "content_handling": null, "request_templates": [], "passthrough_behavior": "WHEN_NO_MATCH",
        "responses": [{"status_code": "200", "selection_pattern": "", "content_handling": null, "response_parameters": [], "response_templates": []}],
    })
}

pub(super) fn streamed(uri: &str) -> Value {
    let mut proxy = proxy(uri);
    proxy["response_transfer_mode"] = json!("STREAM");
    proxy
}

pub(super) fn impatient(mut integration: Value, millis: u32) -> Value {
    integration["backend"]["timeout_in_millis"] = json!(millis);
    integration
}

pub(super) fn patch(deployment_id: &str, resources: &[(&str, Value)]) -> Vec<u8> {
    let resources: Vec<Value> = resources
        .iter()
        .enumerate()
        .map(|(index, (path, integration))| {
            let methods = json!([{"http_method": "ANY", "validation": null, "method_responses": ["200"], "integration": integration,
                "cache_key": {"namespace": path, "parameters": []}}]);
            json!({"resource_id": format!("res{index}"), "path": path, "methods": methods})
        })
        .collect();
    let deployment = json!({
        "kind": "deployment", "api_id": "abcdefghij", "api_name": "test", "deployment_id": deployment_id,
        "account_id": "123456789012", "region": "eu-west-1", "endpoint_type": "REGIONAL", "disable_execute_api_endpoint": false,
        "binary_media_types": [], "gateway_responses": [], "models": [], "minimum_compression_size": null, "resources": resources,
    });
    let stage = json!({"kind": "stage", "api_id": "abcdefghij", "stage_name": "prod", "deployment_id": deployment_id, "variables": [], "canary": null, "access_log": null, "method_settings": [], "cache_bytes": 0, "client_certificate": null});
    json!({"put": [deployment, stage], "remove": []}).to_string().into_bytes()
}

/// The target of a path of the API.
pub(super) fn target(path: &str) -> String {
    format!("/restapis/abcdefghij/prod/_user_request_{path}")
}

impl Gateway {
    pub(super) fn start(resources: &[(&str, Value)]) -> Self {
        Self::configured(resources, |_| ())
    }

    pub(super) fn configured(resources: &[(&str, Value)], change: impl FnOnce(&mut Config)) -> Self {
        Self::listening(resources, usize::MAX, change)
    }

    /// As many of its cores listen.
    pub(super) fn listening(resources: &[(&str, Value)], listeners: usize, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        if OVER_TLS.get() {
            with_tls(&mut config);
        }
        change(&mut config);
        let engine = Engine::new();
        let bound = engine.start_listening(config, listeners).unwrap();
        let gateway = Self {
            engine,
            address: bound.listen[0],
            admin: bound.admin_listen[0],
            secure: bound.listen_tls.first().copied(),
        };
        gateway.activate("dep001", resources);
        gateway
    }

    pub(super) fn activate(&self, deployment_id: &str, resources: &[(&str, Value)]) {
        let ticket = self.engine.prepare(&patch(deployment_id, resources)).unwrap();
        self.engine.activate(vec![ticket]);
    }

    pub(super) fn connect(&self) -> Wire {
        match self.secure {
            Some(address) => Wire::secured(TcpStream::connect(address).unwrap(), &trusting(&[])).expect("a handshake"),
            None => Wire::connect(self.address),
        }
    }

    pub(super) fn get(&self, path: &str) -> Message {
        self.connect().get(&target(path))
    }

    /// Sends a request with a body on a connection of its own.
    pub(super) fn send(&self, method: &str, path: &str, fields: &str, body: &[u8]) -> Option<Message> {
        let mut wire = self.connect();
        wire.send(request(method, path, fields, body));
        wire.read()
    }

    /// A counter of `/metrics` by its whole name.
    pub(super) fn metric(&self, name: &str) -> u64 {
        metric(&self.engine.metrics(), name)
    }
}

pub(super) fn metric(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

pub(super) fn request(method: &str, path: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {} HTTP/1.1\r\nHost: localhost\r\n{fields}", target(path)).into_bytes();
    if !body.is_empty() {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
