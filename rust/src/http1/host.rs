//! `host[:port]`, the only thing a Host field or an absolute-form authority may be.

use std::net::Ipv6Addr;

/// `HOST[byte]`: may stand in a name or IPv4 address. Narrower than RFC 3986's reg-name: no sub-delimiters, no percent.
const HOST: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

/// Whether this is a name, an IPv4 address or a bracketed IPv6 address, with an optional port.
pub fn is_host(text: &[u8]) -> bool {
    let (host, rest) = if text.first() == Some(&b'[') {
        let Some(end) = memchr::memchr(b']', text) else { return false };
        if !is_ipv6(&text[1..end]) {
            return false;
        }
        (&text[..=end], &text[end + 1..])
    } else {
        // A port is at most five digits: what is before its colon has no early exit, so that it is looked at in one go.
        let digits = text.iter().rev().take(6).take_while(|byte| byte.is_ascii_digit()).count();
        let end = match text.len() - digits {
            colon @ 1.. if text[colon - 1] == b':' => colon - 1,
            _ => text.len(),
        };
        let (host, rest) = text.split_at(end);
        if !host.iter().fold(true, |all, &byte| all & HOST[usize::from(byte)]) {
            return false;
        }
        (host, rest)
    };
    match rest {
        _ if host.is_empty() => false,
        [] => true,
        [b':', port @ ..] => is_port(port),
        _ => false,
    }
}

fn is_ipv6(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn is_port(text: &[u8]) -> bool {
    let digits = text.iter().all(u8::is_ascii_digit);
    (1..=5).contains(&text.len())
        && digits
        && text.iter().fold(0, |port, digit| port * 10 + u32::from(digit - b'0')) <= 65_535
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_and_what_is_none() {
        for good in [
            "localhost",
            "a",
            "a.b",
            "abc123.execute-api.us-east-1.amazonaws.com",
            "A_b~c",
            "127.0.0.1:8080",
            "x:0",
            "x:65535",
            "[::1]",
            "[::1]:443",
            "[2001:db8::1.2.3.4]:1",
            "example.com.",
            "x:00080",
        ] {
            assert!(is_host(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            ":",
            ":80",
            "a:",
            "a:65536",
            "a:-1",
            "a:+1",
            "a:8 0",
            "a b",
            "a,b",
            "a/b",
            "a@b",
            "a:b@c",
            "a%41",
            "a?b",
            "a#b",
            "a\\b",
            "[",
            "[]",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[fe80::1%25eth0]",
            "[1.2.3.4]",
            "::1",
            "a:80:80",
            "b\u{fc}cher.example",
            "a\tb",
            "\"a\"",
            "http://a",
            "a:0x50",
        ] {
            assert!(!is_host(bad.as_bytes()), "{bad}");
        }
    }
}
