//! The canonical request. Encodings follow RFC 3986's unreserved set; paths are encoded a second time (only S3 does not).

use super::Request;

/// Puts the six parts together. `path` and `query` are canonical already.
pub(super) fn request(
    request: &Request<'_>,
    path: &[u8],
    query: &[u8],
    signed_headers: &str,
    payload_hash: &str,
) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    for part in [request.method, path, query] {
        text.extend_from_slice(part);
        text.push(b'\n');
    }
    for name in signed_headers.split(';') {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        let mut first = true;
        for (_, value) in request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes())) {
            if !first {
                text.push(b',');
            }
            first = false;
            collapse(value, &mut text);
        }
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(signed_headers.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(payload_hash.as_bytes());
    text
}

/// Trims a value and makes one space of each run of spaces.
fn collapse(value: &[u8], out: &mut Vec<u8>) {
    let value = value.trim_ascii();
    for (at, &byte) in value.iter().enumerate() {
        if byte != b' ' || value[at - 1] != b' ' {
            out.push(byte);
        }
    }
}

/// The path as it came, encoded again.
pub(super) fn path(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 8);
    if raw.is_empty() {
        out.push(b'/');
    }
    encode(raw, true, &mut out);
    out
}

/// The path without `.`, `..` and empty segments, encoded again.
pub(super) fn normalised_path(raw: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in raw.split(|&byte| byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let mut plain = vec![b'/'];
    plain.extend_from_slice(&kept.join(&b'/'));
    if raw.ends_with(b"/") && !kept.is_empty() {
        plain.push(b'/');
    }
    path(&plain)
}

/// Names and values decoded, encoded alike and sorted; `without` names a parameter to leave out.
pub(super) fn query(raw: &[u8], without: Option<&str>) -> Vec<u8> {
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = parameters(raw)
        .filter(|(name, _)| without.is_none_or(|without| name != without.as_bytes()))
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort();
    let lines: Vec<Vec<u8>> = pairs.into_iter().map(|(name, value)| [name, value].join(&b'=')).collect();
    lines.join(&b'&')
}

/// The decoded parameters of a query in order; `+` is a space, a broken escape stands for itself.
pub(super) fn parameters(raw: &[u8]) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    raw.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = memchr::memchr(b'=', pair);
        let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
                out.push(digit(*high) << 4 | digit(*low));
                rest = after;
            }
            (b'+', _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

fn encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    encode(text, false, &mut out);
    out
}

fn encode(text: &[u8], keep_slash: bool, out: &mut Vec<u8>) {
    for &byte in text {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') || (keep_slash && byte == b'/') {
            out.push(byte);
        } else {
            let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value & 0xf)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn paths() {
        for (raw, plain, normalised) in [
            ("", "/", "/"),
            ("/", "/", "/"),
            ("/a%20b", "/a%2520b", "/a%2520b"),
            ("/a//b/./c/../d/", "/a//b/./c/../d/", "/a/b/d/"),
            ("/../../x", "/../../x", "/x"),
            ("//", "//", "/"),
            ("/a/..", "/a/..", "/"),
            ("/~u/x-y_z.1", "/~u/x-y_z.1", "/~u/x-y_z.1"),
            ("/$:@{x}", "/%24%3A%40%7Bx%7D", "/%24%3A%40%7Bx%7D"),
        ] {
            assert_eq!(text(path(raw.as_bytes())), plain);
            assert_eq!(text(normalised_path(raw.as_bytes())), normalised);
        }
    }

    #[test]
    fn queries() {
        for (raw, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a=%7e%2f+x", "a=~%2F%20x"),
            ("a=b=c", "a=b%3Dc"),
            ("&&a=1&", "a=1"),
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("%zz=%", "%25zz=%25"),
            ("X-Amz-Signature=1&x=2", "x=2"),
        ] {
            assert_eq!(text(query(raw.as_bytes(), Some("X-Amz-Signature"))), canonical);
        }
        assert_eq!(text(query(b"X-Amz-Signature=1", None)), "X-Amz-Signature=1");
    }

    #[test]
    fn values_are_trimmed_and_collapsed() {
        let mut out = Vec::new();
        collapse(b" \t a  b   \"c  d\"\t ", &mut out);
        assert_eq!(text(out), "a b \"c d\"");
    }
}
