//! What an unknown path or method is answered: AWS treats the request as one that needs a signature (rest-api §2.4, access-control §1.4).

use base64::{Engine, prelude::BASE64_STANDARD};

use super::query;
use crate::{
    exchange::Exchange,
    fault::{Fault, FaultKind},
    primitives::header_names::HeaderName,
};

/// The refusal for a request that matches nothing.
#[cold]
pub(super) fn fault(exchange: &Exchange) -> Fault {
    if let Some(authorization) = exchange.header(HeaderName::Authorization) {
        return header_fault(exchange, authorization);
    }
    let query = exchange.query.of(&exchange.input);
    if query::last(query, b"X-Amz-Algorithm").is_none() && query::last(query, b"X-Amz-Signature").is_none() {
        return Fault::MISSING_AUTHENTICATION_TOKEN;
    }
    for name in ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] {
        if query::last(query, name.as_bytes()).is_none() {
            return incomplete(format!("AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."));
        }
    }
    // No principal of execute-api exists yet, so no key is known.
    Fault::UNRECOGNIZED_CLIENT
}

/// The first thing wrong with an `Authorization` header.
fn header_fault(exchange: &Exchange, authorization: &[u8]) -> Fault {
    let hashed = || BASE64_STANDARD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, authorization));
    let text = String::from_utf8_lossy(authorization);
    let (algorithm, rest) = text.split_once(' ').unwrap_or((&text, ""));
    if algorithm.contains('=') {
        return incomplete(format!(
            "Authorization header must begin with the algorithm name, which cannot include an equal-sign (hashed with SHA-256 and encoded with Base64): '{}'.",
            hashed()
        ));
    }
    let is_sigv4 = algorithm == "AWS4-HMAC-SHA256";
    if algorithm.starts_with("AWS") && !is_sigv4 {
        return incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'."));
    }
    let mut parts = rest.split(',').map(str::trim).filter(|part| !part.is_empty()).peekable();
    if !is_sigv4 || parts.peek().is_none() || parts.clone().any(|part| !part.contains('=')) {
        return incomplete(format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '{}'.",
            hashed()
        ));
    }
    let value = |name: &str| parts.clone().find_map(|part| part.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value));
    let mut missing = String::new();
    for name in ["Credential", "Signature", "SignedHeaders"] {
        if value(name).is_none() {
            missing.push_str("Authorization header requires '");
            missing.push_str(name);
            missing.push_str("' parameter. ");
        }
    }
    if exchange.header(HeaderName::XAmzDate).is_none() && exchange.header(HeaderName::Date).is_none() {
        missing.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    if !missing.is_empty() {
        return incomplete(format!("{missing}(Hashed with SHA-256 and encoded with Base64) Authorization={}", hashed()));
    }
    let credential = value("Credential").unwrap_or_default();
    if credential.split('/').count() != 5 {
        return incomplete(format!("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{credential}'"));
    }
    Fault::UNRECOGNIZED_CLIENT
}

fn incomplete(message: String) -> Fault {
    Fault::with_message(FaultKind::IncompleteSignature, message)
}
