//! Percent-encoding as query strings use it (`application/x-www-form-urlencoded`).

use std::borrow::Cow;

use memchr::memchr2;

/// Whether every `%` is followed by two hexadecimal digits, and every `|` is one of such sequences.
#[inline]
pub fn is_well_formed(text: &[u8]) -> bool {
    let mut rest = text;
    // Most requests have no query, and nothing need be called for that.
    while !rest.is_empty()
        && let Some(at) = memchr2(b'%', b'|', rest)
    {
        match rest.get(at + 1..at + 3) {
            Some(digits) if rest[at] == b'%' && digits.iter().all(u8::is_ascii_hexdigit) => rest = &rest[at + 3..],
            _ => return false,
        }
    }
    true
}

/// Decodes `+` and `%XX`; a `%` that begins no sequence stays. Borrows when there is nothing to decode.
pub fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = memchr2(b'%', b'+', text) else { return Cow::Borrowed(text) };
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend_from_slice(&text[..first]);
    decoded.extend(Decoded { rest: &text[first..] });
    Cow::Owned(decoded)
}

/// Whether `text` decodes to `plain`; decodes nothing into memory.
#[inline]
pub fn decodes_to(text: &[u8], plain: &[u8]) -> bool {
    text.len() >= plain.len() && Decoded { rest: text }.eq(plain.iter().copied())
}

struct Decoded<'a> {
    rest: &'a [u8],
}

impl Iterator for Decoded<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        match (byte, rest) {
            (b'+', _) => Some(b' '),
            (b'%', [high, low, after @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    self.rest = after;
                    Some(high << 4 | low)
                }
                _ => Some(b'%'),
            },
            _ => Some(byte),
        }
    }
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

/// Appends `text` with everything but `A-Z a-z 0-9 - . _ ~` as `%XX`.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(byte);
        } else {
            escape(byte, out);
        }
    }
}

/// Appends text that is encoded already (a raw path value), so that it stays one value: only what separates values, and what no
/// target may hold, becomes `%XX`.
pub fn encode_rest(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if matches!(byte, b'&' | b';' | b'=' | b'+' | b'#') || byte <= b' ' || byte >= 0x7f {
            escape(byte, out);
        } else {
            out.push(byte);
        }
    }
}

fn escape(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn s1_4_plus_and_percent_are_decoded() {
        assert_eq!(&*decode(b"2023-06-12T18:05:10.123456+00:00"), b"2023-06-12T18:05:10.123456 00:00");
        assert_eq!(&*decode(b"%C3%a9%2B"), "é+".as_bytes());
        assert_eq!(&*decode(b"%4"), b"%4");
        assert_eq!(&*decode(b"%zz%%41"), b"%zz%A");
        assert!(matches!(decode(b"plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn s1_4_malformed_sequences_are_found() {
        assert!(is_well_formed(b"") && is_well_formed(b"a=%20%7C&b"));
        for text in ["%", "%4", "a%", "%%41", "%4g", "x%g4", "%20%", "|", "a|41", "%20|", "|ab%20"] {
            assert!(!is_well_formed(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn a_name_is_compared_decoded() {
        assert!(decodes_to(b"a%62c", b"abc") && decodes_to(b"a+c", b"a c") && decodes_to(b"abc", b"abc"));
        assert!(!decodes_to(b"a+c", b"a+c") && !decodes_to(b"ab", b"abc") && !decodes_to(b"abcd", b"abc"));
    }

    #[test]
    fn raw_values_keep_their_sequences_and_cannot_end_a_parameter() {
        let mut out = Vec::new();
        encode_rest(b"a%2Fb&c=d;e+f#g h\r\n\xc3", &mut out);
        assert_eq!(out, b"a%2Fb%26c%3Dd%3Be%2Bf%23g%20h%0D%0A%C3");
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text: Vec<u8>) {
            let mut encoded = Vec::new();
            encode(&text, &mut encoded);
            prop_assert!(is_well_formed(&encoded));
            prop_assert!(decodes_to(&encoded, &text));
            prop_assert_eq!(&*decode(&encoded), &text[..]);
        }
    }
}
