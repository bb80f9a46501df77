//! Backend URIs: cut into pieces when compiled, read as URLs once nothing in them is open (rest-api §7.2).

use super::plan::{BackendPlan, Piece};
use crate::{
    http1::{is_host, prebuild},
    state::destinations::{Destinations, Endpoint},
};

/// An absolute `http` or `https` URL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    /// `https`.
    pub(crate) secure: bool,
    /// `host[:port]` as written.
    pub(crate) authority: &'a [u8],
    /// Without brackets.
    pub(crate) host: &'a str,
    /// As written, or the scheme's.
    pub(crate) port: u16,
    /// Path and query as written; the path may be empty.
    pub(crate) target: &'a [u8],
}

impl<'a> Url<'a> {
    /// Reads a URL; `None` when it is not absolute, not HTTP, or its authority is no `host[:port]` with a port that
    /// backends may have. A fragment is cut.
    pub(crate) fn parse(text: &'a [u8]) -> Option<Self> {
        let (secure, rest) = match text {
            _ if starts_with_ignore_case(text, b"http://") => (false, &text[7..]),
            _ if starts_with_ignore_case(text, b"https://") => (true, &text[8..]),
            _ => return None,
        };
        let end = memchr::memchr3(b'/', b'?', b'#', rest).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = &target[..memchr::memchr(b'#', target).unwrap_or(target.len())];
        if !is_host(authority) {
            return None;
        }
        let written = std::str::from_utf8(authority).ok()?;
        let (host, port) = match written.strip_prefix('[') {
            Some(address) => address.split_once(']')?,
            None => written.split_at(written.find(':').unwrap_or(written.len())),
        };
        let port = match port.strip_prefix(':') {
            None if secure => 443,
            None => 80,
            Some(port) => port.parse().ok().filter(|port| is_backend_port(*port))?,
        };
        Some(Self { secure, authority, host, port, target })
    }

    /// Where connections go.
    pub(crate) fn endpoint(&self, insecure_skip_verification: bool) -> Endpoint {
        Endpoint {
            secure: self.secure,
            host: self.host.to_ascii_lowercase().into(),
            port: self.port,
            insecure_skip_verification,
            identity: None,
        }
    }
}

fn starts_with_ignore_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// AWS asks backends on the ports 80, 443 and 1024 to 65535 only (rest-api §7.1).
fn is_backend_port(port: u16) -> bool {
    matches!(port, 80 | 443 | 1024..)
}

