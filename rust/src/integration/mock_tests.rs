//! Tests of `mock`.

use serde_json::{Value, json};

use crate::testing::{Gateway, body, deployment, from, header, mock, mock_with, raw, response, stage};

fn gateway(integration: &Value) -> Gateway {
    Gateway::with(&[("/m", &[("ANY", integration.clone())])])
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).expect("a status")
}

fn json_body(text: &str) -> Value {
    json!([{"content_type": "application/json", "text": text}])
}

/// 200 by default, 404 for `4..`, 201 for a zero and 204 for a negative.
fn responses() -> Value {
    json!([
        response("404", "4\\d{2}", &json!([]), &json_body("not found")),
        response("201", "0", &json!([]), &json_body("zero")),
        response("204", "-\\d", &json!([]), &json_body("never sent")),
        response("200", "", &json!([]), &json_body("default")),
    ])
}

#[test]
fn a_mocks_answer_is_exactly_this() {
    let answer = gateway(&mock("{\"ok\":true}")).answer(&raw("GET /dev/m", &[], ""), "");
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nx-amzn-RequestId: 11111111-2222-4333-8444-555555555555\r\n\
         x-amz-apigw-id: AbCdEfGhIjKlMno=\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\nConnection: keep-alive\r\n\r\n{\"ok\":true}"
    );
}

#[test]
fn s20_12_lenient_template_and_a_string_that_is_no_integer() {
    for (template, expected) in [
        ("{statusCode: 200}", "200"),
        ("{\"statusCode\": 404}", "404"),
        ("{'statusCode': 0,}", "201"),
        ("{statusCode: -7}", "204"),
        ("{statusCode: 1000}", "200"),
        ("{\"statusCode\": \"200\"}", "500"),
        ("{}", "500"),
        ("{\"statusCode: 200}", "500"),
        ("nonsense", "500"),
    ] {
        let answer = gateway(&mock_with(template, &responses())).answer(&raw("GET /dev/m", &[], ""), "");
        assert_eq!(status(&answer), expected, "{template}");
        if expected == "500" {
            assert_eq!(
                (body(&answer), header(&answer, "x-amzn-ErrorType")),
                ("{\"message\":\"Internal server error\"}", Some("InternalServerErrorException"))
            );
        }
    }
}

#[test]
fn s7_13_the_clients_body_plays_the_template_where_there_is_none() {
    let mut integration = mock_with("", &responses());
    integration["request_templates"] = json!([]);
    let gateway = gateway(&integration);
    let call = |body: &str| status(&gateway.answer(&raw("POST /dev/m", &[], body), "")).to_owned();
    assert_eq!(
        (
            call("{statusCode: 404}").as_str(),
            call("{\"statusCode\": 0}").as_str(),
            call("").as_str(),
            call("x").as_str()
        ),
        ("404", "201", "200", "500")
    );
    let template = crate::testing::mock_with("{statusCode: 200}", &responses());
    let answer =
        self::gateway(&template).answer(&raw("POST /dev/m", &["Content-Type: text/plain"], "{statusCode: 404}"), "");
    assert_eq!(status(&answer), "404", "no template matches the content type");
}

#[test]
fn s7_6_a_mock_refuses_what_may_not_pass() {
    let mut integration = mock_with("{statusCode: 200}", &responses());
    integration["passthrough_behavior"] = json!("NEVER");
    let gateway = gateway(&integration);
    let answer = gateway.answer(&raw("POST /dev/m", &["Content-Type: text/plain"], "x"), "");
    assert_eq!(
        (status(&answer), body(&answer), header(&answer, "x-amzn-ErrorType")),
        ("415", "{\"message\":\"Unsupported Media Type\"}", Some("BadRequestException"))
    );
    let exchange = gateway.call("POST /dev/m", &[]).expect("routed");
    assert!(!exchange.method_plan().expect("routed").needs_body());
}

