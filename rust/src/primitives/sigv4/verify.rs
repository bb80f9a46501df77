//! Whether a claim holds: the key of the one it names, and a signature over what was received.

use aws_lc_rs::constant_time::verify_slices_are_equal;

use super::{
    Claim, ErrorKind, Request, Rules, SignatureError, SigningKey, canonical, claim, hex, sha256, signature,
    string_to_sign,
};

/// Who signed, with which scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whose key; anything with `any_credentials`.
    pub access_key_id: String,
    /// The region of the scope.
    pub region: String,
    /// The service of the scope.
    pub service: String,
}

/// Why a key is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// No such active key, or a session token that is not its own.
    Unknown,
    /// The session token's time is over.
    Expired,
}

/// Checks a whole request: presence, syntax, scope, date, key, signature. `now` is in seconds since the epoch; `key` finds the
/// claimed key (it sees the session token too) and derives or remembers the day's signing key.
pub fn verify(
    request: &Request<'_>,
    payload: &[u8],
    rules: &Rules<'_>,
    now: i64,
    key: impl FnOnce(&Claim) -> Result<SigningKey, KeyError>,
) -> Result<Caller, SignatureError> {
    let claim = claim(request, rules, now)?;
    if !rules.any_credentials {
        let key = key(&claim).map_err(|error| match error {
            KeyError::Unknown => SignatureError::new(
                ErrorKind::UnrecognizedClient,
                "The security token included in the request is invalid.",
            ),
            KeyError::Expired => {
                SignatureError::new(ErrorKind::ExpiredToken, "The security token included in the request is expired")
            }
        })?;
        claim.check(request, &key, &hex(sha256(payload).as_ref()))?;
    }
    Ok(Caller { access_key_id: claim.access_key_id, region: claim.region, service: claim.service })
}

impl Claim {
    /// Whether the signature is what `key` makes of the request; `payload_hash` is the hex SHA-256 of the body as received.
    pub fn check(&self, request: &Request<'_>, key: &SigningKey, payload_hash: &str) -> Result<(), SignatureError> {
        let query = canonical::query(request.query, self.presigned.then_some("X-Amz-Signature"));
        let sign = |path: &[u8]| {
            let text = canonical::request(request, path, &query, &self.signed_headers, payload_hash);
            let to_sign = string_to_sign(&self.date, &self.scope(), &text);
            let holds = verify_slices_are_equal(signature(key, &to_sign).as_bytes(), self.signature.as_bytes()).is_ok();
            (holds, text, to_sign)
        };
        let normalised = canonical::normalised_path(request.path);
        let (mut holds, text, to_sign) = sign(&normalised);
        if !holds {
            let plain = canonical::path(request.path);
            holds = plain != normalised && sign(&plain).0;
        }
        if holds && self.covers(request) && payload_agrees(request, payload_hash) {
            return Ok(());
        }
        Err(SignatureError::new(
            ErrorKind::InvalidSignature,
            format!(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. \
                 Consult the service documentation for details.\n\nThe Canonical String for this request should have been\n'{}'\n\n\
                 The String-to-Sign should have been\n'{to_sign}'\n",
                String::from_utf8_lossy(&text)
            ),
        ))
    }

    /// Whether what must be signed is: the date (of the header form) and the verb that routing will see.
    fn covers(&self, request: &Request<'_>) -> bool {
        let date = if request.header("x-amz-date").is_some() { "x-amz-date" } else { "date" };
        (self.presigned || self.signs(date))
            && (request.header("x-http-method-override").is_none() || self.signs("x-http-method-override"))
    }
}

/// A hash that is sent must be that of the body; `UNSIGNED-PAYLOAD` and `STREAMING-…` are hashes of nothing.
fn payload_agrees(request: &Request<'_>, payload_hash: &str) -> bool {
    let sent = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"x-amz-content-sha256"));
    sent.into_iter().all(|(_, value)| value.eq_ignore_ascii_case(payload_hash.as_bytes()))
}
