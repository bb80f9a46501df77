//! What is said of a client in every request of its connection, written once: `X-Forwarded-*` lines and the text of its
//! address. Kept with a pooled request, so that an idle connection pays nothing; another client's request writes it anew.

use std::{
    net::{IpAddr, Ipv4Addr},
    ops::Range,
};

use super::values::append_ip;

/// The lines for one client, one port and one scheme.
#[derive(Debug)]
pub struct Forwarded {
    ip: IpAddr,
    port: u16,
    /// How the client spoke, or what no client's speech is: lines that a request of the edge has left.
    scheme: u8,
    lines: Vec<u8>,
    ip_end: usize,
}

/// In `scheme`.
const LEFT: u8 = 2;

/// The header by which the edge says how the client spoke to it.
pub const EDGE_PROTO: &str = "CloudFront-Forwarded-Proto";

const FOR: &[u8] = b"X-Forwarded-For: ";

impl Default for Forwarded {
    fn default() -> Self {
        Self { ip: Ipv4Addr::UNSPECIFIED.into(), port: 0, scheme: 0, lines: Vec::new(), ip_end: 0 }
    }
}

impl Forwarded {
    /// Writes the lines, if they are not this client's already.
    #[inline]
    pub fn prepare(&mut self, ip: IpAddr, port: u16, is_secure: bool) {
        if self.ip != ip || self.port != port || self.scheme != u8::from(is_secure) || self.lines.is_empty() {
            self.write(ip, port, is_secure);
        }
    }

    #[cold]
    fn write(&mut self, ip: IpAddr, port: u16, is_secure: bool) {
        (self.ip, self.port, self.scheme) = (ip, port, u8::from(is_secure));
        self.lines.clear();
        self.lines.extend_from_slice(FOR);
        append_ip(ip, &mut self.lines);
        self.ip_end = self.lines.len();
        self.lines.extend_from_slice(b"\r\nX-Forwarded-Port: ");
        self.lines.extend_from_slice(itoa::Buffer::new().format(port).as_bytes());
        self.lines.extend_from_slice(b"\r\n");
        self.lines.extend_from_slice(proto(is_secure));
    }

    /// `X-Forwarded-For`, `-Port` and `-Proto` of a client that sent no chain of its own; nothing when it is another client's.
    #[inline]
    pub fn lines(&self, ip: IpAddr, port: u16, is_secure: bool) -> Option<&[u8]> {
        (self.ip == ip && self.port == port && self.scheme == u8::from(is_secure) && !self.lines.is_empty())
            .then_some(&self.lines[..])
    }

    /// The lines are not all that is said of this request, which came by the edge: they are nobody's.
    pub fn leave(&mut self) {
        self.scheme |= LEFT;
    }

    /// Where the text of the address prepared last stands; nowhere before any was.
    #[inline]
    pub fn ip(&self) -> (&[u8], Range<usize>) {
        (&self.lines, FOR.len().min(self.ip_end)..self.ip_end)
    }
}

/// How the client spoke to us.
pub fn scheme(is_secure: bool) -> &'static str {
    if is_secure { "https" } else { "http" }
}

/// The line that says how the client spoke to us.
pub fn proto(is_secure: bool) -> &'static [u8] {
    if is_secure { b"X-Forwarded-Proto: https\r\n" } else { b"X-Forwarded-Proto: http\r\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_one_clients() {
        let mut forwarded = Forwarded::default();
        let (one, other) = (IpAddr::from([0, 0, 0, 0]), "::ffff:192.0.2.7".parse().unwrap());
        let ip = |forwarded: &Forwarded| {
            let (lines, range) = forwarded.ip();
            String::from_utf8(lines[range].to_vec()).unwrap()
        };
        assert_eq!((forwarded.lines(one, 0, false), ip(&forwarded).as_str()), (None, ""));
        forwarded.prepare(one, 0, false);
        assert_eq!(ip(&forwarded), "0.0.0.0");
        forwarded.prepare(other, 8080, false);
        assert_eq!((forwarded.lines(one, 0, false), forwarded.lines(other, 80, false)), (None, None));
        assert_eq!(forwarded.lines(other, 8080, true), None);
        let lines: &[u8] = b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Port: 8080\r\nX-Forwarded-Proto: http\r\n";
        assert_eq!(forwarded.lines(other, 8080, false), Some(lines));
        forwarded.prepare(other, 8080, true);
        let lines: &[u8] = b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Port: 8080\r\nX-Forwarded-Proto: https\r\n";
        assert_eq!(forwarded.lines(other, 8080, true), Some(lines));
        assert_eq!(ip(&forwarded), "192.0.2.7");
        forwarded.leave();
        assert_eq!((forwarded.lines(other, 8080, true), ip(&forwarded).as_str()), (None, "192.0.2.7"));
        forwarded.prepare(other, 8080, true);
        assert_eq!(forwarded.lines(other, 8080, true), Some(lines));
    }
}