#[test]
fn s8_1_no_response_and_no_default_is_500() {
    let only = json!([response("404", "404", &json!([]), &json_body("x"))]);
    assert_eq!(status(&gateway(&mock_with("{statusCode: 200}", &only)).answer(&raw("GET /dev/m", &[], ""), "")), "500");
    let mut nothing = mock_with("", &json!([]));
    nothing["request_templates"] = json!([]);
    assert_eq!(status(&gateway(&nothing).answer(&raw("GET /dev/m", &[], ""), "")), "500");
}

#[test]
fn s8_2_an_undeclared_method_response_is_500() {
    let undeclared = json!([response("418", "", &json!([]), &json_body("x"))]);
    assert_eq!(
        status(&gateway(&mock_with("{statusCode: 200}", &undeclared)).answer(&raw("GET /dev/m", &[], ""), "")),
        "500"
    );
}

#[test]
fn an_empty_answer_and_one_without_a_body() {
    let empty = json!([response("200", "", &json!([]), &json!([]))]);
    let answer = gateway(&mock_with("{statusCode: 200}", &empty)).answer(&raw("GET /dev/m", &[], ""), "");
    assert_eq!(
        (header(&answer, "Content-Type"), header(&answer, "Content-Length"), body(&answer)),
        (Some("application/json"), Some("0"), "")
    );
    let none = json!([response("204", "", &json!([]), &json_body("never"))]);
    let answer = gateway(&mock_with("{statusCode: 200}", &none)).answer(&raw("GET /dev/m", &[], ""), "");
    assert_eq!((status(&answer), header(&answer, "Content-Length"), body(&answer)), ("204", None, ""));
    let answer = gateway(&mock("abc")).answer(&raw("HEAD /dev/m", &[], ""), "");
    assert_eq!((header(&answer, "Content-Length"), body(&answer)), (Some("3"), ""));
}

