//! Heads that come as fields (HTTP/2): what is assembled of them is what the parser makes of the same text, or it is refused.

use apigw_engine::http1::{Framing, HeadAssembler, HeadLimits, Pseudo, RequestHead};

use super::{
    choices::Choices,
    requests::{self, Heard},
};

const LIMITS: HeadLimits = HeadLimits { target: 10_240, header_block: 10_240, fields: 256 };
/// Names worth trying beside arbitrary bytes.
const NAMES: &[&[u8]] = &[
    b"x-a",
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"connection",
    b"te",
    b"cookie",
    b"upgrade",
    b"expect",
    b"x\r\nhost",
];
const VALUES: &[&[u8]] = &[b"h", b"5", b"0", b"trailers", b"chunked", b"a\r\nb: c", b"100-continue", b" x", b""];
/// What rules a connection of HTTP/1.1.
const OF_CONNECTIONS: &[&[u8]] = &[b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];

/// See the module.
pub fn http2_head(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let method = if choices.below(2) == 0 { &b"POST"[..] } else { choices.run(8) };
    let path = if choices.below(3) == 0 { choices.run(24).to_vec() } else { [b"/", choices.run(24)].concat() };
    let authority = match choices.below(4) {
        0 => None,
        1 => Some(choices.run(12)),
        _ => Some(&b"h"[..]),
    };
    let is_whole = choices.below(2) == 0;
    let (mut input, mut head) = (Vec::new(), RequestHead::default());
    let pseudo = Pseudo { method, path: &path, authority };
    let Ok(mut assembler) = HeadAssembler::begin(&mut input, &mut head, &LIMITS, pseudo) else { return };
    while choices.has_more() {
        let name = if choices.below(2) == 0 { choices.one(NAMES) } else { choices.run(12) };
        let value = if choices.below(2) == 0 { choices.one(VALUES) } else { choices.run(24) };
        if assembler.field(name, value).is_err() {
            return;
        }
        assert!(!OF_CONNECTIONS.iter().any(|of| of.eq_ignore_ascii_case(name)), "{} got through", name.escape_ascii());
    }
    if assembler.finish(is_whole).is_err() {
        return;
    }
    assert_eq!((head.method.of(&input), head.target.of(&input)), (method, &path[..]));
    let text = input.escape_ascii().to_string().replacen(" HTTP/2.0\\r\\n", " HTTP/1.1\\r\\n", 1);
    let start = method.len() + path.len() + 1;
    let mut plain = input.clone();
    plain[start..start + 9].copy_from_slice(b" HTTP/1.1");
    let parsed = requests::head(&plain);
    let Ok(Some(parsed)) = parsed else { panic!("{text} is read as {parsed:?}") };
    let fields = head.fields.iter().map(|field| (field.name.of(&input).to_vec(), field.value.of(&input).to_vec()));
    assert_eq!(parsed.fields, fields.collect::<Vec<_>>(), "{text}");
    assert_eq!((&parsed.host[..], parsed.length), (head.host.of(&input), input.len()), "{text}");
    match head.framing {
        Framing::Length(_) => assert!(!is_whole && parsed.framing == head.framing, "{text}"),
        Framing::UntilClose => assert!(!is_whole && parsed.framing == Framing::None, "{text}"),
        Framing::None => assert!(parsed.framing == Framing::None, "{text}"),
        Framing::Chunked => panic!("no chunks in HTTP/2: {text}"),
    }
    assert!(matches!(&requests::read(&[&plain])[..], [Heard::Message(..) | Heard::Unfinished]), "{text}");
}
