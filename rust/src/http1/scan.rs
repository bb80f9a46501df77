//! Looks at bytes eight at a time: where a run of allowed bytes ends, and which bytes names may hold.

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

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// Whether this is a token: not empty, allowed bytes only.
#[inline]
pub(super) fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| TOKEN[usize::from(byte)])
}

/// The first byte at or after `from` that may not stand in a field value: a control other than tab, or DEL.
#[inline]
pub(super) fn value_end(buf: &[u8], mut from: usize) -> Option<usize> {
    while let Some(word) = word_at(buf, from) {
        // Bytes below 0x20 and bytes equal to 0x7f; the lowest mark is exact, only higher ones may be borrows.
        let below = word.wrapping_sub(0x20 * ONES) & !word;
        let delete = word ^ (0x7f * ONES);
        let marks = (below | (delete.wrapping_sub(ONES) & !delete)) & HIGH;
        if marks == 0 {
            from += 8;
            continue;
        }
        from += (marks.trailing_zeros() / 8) as usize;
        if buf[from] != b'\t' {
            return Some(from);
        }
        from += 1;
    }
    let tail = buf.get(from..)?;
    tail.iter().position(|&byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f).map(|at| from + at)
}

/// The first byte at or after `from` that may not stand in a request target: control, space, DEL or not ASCII.
#[inline]
pub(super) fn target_end(buf: &[u8], mut from: usize) -> Option<usize> {
    while let Some(word) = word_at(buf, from) {
        // Below 0x21 borrows into the top bit, 0x7f and above carry or have it; the lowest mark is exact.
        let marks = (word.wrapping_sub(0x21 * ONES) | word.wrapping_add(ONES) | word) & HIGH;
        if marks != 0 {
            return Some(from + (marks.trailing_zeros() / 8) as usize);
        }
        from += 8;
    }
    let tail = buf.get(from..)?;
    tail.iter().position(|&byte| !(0x21..0x7f).contains(&byte)).map(|at| from + at)
}

#[inline]
fn word_at(buf: &[u8], from: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*buf.get(from..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every byte at every place of a run that spans several words, against the plain definition.
    #[test]
    fn every_byte_is_judged_at_every_place() {
        for byte in 0..=255u8 {
            let value_ok = byte == b'\t' || (byte >= 0x20 && byte != 0x7f);
            let target_ok = (0x21..=0x7e).contains(&byte);
            for place in 0..20 {
                for neighbour in [b'a', b'~', b'!', 0x7e] {
                    let mut run = [neighbour; 20];
                    run[place] = byte;
                    assert_eq!(value_end(&run, 0), (!value_ok).then_some(place), "{byte} at {place}");
                    assert_eq!(target_end(&run, 0), (!target_ok).then_some(place), "{byte} at {place}");
                }
            }
            let token = matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
                || byte.is_ascii_alphanumeric();
            assert_eq!(is_token(&[b'a', byte]), token);
        }
        assert!(!is_token(b""));
        assert_eq!(value_end(b"\xff\xfe\x80 \t\xa0\xdf\xe0\x1f", 0), Some(8));
        assert_eq!(value_end(b"abc", 3), None);
        assert_eq!(target_end(b"abc", 9), None);
    }
}
