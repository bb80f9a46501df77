//! What the gateway shows to backends that ask who it is: a certificate and its key, and the TLS sessions made with them.
//! Two are the same when their certificates are. It is asked when connections are made, never by a request.

use std::{
    hash::{Hash, Hasher},
    sync::{Arc, OnceLock},
    time::Duration,
};

use rcgen::{CertificateParams, DistinguishedName, DnType, IsCa, KeyPair, RsaKeySize};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};

/// A new certificate and its key, both PEM.
pub struct Made {
    /// The certificate.
    pub certificate: String,
    /// Its key; never printed.
    pub private_key: String,
}

/// Makes a self-signed RSA certificate that is valid between two times in epoch seconds.
pub fn make(not_before: u64, not_after: u64) -> Result<Made, rcgen::Error> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "ApiGateway");
    // All have the same name: a backend that trusts several tells them apart by the ids of their keys.
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.use_authority_key_identifier_extension = true;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = epoch + Duration::from_secs(not_before);
    parameters.not_after = epoch + Duration::from_secs(not_after);
    let key = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048)?;
    let certificate = parameters.self_signed(&key)?;
    Ok(Made { certificate: certificate.pem(), private_key: key.serialize_pem() })
}

/// A certificate of the gateway's own, with its key.
pub struct ClientIdentity {
    key: Arc<CertifiedKey>,
    /// Where the issuer of a backend's certificate is checked, and where not.
    configs: [OnceLock<Arc<ClientConfig>>; 2],
}

impl ClientIdentity {
    /// Reads a certificate and its key, both PEM; what is wrong is said without a byte of the key.
    pub fn from_pem(certificate: &str, private_key: &str) -> Result<Self, &'static str> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|_| "the certificate is no PEM")?;
        if chain.is_empty() {
            return Err("there is no certificate");
        }
        let secret = PrivateKeyDer::from_pem_slice(private_key.as_bytes()).map_err(|_| "the key is no PEM")?;
        let secret = rustls::crypto::aws_lc_rs::default_provider()
            .key_provider
            .load_private_key(secret)
            .map_err(|_| "the key is of a kind that is not supported")?;
        let key = CertifiedKey::new(chain, secret);
        key.keys_match().map_err(|_| "the key is not that of the certificate")?;
        Ok(Self { key: Arc::new(key), configs: Default::default() })
    }

    /// `anonymous`, with this certificate for whoever asks for one. Sessions are remembered together; the library resumes
    /// none that was made with another certificate.
    pub fn config(&self, insecure_skip_verification: bool, anonymous: &ClientConfig) -> &Arc<ClientConfig> {
        self.configs[usize::from(insecure_skip_verification)].get_or_init(|| {
            let mut config = anonymous.clone();
            config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(self.key.clone()));
            Arc::new(config)
        })
    }
}

impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.key.cert == other.key.cert
    }
}

impl Eq for ClientIdentity {}

impl Hash for ClientIdentity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for certificate in &self.key.cert {
            certificate.as_ref().hash(state);
        }
    }
}

impl std::fmt::Debug for ClientIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClientIdentity(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_can_be_read_and_another_key_cannot() {
        let (made, other) = (make(1, 2).unwrap(), make(1, 2).unwrap());
        let read = ClientIdentity::from_pem(&made.certificate, &made.private_key).unwrap();
        assert_eq!(read, ClientIdentity::from_pem(&made.certificate, &made.private_key).unwrap());
        assert_ne!(read, ClientIdentity::from_pem(&other.certificate, &other.private_key).unwrap());
        assert_eq!(format!("{read:?}"), "ClientIdentity(…)");
        let why = |certificate: &str, key: &str| ClientIdentity::from_pem(certificate, key).unwrap_err();
        assert_eq!(why(&made.certificate, &other.private_key), "the key is not that of the certificate");
        assert_eq!(why("", &made.private_key), "there is no certificate");
        assert_eq!(why("-----BEGIN CERTIFICATE-----\n!", &made.private_key), "the certificate is no PEM");
        assert_eq!(why(&made.certificate, "x"), "the key is no PEM");
    }
}
