//! Tests of `mapped`.

use serde_json::{Value, json};

use crate::testing::{Gateway, body, deployment, from, header, http, raw, response, stage};

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).expect("a status")
}

fn template(content_type: &str, text: &str) -> Value {
    json!({"content_type": content_type, "text": text})
}

fn gateway(responses: &Value) -> Gateway {
    Gateway::with(&[("/h", &[("ANY", http("http://b.test/x", &[], responses))])])
}

fn answer(responses: &Value, headers: &[&str], backend: &str) -> String {
    gateway(responses).answer(&raw("GET /dev/h", headers, ""), backend)
}

const BACKEND: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nServer: b\r\nX-A: 1\r\nX-A: 2\r\nx-a: 3\r\nContent-Type: text/plain\r\nContent-Encoding: br\r\n\r\nbody";

#[test]
fn s8_3_only_mapped_headers_are_returned() {
    let parameters = json!([
        {"name": "X-Last", "source": from("header", "X-A")},
        {"name": "X-All", "source": from("multi_value_header", "X-A")},
        {"name": "X-Case", "source": from("header", "X-a")},
        {"name": "Date", "source": from("header", "Server")},
        {"name": "Content-Encoding", "source": from("header", "Content-Encoding")},
    ]);
    let answer = answer(&json!([response("200", "", &parameters, &json!([]))]), &[], BACKEND);
    let (head, trace) = answer.split_once("X-Amzn-Trace-Id: ").expect("a trace id");
    assert_eq!(
        head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\nX-Last: 2\r\nX-All: 1,2\r\nx-amzn-Remapped-Date: b\r\nContent-Encoding: br\r\n"
    );
    assert!(
        trace.starts_with("Root=1-") && trace.contains("\r\nx-amzn-RequestId: ") && trace.ends_with("\r\n\r\nbody")
    );
}

#[test]
fn s8_1_the_backends_status_selects() {
    let responses = json!([
        response("404", "4\\d{2}", &json!([]), &json!([])),
        response("500", "5\\d{2}", &json!([]), &json!([])),
        response("201", "", &json!([]), &json!([])),
    ]);
    for (backend, expected) in
        [("200", "201"), ("301", "201"), ("404", "404"), ("418", "404"), ("503", "500"), ("999", "201")]
    {
        let answer = answer(&responses, &[], &format!("HTTP/1.1 {backend} X\r\nContent-Length: 0\r\n\r\n"));
        assert_eq!(status(&answer), expected, "{backend}");
    }
}

#[test]
fn s8_1_no_match_and_no_default_and_s8_2_undeclared_are_500() {
    for responses in [
        json!([response("200", "200", &json!([]), &json!([]))]),
        json!([]),
        json!([response("418", "", &json!([]), &json!([]))]),
    ] {
        let answer = answer(&responses, &[], "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n");
        assert_eq!((status(&answer), body(&answer)), ("500", "{\"message\":\"Internal server error\"}"));
    }
}

#[test]
fn s8_4_the_template_is_chosen_by_accept() {
    let templates =
        json!([template("text/xml", "<x/>"), template("application/json", "{}"), template("text/html", "<p>")]);
    let responses = json!([response("200", "", &json!([]), &templates)]);
    for (accept, content_type, text) in [
        ("Accept: text/html;q=0.1, text/xml", "text/html", "<p>"),
        ("Accept: a/b", "application/json", "{}"),
        ("X-None: 1", "application/json", "{}"),
        ("Accept: TEXT/XML", "text/xml", "<x/>"),
    ] {
        let answer = answer(&responses, &[accept], BACKEND);
        assert_eq!((header(&answer, "Content-Type"), body(&answer)), (Some(content_type), text), "{accept}");
    }
    let first = json!([response("200", "", &json!([]), &json!([template("a/b", "first"), template("c/d", "second")]))]);
    assert_eq!(body(&answer(&first, &["Accept: e/f"], BACKEND)), "first");
    let empty =
        json!([response("200", "", &json!([]), &json!([template("a/b", "first"), template("application/json", "")]))]);
    let answer = answer(&empty, &[], BACKEND);
    assert_eq!(
        (body(&answer), header(&answer, "Content-Type"), header(&answer, "Content-Length")),
        ("body", Some("application/json"), Some("4"))
    );
}

