//! Whether a body goes along, how it is framed, and what an `HTTP` integration makes of it.

use super::*;

#[test]
fn s7_5_verbs_without_a_body_send_none_and_others_are_framed() {
    let gateway = proxy(&[]);
    let framed = |line: &str, body: Framing| {
        let exchange = gateway.call(line, &[]).expect("routed");
        let framing = framing(&exchange, body);
        let mut out = Vec::new();
        write_head(&exchange, framing, &mut out).expect("a head");
        let head = String::from_utf8(out).expect("text");
        (header(&head, "Content-Length").map(str::to_owned), header(&head, "Transfer-Encoding").map(str::to_owned))
    };
    let none = (None, None);
    for verb in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(framed(&format!("{verb} /dev/q"), Framing::Length(7)), none);
        assert_eq!(framed(&format!("{verb} /dev/q"), Framing::Chunked), none);
    }
    assert_eq!(framed("POST /dev/q", Framing::Length(7)), (Some("7".into()), None));
    assert_eq!(framed("DELETE /dev/q", Framing::Chunked), (None, Some("chunked".into())));
    assert_eq!(framed("PUT /dev/q", Framing::None), (Some("0".into()), None));
    assert_eq!(framed("DELETE /dev/q", Framing::None), none);
}

#[test]
fn s7_6_body_of_an_http_integration() {
    let integration = |templates: Value, behavior: &str, binary: Value| {
        let mut integration = http("http://b.test/x", &[], &json!([response("200", "", &json!([]), &json!([]))]));
        integration["request_templates"] = templates;
        integration["passthrough_behavior"] = json!(behavior);
        let mut unit = deployment("dep001", &[("/q", &[("ANY", integration)])]);
        unit["binary_media_types"] = binary;
        Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]))
    };
    let sent = |gateway: &Gateway, line: &str, headers: &[&str], bytes: &[u8]| {
        let exchange = gateway.call(line, headers).expect("routed");
        body(&exchange, bytes).map(Cow::into_owned)
    };
    let json_template = json!([{"content_type": "application/json", "text": "{\"a\": 1}"}]);
    let gateway = integration(json_template.clone(), "NEVER", json!([]));
    assert_eq!(sent(&gateway, "POST /dev/q", &[], b"client").expect("a body"), b"{\"a\": 1}");
    assert_eq!(
        sent(&gateway, "POST /dev/q", &["Content-Type: text/plain"], b"client"),
        Err(Fault::UNSUPPORTED_MEDIA_TYPE)
    );
    assert_eq!(sent(&gateway, "GET /dev/q", &[], b"client").expect("a body"), b"");
    assert_eq!(sent(&gateway, "GET /dev/q", &["Content-Type: text/plain"], b""), Err(Fault::UNSUPPORTED_MEDIA_TYPE));
    let passes = integration(json!([]), "WHEN_NO_MATCH", json!(["image/*"]));
    assert_eq!(
        sent(&passes, "POST /dev/q", &["Content-Type: text/plain"], b"a\xffb").expect("a body"),
        "a\u{fffd}b".as_bytes()
    );
    assert_eq!(sent(&passes, "POST /dev/q", &["Content-Type: image/png"], b"a\xffb").expect("a body"), b"a\xffb");
    let binary = integration(json_template, "WHEN_NO_MATCH", json!(["application/json"]));
    assert_eq!(sent(&binary, "POST /dev/q", &["Content-Type: application/json"], b"x"), Err(Fault::INTERNAL));
}
