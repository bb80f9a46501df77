//! Signature V4 for the command line: takes a whole URL apart and adds the host it names.

use apigw_engine::primitives::sigv4::{self, Credentials, Request};

/// The fields to add to a request so that it is signed; `None` when the URL is no `scheme://host/…`.
pub(crate) fn sign(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
    credentials: &Credentials<'_>,
    epoch_seconds: i64,
) -> Option<Vec<(&'static str, String)>> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next().unwrap_or(rest);
    let (host, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if host.is_empty() {
        return None;
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut fields: Vec<(&[u8], &[u8])> =
        headers.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"host")) {
        fields.push((b"Host", host.as_bytes()));
    }
    let request =
        Request { method: method.as_bytes(), path: path.as_bytes(), query: query.as_bytes(), headers: &fields };
    Some(sigv4::sign(&request, body, credentials, epoch_seconds).into())
}
