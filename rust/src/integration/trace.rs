//! `X-Amzn-Trace-Id`: what the client sent of it is kept, the rest made up (rest-api §3).

use crate::{exchange::Exchange, primitives::header_names::HeaderName};

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
                    sampled = Some(value)
                }
                _ => {}
            }
        }
        // AWS: a full value stands unchanged at the beginning of ours.
        if root.is_some() && parent.is_some() && sampled.is_some() {
            return out.extend_from_slice(sent);
        }
    }
    let (high, low, other) = entropy(exchange);
    out.extend_from_slice(b"Root=");
    if let Some(root) = root {
        out.extend_from_slice(root);
    } else {
        out.extend_from_slice(b"1-");
        hex(exchange.arrived.as_secs(), 8, out);
        out.push(b'-');
        hex(high, 16, out);
        hex(low, 8, out);
    }
    out.extend_from_slice(b";Parent=");
    match parent {
        Some(parent) => out.extend_from_slice(parent),
        None => hex(other, 16, out),
    }
    out.extend_from_slice(b";Sampled=");
    out.extend_from_slice(sampled.unwrap_or(if parent.is_some() { b"1" } else { b"0" }));
}

/// Numbers that differ for each request: the ids were drawn for it already.
fn entropy(exchange: &Exchange) -> (u64, u64, u64) {
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    };
    let (first, second) = exchange.extended_request_id.split_at(8);
    let (id, first, second) = (word(&exchange.request_id), word(first), word(second));
    (mix(id ^ first), mix(id ^ second.rotate_left(32)), mix(first ^ second.rotate_left(17) ^ id.rotate_left(41)))
}

/// The finaliser of `SplitMix64`: every bit depends on every bit.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The last `digits` hexadecimal digits of a number.
fn hex(value: u64, digits: u32, out: &mut Vec<u8>) {
    for place in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(value >> (place * 4) & 15) as usize]);
    }
}
