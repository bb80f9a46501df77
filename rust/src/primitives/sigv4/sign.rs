//! Signs a request of our own, in the header form.

use super::{ALGORITHM, Claim, Request, canonical, date::basic, hex, sha256, signature, signing_key, string_to_sign};

/// With what to sign, and for whom.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The key's name.
    pub access_key_id: &'a str,
    /// The key.
    pub secret_access_key: &'a str,
    /// The region of the scope.
    pub region: &'a str,
    /// The service of the scope.
    pub service: &'a str,
}

/// Gives the two fields to add, `X-Amz-Date` and `Authorization`; the signature covers them and all of `request`'s fields.
/// `request` must have a `Host`; `now` is in seconds since the epoch.
pub fn sign(
    request: &Request<'_>,
    payload: &[u8],
    credentials: &Credentials<'_>,
    now: i64,
) -> [(&'static str, String); 2] {
    let date = basic(now);
    let mut headers: Vec<(&[u8], &[u8])> =
        request.headers.iter().copied().filter(|(name, _)| !replaced(name)).collect();
    headers.push((b"X-Amz-Date", date.as_bytes()));
    let mut names: Vec<String> =
        headers.iter().map(|(name, _)| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    let claim = Claim {
        access_key_id: credentials.access_key_id.to_owned(),
        day: date[..8].to_owned(),
        region: credentials.region.to_owned(),
        service: credentials.service.to_owned(),
        token: None,
        presigned: false,
        date: date.clone(),
        signed_headers: names.join(";"),
        signature: String::new(),
    };
    let (path, query) = (canonical::normalised_path(request.path), canonical::query(request.query, None));
    let request = Request { headers: &headers, ..*request };
    let text = canonical::request(&request, &path, &query, &claim.signed_headers, &hex(sha256(payload).as_ref()));
    let key = signing_key(credentials.secret_access_key, &claim.day, credentials.region, credentials.service);
    let signature = signature(&key, &string_to_sign(&date, &claim.scope(), &text));
    let (id, scope, names) = (&claim.access_key_id, claim.scope(), &claim.signed_headers);
    let authorization = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
    [("X-Amz-Date", date), ("Authorization", authorization)]
}

/// What signing sets itself, or what changes on the way and must not be signed.
fn replaced(name: &[u8]) -> bool {
    ["x-amz-date", "authorization", "connection", "expect", "user-agent", "x-amzn-trace-id"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own.as_bytes()))
}
