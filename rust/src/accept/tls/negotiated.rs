//! What a handshake agreed on, as access logs name it: `$context.tlsVersion` and `$context.cipherSuite`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>

use rustls::{CipherSuite, ProtocolVersion};

/// A version and a cipher suite; both are two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// The protocol's version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub suite: CipherSuite,
}

impl Negotiated {
    /// Such as `TLSv1.3`.
    pub fn version_name(self) -> &'static str {
        match self.version {
            ProtocolVersion::TLSv1_2 => "TLSv1.2",
            ProtocolVersion::TLSv1_3 => "TLSv1.3",
            _ => "-",
        }
    }

    /// Its name in IANA's registry, such as `TLS_AES_128_GCM_SHA256`.
    pub fn suite_name(self) -> &'static str {
        match self.suite {
            // The library's names of these say the version too.
            CipherSuite::TLS13_AES_128_GCM_SHA256 => "TLS_AES_128_GCM_SHA256",
            CipherSuite::TLS13_AES_256_GCM_SHA384 => "TLS_AES_256_GCM_SHA384",
            CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => "TLS_CHACHA20_POLY1305_SHA256",
            other => other.as_str().unwrap_or("-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suite_that_is_offered_has_its_registered_name() {
        for offered in rustls::crypto::aws_lc_rs::ALL_CIPHER_SUITES {
            let version = offered.version().version;
            let agreed = Negotiated { version, suite: offered.suite() };
            let (name, is_13) = (agreed.suite_name(), version == ProtocolVersion::TLSv1_3);
            assert!(name.starts_with("TLS_") && name.contains("_WITH_") != is_13, "{name}");
            assert_eq!(agreed.version_name(), if is_13 { "TLSv1.3" } else { "TLSv1.2" });
        }
    }
}
