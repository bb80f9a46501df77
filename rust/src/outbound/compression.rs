//! Answers are compressed for clients that ask for it, where the API has a `minimumCompressionSize` (rest-api §9.4). Says when.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html>

use super::headers::may_have_body;
use crate::{
    exchange::Exchange,
    integration::bodies,
    primitives::{content_coding::Coding, header_names::HeaderName},
};

/// The threshold of the API and the coding that the client likes best, where there is one and we have that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Shorter bodies stay as they are, and empty ones.
    pub least: u64,
    /// What it becomes.
    pub coding: Coding,
}

/// Whether an answer with this status may be compressed at all, how, and from how many bytes on.
#[inline]
pub fn wish(exchange: &Exchange, status: u16) -> Option<Wish> {
    let least = exchange.deployment()?.minimum_compression_size?;
    wanted(exchange, status).map(|coding| Wish { least: u64::from(least).max(1), coding })
}

#[cold]
fn wanted(exchange: &Exchange, status: u16) -> Option<Coding> {
    // A part of a body is a part of it as it was: in another coding it would be one of nothing.
    if !may_have_body(status) || status == 206 {
        return None;
    }
    let fields = exchange.head.fields.iter().filter(|field| field.id == HeaderName::AcceptEncoding);
    best(fields.map(|field| field.value.of(&exchange.input)))
}

/// The coding of the highest weight, the first of equals; none when that is not one of ours.
fn best<'a>(accept_encoding: impl Iterator<Item = &'a [u8]>) -> Option<Coding> {
    let mut best: (f32, &[u8]) = (0.0, b"");
    for entry in accept_encoding.flat_map(|value| value.split(|byte| *byte == b',')) {
        let weight = weight(entry);
        if weight > best.0 {
            best = (weight, bodies::media_type(entry));
        }
    }
    Coding::parse(best.1)
}

/// What cannot be read weighs nothing.
fn weight(entry: &[u8]) -> f32 {
    let parameters = entry.split(|byte| *byte == b';').skip(1).map(<[u8]>::trim_ascii);
    let mut given = parameters.filter_map(|parameter| match parameter {
        [b'q' | b'Q', b'=', value @ ..] => Some(value),
        _ => None,
    });
    let Some(value) = given.next() else { return 1.0 };
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse::<f32>().ok());
    number.filter(|number| (0.0..=1.0).contains(number)).unwrap_or(0.0)
}

/// The name of a coding in `Content-Encoding`, a whole line.
pub fn line(coding: Coding) -> &'static [u8] {
    match coding {
        Coding::Gzip => b"Content-Encoding: gzip\r\n",
        Coding::Deflate => b"Content-Encoding: deflate\r\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s9_4_the_highest_weight_decides() {
        for (header, expected) in [
            ("gzip", Some(Coding::Gzip)),
            ("deflate", Some(Coding::Deflate)),
            ("GZIP ; Q=0.5", Some(Coding::Gzip)),
            ("gzip, deflate, br", Some(Coding::Gzip)),
            ("deflate, gzip", Some(Coding::Deflate)),
            ("gzip;q=0.5, deflate;q=0.8", Some(Coding::Deflate)),
            ("br, gzip;q=0.9", None),
            ("br;q=0.9, gzip", Some(Coding::Gzip)),
            ("identity, gzip;q=0.9", None),
            ("identity;q=0.5, gzip;q=0.501", Some(Coding::Gzip)),
            ("*", None),
            ("*;q=0.1, gzip;q=0.2", Some(Coding::Gzip)),
            ("gzip;q=0", None),
            ("gzip;q=nan", None),
            ("gzip;q=2", None),
            ("gzip;q=", None),
            ("", None),
            (",,", None),
        ] {
            assert_eq!(best([header.as_bytes()].into_iter()), expected, "{header}");
        }
        assert_eq!(best([&b"gzip;q=0.1"[..], b"deflate"].into_iter()), Some(Coding::Deflate));
    }
}
