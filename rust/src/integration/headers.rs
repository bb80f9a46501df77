//! Which headers reach a backend: rest-api §7.4.

use crate::primitives::header_names::HeaderName as H;

/// Never visible to mapping, templates or backends: dropped when the request comes in.
#[inline]
pub fn is_dropped_at_entry(id: H) -> bool {
    ENTRY & bit(id) != 0
}

/// Whether an `Authorization` value is a Signature V4: such a header goes no further.
pub fn is_signature(authorization: &[u8]) -> bool {
    authorization.starts_with(b"AWS4-HMAC-SHA256")
}

/// A mapping that names one of these fails every request.
pub fn is_forbidden_target(id: H) -> bool {
    matches!(id, H::ContentLength | H::TransferEncoding | H::XAmznTraceId | H::XAmznApigatewayApiId)
}

/// Not sent even if mapped; the connection's own headers among them, which only the gateway may set.
pub fn is_dropped_when_mapped(id: H) -> bool {
    matches!(id, H::Via | H::Expect | H::ProxyAuthenticate | H::Te | H::Connection | H::KeepAlive | H::ProxyConnection)
}

/// Dropped when the request comes in, as a set.
const ENTRY: u128 = set(&[
    H::Connection,
    H::ContentLength,
    H::ContentMd5,
    H::Expect,
    H::MaxForwards,
    H::ProxyAuthenticate,
    H::Server,
    H::Te,
    H::TransferEncoding,
    H::Trailer,
    H::Upgrade,
    H::WwwAuthenticate,
]);

/// Client headers that `HTTP_PROXY` does not pass: dropped at entry, hop by hop, consumed, or set by the gateway itself.
pub const WITHHELD: u128 = ENTRY
    | set(&[
        H::Host,
        H::ContentEncoding,
        H::Via,
        H::KeepAlive,
        H::ProxyConnection,
        H::XHttpMethodOverride,
        H::XAmznTraceId,
        H::XAmznApigatewayApiId,
        H::XForwardedFor,
        H::XForwardedPort,
        H::XForwardedProto,
    ]);

/// A set of names, one bit each.
pub const fn set(names: &[H]) -> u128 {
    let (mut bits, mut at) = (0, 0);
    while at < names.len() {
        bits |= bit(names[at]);
        at += 1;
    }
    bits
}

/// The bit of a name in a set of names; `Other` has none.
#[inline]
pub const fn bit(id: H) -> u128 {
    if id as u8 == 0 { 0 } else { 1 << (id as u8 & 127) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::header_names::KNOWN;

    #[test]
    fn every_known_name_has_a_bit_of_its_own() {
        let all = KNOWN.iter().fold(0u128, |bits, (_, id)| {
            assert_eq!(bits & bit(*id), 0, "{id:?}");
            bits | bit(*id)
        });
        assert_eq!(all.count_ones() as usize, KNOWN.len());
        assert_eq!(bit(H::Other), 0);
    }
}
