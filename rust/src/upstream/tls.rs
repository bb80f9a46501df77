//! TLS towards backends: the system's trust store (and one more file), or everything but the issuer checked
//! (AWS: `insecureSkipVerification` skips the issuer only; expiry and host name are still verified).

use std::{path::Path, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_name,
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_rustls::TlsConnector;

use super::{identity::ClientIdentity, validity::validity};

/// Sessions remembered for one identity.
const SESSIONS: usize = 64;

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
    verified: TlsConnector,
    any_issuer: TlsConnector,
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
        let verified = builder()?.with_root_certificates(roots).with_no_client_auth();
        let any_issuer = builder()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyIssuer { provider: provider.clone() }))
            .with_no_client_auth();
        Ok(Self { verified: connector(verified), any_issuer: connector(any_issuer) })
    }

    /// How to connect to a backend, and what to show it if it asks.
    pub fn connector<'c>(
        &'c self,
        insecure_skip_verification: bool,
        identity: Option<&'c ClientIdentity>,
    ) -> &'c TlsConnector {
        let connector = if insecure_skip_verification { &self.any_issuer } else { &self.verified };
        let Some(identity) = identity else { return connector };
        identity.connector(insecure_skip_verification, || {
            let mut config = ClientConfig::clone(connector.config());
            config.client_auth_cert_resolver = identity.shown();
            // A session that is resumed is that of whoever began it.
            config.resumption = Resumption::in_memory_sessions(SESSIONS);
            TlsConnector::from(Arc::new(config))
        })
    }
}

fn connector(mut config: ClientConfig) -> TlsConnector {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

/// Verifies time and name of a certificate and that the server holds its key, but not who issued it.
#[derive(Debug)]
struct AnyIssuer {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyIssuer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (not_before, not_after) = validity(end_entity).ok_or(CertificateError::BadEncoding)?;
        let now = now.as_secs().cast_signed();
        if now < not_before {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > not_after {
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
