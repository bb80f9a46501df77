//! The path and query that a backend is asked for: rest-api §7.2, §7.3, §7.8.

use super::values;
use crate::{
    exchange::Exchange,
    snapshot::plan::{BackendRequest, Piece},
};

/// Appends a URI's pieces; `None` when a mapped `{name}` has no value (then it would stay literal) or one that ends the path.
pub fn append_pieces(pieces: &[Piece], request: &BackendRequest, exchange: &Exchange, out: &mut Vec<u8>) -> Option<()> {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Path(number) => {
                let start = out.len();
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
    if client_query.is_empty() && request.querystring.is_empty() {
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
        values::append_parameter(name, value, exchange, out);
    }
    if out.len() == begin {
        // Every mapped source was missing.
        out.truncate(bare);
    }
}
