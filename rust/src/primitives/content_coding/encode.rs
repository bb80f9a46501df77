//! Makes `gzip` and `deflate` of a body, piece by piece.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::Coding;

/// A body that is there as a whole.
pub fn encode(coding: Coding, body: &[u8]) -> Vec<u8> {
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
    use crate::primitives::content_coding::decode;

    #[test]
    fn what_is_compressed_in_pieces_of_any_size_reads_back() {
        let mut random = fastrand::Rng::with_seed(1);
        let noise: Vec<u8> = (0..70_000).map(|_| random.u8(..)).collect();
        for plain in [&b""[..], b"x", &vec![b'a'; 100_000], &noise] {
            for coding in [Coding::Gzip, Coding::Deflate] {
                assert_eq!(decode(coding, &encode(coding, plain), 1 << 20).expect("valid"), plain);
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
