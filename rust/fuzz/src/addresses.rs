//! Where requests go: hosts, addresses, routes, percent sequences and query strings, against plainer readings of them.

use apigw_engine::{
    exchange::Exchange,
    http1::is_host,
    inbound::query as parameters,
    primitives::{path_tree::PathTree, percent},
};

use super::{
    choices::Choices,
    mappings::{self, API},
    model,
};

/// A host and a target, one line each: what is a host, and which requests are for the one API there is.
pub fn address(bytes: &[u8]) {
    let mut lines = bytes.splitn(2, |&byte| byte == b'\n');
    let (host, target) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    assert_eq!(is_host(host), model::is_host(host), "{}", host.escape_ascii());
    let text = [b"GET ", target, b" HTTP/1.1\r\nHost: ", host, b"\r\n\r\n"].concat();
    let Some(mut exchange) = mappings::exchange(text) else { return };
    if mappings::routed(&mut exchange) {
        routed(&exchange);
    }
}

/// A request that found its method: for our API by its host or its path, on a resource that its path is an instance of.
pub(crate) fn routed(exchange: &Exchange) {
    let input = &exchange.input;
    let host = exchange.head.host.of(input).to_ascii_lowercase();
    let path = exchange.head.path.of(input);
    let path = &path[..path.iter().position(|&byte| byte == b'?').unwrap_or(path.len())];
    let by_host = host.starts_with(format!("{API}.execute-api.").as_bytes());
    let by_path = [format!("/restapis/{API}/"), format!("/_aws/execute-api/{API}/")];
    assert!(by_host || by_path.iter().any(|start| path.starts_with(start.as_bytes())), "nobody asked for this API");
    assert!(!by_host || path.trim_ascii_start().starts_with(b"/"));
    let found = exchange.resource_path.of(input);
    assert!(found.starts_with(b"/") && (found == b"/" || !found.ends_with(b"/")));
    assert!(percent::is_well_formed(exchange.query.of(input)));
    let resource = exchange.deployment().expect("routed").tree.path(exchange.resource);
    let values: Vec<&[u8]> = exchange.path_parameters.iter().map(|value| value.of(input)).collect();
    assert_eq!(filled(resource, &values), found, "an instance of {}", resource.escape_ascii());
}

/// A resource's path with these values for its variables.
fn filled(resource: &[u8], values: &[&[u8]]) -> Vec<u8> {
    let mut values = values.iter();
    let segments = resource.split(|&byte| byte == b'/').map(|segment| {
        if segment.starts_with(b"{") { *values.next().expect("a value for each variable") } else { segment }
    });
    let filled = segments.collect::<Vec<_>>().join(&b'/');
    assert!(values.next().is_none(), "more values than variables");
    filled
}

/// Resources that a tree is built of.
const RESOURCES: &[&str] =
    &["/", "/a", "/a/b", "/{x}", "/{x}/b", "/a/{y}", "/{x}/{y}", "/{x+}", "/a/{x+}", "/{x}/b/{y+}", "/b", "/ab"];

/// Whether a path is an instance of a resource, segment by segment.
fn matches(resource: &str, path: &str) -> bool {
    let mut segments = path[1..].split('/').peekable();
    for wanted in resource[1..].split('/') {
        if wanted.ends_with("+}") {
            return segments.peek().is_some_and(|segment| !segment.is_empty());
        }
        let Some(segment) = segments.next() else { return false };
        if !(segment == wanted || wanted.starts_with('{') && !segment.is_empty()) {
            return false;
        }
    }
    segments.next().is_none()
}

/// Resources in a tree: what is found matches, what matches is found, and a literal path before all others.
pub fn path(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut chosen: Vec<(&str, u8)> = Vec::new();
    for _ in 0..choices.below(7) {
        let (resource, verbs) = (choices.one(RESOURCES), choices.byte() & 7);
        if chosen.iter().all(|(other, _)| *other != resource) && verbs != 0 {
            chosen.push((resource, verbs));
        }
    }
    let Ok(tree) = PathTree::build(chosen.iter().copied()) else { return };
    let verb = 1 << choices.below(3);
    let path: String =
        (0..choices.below(5)).map(|_| choices.one(&["/a", "/b", "/ab", "/c", "/a%20", "/{x}"])).collect();
    let path = if path.is_empty() { "/".to_owned() } else { path };
    let mut values = Vec::new();
    let found =
        tree.find(path.as_bytes(), verb, |start, end| values.push(&path.as_bytes()[start as usize..end as usize]));
    let fits = |(resource, verbs): &&(&str, u8)| verbs & verb != 0 && matches(resource, &path);
    match found {
        Some(number) => {
            let resource = tree.path(number);
            assert!(chosen.iter().filter(fits).any(|(other, _)| other.as_bytes() == resource), "{path} in {chosen:?}");
            assert_eq!(filled(resource, &values), path.as_bytes());
            let literal = chosen.iter().filter(fits).any(|(other, _)| *other == path);
            assert!(!literal || resource == path.as_bytes(), "the literal path comes first");
        }
        None => assert!(!chosen.iter().any(|each| fits(&each)), "{path} is in {chosen:?}"),
    }
}

/// Percent sequences and parameters: decoded as the plain reading decodes them, encoded so that they decode to themselves.
pub fn query(bytes: &[u8]) {
    let decoded = plainly_decoded(bytes);
    assert_eq!(&*percent::decode(bytes), decoded);
    assert!(percent::decodes_to(bytes, &decoded));
    let mut encoded = Vec::new();
    percent::encode(bytes, &mut encoded);
    assert!(percent::is_well_formed(&encoded) && &*percent::decode(&encoded) == bytes);
    let mut kept = Vec::new();
    percent::encode_rest(bytes, &mut kept);
    assert!(!kept.iter().any(|byte| byte.is_ascii_whitespace() || b"&;=#+".contains(byte) || !byte.is_ascii_graphic()));
    let pairs: Vec<(Vec<u8>, Vec<u8>)> = bytes
        .split(|byte| b"&;".contains(byte))
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
            (plainly_decoded(&pair[..at]), pair.get(at + 1..).unwrap_or_default().to_vec())
        })
        .collect();
    for (name, _) in pairs.iter().take(20) {
        let expected: Vec<&[u8]> =
            pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| &value[..]).collect();
        assert_eq!(parameters::values(bytes, name).collect::<Vec<_>>(), expected);
        let last = expected.last().map(|value| plainly_decoded(value));
        assert_eq!(parameters::last(bytes, name).as_deref(), last.as_deref());
    }
}

fn plainly_decoded(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let sequence = text.get(at + 1..at + 3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        match (text[at], sequence.and_then(|digits| std::str::from_utf8(digits).ok())) {
            (b'%', Some(digits)) => {
                decoded.push(u8::from_str_radix(digits, 16).expect("two digits"));
                at += 2;
            }
            (b'+', _) => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        at += 1;
    }
    decoded
}