#[test]
fn s9_3_text_and_binary_answers() {
    let serve = |text: Option<&str>| {
        let templates = text.map_or(json!([]), |text| json!([template("application/json", text)]));
        let mut unit = deployment(
            "dep001",
            &[("/h", &[("ANY", http("http://b.test/x", &[], &json!([response("200", "", &json!([]), &templates)])))])],
        );
        unit["binary_media_types"] = json!(["image/png"]);
        Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]))
    };
    let passes = serve(None);
    let call = |gateway: &Gateway, accept: &str, content_type: &str, text: &str| {
        let backend =
            format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{text}", text.len());
        gateway.answer(&raw("GET /dev/h", &[&format!("Accept: {accept}")], ""), &backend)
    };
    assert_eq!(body(&call(&passes, "a/b", "text/plain", "text")), "text");
    assert_eq!(body(&call(&passes, "image/png", "text/plain", "dGV4dA==")), "text");
    assert_eq!(status(&call(&passes, "image/png", "text/plain", "?")), "500");
    assert_eq!(body(&call(&passes, "a/b", "image/png", "text")), "dGV4dA==");
    let both = call(&passes, "image/png, a/b", "image/png", "text");
    assert_eq!((body(&both), header(&both, "Content-Length")), ("text", Some("4")));
    assert_eq!(status(&call(&serve(Some("x")), "image/png", "image/png", "text")), "500", "binary reaches a template");
    assert_eq!(body(&call(&serve(Some("x")), "a/b", "image/png", "text")), "x", "base64 does");
    assert_eq!(body(&call(&serve(Some("x")), "a/b", "text/plain", "text")), "x");
}

/// `Content-Type` of the backend, `Accept`, `contentHandling`, what the backend sends and what the client gets.
type Row<'a> = (&'a str, &'a str, &'a Value, &'a [u8], Option<&'a [u8]>);

/// What §9.3 answers: bytes of the backend, or of their base64 where it is decoded; `None` is a 500.
#[test]
fn s9_3_every_row_of_the_response_table() {
    const BYTES: &[u8] = b"\xff\x00PNG";
    let base64 = b"/wBQTkc=".as_slice();
    let (binary, text) = (json!("CONVERT_TO_BINARY"), json!("CONVERT_TO_TEXT"));
    let rows: [Row; 18] = [
        ("a/b", "a/b", &Value::Null, BYTES, Some("\u{fffd}\0PNG".as_bytes())),
        ("a/b", "a/b", &binary, base64, Some(BYTES)),
        ("a/b", "a/b", &binary, BYTES, None),
        ("a/b", "a/b", &text, BYTES, Some("\u{fffd}\0PNG".as_bytes())),
        ("a/b", "image/png", &Value::Null, base64, Some(BYTES)),
        ("a/b", "image/png", &Value::Null, BYTES, None),
        ("a/b", "image/png", &binary, base64, Some(BYTES)),
        ("a/b", "image/png", &binary, BYTES, None),
        ("a/b", "image/png", &text, BYTES, Some("\u{fffd}\0PNG".as_bytes())),
        ("image/png", "a/b", &Value::Null, BYTES, Some(base64)),
        ("image/png", "a/b", &binary, BYTES, Some(BYTES)),
        ("image/png", "a/b", &text, BYTES, Some(base64)),
        ("image/png", "image/png", &Value::Null, BYTES, Some(BYTES)),
        ("image/png", "image/png", &binary, BYTES, Some(BYTES)),
        ("image/png", "image/png", &text, BYTES, Some(base64)),
        // Nothing is nothing, however it is read.
        ("a/b", "image/png", &Value::Null, b"", Some(b"")),
        ("image/png", "a/b", &text, b"", Some(b"")),
        ("a/b", "a/b", &binary, b"", Some(b"")),
    ];
    for (produced, accepted, handling, sent, expected) in rows {
        let mut answer = response("200", "", &json!([]), &json!([]));
        answer["content_handling"] = handling.clone();
        let mut unit = deployment("dep001", &[("/h", &[("ANY", http("http://b.test/x", &[], &json!([answer])))])]);
        unit["binary_media_types"] = json!(["image/png"]);
        let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
        let mut exchange = gateway.call("GET /dev/h", &[&format!("Accept: {accepted}")]).expect("routed");
        let bytes = format!("HTTP/1.1 200 OK\r\nContent-Type: {produced}\r\nContent-Length: {}\r\n\r\n", sent.len());
        let mut head = crate::http1::ResponseHead::default();
        assert!(crate::http1::parse_response(bytes.as_bytes(), false, &mut head).expect("valid"));
        let mut out = Vec::new();
        let written = super::write(&mut exchange, &head, bytes.as_bytes(), sent, true, crate::testing::DATE, &mut out);
        let row = format!("{produced} {accepted} {handling} {sent:?}");
        match expected {
            Some(expected) => {
                written.expect(&row);
                let end = out.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
                assert_eq!(&out[end..], expected, "{row}");
            }
            None => assert_eq!(written.expect_err(&row).cause, Some(crate::fault::Cause::NotBase64), "{row}"),
        }
    }
}

