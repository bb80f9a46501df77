//! Tests of `body`.

use proptest::prelude::*;

use super::{
    super::{LAST_CHUNK, head::Framing, write_chunk_head},
    *,
};

/// Payload, bytes used and whether the end was reached, when `parts` arrive one after the other.
fn read(framing: Framing, parts: &[&[u8]]) -> Result<(Vec<u8>, usize, bool), BodyError> {
    let mut reader = BodyReader::new(framing);
    let (mut payload, mut used, mut buf) = (Vec::new(), 0, Vec::new());
    for part in parts {
        buf.extend_from_slice(part);
        loop {
            let step = reader.step(&buf)?;
            assert!(step.data.end <= step.consumed && step.consumed <= buf.len());
            assert_eq!(step.done, reader.is_done());
            payload.extend_from_slice(&buf[step.data]);
            used += step.consumed;
            buf.drain(..step.consumed);
            if buf.is_empty() || step.done {
                break;
            }
            assert!(step.consumed > 0, "a step that uses nothing would loop forever");
        }
    }
    Ok((payload, used, reader.is_done()))
}

/// What the whole text gives, after checking that every split in two, and byte by byte, gives the same.
fn read_any_way(framing: Framing, text: &[u8]) -> Result<(Vec<u8>, usize, bool), BodyError> {
    let whole = read(framing, &[text]);
    for at in 0..=text.len() {
        assert_eq!(
            read(framing, &[&text[..at], &text[at..]]),
            whole,
            "split at {at} of {:?}",
            text.escape_ascii().to_string()
        );
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(read(framing, &bytes), whole);
    whole
}

#[test]
fn bodies_of_known_length_end_exactly_there() {
    assert_eq!(read_any_way(Framing::Length(5), b"helloGET /"), Ok((b"hello".to_vec(), 5, true)));
    assert_eq!(read_any_way(Framing::Length(9), b"hello"), Ok((b"hello".to_vec(), 5, false)));
    assert_eq!(read_any_way(Framing::None, b"GET /"), Ok((Vec::new(), 0, true)));
    assert_eq!(read_any_way(Framing::Length(0), b"GET /"), Ok((Vec::new(), 0, true)));
    assert_eq!(read(Framing::Length(u64::MAX), &[b"abc"]), Ok((b"abc".to_vec(), 3, false)));
}

#[test]
fn the_end_of_the_connection_ends_only_what_it_frames() {
    for (framing, allowed) in
        [(Framing::UntilClose, true), (Framing::None, true), (Framing::Length(1), false), (Framing::Chunked, false)]
    {
        let mut reader = BodyReader::new(framing);
        assert_eq!(reader.at_eof(), if allowed { Ok(()) } else { Err(BodyError::Truncated) });
        assert_eq!(reader.is_done(), allowed);
    }
    assert_eq!(read_any_way(Framing::UntilClose, b"0\r\n\r\n"), Ok((b"0\r\n\r\n".to_vec(), 5, false)));
    for cut in 0.."3\r\nabc\r\n0\r\nA: b\r\n\r\n".len() {
        let mut reader = BodyReader::new(Framing::Chunked);
        let mut rest = &b"3\r\nabc\r\n0\r\nA: b\r\n\r\n"[..cut];
        while !rest.is_empty() {
            rest = &rest[reader.step(rest).unwrap().consumed..];
        }
        assert_eq!(reader.at_eof(), Err(BodyError::Truncated), "cut at {cut}");
    }
}

#[test]
fn chunks_are_joined_and_framing_is_dropped() {
    let long = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(256));
    let trailers = format!("0\r\nA: {}\r\n\r\n", "x".repeat(8000));
    for (text, payload) in [
        ("0\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("5\r\nhello\r\n6\r\n world\r\n00\r\n\r\n", "hello world"),
        ("A\r\n0123456789\r\na\r\n9876543210\r\n0\r\n\r\n", "01234567899876543210"),
        ("0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", "hello"),
        ("5;name=value;q=\"x y\"\r\nhello\r\n0;last\r\n\r\n", "hello"),
        ("5;\r\nhello\r\n0\r\n\r\n", "hello"),
        ("1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n", "\r\n"),
        ("1\r\na\r\n0\r\nA: b\r\nContent-Length: 7\r\nc:\r\n\r\n", "a"),
        (&long, "a"),
        (&trailers, ""),
    ] {
        let expected = Ok((payload.as_bytes().to_vec(), text.len(), true));
        assert_eq!(read_any_way(Framing::Chunked, text.as_bytes()), expected, "{text:?}");
        let followed = format!("{text}GET / HTTP/1.1\r\n");
        assert_eq!(read_any_way(Framing::Chunked, followed.as_bytes()), expected, "{followed:?}");
    }
}

#[test]
fn one_step_takes_a_chunk_with_its_frame() {
    let mut reader = BodyReader::new(Framing::Chunked);
    let step = reader.step(b"5\r\nhello\r\n0\r\n\r\nnext").unwrap();
    assert_eq!(step, Step { consumed: 15, data: 3..8, done: true });
}

#[test]
fn broken_chunks_are_refused() {
    let extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(257));
    let many_extensions = format!("{}0\r\n\r\n", format!("1;{}\r\na\r\n", "x".repeat(200)).repeat(82));
    let trailers = format!("0\r\nA: {}\r\n\r\n", "x".repeat(17_000));
    for text in [
        "\r\n",
        "\n",
        "x\r\n",
        "-1\r\na",
        "+1\r\na",
        " 1\r\na\r\n",
        "1 \r\na\r\n",
        "1 ;a\r\na",
        "0x1\r\na\r\n",
        "1\ra",
        "1\na\r\n0\r\n\r\n",
        "\u{661}\r\na",
        ";a\r\n",
        "1_0\r\n",
        "00000000000000001\r\na\r\n",
        "10000000000000000\r\na",
        "fffffffffffffffff\r\n",
        "1,1\r\na",
        "1;a\nb\r\na\r\n0\r\n\r\n",
        "1;a\rb\r\na\r\n",
        "1;\0\r\na",
        "1;\x7f\r\na",
        "1\r\nab\r\n0\r\n\r\n",
        "2\r\na\r\n0\r\n\r\n",
        "1\r\na\n0\r\n\r\n",
        "1\r\na0\r\n\r\n",
        "1\r\na\rx",
        "1\r\naX\n0\r\n\r\n",
        "1\r\na\rX0\r\n\r\n",
        "1\r\na\r\n\r\n",
        "0\r\n\n",
        "0\r\n\rx",
        "0\n\n",
        "0\r\nA\r\n\r\n",
        "0\r\n: b\r\n\r\n",
        "0\r\nA : b\r\n\r\n",
        "0\r\n A: b\r\n\r\n",
        "0\r\nA: b\r\n c\r\n\r\n",
        "0\r\nA: b\n\r\n",
        "0\r\nA: \0\r\n\r\n",
        "0\r\nA: b\rc\r\n\r\n",
        "0\r\nGET / HTTP/1.1\r\n\r\n",
        &extension,
        &many_extensions,
        &trailers,
    ] {
        let result = read_any_way(Framing::Chunked, text.as_bytes());
        assert!(matches!(result, Err(BodyError::Malformed(_))), "{text:?} gave {result:?}");
    }
}