#[test]
fn s8_3_headers_of_a_mock() {
    let parameters = json!([
        {"name": "X-Literal", "source": from("literal", "a b")},
        {"name": "X-Deployment", "source": from("context", "deploymentId")},
        {"name": "X-Variable", "source": from("stage_variable", "version")},
        {"name": "X-Missing", "source": from("stage_variable", "none")},
        {"name": "X-Backend", "source": from("header", "X-Any")},
        {"name": "X-Empty", "source": from("literal", "")},
        {"name": "Server", "source": from("literal", "me")},
        {"name": "Transfer-Encoding", "source": from("literal", "chunked")},
        {"name": "Content-Length", "source": from("literal", "99")},
    ]);
    let answer = gateway(&mock_with("{statusCode: 200}", &json!([response("200", "", &parameters, &json_body("x"))])))
        .answer(&raw("GET /dev/m", &[], ""), "");
    for (name, value) in [
        ("X-Literal", Some("a b")),
        ("X-Deployment", Some("dep001")),
        ("X-Variable", Some("v7")),
        ("X-Missing", None),
        ("X-Backend", None),
        ("X-Empty", None),
        ("Server", None),
        ("x-amzn-Remapped-Server", Some("me")),
        ("Transfer-Encoding", None),
        ("Content-Length", Some("1")),
        ("x-amzn-Remapped-Content-Length", Some("99")),
        ("X-Amzn-Trace-Id", None),
        ("Content-Type", Some("application/json")),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
}

#[test]
fn s8_3_content_type_may_be_mapped_and_falls_back() {
    for (source, expected) in [
        (from("literal", "text/plain"), "text/plain"),
        (from("context", "stage"), "dev"),
        (from("stage_variable", "none"), "text/html"),
        (from("header", "X-None"), "text/html"),
    ] {
        let parameters = json!([{"name": "content-type", "source": source}]);
        let responses = json!([response("200", "", &parameters, &json!([{"content_type": "text/html", "text": "x"}]))]);
        let answer = gateway(&mock_with("{statusCode: 200}", &responses)).answer(&raw("GET /dev/m", &[], ""), "");
        assert_eq!(header(&answer, "Content-Type"), Some(expected), "{source}");
    }
}

#[test]
fn a_hostile_value_in_a_response_header_ends_in_500_with_nothing_written() {
    const EVIL: &str = "a\r\nHost: evil";
    for source in
        [from("literal", EVIL), from("stage_variable", "evil"), from("context", "path"), from("context", "domainName")]
    {
        let parameters = json!([{"name": "X-Out", "source": source}]);
        let integration = mock_with("{statusCode: 200}", &json!([response("200", "", &parameters, &json_body("x"))]));
        let gateway = Gateway::serve(&json!([
            deployment("dep001", &[("/m", &[("ANY", integration)])]),
            stage("dev", "dep001", &[("evil", EVIL)])
        ]));
        let mut exchange = gateway.call("GET /dev/m", &[]).expect("routed");
        let start = exchange.input.len() as u32;
        exchange.input.extend_from_slice(EVIL.as_bytes());
        let planted = crate::http1::Span { start, end: exchange.input.len() as u32 };
        (exchange.path, exchange.head.host) = (planted, planted);
        let mut out = Vec::new();
        let refused = super::answer(&mut exchange, b"", true, crate::testing::DATE, &mut out).expect_err("refused");
        assert_eq!((refused, out.len()), (crate::fault::Fault::CONFIGURATION, 0), "{source}");
    }
}

#[test]
fn s7_6_a_template_reads_text_only() {
    let mut unit = deployment("dep001", &[("/m", &[("POST", mock("said"))])]);
    unit["binary_media_types"] = json!(["application/json"]);
    let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
    assert_eq!(status(&gateway.answer(&raw("POST /dev/m", &["Content-Type: application/json"], "{}"), "")), "500");
    assert_eq!(
        status(&gateway.answer(&raw("POST /dev/m", &["Content-Type: application/json"], ""), "")),
        "200",
        "no body is no binary body"
    );
}

#[test]
fn s9_2_the_body_of_a_mock_is_converted_before_it_plays_or_meets_a_template() {
    let call = |template: &str, handling: &str, content_type: &str, sent: &str| {
        let mut integration = mock_with(template, &responses());
        if template.is_empty() {
            integration["request_templates"] = json!([]);
        }
        integration["content_handling"] = json!(handling);
        let mut unit = deployment("dep001", &[("/m", &[("POST", integration)])]);
        unit["binary_media_types"] = json!(["image/png"]);
        let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
        status(&gateway.answer(&raw("POST /dev/m", &[&format!("Content-Type: {content_type}")], sent), "")).to_owned()
    };
    // The base64 of `{statusCode: 404}`.
    assert_eq!(call("", "CONVERT_TO_BINARY", "a/b", "e3N0YXR1c0NvZGU6IDQwNH0="), "404");
    assert_eq!(call("", "CONVERT_TO_BINARY", "a/b", "{statusCode: 404}"), "500");
    assert_eq!(call("", "CONVERT_TO_TEXT", "image/png", "{statusCode: 404}"), "500");
    let template = |handling, content_type: &str, sent| {
        let mut integration = mock_with("{statusCode: 404}", &responses());
        integration["request_templates"][0]["content_type"] = json!("$default");
        integration["content_handling"] = json!(handling);
        let mut unit = deployment("dep001", &[("/m", &[("POST", integration)])]);
        unit["binary_media_types"] = json!(["image/png"]);
        let gateway = Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]));
        assert!(gateway.call("POST /dev/m", &[]).expect("routed").method_plan().expect("routed").needs_body());
        status(&gateway.answer(&raw("POST /dev/m", &[&format!("Content-Type: {content_type}")], sent), "")).to_owned()
    };
    assert_eq!(template("CONVERT_TO_TEXT", "image/png", "x"), "404");
    assert_eq!(template("CONVERT_TO_BINARY", "image/png", "x"), "500");
    assert_eq!(template("CONVERT_TO_BINARY", "a/b", "QQ=="), "500");
    assert_eq!(template("CONVERT_TO_TEXT", "a/b", "x"), "404");
}
