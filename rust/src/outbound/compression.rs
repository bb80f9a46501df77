//! Answers are compressed for clients that ask for it, where the API has a `minimumCompressionSize` (rest-api §9.4). Says when
//! and does it; who frames the bytes knows nothing of it.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html>

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::headers::may_have_body;
use crate::{
    exchange::Exchange, inbound::content_encoding::Coding, integration::bodies, primitives::header_names::HeaderName,
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

/// A body that is there as a whole.
pub fn compress(coding: Coding, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() / 2 + 64);
    Encoder::new(coding).encode(body, true, &mut out);
    out
}

/// Compresses one body piece by piece. It holds some 300 KB: make one only for a body that is compressed.
#[derive(Debug)]
pub struct Encoder {
    deflate: Compress,
    /// That of a gzip body.
    crc: Option<Crc>,
    begun: bool,
}

const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

impl Encoder {
    /// Begins a body.
    pub fn new(coding: Coding) -> Self {
        let is_gzip = coding == Coding::Gzip;
        // AWS does not say how hard it tries; a gateway does not: time is the client's too.
        Self { deflate: Compress::new(Compression::fast(), !is_gzip), crc: is_gzip.then(Crc::new), begun: false }
    }

    /// Appends what comes of `input`, which may be nothing yet; with `done`, all of it and the end.
    pub fn encode(&mut self, input: &[u8], done: bool, out: &mut Vec<u8>) {
        if let Some(crc) = &mut self.crc {
            if !std::mem::replace(&mut self.begun, true) {
                out.extend_from_slice(&GZIP_HEADER);
            }
            crc.update(input);
        }
        let flush = if done { FlushCompress::Finish } else { FlushCompress::None };
        let before = self.deflate.total_in();
        loop {
            out.reserve(16 * 1024);
            let used = (self.deflate.total_in() - before) as usize;
            // The only errors are of a caller that goes on after the end.
            let Ok(status) = self.deflate.compress_vec(&input[used..], out, flush) else { break };
            let all_in = (self.deflate.total_in() - before) as usize == input.len();
            if status == Status::StreamEnd || !done && all_in && out.len() < out.capacity() {
                break;
            }
        }
        if done && let Some(crc) = &self.crc {
            out.extend_from_slice(&crc.sum().to_le_bytes());
            out.extend_from_slice(&crc.amount().to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::content_encoding::decode;

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

    #[test]
    fn what_is_compressed_in_pieces_of_any_size_reads_back() {
        let mut random = fastrand::Rng::with_seed(1);
        let noise: Vec<u8> = (0..70_000).map(|_| random.u8(..)).collect();
        for plain in [&b""[..], b"x", &vec![b'a'; 100_000], &noise] {
            for coding in [Coding::Gzip, Coding::Deflate] {
                assert_eq!(decode(coding, &compress(coding, plain), 1 << 20).expect("valid"), plain);
                for piece in [1_000, 65_536] {
                    let (mut encoder, mut out) = (Encoder::new(coding), Vec::new());
                    for part in plain.chunks(piece) {
                        encoder.encode(part, false, &mut out);
                    }
                    encoder.encode(b"", true, &mut out);
                    assert_eq!(decode(coding, &out, 1 << 20).expect("valid"), plain);
                }
            }
        }
    }
}
