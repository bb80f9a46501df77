//! What a TLS client is offered: versions, suites, groups, protocols, tickets, and a certificate by the server's name.
//! One offer serves all cores, so that a session begun on one is resumed on any.

use std::{collections::HashMap, path::Path, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::{
        CryptoProvider,
        aws_lc_rs::{self, Ticketer, cipher_suite as suite, kx_group as group},
    },
    server::{ClientHello, NoServerSessionStorage, ProducesTickets, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::{CertificateError, certificate};

/// What is offered; replaced as a whole when certificates are read again.
#[derive(Clone)]
pub struct Offer {
    config: Arc<ServerConfig>,
    tickets: Arc<dyn ProducesTickets>,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Offer")
    }
}

/// The name of HTTP/2 in the handshake.
pub(super) const H2: &[u8] = b"h2";
/// The name of HTTP/1.1 in the handshake.
const HTTP11: &[u8] = b"http/1.1";

impl Offer {
    /// For a new session.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }
}

/// Reads the certificate and puts the offer together; sessions of an offer `before` it can be resumed.
pub fn offer(
    certificate: &Path,
    key: &Path,
    epoch_seconds: i64,
    before: Option<&Offer>,
) -> Result<Offer, CertificateError> {
    let provider = Arc::new(provider());
    let certified = certificate::load(certificate, key, epoch_seconds, &provider)?;
    let tickets = match before {
        Some(before) => before.tickets.clone(),
        None => Ticketer::new()?,
    };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Certificates { default: certified, by_name: HashMap::new() }));
    config.alpn_protocols = vec![H2.to_vec(), HTTP11.to_vec()];
    config.ticketer = tickets.clone();
    // Tickets hold the sessions: no memory of ours, no lock between cores.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    // AWS's policies too name AES-128 first; with the machine's own instructions it is the cheapest.
    config.ignore_client_order = true;
    // What is replayed must not be answered: no data before the handshake is complete.
    config.max_early_data_size = 0;
    Ok(Offer { config: Arc::new(config), tickets })
}

/// Suites and groups by name, so that an update of the library does not change what handshakes cost. The hybrid group first:
/// what is recorded today stays secret; clients without it take X25519.
fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: vec![
            suite::TLS13_AES_128_GCM_SHA256,
            suite::TLS13_AES_256_GCM_SHA384,
            suite::TLS13_CHACHA20_POLY1305_SHA256,
            suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ],
        kx_groups: vec![group::X25519MLKEM768, group::X25519, group::SECP256R1, group::SECP384R1],
        ..aws_lc_rs::default_provider()
    }
}

/// Certificates by the name a client asks for; who asks for none, or for an unknown one, gets the default.
#[derive(Debug)]
struct Certificates {
    default: Arc<CertifiedKey>,
    /// Names in lower case; `*.example.com` is every name one label longer.
    by_name: HashMap<String, Arc<CertifiedKey>>,
}

impl Certificates {
    fn find(&self, name: Option<&str>) -> &Arc<CertifiedKey> {
        if self.by_name.is_empty() {
            return &self.default;
        }
        let Some(name) = name else { return &self.default };
        let found = self.by_name.get(name).or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.by_name.get(&format!("*.{parent}"))
        });
        found.unwrap_or(&self.default)
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // The library gives names in lower case.
        Some(self.find(hello.server_name()).clone())
    }
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::{PrivateKeyDer, pem::PemObject};

    use super::*;

    #[test]
    fn certificates_are_found_by_name() {
        let certified = || {
            let made = certificate::self_signed(1_795_000_000).unwrap();
            let key = PrivateKeyDer::from_pem_slice(made.key.as_bytes()).unwrap();
            Arc::new(CertifiedKey::new(Vec::new(), provider().key_provider.load_private_key(key).unwrap()))
        };
        let (default, exact, wild) = (certified(), certified(), certified());
        let by_name = HashMap::from([("a.example.com".into(), exact.clone()), ("*.example.com".into(), wild.clone())]);
        let certificates = Certificates { default: default.clone(), by_name };
        for (name, wanted) in [
            (None, &default),
            (Some("a.example.com"), &exact),
            (Some("b.example.com"), &wild),
            (Some("a.b.example.com"), &default),
            (Some("example.com"), &default),
            (Some("localhost"), &default),
        ] {
            assert!(Arc::ptr_eq(certificates.find(name), wanted), "{name:?}");
        }
    }
}
