//! Chunked bodies: in pieces as in one, and as the rules say; and what is written so is read so.

use apigw_engine::http1::{BodyError, BodyReader, Framing, LAST_CHUNK, write_chunk_head};

use super::{
    choices::{Choices, pieces},
    model::{self, Verdict},
};

/// Payload, bytes used and whether it ended.
type Read = Result<(Vec<u8>, usize, bool), BodyError>;

pub(crate) fn read(framing: Framing, pieces: &[&[u8]]) -> Read {
    let mut reader = BodyReader::new(framing);
    let (mut payload, mut used, mut buffer) = (Vec::new(), 0, Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while !buffer.is_empty() && !reader.is_done() {
            let step = reader.step(&buffer)?;
            assert!(step.consumed > 0 && step.data.end <= step.consumed && step.done == reader.is_done());
            payload.extend_from_slice(&buffer[step.data]);
            used += step.consumed;
            buffer.drain(..step.consumed);
        }
    }
    Ok((payload, used, reader.is_done()))
}

/// See the module.
pub fn chunked_body(bytes: &[u8]) {
    let (cuts, text) = Choices(bytes).cuts();
    let whole = read(Framing::Chunked, &[text]);
    assert_eq!(read(Framing::Chunked, &pieces(text, &cuts)), whole, "cut at {cuts:?}: {}", text.escape_ascii());
    match (model::chunked(text), &whole) {
        (Verdict::Accepted((payload, used)), Ok((ours, our_used, true))) => {
            assert_eq!((&payload, used), (ours, *our_used));
        }
        (Verdict::Refused, Err(_)) | (Verdict::Unfinished, Err(_) | Ok((.., false))) => {}
        (rules, ours) => panic!("the rules say {rules:?}, the codec {ours:?} of {}", text.escape_ascii()),
    }
    // The text as payload, in the chunks that the cuts make.
    let mut written = Vec::new();
    for piece in pieces(text, &cuts).into_iter().filter(|piece| !piece.is_empty()) {
        write_chunk_head(&mut written, piece.len());
        written.extend_from_slice(piece);
        written.extend_from_slice(b"\r\n");
    }
    written.extend_from_slice(LAST_CHUNK);
    let length = written.len();
    written.extend_from_slice(b"GET /next");
    assert_eq!(model::chunked(&written), Verdict::Accepted((text.to_vec(), length)));
    assert_eq!(read(Framing::Chunked, &[&written]), Ok((text.to_vec(), length, true)));
}
