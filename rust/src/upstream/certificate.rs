//! What has to be read from certificates where no library's verifier says it: when they are valid, and which can be a root.

use x509_parser::{
    certificate::X509Certificate,
    prelude::{FromDer, ParsedExtension},
};

/// Seconds since the epoch, `[not_before, not_after]`; `None` for what is no X.509 certificate.
pub(crate) fn validity(certificate: &[u8]) -> Option<(i64, i64)> {
    let validity = read(certificate)?.validity.clone();
    Some((validity.not_before.timestamp(), validity.not_after.timestamp()))
}

/// Whether it names itself as its issuer.
pub(super) fn is_self_issued(certificate: &[u8]) -> bool {
    read(certificate).is_some_and(|read| read.subject.as_raw() == read.issuer.as_raw())
}

/// Whether it can be the root of an authority as AWS wants it: `CA:TRUE`, and a key usage that says `keyCertSign`.
pub(super) fn is_root(certificate: &[u8]) -> bool {
    let Some(read) = read(certificate) else { return false };
    let (mut authority, mut signs) = (false, false);
    for extension in read.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => authority = constraints.ca,
            ParsedExtension::KeyUsage(usage) => signs = usage.key_cert_sign(),
            _ => {}
        }
    }
    authority && signs && read.subject.as_raw() == read.issuer.as_raw()
}

fn read(certificate: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(certificate).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, read)| read)
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, KeyUsagePurpose};

    use super::*;

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        change(&mut parameters);
        parameters.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn reads_what_rcgen_writes() {
        for (year, before) in [(1999, 915_148_800), (2026, 1_767_225_600), (2075, 3_313_526_400)] {
            let certificate = made(|parameters| {
                parameters.not_before = rcgen::date_time_ymd(year, 1, 1);
                parameters.not_after = rcgen::date_time_ymd(year + 1, 3, 1);
            });
            let (found, after) = validity(&certificate).unwrap();
            assert_eq!(found, before);
            assert!(after > found + 365 * 86_400);
        }
    }

    #[test]
    fn broken_certificates_have_no_validity() {
        let certificate = made(|_| {});
        for length in 0..certificate.len() {
            assert_eq!(validity(&certificate[..length]), None);
            assert!(!is_self_issued(&certificate[..length]));
        }
        assert_eq!(validity(&[certificate, vec![0]].concat()), None);
        assert_eq!(validity(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn a_root_is_an_authority_that_may_sign() {
        let authority = |usages: Vec<KeyUsagePurpose>| {
            made(|parameters| {
                parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
                parameters.key_usages = usages;
            })
        };
        assert!(is_root(&authority(vec![KeyUsagePurpose::KeyCertSign])));
        assert!(!is_root(&authority(vec![KeyUsagePurpose::CrlSign])));
        assert!(!is_root(&authority(Vec::new())));
        let leaf = made(|parameters| parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
        assert!(is_self_issued(&leaf) && !is_root(&leaf));
    }
}
