//! Looks for one byte in short text, eight bytes at a time: a call of `memchr` costs more than most of what is searched here.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Where `byte` first stands in `text`.
#[inline]
pub fn find(byte: u8, text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk() {
        let same = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
        // The lowest mark is exact: it is the first byte that is zero.
        let marks = same.wrapping_sub(ONES) & !same & HIGH;
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
        rest = after;
    }
    rest.iter().position(|other| *other == byte).map(|place| at + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_at_every_place() {
        for length in 0..30 {
            for at in 0..length {
                for other in [b'.', b'/' + 1, 0x80 | b'/', 0, 0xff] {
                    let mut text = vec![other; length];
                    assert_eq!(find(b'/', &text), None);
                    text[at] = b'/';
                    text[length - 1] = b'/';
                    assert_eq!(find(b'/', &text), Some(at), "{at} of {length} after {other}");
                }
            }
        }
    }
}
