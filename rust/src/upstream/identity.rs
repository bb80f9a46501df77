//! What the gateway shows of itself to backends that ask for a certificate, and making such a certificate. It knows no stage.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html>

use std::{
    hash::{Hash, Hasher},
    sync::{Arc, OnceLock},
    time::Duration,
};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose};
use rustls::{
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio_rustls::TlsConnector;

/// AWS's name of itself.
const NAME: &str = "ApiGateway";
/// Seconds that a certificate is good for: 365 days.
const LIFETIME: u64 = 365 * 24 * 60 * 60;

/// A certificate and its key; equal when the certificate is.
pub struct ClientIdentity {
    shown: Arc<SingleCertAndKey>,
    certificate: CertificateDer<'static>,
    /// With the issuer of the backend's certificate checked, and not; made when a connection wants one.
    connectors: [OnceLock<TlsConnector>; 2],
}

impl ClientIdentity {
    /// Reads both from PEM; says what is wrong with them.
    pub fn new(certificate: &str, key: &str) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(|error| error.to_string())?;
        // What is wrong with a key is not said: it might say what it is.
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| "the key is no PEM".to_owned())?;
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(key);
        let key = key.map_err(|_| "the key cannot be used".to_owned())?;
        let both = CertifiedKey::new(vec![certificate.clone()], key);
        both.keys_match().map_err(|_| "the key is not that of the certificate".to_owned())?;
        Ok(Self { shown: Arc::new(both.into()), certificate, connectors: Default::default() })
    }

    /// What a handshake shows.
    pub(super) fn shown(&self) -> Arc<SingleCertAndKey> {
        self.shown.clone()
    }

    /// Its connector, made when it is wanted first.
    pub(super) fn connector(&self, is_any_issuer: bool, make: impl FnOnce() -> TlsConnector) -> &TlsConnector {
        self.connectors[usize::from(is_any_issuer)].get_or_init(make)
    }
}

impl PartialEq for ClientIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.certificate == other.certificate
    }
}

impl Eq for ClientIdentity {}

impl Hash for ClientIdentity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.certificate.as_ref().hash(state);
    }
}

impl std::fmt::Debug for ClientIdentity {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ClientIdentity(…)")
    }
}

/// A certificate and the key that only the gateway may know, both PEM.
pub struct NewClientCertificate {
    /// What backends are told to trust.
    pub certificate: String,
    /// Never printed.
    pub key: String,
}

impl std::fmt::Debug for NewClientCertificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NewClientCertificate(…)")
    }
}

/// Makes a self-signed RSA certificate, valid from now for a year, as AWS does.
pub fn client_certificate(epoch_seconds: u64) -> Result<NewClientCertificate, rcgen::Error> {
    let mut parameters = CertificateParams::new(Vec::new())?;
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, NAME);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = epoch + Duration::from_secs(epoch_seconds);
    parameters.not_after = epoch + Duration::from_secs(epoch_seconds + LIFETIME);
    // All have one name: who trusts several tells them apart by their keys.
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256)?;
    let certificate = parameters.self_signed(&key)?;
    Ok(NewClientCertificate { certificate: certificate.pem(), key: key.serialize_pem() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::validity;

    #[test]
    fn s7_16_a_certificate_is_good_for_a_year_and_equal_to_itself() {
        let (one, other) = (client_certificate(1_795_000_000).unwrap(), client_certificate(1_795_000_000).unwrap());
        let identity = ClientIdentity::new(&one.certificate, &one.key).unwrap();
        assert_eq!(validity(&identity.certificate), Some((1_795_000_000, 1_795_000_000 + LIFETIME as i64)));
        assert_eq!(identity, ClientIdentity::new(&one.certificate, &one.key).unwrap());
        assert_ne!(identity, ClientIdentity::new(&other.certificate, &other.key).unwrap());
        let why = ClientIdentity::new(&one.certificate, &other.key).unwrap_err();
        assert_eq!(why, "the key is not that of the certificate");
        assert_eq!(ClientIdentity::new(&one.certificate, "secret").unwrap_err(), "the key is no PEM");
        assert_eq!(format!("{one:?} {identity:?}"), "NewClientCertificate(…) ClientIdentity(…)");
    }
}
