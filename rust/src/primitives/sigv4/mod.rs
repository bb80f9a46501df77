//! AWS Signature Version 4, both directions: checks what clients sent, in the header or the pre-signed form, and signs for the
//! CLI. Pure: time, credentials and scope rules are handed in. AWS page: "Signature Version 4 for API requests" (IAM guide).

mod canonical;
mod claim;
mod date;
mod sign;
mod verify;

use aws_lc_rs::{digest, hmac};

pub use claim::{Claim, Rules, claim};
pub use date::{basic, parse_basic};
pub use sign::{Credentials, sign};
pub use verify::{Caller, KeyError, verify};

/// The parts of a request that a signature covers, as they came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The verb on the wire, before any override.
    pub method: &'a [u8],
    /// The path, still percent-encoded.
    pub path: &'a [u8],
    /// What follows `?`, still percent-encoded; empty for none.
    pub query: &'a [u8],
    /// All fields in order, names in any letter case.
    pub headers: &'a [(&'a [u8], &'a [u8])],
}

impl<'a> Request<'a> {
    /// The value of the first such field; `name` in lower case.
    fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| *value)
    }
}

/// The kinds of refusal; `as_str` gives `x-amzn-ErrorType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Not signed at all.
    MissingAuthenticationToken,
    /// A signature that cannot be understood.
    IncompleteSignature,
    /// A signature that does not hold.
    InvalidSignature,
    /// Nobody's key or token.
    UnrecognizedClient,
    /// A token of the past.
    ExpiredToken,
}

impl ErrorKind {
    /// AWS's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
        }
    }
}

/// Why a request is refused, in AWS's words; always 403.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", kind.as_str())]
pub struct SignatureError {
    /// Which exception.
    pub kind: ErrorKind,
    /// The text of `message`.
    pub message: String,
}

impl SignatureError {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

/// A key derived for one day, region and service; callers may keep it for that day.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

/// Derives the key of a secret for a day (`YYYYMMDD`), region and service.
pub fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> SigningKey {
    let chain = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let mut key = chain(format!("AWS4{secret}").as_bytes(), day);
    for text in [region, service, TERMINATOR] {
        key = chain(key.as_ref(), text);
    }
    SigningKey(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()))
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value & 0xf)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

fn string_to_sign(date: &str, scope: &str, canonical: &[u8]) -> String {
    format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(sha256(canonical).as_ref()))
}

fn signature(key: &SigningKey, string_to_sign: &str) -> String {
    hex(hmac::sign(&key.0, string_to_sign.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests;