#[test]
fn the_largest_chunk_size_is_understood() {
    assert_eq!(read(Framing::Chunked, &[b"ffffffffffffffff\r\nabc"]), Ok((b"abc".to_vec(), 21, false)));
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => proptest::sample::select(vec![
            "0", "1", "2", "5", "a", "F", "\r\n", "\r\n", "\r", "\n", ";", "x=y", "hello", "0\r\n\r\n", "5\r\nhello\r\n", "1\r\nx\r\n", "A: b\r\n", ":", " ",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 1..3),
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunks_are_judged_the_same_in_pieces(text in pieces()) {
        let _ = read_any_way(Framing::Chunked, &text);
    }

    #[test]
    fn payload_survives_any_chunking(payload in proptest::collection::vec(any::<u8>(), 0..200), sizes in proptest::collection::vec(1usize..40, 1..20)) {
        let (mut text, mut rest, mut at) = (Vec::new(), &payload[..], 0);
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(sizes[at % sizes.len()].min(rest.len()));
            write_chunk_head(&mut text, chunk.len());
            text.extend_from_slice(chunk);
            text.extend_from_slice(b"\r\n");
            (rest, at) = (after, at + 1);
        }
        text.extend_from_slice(LAST_CHUNK);
        let length = text.len();
        text.extend_from_slice(b"next");
        prop_assert_eq!(read_any_way(Framing::Chunked, &text), Ok((payload, length, true)));
    }
}
