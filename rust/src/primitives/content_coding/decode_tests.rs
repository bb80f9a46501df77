//! Tests of `decode`.

use std::io::Write;

use flate2::{Compression, GzBuilder, write};
use proptest::prelude::*;

use super::*;

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("to memory")
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = write::ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("to memory")
}

fn raw_deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = write::DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).and_then(|()| encoder.finish()).expect("to memory")
}

/// Feeds `coded` in pieces of `piece` bytes with `room` for each call.
fn pieces(coding: Coding, coded: &[u8], piece: usize, room: usize) -> Result<Vec<u8>, Corrupt> {
    let mut decoder = Decoder::new(coding);
    let mut out = Vec::new();
    for part in coded.chunks(piece.max(1)) {
        let mut rest = part;
        loop {
            let before = out.len();
            let used = decoder.decode(rest, &mut out, room)?;
            assert!(out.len() - before <= room, "the room is kept");
            rest = &rest[used..];
            if out.len() - before < room {
                assert!(rest.is_empty(), "everything is used when there is room");
                break;
            }
        }
    }
    decoder.finish().map(|()| out)
}

#[test]
fn s9_4_gzip_and_both_kinds_of_deflate_are_undone() {
    let plain = b"hello hello hello hello".repeat(100);
    assert_eq!(pieces(Coding::Gzip, &gzip(&plain), 7, 64), Ok(plain.clone()));
    assert_eq!(pieces(Coding::Deflate, &zlib(&plain), 7, 64), Ok(plain.clone()));
    assert_eq!(pieces(Coding::Deflate, &raw_deflate(&plain), 7, 64), Ok(plain));
    for empty in [gzip(b""), Vec::new()] {
        assert_eq!(pieces(Coding::Gzip, &empty, 1, 1), Ok(Vec::new()));
    }
    for empty in [zlib(b""), raw_deflate(b""), Vec::new()] {
        assert_eq!(pieces(Coding::Deflate, &empty, 1, 1), Ok(Vec::new()), "{empty:?}");
    }
}

#[test]
fn gzip_headers_with_everything_and_members_in_a_row() {
    let mut encoder =
        GzBuilder::new().extra(vec![1; 300]).filename("name").comment("comment").write(Vec::new(), Compression::fast());
    encoder.write_all(b"one").expect("to memory");
    let mut coded = encoder.finish().expect("to memory");
    coded.extend(gzip(b" two"));
    for piece in [1, 2, 3, 1000] {
        assert_eq!(pieces(Coding::Gzip, &coded, piece, 100), Ok(b"one two".to_vec()));
    }
    // The two bytes of a header's own check sum.
    let mut checked = gzip(b"x");
    checked[3] = 2;
    checked.splice(10..10, [0, 0]);
    assert_eq!(pieces(Coding::Gzip, &checked, 1, 9), Ok(b"x".to_vec()));
}

#[test]
fn s9_4_corrupt_bodies_are_found() {
    let good = gzip(b"some text to be damaged");
    for at in [0, 1, 2, 3, good.len() - 1, good.len() - 5] {
        let mut bad = good.clone();
        bad[at] ^= 0xff;
        assert_eq!(pieces(Coding::Gzip, &bad, 5, 100), Err(Corrupt), "byte {at}");
    }
    for length in 1..good.len() {
        assert_eq!(pieces(Coding::Gzip, &good[..length], 5, 100), Err(Corrupt), "cut at {length}");
    }
    assert_eq!(pieces(Coding::Gzip, &[good.clone(), b"tail".to_vec()].concat(), 5, 100), Err(Corrupt));
    let good = zlib(b"some text to be damaged");
    for length in 1..good.len() {
        assert_eq!(pieces(Coding::Deflate, &good[..length], 5, 100), Err(Corrupt), "cut at {length}");
    }
    assert_eq!(pieces(Coding::Deflate, &[good, b"x".to_vec()].concat(), 5, 100), Err(Corrupt));
    assert_eq!(pieces(Coding::Gzip, b"plain text", 3, 100), Err(Corrupt));
    assert_eq!(pieces(Coding::Deflate, &[0xff; 40], 3, 100), Err(Corrupt));
}

#[test]
fn a_whole_body_is_decoded_up_to_its_limit() {
    let coded = gzip(&[7; 1000]);
    assert_eq!(decode(Coding::Gzip, &coded, 1000), Ok(vec![7; 1000]));
    assert_eq!(decode(Coding::Gzip, &coded, 999), Err(NotDecoded::TooLarge));
    assert_eq!(decode(Coding::Gzip, &coded[..20], 1000), Err(NotDecoded::Corrupt(Corrupt)));
    assert_eq!(decode(Coding::Deflate, b"", 0), Ok(Vec::new()));
}

#[test]
fn a_bomb_is_opened_only_as_far_as_there_is_room() {
    let coded = gzip(&vec![0; 50 << 20]);
    let mut decoder = Decoder::new(Coding::Gzip);
    let mut out = Vec::new();
    decoder.decode(&coded, &mut out, 1 << 16).expect("fine so far");
    assert_eq!(out.len(), 1 << 16);
    assert!(out.capacity() < 1 << 18);
}

proptest! {
    #[test]
    fn what_was_coded_comes_back_in_any_pieces(plain in prop::collection::vec(0u8..4, 0..5000), piece in 1usize..600, room in 1usize..600) {
        prop_assert_eq!(&pieces(Coding::Gzip, &gzip(&plain), piece, room).expect("valid"), &plain);
        prop_assert_eq!(&pieces(Coding::Deflate, &zlib(&plain), piece, room).expect("valid"), &plain);
        prop_assert_eq!(&pieces(Coding::Deflate, &raw_deflate(&plain), piece, room).expect("valid"), &plain);
    }
}
