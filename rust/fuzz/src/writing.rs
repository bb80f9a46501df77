//! The writer: whatever is put into a head, what comes out is one message with just those fields, or nothing.

use apigw_engine::http1::{
    Field, Framing, HeadWriter, LAST_CHUNK, ResponseHead, parse_response, prebuild, write_chunk_head,
};

use super::{
    choices::Choices,
    requests::{self, Heard},
    responses,
};

/// Names worth trying beside arbitrary bytes.
const NAMES: &[&[u8]] = &[
    b"",
    b"X-A",
    b"Host",
    b"content-length",
    b"Transfer-Encoding",
    b"Connection",
    b"x\r\nHost",
    b"A ",
    b"A:",
    b"Expect",
];

/// A head with fields to pass on, some not in the form they would be written in.
const PARSED: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: x\r\nA:b\r\nC: \t d \r\nE:\r\nContent-Length: 5\r\nHost: other\r\nF: g\r\n\r\n";

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// See the module.
pub fn writer(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let is_request = choices.below(2) == 0;
    let (method, target) = (choices.run(6).to_vec(), [b"/", choices.run(24)].concat());
    let status = u16::from(choices.byte()) << 8 | u16::from(choices.byte());
    let framing = match choices.below(4) {
        0 => Framing::None,
        1 => Framing::Length(u64::from(choices.byte())),
        2 => Framing::Chunked,
        _ => Framing::UntilClose,
    };
    let mut out = b"before".to_vec();
    let mut head = HeadWriter::new(&mut out);
    if is_request {
        if choices.below(2) == 0 {
            head.request_line(&method, &target);
        } else {
            head.request_line_with(&method, |out| out.extend_from_slice(&target));
        }
        head.field(b"Host", b"h");
    } else {
        head.status_line(status);
    }
    let mut expected = Vec::new();
    let mut parsed = ResponseHead::default();
    assert_eq!(parse_response(PARSED, false, &mut parsed), Ok(true));
    while choices.has_more() && expected.len() < 20 {
        put(&mut head, &mut choices, &parsed.fields, &mut expected);
    }
    head.framing(framing);
    if head.finish().is_err() {
        assert_eq!(out, b"before", "nothing of a refused head stays");
        return;
    }
    out.drain(..6);
    if is_request {
        one_request(out, framing, (&method, &target), &expected);
    } else {
        one_response(out, framing, status, &expected);
    }
}

/// One more field, by one of the writer's ways.
fn put(head: &mut HeadWriter, choices: &mut Choices, parsed: &[Field], expected: &mut Fields) {
    let way = choices.below(8);
    let name = match choices.below(2) {
        0 => choices.one(NAMES).to_vec(),
        _ => choices.run(12).to_vec(),
    };
    let value = choices.run(40).to_vec();
    let mut keep = |name: &[u8], value: &[u8]| expected.push((name.to_vec(), trimmed(value).to_vec()));
    match way {
        0 => {
            head.field(&name, &value);
            keep(&name, &value);
        }
        1 => {
            let middle = value.len() / 2;
            head.field_parts(&name, &[&value[..middle], &value[middle..]]);
            keep(&name, &value);
        }
        2 => {
            if head.field_with(&name, |out| out.extend_from_slice(&value)) {
                keep(&name, &value);
            }
        }
        3 => {
            if head.value_with(b"X-Started: ", |out| out.extend_from_slice(&value)) {
                keep(b"X-Started", &value);
            }
        }
        4 => {
            let mut lines = Vec::new();
            if prebuild(&mut lines, &name, &value).is_ok() && !name.eq_ignore_ascii_case(b"host") {
                head.trusted(&lines);
                keep(&name, &value);
            }
        }
        5 => {
            let field = &parsed[usize::from(value.first().copied().unwrap_or_default()) % parsed.len()];
            head.forward(PARSED, field);
            keep(field.name.of(PARSED), field.value.of(PARSED));
        }
        6 => {
            let mask = value.first().copied().unwrap_or_default();
            let chosen: Vec<Field> =
                parsed.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, field)| *field).collect();
            head.forward_where(PARSED, parsed, |field| chosen.contains(field));
            for field in &chosen {
                keep(field.name.of(PARSED), field.value.of(PARSED));
            }
        }
        _ => {
            let field = &parsed[usize::from(value.first().copied().unwrap_or_default()) % parsed.len()];
            head.forward_as(b"x-amzn-Remapped-", PARSED, field);
            keep(&[b"x-amzn-Remapped-", field.name.of(PARSED)].concat(), field.value.of(PARSED));
        }
    }
}

fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Appends a body so framed, and says what it holds.
fn append_body(out: &mut Vec<u8>, framing: Framing) -> Vec<u8> {
    let body = match framing {
        Framing::Length(length) => vec![b'x'; usize::try_from(length).expect("small")],
        Framing::Chunked => {
            write_chunk_head(out, 3);
            out.extend_from_slice(b"xxx\r\n");
            out.extend_from_slice(LAST_CHUNK);
            return b"xxx".to_vec();
        }
        Framing::None | Framing::UntilClose => Vec::new(),
    };
    out.extend_from_slice(&body);
    body
}

fn one_request(mut out: Vec<u8>, framing: Framing, (method, target): (&[u8], &[u8]), expected: &Fields) {
    // The codec refuses to read these, however they are written: they ask for a tunnel, or are longer than any method.
    if method == b"CONNECT" {
        return;
    }
    let body = append_body(&mut out, framing);
    out.extend_from_slice(b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    let heard = requests::read(&[&out]);
    let [Heard::Message(first, read), Heard::Message(next, _)] = &heard[..] else {
        panic!("{} is read as {heard:?}", out.escape_ascii())
    };
    assert_eq!((&*first.method, &*first.target, read, &*next.target), (method, target, &body, &b"/next"[..]));
    assert_fields(&first.fields[1..], expected, framing);
}

fn one_response(mut out: Vec<u8>, framing: Framing, status: u16, expected: &Fields) {
    // Nobody is asked to upgrade.
    if status == 101 {
        return;
    }
    let body = append_body(&mut out, framing);
    let Ok(Some(head)) = responses::head(&out, false) else { panic!("{} is no response", out.escape_ascii()) };
    assert_eq!(head.status, status);
    assert_fields(&head.fields, expected, framing);
    if (200..1000).contains(&status) && status != 204 && status != 304 {
        let read = super::bodies::read(head.framing, &[&out[head.length..]]);
        let read = read.unwrap_or_else(|error| panic!("{error} in {}", out.escape_ascii()));
        assert_eq!(read.0, body);
    }
}

/// What was put in is there, in its order, and nothing else but the framing.
fn assert_fields(read: &[(Vec<u8>, Vec<u8>)], expected: &Fields, framing: Framing) {
    let framed = usize::from(matches!(framing, Framing::Length(_) | Framing::Chunked));
    assert_eq!(read.len(), expected.len() + framed);
    assert_eq!(read[..expected.len()], expected[..]);
}
