//! How a value stands in a log line. A client chooses paths, verbs, hosts and agents: none of them can end a line, a field or a
//! string, whatever the format is. (AWS does not escape; ours does.)

/// The place of a variable in a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Inside a string of a JSON text.
    Json,
    /// In a JSON text outside of strings: it becomes a string.
    JsonBare,
    /// In an XML text, between tags or in an attribute.
    Xml,
    /// A field of a CSV line that has no quotes of its own: it gets them where it needs them.
    Csv,
    /// Between the quotes of a CSV field.
    CsvQuoted,
    /// Between quotes in any other text.
    Quoted,
    /// A whole event: nothing but its end is looked for.
    Event,
    /// Anywhere else; the byte that follows in the format ends it.
    Bare(u8),
}

/// Marks every byte of a word that does not stand for itself in JSON: all but printable ASCII, the quote and the backslash. A
/// mark may also be on a byte above such a one; without any, no byte is special.
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
    append(out, value, Escape::Json);
}

/// A value as it stands in such a place.
pub(super) fn append(out: &mut Vec<u8>, value: &[u8], escape: Escape) {
    match escape {
        Escape::JsonBare => {
            out.push(b'"');
            append(out, value, Escape::Json);
            out.push(b'"');
        }
        Escape::Csv if value.iter().any(|byte| is_special(*byte) || *byte == b',') => {
            out.push(b'"');
            append(out, value, Escape::CsvQuoted);
            out.push(b'"');
        }
        _ => {
            for chunk in value.utf8_chunks() {
                for character in chunk.valid().chars() {
                    append_character(out, character, escape);
                }
                if !chunk.invalid().is_empty() {
                    out.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
        }
    }
}

fn append_character(out: &mut Vec<u8>, character: char, escape: Escape) {
    let mut bytes = [0; 4];
    let written = match (escape, character) {
        (Escape::Json | Escape::Quoted | Escape::Bare(_), '"') => "\\\"",
        (Escape::Json | Escape::Quoted | Escape::Bare(_), '\\') => "\\\\",
        (Escape::Json, '\n') => "\\n",
        (Escape::Json, '\t') => "\\t",
        (Escape::CsvQuoted, '"') => "\"\"",
        (Escape::Xml, '<') => "&lt;",
        (Escape::Xml, '>') => "&gt;",
        (Escape::Xml, '&') => "&amp;",
        (Escape::Xml, '"') => "&quot;",
        (Escape::Xml, '\'') => "&apos;",
        (Escape::Bare(end), character) if character == char::from(end) => return hex(out, character),
        // Some readers of logs take these for the end of a line, too.
        (_, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}') => match escape {
            Escape::Json => {
                let code = u32::from(character);
                return out.extend_from_slice(format!("\\u{code:04x}").as_bytes());
            }
            // XML 1.0 has no way to say most of them.
            Escape::Xml => "\u{fffd}",
            _ => return hex(out, character),
        },
        (Escape::Xml, '\u{fffe}' | '\u{ffff}') => "\u{fffd}",
        _ => character.encode_utf8(&mut bytes),
    };
    out.extend_from_slice(written.as_bytes());
}

/// As web servers do: `\x0a`.
fn hex(out: &mut Vec<u8>, character: char) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        out.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appended(value: &str, escape: Escape) -> String {
        let mut out = Vec::new();
        append(&mut out, value.as_bytes(), escape);
        String::from_utf8(out).unwrap()
    }

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

    #[test]
    fn every_place_has_its_own_escapes() {
        for (escape, wanted) in [
            (Escape::Json, "a\\\"b\\\\c,<&'>\\n| \\u0085é"),
            (Escape::JsonBare, "\"a\\\"b\\\\c,<&'>\\n| \\u0085é\""),
            (Escape::Xml, "a&quot;b\\c,&lt;&amp;&apos;&gt;\u{fffd}| \u{fffd}é"),
            (Escape::Csv, "\"a\"\"b\\c,<&'>\\x0a| \\xc2\\x85é\""),
            (Escape::CsvQuoted, "a\"\"b\\c,<&'>\\x0a| \\xc2\\x85é"),
            (Escape::Quoted, "a\\\"b\\\\c,<&'>\\x0a| \\xc2\\x85é"),
            (Escape::Bare(b'|'), "a\\\"b\\\\c,<&'>\\x0a\\x7c \\xc2\\x85é"),
            (Escape::Bare(b' '), "a\\\"b\\\\c,<&'>\\x0a|\\x20\\xc2\\x85é"),
        ] {
            assert_eq!(appended("a\"b\\c,<&'>\n| \u{85}é", escape), wanted, "{escape:?}");
        }
        assert_eq!(appended("plain text", Escape::Csv), "plain text");
    }

    #[test]
    fn nothing_ends_a_line() {
        let all: String = (0..0x3000).filter_map(char::from_u32).collect();
        for escape in [Escape::Json, Escape::Xml, Escape::Csv, Escape::CsvQuoted, Escape::Quoted, Escape::Bare(b';')] {
            let text = appended(&all, escape);
            assert!(!text.chars().any(|one| one.is_control() || one == '\u{2028}' || one == '\u{2029}'), "{escape:?}");
        }
    }
}
