//! TLS towards backends: the system's trust store (and one more file), or everything but the issuer checked
//! (AWS: `insecureSkipVerification` skips the issuer only; expiry, host name and that there is a root are still verified).

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_rustls::TlsConnector;

use super::certificate::{is_root, is_self_issued, validity};
use crate::state::destinations::Endpoint;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The extra file is not readable or no PEM.
    #[error("ca_file {0}: {1}")]
    File(String, String),
    /// The library refused its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] Error),
}

/// Both ways to speak TLS to a backend; shared by all cores.
#[derive(Clone)]
pub struct Tls {
    verified: Arc<ClientConfig>,
    any_issuer: Arc<ClientConfig>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tls")
    }
}

impl Tls {
    /// Loads the system's trust store and the extra file.
    pub fn load(ca_file: Option<&Path>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        // Single unreadable certificates of a system's store are passed over: what they signed is then not trusted.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca_file {
            let failed = |why: String| TlsError::File(path.display().to_string(), why);
            let certificates = CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))?;
            let mut found = false;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| failed(error.to_string()))?;
                roots.add(certificate).map_err(|error| failed(error.to_string()))?;
                found = true;
            }
            if !found {
                return Err(failed("no certificate in it".to_owned()));
            }
        }
        Self::trusting(roots)
    }

    fn trusting(roots: RootCertStore) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = || ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let roots = Arc::new(roots);
        let verified = builder()?.with_root_certificates(roots.clone()).with_no_client_auth();
        let any_issuer = AnyIssuer { trusted: verifier(roots, &provider), provider: provider.clone() };
        let any_issuer =
            builder()?.dangerous().with_custom_certificate_verifier(Arc::new(any_issuer)).with_no_client_auth();
        Ok(Self { verified: offering_http(verified), any_issuer: offering_http(any_issuer) })
    }

    /// How to connect to a backend.
    pub fn connector(&self, endpoint: &Endpoint) -> TlsConnector {
        let insecure = endpoint.insecure_skip_verification;
        let anonymous = if insecure { &self.any_issuer } else { &self.verified };
        let config = endpoint.identity.as_ref().map_or(anonymous, |identity| identity.config(insecure, anonymous));
        TlsConnector::from(config.clone())
    }
}

fn offering_http(mut config: ClientConfig) -> Arc<ClientConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// The library's own way to verify; without a root there is nothing that it could believe.
fn verifier(roots: Arc<RootCertStore>, provider: &Arc<CryptoProvider>) -> Option<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build().ok()
}

/// Believes whom the trust store believes, a certificate that signed itself, and what leads to a root that the server shows.
/// Time, name, the signatures between, and that the server holds its key are verified; who the root is, is not.
#[derive(Debug)]
struct AnyIssuer {
    trusted: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyIssuer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |by: Arc<WebPkiServerVerifier>| {
            by.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        if let Some(Ok(verified)) = self.trusted.clone().map(verify) {
            return Ok(verified);
        }
        if !is_self_issued(end_entity) {
            let mut shown = RootCertStore::empty();
            shown.add_parsable_certificates(intermediates.iter().filter(|one| is_root(one)).cloned());
            let shown = verifier(Arc::new(shown), &self.provider).ok_or(CertificateError::UnknownIssuer)?;
            return verify(shown);
        }
        let (not_before, not_after) = validity(end_entity).ok_or(CertificateError::BadEncoding)?;
        let seconds = now.as_secs().cast_signed();
        if seconds < not_before {
            return Err(CertificateError::NotValidYet.into());
        }
        if seconds > not_after {
            return Err(CertificateError::Expired.into());
        }
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