/// What a URI template is made of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// As it is.
    Text(&'a str),
    /// `{name}`.
    Path(&'a str),
    /// `${stageVariables.name}`.
    StageVariable(&'a str),
}

/// Cuts a URI template; a brace without its partner stays text.
pub(crate) fn tokens(uri: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = uri;
    while let Some(open) = rest.find('{') {
        let Some(length) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + length];
        let variable = name.strip_prefix("stageVariables.").filter(|name| {
            rest[..open].ends_with('$')
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        let (text, token) = match variable {
            Some(name) => (&rest[..open - 1], Token::StageVariable(name)),
            None => (&rest[..open], Token::Path(name)),
        };
        if !text.is_empty() {
            tokens.push(Token::Text(text));
        }
        tokens.push(token);
        rest = &rest[open + length + 1..];
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest));
    }
    tokens
}

/// Whether a stage decides what the URI is.
pub(crate) fn has_stage_variables(uri: &str) -> bool {
    tokens(uri).iter().any(|token| matches!(token, Token::StageVariable(_)))
}

/// Whether the request decides what the URI is.
pub(crate) fn has_path_variables(uri: &str) -> bool {
    tokens(uri).iter().any(|token| matches!(token, Token::Path(_)))
}

/// Compiles a URI with a stage's variables (an undefined one is empty) and the names of the mapped `{name}`s.
pub(crate) fn compile<'v>(
    uri: &str,
    path_names: &[impl AsRef<str>],
    variable: impl Fn(&str) -> Option<&'v str>,
    insecure_skip_verification: bool,
    destinations: &Destinations,
) -> BackendPlan {
    let Some(pieces) = pieces(uri, path_names, variable) else { return BackendPlan::Invalid };
    let is_open = |piece: &Piece| matches!(piece, Piece::Path(_));
    // The authority is known when it ends before the first open piece.
    let Some(Piece::Text(first)) = pieces.first() else { return dynamic(pieces, insecure_skip_verification) };
    let scheme = memchr::memmem::find(first, b"://").map_or(first.len(), |at| at + 3);
    if pieces.len() > 1 && memchr::memchr2(b'/', b'?', &first[scheme..]).is_none() {
        return dynamic(pieces, insecure_skip_verification);
    }
    let Some(url) = Url::parse(first) else { return BackendPlan::Invalid };
    let mut host_line = Vec::new();
    if prebuild(&mut host_line, b"Host", url.authority).is_err() {
        return BackendPlan::Invalid;
    }
    let destination = destinations.intern(url.endpoint(insecure_skip_verification));
    let mut begin = if url.target.first() == Some(&b'/') { Vec::new() } else { vec![b'/'] };
    begin.extend_from_slice(url.target);
    let mut target = vec![Piece::Text(begin.into())];
    // What follows a fragment is no part of the target.
    if memchr::memchr(b'#', first).is_none() {
        for piece in &pieces[1..] {
            match piece {
                Piece::Text(text) => match memchr::memchr(b'#', text) {
                    Some(0) => break,
                    Some(end) => {
                        target.push(Piece::Text(text[..end].into()));
                        break;
                    }
                    None => target.push(piece.clone()),
                },
                Piece::Path(_) => target.push(piece.clone()),
            }
        }
    }
    debug_assert!(target.iter().any(is_open) || target.len() == 1, "texts are joined");
    BackendPlan::Static { destination, host_line: host_line.into(), target: target.into() }
}

fn dynamic(pieces: Vec<Piece>, insecure_skip_verification: bool) -> BackendPlan {
    BackendPlan::Dynamic { uri: pieces.into(), insecure_skip_verification }
}

/// The pieces of a URI, neighbouring texts joined; `None` when a `{name}` has no mapping or a text can stand in no URL.
fn pieces<'v>(
    uri: &str,
    path_names: &[impl AsRef<str>],
    variable: impl Fn(&str) -> Option<&'v str>,
) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    for token in tokens(uri) {
        match token {
            Token::Text(part) => text.extend_from_slice(part.as_bytes()),
            Token::StageVariable(name) => text.extend_from_slice(variable(name).unwrap_or_default().as_bytes()),
            Token::Path(name) => {
                let number = path_names.iter().position(|known| known.as_ref() == name)?;
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text).into()));
                }
                pieces.push(Piece::Path(number as u16));
            }
        }
    }
    if !text.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(text.into()));
    }
    let is_valid = |piece: &Piece| match piece {
        Piece::Text(text) => text.iter().all(|byte| is_url_byte(*byte)),
        Piece::Path(_) => true,
    };
    pieces.iter().all(is_valid).then_some(pieces)
}

