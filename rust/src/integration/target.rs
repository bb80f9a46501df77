//! The path and query that a backend is asked for: rest-api §7.2, §7.3, §7.8.

use super::{
    transform::{Overrides, Part},
    values,
};
use crate::{
    exchange::Exchange,
    primitives::percent,
    snapshot::plan::{BackendRequest, Piece},
};

/// Appends a URI's pieces; `None` when a mapped `{name}` has no value (then it would stay literal) or one that ends the path.
pub fn append_pieces(pieces: &[Piece], request: &BackendRequest, exchange: &Exchange, out: &mut Vec<u8>) -> Option<()> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Path(number) => {
                let start = out.len();
                if let Some(overrides) = exchange.overrides()
                    && let Some(wanted) = request.path_names.get(usize::from(*number))
                    && let Some((_, value)) = overrides.get(Part::Path, |name| **wanted == *name)
                {
                    out.extend_from_slice(value.concat().as_bytes());
                    if out.len() == start || memchr::memchr(b'#', &out[start..]).is_some() {
                        return None;
                    }
                    continue;
                }
                values::append_request(request.path.get(usize::from(*number))?, exchange, out);
                if out.len() == start || memchr::memchr(b'#', &out[start..]).is_some() {
                    return None;
                }
            }
        }
    }
    Some(())
}

/// Appends what the query string has beyond the URI's own: all of the client's (`HTTP_PROXY`), then the mapped parameters.
/// `start` is where the target begins in `out`.
pub fn append_query(
    request: &BackendRequest,
    client_query: &[u8],
    exchange: &Exchange,
    start: usize,
    out: &mut Vec<u8>,
) {
    let overrides = exchange.overrides();
    if client_query.is_empty() && request.querystring.is_empty() && overrides.is_none() {
        return;
    }
    let bare = out.len();
    if memchr::memchr(b'?', &out[start..]).is_none() {
        out.push(b'?');
    } else if !matches!(out.last(), Some(b'?' | b'&')) {
        out.push(b'&');
    }
    let begin = out.len();
    out.extend_from_slice(client_query);
    for (name, value) in &request.querystring {
        let is_same = |other: &str| {
            let mut encoded = Vec::new();
            percent::encode(other.as_bytes(), &mut encoded);
            encoded == **name
        };
        if overrides.is_some_and(|overrides| overrides.get(Part::Querystring, is_same).is_some()) {
            continue;
        }
        values::append_parameter(name, value, exchange, out);
    }
    if let Some(overrides) = overrides {
        append_overrides(overrides, out);
    }
    if out.len() == begin {
        // Every mapped source was missing.
        out.truncate(bare);
    }
}

/// `$context.requestOverride.querystring`; a list gives several parameters.
#[cold]
fn append_overrides(overrides: &Overrides, out: &mut Vec<u8>) {
    for (name, values) in overrides.all(Part::Querystring) {
        for value in values {
            if !matches!(out.last(), Some(b'?' | b'&')) {
                out.push(b'&');
            }
            percent::encode(name.as_bytes(), out);
            out.push(b'=');
            percent::encode(value.as_bytes(), out);
        }
    }
}
