//! Tests of `writer`.

use proptest::prelude::*;

use super::{
    super::{HeadLimits, RequestHead, ResponseHead, parse_request, parse_response},
    *,
};

fn written(write: impl FnOnce(&mut HeadWriter)) -> Result<String, Unwritable> {
    let mut out = b"before".to_vec();
    let mut writer = HeadWriter::new(&mut out);
    write(&mut writer);
    let result = writer.finish();
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix("before").expect("what was there stays");
    if result.is_err() {
        assert_eq!(text, "", "nothing of a refused head stays");
    }
    result.map(|()| text.to_owned())
}

#[test]
fn heads_look_as_expected() {
    let request = written(|head| {
        head.request_line(b"PATCH", b"/a?b=%20");
        head.field(b"Host", b"h:1");
        head.field(b"X-Empty", b"");
        head.field_parts(b"X-Forwarded-For", &[b"1.2.3.4", b", ", b"5.6.7.8"]);
        head.trusted(b"A: b\r\n");
        head.framing(Framing::Length(5));
    });
    assert_eq!(
        request.unwrap(),
        "PATCH /a?b=%20 HTTP/1.1\r\nHost: h:1\r\nX-Empty: \r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nA: b\r\nContent-Length: 5\r\n\r\n"
    );
    for (status, line) in [
        (200, "HTTP/1.1 200 OK\r\n\r\n"),
        (404, "HTTP/1.1 404 Not Found\r\n\r\n"),
        (299, "HTTP/1.1 299 \r\n\r\n"),
        (100, "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        assert_eq!(written(|head| head.status_line(status)).unwrap(), line);
    }
    let chunked = written(|head| {
        head.status_line(200);
        head.framing(Framing::Chunked);
    });
    assert_eq!(chunked.unwrap(), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for framing in [Framing::None, Framing::UntilClose] {
        assert_eq!(
            written(|head| {
                head.status_line(200);
                head.framing(framing);
            })
            .unwrap(),
            "HTTP/1.1 200 OK\r\n\r\n"
        );
    }
    assert_eq!(
        written(|head| {
            head.status_line(200);
            head.content_length(0);
        })
        .unwrap(),
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    );
}

#[test]
fn hostile_parts_fail_the_head() {
    for name in [
        "", " ", "a b", "a:", "a\r", "a\r\nb", "a\n", "\0", "a\0", "\u{e9}", "a(", "a,b", "a/b", "a\"", "a{}", "a\x7f",
        "a\t", ":",
    ] {
        assert_eq!(
            written(|head| {
                head.status_line(200);
                head.field(name.as_bytes(), b"v");
            }),
            Err(Unwritable::Name),
            "{name:?}"
        );
        assert_eq!(written(|head| head.request_line(name.as_bytes(), b"/")), Err(Unwritable::Name), "{name:?}");
    }
    for value in [
        "\r",
        "\n",
        "\r\n",
        "\0",
        "a\r\nb: c",
        "a\nb",
        "a\rb",
        "long enough for words\n",
        "long enough for words\r\nHost: evil",
        "\x01",
        "\x1f",
        "a\x7f",
        "\u{b}",
        "\x1b[0m",
    ] {
        assert_eq!(
            written(|head| {
                head.status_line(200);
                head.field(b"A", value.as_bytes());
            }),
            Err(Unwritable::Value),
            "{value:?}"
        );
        assert_eq!(
            written(|head| {
                head.status_line(200);
                head.field_parts(b"A", &[b"x", value.as_bytes(), b"y"]);
            }),
            Err(Unwritable::Value),
            "{value:?}"
        );
        let mut lines = b"C: d\r\n".to_vec();
        assert_eq!(prebuild(&mut lines, b"A", value.as_bytes()), Err(Unwritable::Value));
        assert_eq!(lines, b"C: d\r\n");
    }
    for target in [
        "",
        " ",
        "/a b",
        "/a\r\n",
        "/a\n",
        "/\0",
        "/a\tb",
        "/a#b",
        "/\x7f",
        "/\u{e9}",
        "/a HTTP/1.1\r\nHost: evil\r\n\r\n",
        " /",
        "/ ",
    ] {
        assert_eq!(written(|head| head.request_line(b"GET", target.as_bytes())), Err(Unwritable::Target), "{target:?}");
    }
    for status in [0, 1, 99, 1000, u16::MAX] {
        assert_eq!(written(|head| head.status_line(status)), Err(Unwritable::Status));
    }
    for host in ["", "a b", "a, b", "a/b", "u@h", "a:", "a:x"] {
        assert_eq!(
            written(|head| {
                head.request_line(b"GET", b"/");
                head.field(b"hOST", host.as_bytes());
            }),
            Err(Unwritable::Value),
            "{host:?}"
        );
    }
}

#[test]
fn there_is_one_framing_and_one_host() {
    for name in ["Content-Length", "content-length", "Transfer-Encoding", "TRANSFER-ENCODING"] {
        assert_eq!(
            written(|head| {
                head.status_line(200);
                head.field(name.as_bytes(), b"5");
            }),
            Err(Unwritable::Framing)
        );
        let mut lines = Vec::new();
        assert_eq!(prebuild(&mut lines, name.as_bytes(), b"chunked"), Err(Unwritable::Framing));
    }
    assert_eq!(
        written(|head| {
            head.framing(Framing::Chunked);
            head.framing(Framing::Length(1));
        }),
        Err(Unwritable::Framing)
    );
    assert_eq!(
        written(|head| {
            head.content_length(0);
            head.content_length(0);
        }),
        Err(Unwritable::Framing)
    );
    assert_eq!(
        written(|head| {
            head.field(b"Host", b"a");
            head.field(b"host", b"a");
        }),
        Err(Unwritable::Framing)
    );
    let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    let mut parsed = ResponseHead::default();
    assert_eq!(parse_response(text, false, &mut parsed), Ok(true));
    assert_eq!(written(|head| head.forward(text, &parsed.fields[0])), Err(Unwritable::Framing));
}

#[test]
fn the_first_error_is_the_one_reported() {
    let result = written(|head| {
        head.request_line(b"GET", b"/ ");
        head.field(b"a b", b"\n");
        head.field(b"fine", b"fine");
    });
    assert_eq!(result, Err(Unwritable::Target));
}

#[test]
fn forwarded_fields_are_written_anew() {
    let text = b"GET / HTTP/1.1\r\nHost: h\r\nA:b\r\nC: \t d \r\nE:\r\nF: g\r\nH:  i\r\nJ:\tk\r\nL: m \r\nN: o\r\n\r\n";
    let mut parsed = RequestHead::default();
    assert_eq!(
        parse_request(text, &HeadLimits { target: 100, header_block: 1000, fields: 256 }, &mut parsed),
        Ok(true)
    );
    let whole = "Host: h\r\nA: b\r\nC: d\r\nE: \r\nF: g\r\nH: i\r\nJ: k\r\nL: m\r\nN: o\r\n\r\n";
    let one_by_one = written(|head| {
        for field in &parsed.fields {
            head.forward(text, field);
        }
    });
    assert_eq!(one_by_one.unwrap(), whole);
    assert_eq!(written(|head| head.forward_where(text, &parsed.fields, |_| true)).unwrap(), whole);
    // Every choice of fields, whatever stands next to what.
    let lines =
        ["Host: h\r\n", "A: b\r\n", "C: d\r\n", "E: \r\n", "F: g\r\n", "H: i\r\n", "J: k\r\n", "L: m\r\n", "N: o\r\n"];
    for choice in 0..1u32 << lines.len() {
        let chosen = |at: usize| choice >> at & 1 == 1;
        let expected: String = lines.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, line)| *line).collect();
        let mut at = 0..;
        let result = written(|head| head.forward_where(text, &parsed.fields, |_| chosen(at.next().unwrap())));
        assert_eq!(result.unwrap(), format!("{expected}\r\n"));
    }
    assert_eq!(
        written(|head| {
            head.field(b"Host", b"x");
            head.forward(text, &parsed.fields[0]);
        }),
        Err(Unwritable::Framing)
    );
}