/// Whether a byte may stand somewhere in a URL.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'{' | b'}' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'|')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(uri: &str, names: &[&str]) -> (BackendPlan, Destinations) {
        let destinations = Destinations::default();
        let variable = |name: &str| match name {
            "host" => Some("backend.test:8081"),
            "base" => Some("b.test/base?k=v"),
            "ver" => Some("v1"),
            "low" => Some("81"),
            _ => None,
        };
        (compile(uri, names, variable, false, &destinations), destinations)
    }

    /// `http(s) host port host-line target`.
    fn shown(uri: &str, names: &[&str]) -> String {
        match compiled(uri, names) {
            (BackendPlan::Static { destination, host_line, target }, destinations) => {
                let endpoint = destinations.get(destination).expect("interned");
                let target: String = target
                    .iter()
                    .map(|piece| match piece {
                        Piece::Text(text) => String::from_utf8_lossy(text).into_owned(),
                        Piece::Path(number) => format!("<{number}>"),
                    })
                    .collect();
                let host_line = String::from_utf8_lossy(&host_line).trim_end().to_owned();
                format!("{} {} {} {host_line} {target}", endpoint.secure, endpoint.host, endpoint.port)
            }
            (BackendPlan::Dynamic { uri, .. }, _) => format!("dynamic {}", uri.len()),
            (BackendPlan::Invalid, _) => "invalid".to_owned(),
        }
    }

    #[test]
    fn s7_2_the_authority_and_the_target() {
        assert_eq!(shown("http://Example.com/a?b=c#d", &[]), "false example.com 80 Host: Example.com /a?b=c");
        assert_eq!(shown("HTTPS://example.com", &[]), "true example.com 443 Host: example.com /");
        assert_eq!(shown("https://example.com:8443?x=1", &[]), "true example.com 8443 Host: example.com:8443 /?x=1");
        assert_eq!(shown("http://[::1]:8080/x", &[]), "false ::1 8080 Host: [::1]:8080 /x");
    }

    #[test]
    fn s7_2_1_mapped_names_are_open_and_unmapped_ones_are_invalid() {
        assert_eq!(shown("http://h/a/{id}/b/{p}", &["p", "id"]), "false h 80 Host: h /a/<1>/b/<0>");
        assert_eq!(shown("http://h/{proxy}", &[]), "invalid");
        assert_eq!(shown("http://h/{a}/{b}", &["a"]), "invalid");
        assert_eq!(shown("http://h?{q}", &["q"]), "false h 80 Host: h /?<0>");
        assert_eq!(shown("http://h/a#{q}", &["q"]), "false h 80 Host: h /a");
    }

    #[test]
    fn s7_2_2_stage_variables_and_nothing_else() {
        assert_eq!(
            shown("http://${stageVariables.host}/x/${stageVariables.ver}", &[]),
            "false backend.test 8081 Host: backend.test:8081 /x/v1"
        );
        assert_eq!(shown("http://${stageVariables.base}", &[]), "false b.test 80 Host: b.test /base?k=v");
        assert_eq!(shown("http://h/${stageVariables.missing}x", &[]), "false h 80 Host: h /x");
        assert_eq!(shown("http://${stageVariables.missing}/x", &[]), "invalid");
        assert_eq!(shown("http://h/${other}", &[]), "invalid");
        assert_eq!(shown("http://h/${stageVariables['ver']}", &[]), "invalid");
        assert!(
            !has_stage_variables("http://h/{stageVariables.ver}")
                && has_stage_variables("http://h/${stageVariables.ver}")
        );
    }

    #[test]
    fn s7_2_an_open_authority_is_dynamic() {
        assert_eq!(shown("http://{h}.test/x", &["h"]), "dynamic 3");
        assert_eq!(shown("{h}", &["h"]), "dynamic 1");
        assert_eq!(shown("http://a{h}", &["h"]), "dynamic 2");
    }

    #[test]
    fn s7_1_a_backend_has_the_port_80_443_or_one_from_1024_on() {
        for port in ["80", "443", "1024", "65535", "00443"] {
            assert_ne!(shown(&format!("http://h:{port}/"), &[]), "invalid", "{port}");
        }
        for port in ["", "0", "1", "79", "81", "442", "444", "1023", "65536"] {
            for uri in [format!("http://h:{port}/x"), format!("https://[::1]:{port}")] {
                assert_eq!(shown(&uri, &[]), "invalid", "{uri}");
            }
        }
        // What a stage says of it is held to the same.
        assert_eq!(shown("http://h:${stageVariables.low}/", &[]), "invalid");
        assert_eq!(shown("http://h:10${stageVariables.low}/", &[]), "false h 1081 Host: h:1081 /");
    }

    #[test]
    fn s7_2_5_no_absolute_url() {
        for uri in [
            "",
            "h/x",
            "ftp://h/",
            "http://",
            "http:///x",
            "http://h:0/",
            "http://h:99999/",
            "http://u@h/",
            "http://h/ x",
            "http://h/ü",
            "//h/x",
            "http://h:x/",
        ] {
            assert_eq!(shown(uri, &[]), "invalid", "{uri}");
        }
    }
}
