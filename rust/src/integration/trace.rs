//! `X-Amzn-Trace-Id`: what the client sent of it is kept, the rest made up (rest-api §3).

use crate::{
    exchange::Exchange,
    primitives::{header_names::HeaderName, hex::DIGITS},
};

/// Appends `Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1}`; the same for one request each time.
pub fn append(exchange: &Exchange, out: &mut Vec<u8>) {
    let sent = exchange.header(HeaderName::XAmznTraceId).unwrap_or_default();
    let (mut root, mut parent, mut sampled) = (None, None, None);
    if !sent.is_empty() {
        for part in sent.split(|byte| *byte == b';') {
            match part.trim_ascii() {
                [b'R', b'o', b'o', b't', b'=', value @ ..] if !value.is_empty() => root = Some(value),
                [b'P', b'a', b'r', b'e', b'n', b't', b'=', value @ ..] if !value.is_empty() => parent = Some(value),
                [b'S', b'a', b'm', b'p', b'l', b'e', b'd', b'=', value @ ..] if !value.is_empty() => {
                    sampled = Some(value);
                }
                _ => {}
            }
        }
        // AWS: a full value stands unchanged at the beginning of ours.
        if root.is_some() && parent.is_some() && sampled.is_some() {
            return out.extend_from_slice(sent);
        }
    }
    let made = Made::of(exchange);
    out.extend_from_slice(b"Root=");
    out.extend_from_slice(root.unwrap_or(&made.root));
    out.extend_from_slice(b";Parent=");
    out.extend_from_slice(parent.unwrap_or(&made.parent));
    out.extend_from_slice(b";Sampled=");
    out.extend_from_slice(sampled.unwrap_or(if parent.is_some() { b"1" } else { b"0" }));
}

/// The whole line for a client that sent none.
pub fn line(exchange: &Exchange) -> [u8; 93] {
    let made = Made::of(exchange);
    let mut line = *b"X-Amzn-Trace-Id: Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0\r\n";
    line[22..57].copy_from_slice(&made.root);
    line[65..81].copy_from_slice(&made.parent);
    line
}

/// What a client did not send.
struct Made {
    /// `1-{8 hex}-{24 hex}`.
    root: [u8; 35],
    /// `{16 hex}`.
    parent: [u8; 16],
}

impl Made {
    /// Differs for each request: the ids were drawn for it already.
    fn of(exchange: &Exchange) -> Self {
        // The extended id, not the other: a client may choose that.
        let (first, second) = exchange.extended_request_id.split_at(8);
        let (id, extended) = (mix(word_of(first)), mix(word_of(second)));
        let extended = mix(extended ^ id.rotate_left(32));
        let mut root = *b"1-00000000-000000000000000000000000";
        root[2..10].copy_from_slice(&hex(exchange.arrived.as_secs())[8..]);
        root[11..27].copy_from_slice(&hex(extended));
        root[27..].copy_from_slice(&hex(mix(extended ^ id))[8..]);
        Self { root, parent: hex(mix(extended.wrapping_add(id))) }
    }
}

fn word_of(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

/// The finaliser of `SplitMix64`: every bit depends on every bit.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn hex(value: u64) -> [u8; 16] {
    let mut text = [0; 16];
    for (digits, byte) in text.chunks_exact_mut(2).zip(value.to_be_bytes()) {
        digits.copy_from_slice(&DIGITS[usize::from(byte)]);
    }
    text
}
