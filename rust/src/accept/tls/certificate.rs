//! Certificates of the HTTPS listener: a self-signed one is made once, whatever is used is read and checked before a port
//! is opened. It writes no file.

use std::{path::Path, sync::Arc};

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, SanType};
use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use crate::upstream::validity;

/// Why the HTTPS listener has no certificate, in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Nobody said which one.
    #[error("listen_tls needs tls_certificate and tls_key")]
    Missing,
    /// A file that cannot be read, or holds something else.
    #[error("{0} cannot be used: {1}")]
    Unusable(String, String),
    /// A key that belongs to another certificate.
    #[error("the key in {1} is not that of the certificate in {0}")]
    Mismatch(String, String),
    /// Its time is over, or has not come.
    #[error(
        "the certificate in {0} {1}; put a valid one there (a self-signed one is made anew when it and its key are removed)"
    )]
    Expired(String, &'static str),
    /// The library could not make one.
    #[error("a certificate cannot be made: {0}")]
    NotMade(#[from] rcgen::Error),
    /// The library refused its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Library(#[from] rustls::Error),
}

/// Names a self-signed certificate is for. None of AWS's: who trusts it must not trust it for somebody else's hosts.
const NAMES: [&str; 3] = ["localhost", "*.localhost", "*.execute-api.localhost"];
/// As long as the strictest clients take one that the user trusts by hand.
const DAYS: u64 = 825;
const DAY: u64 = 86_400;

/// A new certificate and its key, both PEM.
#[derive(Clone)]
pub struct SelfSigned {
    /// The certificate.
    pub certificate: String,
    /// Its key; never printed.
    pub key: String,
}

impl std::fmt::Debug for SelfSigned {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SelfSigned(…)")
    }
}

/// Makes an ECDSA P-256 certificate for the names of this machine, valid from a day ago.
pub fn self_signed(epoch_seconds: u64) -> Result<SelfSigned, CertificateError> {
    let mut parameters = CertificateParams::new(NAMES.map(str::to_owned))?;
    for address in ["127.0.0.1", "::1"] {
        parameters.subject_alt_names.extend(address.parse().map(SanType::IpAddress));
    }
    parameters.distinguished_name = DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "apigw");
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let start = epoch_seconds.saturating_sub(DAY);
    parameters.not_before = epoch + std::time::Duration::from_secs(start);
    parameters.not_after = epoch + std::time::Duration::from_secs(start + DAYS * DAY);
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    parameters.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = parameters.self_signed(&key)?;
    Ok(SelfSigned { certificate: certificate.pem(), key: key.serialize_pem() })
}

/// Reads a chain and its key, and makes sure that clients will take them now.
pub(super) fn load(
    certificate: &Path,
    key: &Path,
    epoch_seconds: i64,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, CertificateError> {
    let shown = |path: &Path| path.display().to_string();
    let unusable = |path: &Path, why: String| CertificateError::Unusable(shown(path), why);
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unusable(certificate, why(error)))?;
    let first = chain.first().ok_or_else(|| unusable(certificate, "no certificate in it".to_owned()))?;
    let (from, until) = validity(first).ok_or_else(|| unusable(certificate, "no certificate in it".to_owned()))?;
    if epoch_seconds > until {
        return Err(CertificateError::Expired(shown(certificate), "has expired"));
    }
    if epoch_seconds < from {
        return Err(CertificateError::Expired(shown(certificate), "is not valid yet"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, why(error)))?;
    let secret = provider
        .key_provider
        .load_private_key(secret)
        .map_err(|_| unusable(key, "a key of a kind that is not supported".to_owned()))?;
    let certified = CertifiedKey::new(chain, secret);
    match certified.keys_match() {
        Ok(()) => Ok(Arc::new(certified)),
        Err(rustls::Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch(shown(certificate), shown(key))),
        Err(error) => Err(unusable(certificate, error.to_string())),
    }
}

fn why(error: rustls::pki_types::pem::Error) -> String {
    match error {
        rustls::pki_types::pem::Error::Io(error) => error.to_string(),
        rustls::pki_types::pem::Error::NoItemsFound => "nothing of the kind in it".to_owned(),
        error => format!("no PEM ({error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_000_000;

    fn files(name: &str, certificate: &str, key: &str) -> (std::path::PathBuf, std::path::PathBuf) {
        let path = |kind| std::env::temp_dir().join(format!("apigw-{name}-{}.{kind}", std::process::id()));
        std::fs::write(path("crt"), certificate).unwrap();
        std::fs::write(path("key"), key).unwrap();
        (path("crt"), path("key"))
    }

    fn loaded(name: &str, certificate: &str, key: &str, now: u64) -> Result<Arc<CertifiedKey>, String> {
        let (certificate, key) = files(name, certificate, key);
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let loaded = load(&certificate, &key, now.cast_signed(), &provider).map_err(|error| error.to_string());
        std::fs::remove_file(certificate).unwrap();
        std::fs::remove_file(key).unwrap();
        loaded
    }

    #[test]
    fn one_that_was_made_is_taken_while_it_is_valid() {
        let made = self_signed(NOW).unwrap();
        assert!(!format!("{made:?}").contains("PRIVATE"), "a key is not printed");
        assert!(loaded("made", &made.certificate, &made.key, NOW).is_ok());
        assert!(loaded("made", &made.certificate, &made.key, NOW + 823 * DAY).is_ok());
        for (now, sentence) in [(NOW + 825 * DAY, "has expired"), (NOW - 2 * DAY, "is not valid yet")] {
            let refused = loaded("made", &made.certificate, &made.key, now).unwrap_err();
            assert!(refused.contains(sentence) && refused.contains(".crt"), "{refused}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_said_in_one_sentence() {
        let (made, other) = (self_signed(NOW).unwrap(), self_signed(NOW).unwrap());
        for (certificate, key, sentence) in [
            (&*made.certificate, &*other.key, "is not that of the certificate"),
            ("", &*made.key, ".crt cannot be used: no certificate in it"),
            (&*made.key, &*made.key, ".crt cannot be used: no certificate in it"),
            (&*made.certificate, "", ".key cannot be used: nothing of the kind in it"),
            (&*made.certificate, &*made.certificate, ".key cannot be used: nothing of the kind in it"),
            ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", &*made.key, ".crt cannot be used: no PEM"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &*made.key, ".crt cannot be used"),
        ] {
            let refused = loaded("bad", certificate, key, NOW).unwrap_err();
            assert!(refused.contains(sentence) && !refused.contains('\n'), "{refused}");
        }
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let refused = load(Path::new("nowhere.crt"), Path::new("nowhere.key"), 0, &provider).unwrap_err().to_string();
        assert!(refused.contains("nowhere.crt cannot be used: No such file"), "{refused}");
    }
}
