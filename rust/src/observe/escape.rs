//! What stands for itself in a JSON text, and what the rest is written as. Values a client chose are escaped: a quote in a path
//! forges no record (AWS does not escape; ours does).

/// Marks every byte of a word that does not stand for itself: all but printable ASCII, the quote and the backslash. A mark may
/// also be on a byte above such a one; without any, no byte is special.
#[inline]
pub(super) fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // The classic test for a byte below `n` in a word. The first one swaps quote and space, so that it finds the quote too.
    let control_or_quote = (word ^ (0x02 * ONES)).wrapping_sub(0x21 * ONES);
    let backslash = (word ^ (0x5c * ONES)).wrapping_sub(ONES);
    let delete = word.wrapping_add(ONES);
    (word | control_or_quote | backslash | delete) & HIGH
}

/// The same for one byte.
#[inline]
pub(super) fn is_special(byte: u8) -> bool {
    !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\'
}

/// A value as the inside of a JSON string; bytes that are no UTF-8 become U+FFFD.
pub(crate) fn escaped(out: &mut Vec<u8>, value: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\t' => out.extend_from_slice(b"\\t"),
                '\0'..='\u{1f}' | '\u{7f}' => {
                    let code = character as usize;
                    out.extend_from_slice(&[b'\\', b'u', b'0', b'0', HEX[code >> 4], HEX[code & 15]]);
                }
                // Some log readers take these two for line ends.
                '\u{2028}' => out.extend_from_slice(b"\\u2028"),
                '\u{2029}' => out.extend_from_slice(b"\\u2029"),
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_bytes_are_told_from_others_at_every_place() {
        for at in 0..8 {
            for byte in 0..=255_u8 {
                let mut word = *b"aZ~ !~#[";
                word[at] = byte;
                let wanted = !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\';
                assert_eq!(special(u64::from_le_bytes(word)) != 0, wanted, "{byte} at {at}");
                assert_eq!(is_special(byte), wanted, "{byte}");
            }
        }
    }
}
