//! Looks at bytes sixteen and eight at a time: where a run of allowed bytes ends. Vector intrinsics would be unsafe to call;
//! these loops are written so that compilers find the same instructions.

#![expect(clippy::inline_always, reason = "a call costs as much as the work; measured")]
#![expect(
    clippy::needless_bitwise_bool,
    clippy::manual_range_contains,
    reason = "without an early exit the loops become vector instructions"
)]

/// `TOKEN[byte]`: may stand in a method or field name (RFC 9110, `tchar`).
pub(super) const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
};

/// Whether this is a token: not empty, allowed bytes only.
#[inline]
pub(super) fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| TOKEN[usize::from(byte)])
}

/// The first byte at or after `from` that may not stand in a field value: a control other than tab, or DEL.
#[inline(always)]
pub(super) fn value_end(buf: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = first(buf, from, |byte| (byte < 0x20) | (byte == 0x7f), |word| below(word, 0x20) | equal(word, 0x7f))?;
        if buf[at] != b'\t' {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The first byte at or after `from` that may not stand in a request target: control, space, `#`, DEL or not ASCII.
#[inline]
pub(super) fn target_end(buf: &[u8], from: usize) -> Option<usize> {
    first(
        buf,
        from,
        |byte| (byte < 0x21) | (byte > 0x7e) | (byte == b'#'),
        |word| below(word, 0x21) | equal(word, 0x7f) | equal(word, b'#') | word & HIGH,
    )
}

/// The first colon at or after `from`, if it comes within four words.
#[inline]
pub(super) fn near_colon(buf: &[u8], from: usize) -> Option<usize> {
    let (words, _) = buf.get(from..)?.as_chunks();
    let mut at = from;
    for word in words.iter().take(4) {
        let marks = equal(u64::from_le_bytes(*word), b':');
        if marks != 0 {
            return Some(at + place(marks));
        }
        at += 8;
    }
    None
}

/// The first byte for which `stops` says so. `marks` says the same for a word, exactly for its first such byte.
/// Both must stop at NUL: what is left over at the end is filled up with it.
#[inline(always)]
fn first(buf: &[u8], mut from: usize, stops: impl Fn(u8) -> bool, marks: impl Fn(u64) -> u64) -> Option<usize> {
    let mut rest = buf.get(from..)?;
    while let Some((block, after)) = rest.split_first_chunk::<16>() {
        // Without an early exit this becomes a handful of vector instructions.
        if block.iter().fold(false, |stop, &byte| stop | stops(byte)) {
            let (words, _) = block.as_chunks();
            let marked = marks(u64::from_le_bytes(words[0]));
            let marked = if marked == 0 { (8, marks(u64::from_le_bytes(words[1]))) } else { (0, marked) };
            return Some(from + marked.0 + place(marked.1));
        }
        from += 16;
        rest = after;
    }
    while let Some((word, after)) = rest.split_first_chunk() {
        let marked = marks(u64::from_le_bytes(*word));
        if marked != 0 {
            return Some(from + place(marked));
        }
        from += 8;
        rest = after;
    }
    rest.iter().position(|&byte| stops(byte)).map(|at| from + at)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// Marks the bytes below `bound`; exact up to the first, beyond it borrows may add some.
#[inline(always)]
fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(u64::from(bound) * ONES) & !word & HIGH
}

/// Marks the bytes equal to `byte`; exact up to the first, beyond it borrows may add some.
#[inline(always)]
fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (u64::from(byte) * ONES), 1)
}

#[inline(always)]
fn place(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of a run that spans several blocks, against the plain definition.
    #[test]
    fn every_byte_is_judged_at_every_place() {
        for byte in 0..=255u8 {
            let value_ok = byte == b'\t' || (byte >= 0x20 && byte != 0x7f);
            let target_ok = (0x21..=0x7e).contains(&byte) && byte != b'#';
            for place in 0..40 {
                for neighbour in [b'a', b'~', b'!'] {
                    let mut run = [neighbour; 40];
                    run[place] = byte;
                    assert_eq!(value_end(&run, 0), (!value_ok).then_some(place), "{byte} at {place}");
                    assert_eq!(target_end(&run, 0), (!target_ok).then_some(place), "{byte} at {place}");
                    assert_eq!(near_colon(&run, 0), (byte == b':' && place < 32).then_some(place));
                    assert_eq!(value_end(&run, place + 1), None);
                    assert_eq!(value_end(&run[..place], 0), None);
                }
            }
            let token = matches!(
                byte,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            ) || byte.is_ascii_alphanumeric();
            assert_eq!(is_token(&[b'a', byte]), token);
        }
        assert!(!is_token(b""));
        assert_eq!(value_end(b"\xff\xfe\x80 \t\xa0\xdf\xe0\x1f", 0), Some(8));
        assert_eq!(value_end(b"abc", 3), None);
        assert_eq!(target_end(b"abc", 9), None);
    }
}