#[test]
fn prebuilt_lines_are_whole_lines() {
    let mut lines = Vec::new();
    prebuild(&mut lines, b"A", b"b").unwrap();
    prebuild(&mut lines, b"C", b"").unwrap();
    assert_eq!(lines, b"A: b\r\nC: \r\n");
}

#[test]
fn chunk_heads_are_hexadecimal() {
    for length in [1usize, 9, 10, 15, 16, 255, 256, 65_535, 65_536, usize::MAX] {
        let mut out = Vec::new();
        write_chunk_head(&mut out, length);
        assert_eq!(String::from_utf8(out).unwrap(), format!("{length:x}\r\n"));
    }
}

/// Texts in which every byte has its chance, hostile ones more than their share.
fn hostile(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![6 => 0x20..0x7fu8, 1 => any::<u8>(), 1 => proptest::sample::select(b"\r\n\0 :\t,".to_vec())];
    prop_oneof![
        3 => proptest::collection::vec(byte, 0..most),
        1 => proptest::sample::select(vec![&b"Host"[..], b"Content-Length", b"transfer-encoding", b"x-a", b"Connection", b"a\r\nHost: evil", b"/", b"h"]).prop_map(<[u8]>::to_vec),
    ]
}

proptest! {
    /// What the writer lets through is read back as one head with exactly these fields; the rest leaves no trace.
    #[test]
    fn what_is_written_is_read_back(method in hostile(8), target in hostile(20), fields in proptest::collection::vec((hostile(12), hostile(30)), 0..6), length in 0u64..9) {
        let mut out = Vec::new();
        let mut writer = HeadWriter::new(&mut out);
        let target = [b"/", &target[..]].concat();
        writer.request_line(&method, &target);
        writer.field(b"Host", b"h");
        for (name, value) in &fields {
            writer.field(name, value);
        }
        writer.framing(Framing::Length(length));
        if writer.finish().is_err() {
            prop_assert!(out.is_empty());
            return Ok(());
        }
        let refusable = method == b"CONNECT";
        let mut head = RequestHead::default();
        let parsed = parse_request(&out, &HeadLimits { target: 1000, header_block: 10_000, fields: 256 }, &mut head);
        if refusable {
            return Ok(());
        }
        prop_assert_eq!(parsed, Ok(true));
        prop_assert_eq!(head.length as usize, out.len());
        prop_assert_eq!(head.method.of(&out), &method[..]);
        prop_assert_eq!(head.target.of(&out), &target[..]);
        prop_assert_eq!(head.framing, if length == 0 { Framing::None } else { Framing::Length(length) });
        prop_assert_eq!(head.fields.len(), fields.len() + 2);
        for (read, (name, value)) in head.fields[1..].iter().zip(&fields) {
            prop_assert_eq!(read.name.of(&out), &name[..]);
            prop_assert_eq!(read.value.of(&out), value.trim_ascii());
        }
    }

    #[test]
    fn no_control_byte_ever_gets_through(value in hostile(40)) {
        let clean = !value.iter().any(|&byte| (byte < 0x20 && byte != b'\t') || byte == 0x7f);
        let mut out = Vec::new();
        let mut writer = HeadWriter::new(&mut out);
        writer.status_line(200);
        writer.field_parts(b"A", &[&value[..value.len() / 2], &value[value.len() / 2..]]);
        prop_assert_eq!(writer.finish().is_ok(), clean);
    }
}

