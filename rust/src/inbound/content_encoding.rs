//! Which coding a request's body has to be freed of: rest-api §9.4. Freed it is while it is read.

use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::Framing,
    primitives::{content_coding::Coding, header_names::HeaderName},
};

/// How a request body must be decoded: `Ok(None)` when it is not coded, 415 when we cannot undo it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "once a request, and its other caller is rare; measured")]
pub fn of_request(exchange: &Exchange) -> Result<Option<Coding>, Fault> {
    if exchange.head.framing == Framing::None {
        return Ok(None);
    }
    let mut found = None;
    for field in exchange.head.fields.iter().filter(|field| field.id == HeaderName::ContentEncoding) {
        let value = field.value.of(&exchange.input);
        if value.is_empty() || value.eq_ignore_ascii_case(b"identity") {
            continue;
        }
        match (found, Coding::parse(value)) {
            (None, Some(coding)) => found = Some(coding),
            _ => return Err(Fault::UNSUPPORTED_MEDIA_TYPE),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{exchange, raw};

    #[test]
    fn s9_4_codings_of_requests() {
        let of = |headers: &[&str]| of_request(&exchange(&raw("POST /dev", headers, "body")));
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&["Content-Encoding: identity"]), Ok(None));
        assert_eq!(of(&["Content-Encoding: GZIP"]), Ok(Some(Coding::Gzip)));
        assert_eq!(of(&["content-encoding: deflate"]), Ok(Some(Coding::Deflate)));
        for refused in [
            &["Content-Encoding: br"][..],
            &["Content-Encoding: gzip, gzip"],
            &["Content-Encoding: gzip", "Content-Encoding: deflate"],
            &["Content-Encoding: zstd"],
        ] {
            assert_eq!(of(refused), Err(Fault::UNSUPPORTED_MEDIA_TYPE), "{refused:?}");
        }
        assert_eq!(
            of_request(&exchange(&raw("GET /dev", &["Content-Encoding: br"], ""))),
            Ok(None),
            "nothing is coded"
        );
    }
}
