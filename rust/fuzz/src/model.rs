//! The rules of framing once more, written down as they read: whole texts, split at line ends, no cleverness. Slow and plain on
//! purpose; what it says and what the codec says must be the same.

use std::net::Ipv6Addr;

/// A head as the rules understand it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) host: Vec<u8>,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Body,
    pub(crate) length: usize,
}

/// How a request's body ends.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Body {
    None,
    Length(u64),
    Chunked,
}

/// What the rules say of a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict<T> {
    Accepted(T),
    Refused,
    /// It does not hold a whole message; it may be broken already.
    Unfinished,
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Lines without their CR LF, up to the empty one; refused where a CR or LF stands alone, and the bytes up to there.
fn lines(text: &[u8]) -> Verdict<(Vec<&[u8]>, usize)> {
    let Some(end) = text.windows(4).position(|window| window == b"\r\n\r\n") else { return Verdict::Unfinished };
    let block = &text[..end];
    let mut lines = Vec::new();
    let mut start = 0;
    for at in 0..=block.len() {
        if at == block.len() || block[at..].starts_with(b"\r\n") {
            lines.push(&block[start.min(at)..at]);
            start = at + 2;
        }
    }
    if lines.iter().any(|line| line.contains(&b'\r') || line.contains(&b'\n')) {
        return Verdict::Refused;
    }
    Verdict::Accepted((lines, end + 4))
}

/// One request head, an empty line before it allowed.
pub(crate) fn request(text: &[u8]) -> Verdict<Head> {
    let skipped = if text.starts_with(b"\r\n") { 2 } else { 0 };
    let (lines, length) = match lines(&text[skipped..]) {
        Verdict::Accepted(found) => found,
        Verdict::Refused => return Verdict::Refused,
        Verdict::Unfinished => return Verdict::Unfinished,
    };
    match understood(&lines) {
        Some(head) => Verdict::Accepted(Head { length: length + skipped, ..head }),
        None => Verdict::Refused,
    }
}

fn understood(lines: &[&[u8]]) -> Option<Head> {
    let (first, rest) = lines.split_first()?;
    let parts: Vec<&[u8]> = first.split(|&byte| byte == b' ').collect();
    let [method, target, version] = parts[..] else { return None };
    let is_old = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return None,
    };
    let is_plain = target.iter().all(|&byte| byte > b' ' && byte < 0x7f && byte != b'#');
    if !is_token(method) || method.len() > 64 || method == b"CONNECT" || target.is_empty() || !is_plain {
        return None;
    }
    let fields = rest.iter().map(|line| field(line)).collect::<Option<Vec<_>>>()?;
    let all = |name: &str| -> Vec<&[u8]> {
        let named = fields.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|(_, value)| &value[..]).collect()
    };
    let body = match (&all("content-length")[..], &all("transfer-encoding")[..]) {
        ([], []) => Body::None,
        ([], [coding]) if !is_old && coding.eq_ignore_ascii_case(b"chunked") => Body::Chunked,
        ([length], []) => match number(length)? {
            0 => Body::None,
            length => Body::Length(length),
        },
        _ => return None,
    };
    let [host] = all("host")[..] else { return None };
    if !is_host(host) || !agrees(target, host) {
        return None;
    }
    let (method, target, host) = (method.to_vec(), target.to_vec(), host.to_vec());
    Some(Head { method, target, host, fields, body, length: 0 })
}

fn field(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value.iter().position(|byte| !is_blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(start, |at| at + 1);
    let clean = value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f));
    (is_token(name) && clean).then(|| (name.to_vec(), value[start..end].to_vec()))
}

fn number(text: &[u8]) -> Option<u64> {
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Origin form, or absolute form with the authority that Host names.
fn agrees(target: &[u8], host: &[u8]) -> bool {
    let lower = target.to_ascii_lowercase();
    let rest = match (lower.strip_prefix(b"http://"), lower.strip_prefix(b"https://")) {
        _ if target.starts_with(b"/") => return true,
        (Some(rest), _) | (_, Some(rest)) => rest,
        _ => return false,
    };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    rest[..end] == host.to_ascii_lowercase()
}

/// `host[:port]`.
pub(crate) fn is_host(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port =
        |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let is_named = |host: &str| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let is_bracketed = |host: &str| {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        inner.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok())
    };
    port.is_none_or(is_port) && (is_named(host) || is_bracketed(host))
}

/// The payload of a chunked body and the bytes it took.
pub(crate) fn chunked(text: &[u8]) -> Verdict<(Vec<u8>, usize)> {
    let (mut payload, mut at, mut overhead) = (Vec::new(), 0, 0);
    loop {
        let Some(line) = line(&text[at..]) else { return Verdict::Unfinished };
        let size = line.split(|&byte| byte == b';').next().unwrap_or_default();
        let extension = line.len() - size.len();
        if !is_clean(line) || extension > 257 || !(1..=16).contains(&size.len()) {
            return Verdict::Refused;
        }
        overhead += extension.saturating_sub(1);
        let Some(size) = hexadecimal(size) else { return Verdict::Refused };
        at += line.len() + 2;
        if size == 0 {
            return trailers(text, at, overhead).map(payload);
        }
        let rest = &text[at..];
        let Some(size) = usize::try_from(size).ok().filter(|size| rest.len() >= size.saturating_add(2)) else {
            return Verdict::Unfinished;
        };
        if &rest[size..size + 2] != b"\r\n" {
            return Verdict::Refused;
        }
        payload.extend_from_slice(&rest[..size]);
        at += size + 2;
    }
}

/// Where trailers from `at` end.
fn trailers(text: &[u8], mut at: usize, mut overhead: usize) -> Verdict<usize> {
    loop {
        let Some(line) = line(&text[at..]) else { return Verdict::Unfinished };
        at += line.len() + 2;
        overhead += line.len();
        if overhead > 16 * 1024 {
            return Verdict::Refused;
        }
        if line.is_empty() {
            return Verdict::Accepted(at);
        }
        if field(line).is_none() {
            return Verdict::Refused;
        }
    }
}

impl Verdict<usize> {
    fn map(self, payload: Vec<u8>) -> Verdict<(Vec<u8>, usize)> {
        match self {
            Self::Accepted(end) => Verdict::Accepted((payload, end)),
            Self::Refused => Verdict::Refused,
            Self::Unfinished => Verdict::Unfinished,
        }
    }
}

/// The text up to the first CR LF.
fn line(text: &[u8]) -> Option<&[u8]> {
    text.windows(2).position(|window| window == b"\r\n").map(|end| &text[..end])
}

fn is_clean(line: &[u8]) -> bool {
    line.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}

fn hexadecimal(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(text, 16).ok()
}