#[test]
fn s8_5_a_coding_goes_with_its_header_or_stays_with_it() {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let coded = encoder.write_all(b"plain").and_then(|()| encoder.finish()).expect("to memory");
    let mapped = json!([{"name": "Content-Encoding", "source": from("header", "Content-Encoding")}]);
    let call = |parameters: &Value, coding: &str, body: &[u8]| {
        let gateway = gateway(&json!([response("200", "", parameters, &json!([]))]));
        let bytes = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut head = crate::http1::ResponseHead::default();
        assert!(crate::http1::parse_response(bytes.as_bytes(), false, &mut head).expect("valid"));
        let mut exchange = gateway.call("GET /dev/h", &[]).expect("routed");
        let mut out = Vec::new();
        super::write(&mut exchange, &head, bytes.as_bytes(), body, true, crate::testing::DATE, &mut out)?;
        let end = out.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
        let head = String::from_utf8(out[..end].to_vec()).expect("text");
        Ok((header(&head, "Content-Encoding").map(str::to_owned), out[end..].to_vec()))
    };
    assert_eq!(call(&json!([]), "gzip", &coded), Ok((None, b"plain".to_vec())));
    assert_eq!(call(&mapped, "gzip", &coded), Ok((Some("gzip".into()), coded.clone())));
    assert_eq!(call(&json!([]), "br", b"\xff\x00"), Ok((Some("br".into()), b"\xff\x00".to_vec())));
    assert_eq!(call(&mapped, "br", b"\xff\x00"), Ok((Some("br".into()), b"\xff\x00".to_vec())));
    assert_eq!(call(&json!([]), "identity", b"a\xff"), Ok((None, "a\u{fffd}".as_bytes().to_vec())));
    assert_eq!(call(&json!([]), "gzip", b"no gzip"), Err(crate::fault::Fault::INTERNAL));
    let bomb = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&vec![0; (10 << 20) + 1]).and_then(|()| encoder.finish()).expect("to memory")
    };
    assert_eq!(call(&json!([]), "gzip", &bomb), Err(crate::fault::Fault::RESPONSE_TOO_LARGE));
}

#[test]
fn head_and_bodiless_statuses_have_no_body() {
    let responses = json!([
        response("204", "204", &json!([]), &json!([])),
        response("200", "", &json!([]), &json!([template("application/json", "{}")]))
    ]);
    let gateway = gateway(&responses);
    let head = gateway.answer(&raw("HEAD /dev/h", &[], ""), "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    assert_eq!((header(&head, "Content-Length"), body(&head)), (Some("2"), ""));
    let none = gateway.answer(&raw("GET /dev/h", &[], ""), "HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!((status(&none), header(&none, "Content-Length"), body(&none)), ("204", None, ""));
}

#[test]
fn a_hostile_backend_header_ends_in_500_with_nothing_written() {
    let parameters = json!([{"name": "X-Out", "source": from("header", "X-Evil")}, {"name": "X-All", "source": from("multi_value_header", "X-Evil")}]);
    let gateway = gateway(&json!([response("200", "", &parameters, &json!([]))]));
    let bytes = b"X-Evila\r\nHost: evil";
    let backend = crate::http1::ResponseHead {
        status: 200,
        fields: vec![crate::http1::Field {
            name: crate::http1::Span { start: 0, end: 6 },
            value: crate::http1::Span { start: 6, end: bytes.len() as u32 },
            id: crate::primitives::header_names::HeaderName::Other,
        }],
        ..crate::http1::ResponseHead::default()
    };
    let mut exchange = gateway.call("GET /dev/h", &[]).expect("routed");
    let mut out = Vec::new();
    let refused = super::write(&mut exchange, &backend, bytes, b"body", true, crate::testing::DATE, &mut out)
        .expect_err("refused");
    assert_eq!((refused, out.len()), (crate::fault::Fault::CONFIGURATION, 0));
}