#[test]
fn rendered_parts_are_checked_like_given_ones() {
    for value in ["a\r\nb: c", "a\nb", "a\rb", "\0", "\x7f"] {
        let field = written(|head| {
            head.field_with(b"A", |out| out.extend_from_slice(value.as_bytes()));
        });
        let started = written(|head| {
            head.value_with(b"A: ", |out| out.extend_from_slice(value.as_bytes()));
        });
        assert_eq!((field, started), (Err(Unwritable::Value), Err(Unwritable::Value)), "{value:?}");
    }
    for target in ["", " ", "/a b", "/a\r\n", "/a#b", "/\u{e9}"] {
        let result = written(|head| head.request_line_with(b"GET", |out| out.extend_from_slice(target.as_bytes())));
        assert_eq!(result, Err(Unwritable::Target), "{target:?}");
    }
    for (name, value, error) in [
        ("a b", "c", Unwritable::Name),
        ("Content-Length", "5", Unwritable::Framing),
        ("transfer-encoding", "chunked", Unwritable::Framing),
        ("Host", "a b", Unwritable::Value),
    ] {
        let result = written(|head| {
            head.field_with(name.as_bytes(), |out| out.extend_from_slice(value.as_bytes()));
        });
        assert_eq!(result, Err(error), "{name}");
    }
    let two_hosts = written(|head| {
        head.field(b"Host", b"a");
        head.field_with(b"host", |out| out.extend_from_slice(b"a"));
    });
    assert_eq!(two_hosts, Err(Unwritable::Framing));
    assert_eq!(written(|head| head.request_line_with(b"G T", |out| out.push(b'/'))), Err(Unwritable::Name));
}

#[test]
fn rendered_parts_that_are_empty_are_left_out() {
    let text = b"HTTP/1.1 200 OK\r\nServer:  x\r\n\r\n";
    let mut parsed = ResponseHead::default();
    assert_eq!(parse_response(text, false, &mut parsed), Ok(true));
    let result = written(|head| {
        head.request_line_with(b"GET", |out| out.extend_from_slice(b"/a"));
        assert!(!head.field_with(b"A", |_| {}));
        assert!(!head.value_with(b"B: ", |_| {}));
        assert!(head.field_with(b"C", |out| out.push(b'1')));
        assert!(head.value_with(b"D: ", |out| out.push(b'2')));
        head.forward_as(b"x-amzn-Remapped-", text, &parsed.fields[0]);
    });
    assert_eq!(result.unwrap(), "GET /a HTTP/1.1\r\nC: 1\r\nD: 2\r\nx-amzn-Remapped-Server: x\r\n\r\n");
}
