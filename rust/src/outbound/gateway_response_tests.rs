//! Tests of `gateway_response`.

use super::*;
use crate::{
    fault::FaultKind,
    testing::{DATE, body, exchange, header, raw},
};

fn answer(fault: &Fault, line: &str) -> (String, Exchange) {
    let mut exchange = exchange(&raw(line, &[], ""));
    let mut out = Vec::new();
    write(&mut exchange, fault, false, DATE, &mut out);
    (String::from_utf8(out).expect("text"), exchange)
}

#[test]
fn a_gateway_response_is_exactly_this() {
    let (answer, exchange) = answer(&Fault::MISSING_AUTHENTICATION_TOKEN, "GET /");
    assert_eq!(
        answer,
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 42\r\nx-amzn-ErrorType: MissingAuthenticationTokenException\r\n\
         x-amzn-RequestId: 11111111-2222-4333-8444-555555555555\r\nx-amz-apigw-id: AbCdEfGhIjKlMno=\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\n\
         Connection: close\r\n\r\n{\"message\":\"Missing Authentication Token\"}"
    );
    assert_eq!((exchange.status, exchange.response_length), (403, 42));
}

#[test]
fn every_row_of_the_table_is_one_whole_answer() {
    for kind in FaultKind::ALL {
        let row = kind.row();
        let (answer, exchange) = answer(&Fault::new(*kind), "GET /");
        assert!(answer.starts_with(&format!("HTTP/1.1 {} ", row.status)), "{kind:?}");
        assert_eq!(header(&answer, "Content-Length"), Some(body(&answer).len().to_string().as_str()), "{kind:?}");
        assert_eq!(header(&answer, "x-amzn-ErrorType"), row.error_type, "{kind:?}");
        assert_eq!(exchange.status, row.status);
        if row.form == BodyForm::Json {
            let value: serde_json::Value = serde_json::from_str(body(&answer)).expect("JSON");
            assert_eq!(value, serde_json::json!({"message": row.message}), "{kind:?}");
        }
    }
}

#[test]
fn s1_2_fixed_bodies_before_routing() {
    for (fault, status, text, error_type) in [
        (Fault::FORBIDDEN, "403", "{\"message\":\"Forbidden\"}", Some("ForbiddenException")),
        (Fault::payload_too_large(10_485_760), "413", "HTTP content length exceeded 10485760 bytes.", None),
        (Fault::URI_TOO_LONG, "414", "{\"message\":\"Request URI too long\"}", None),
        (Fault::headers_too_large(10_240), "431", "HTTP header is larger than 10240 bytes.", None),
        (Fault::UNSUPPORTED_MEDIA_TYPE, "415", "{\"message\":\"Unsupported Media Type\"}", Some("BadRequestException")),
        (Fault::BAD_REQUEST, "400", "{\"message\":\"Bad Request\"}", Some("BadRequestException")),
    ] {
        let (answer, _) = answer(&fault, "GET /");
        assert_eq!(
            (answer.split(' ').nth(1), body(&answer), header(&answer, "x-amzn-ErrorType")),
            (Some(status), text, error_type)
        );
    }
}

#[test]
fn s7_14_failures_of_a_backend() {
    for (fault, status, text) in [
        (Fault::INTEGRATION_FAILURE, 504, "{\"message\":\"Network error communicating with endpoint\"}"),
        (Fault::INTEGRATION_TIMEOUT, 504, "{\"message\":\"Endpoint request timed out\"}"),
        (Fault::CONFIGURATION, 500, "{\"message\":\"Internal server error\"}"),
        (Fault::RESPONSE_TOO_LARGE, 500, "{\"message\":\"Internal server error\"}"),
        (Fault::BAD_BACKEND_HEAD, 502, "{\"message\":\"Internal server error\"}"),
    ] {
        let (answer, exchange) = answer(&fault, "GET /");
        assert_eq!((exchange.status, body(&answer)), (status, text));
        assert_eq!(header(&answer, "x-amzn-ErrorType"), Some("InternalServerErrorException"));
    }
    let (answer, exchange) = answer(&Fault::RESPONSE_NOT_JSON, "GET /");
    assert_eq!((exchange.status, body(&answer)), (500, "{\"message\":\"Internal server error\"}"));
    assert_eq!(header(&answer, "x-amzn-ErrorType"), Some("InternalFailureException"));
}

#[test]
fn a_message_is_quoted_and_head_has_no_body() {
    let fault = Fault::with_message(FaultKind::IncompleteSignature, "a \"b\" \\ \u{1}\n");
    assert_eq!(body(&answer(&fault, "GET /").0), "{\"message\":\"a \\\"b\\\" \\\\ \\u0001\\n\"}");
    let (answer, exchange) = answer(&Fault::FORBIDDEN, "HEAD /");
    assert_eq!((header(&answer, "Content-Length"), body(&answer), exchange.response_length), (Some("23"), "", 0));
}

#[test]
fn a_request_that_never_was_one_is_answered_too() {
    let mut exchange = Exchange::default();
    let mut out = Vec::new();
    write(&mut exchange, &Fault::MALFORMED_REQUEST, false, DATE, &mut out);
    assert!(String::from_utf8(out).expect("text").ends_with("{\"message\":\"Bad Request\"}"));
}

/// What an API answers whose gateway responses are these: the whole answer and the exchange.
fn own(responses: &serde_json::Value, fault: &Fault, request: &str) -> (String, Exchange) {
    use crate::testing::{Gateway, deployment, mock, stage};
    let mut unit = deployment("dep001", &[("/pets/{petId}", &[("ANY", mock("x"))])]);
    unit["gateway_responses"] = responses.clone();
    let gateway = Gateway::serve(&serde_json::json!([unit, stage("dev", "dep001", &[("shop", "here")])]));
    let mut exchange = gateway.request(request).expect("routed");
    let mut out = Vec::new();
    write(&mut exchange, fault, true, DATE, &mut out);
    (String::from_utf8(out).expect("text"), exchange)
}

fn response(
    response_type: &str,
    status: Option<&str>,
    headers: &[(&str, serde_json::Value)],
    templates: &[(&str, &str)],
) -> serde_json::Value {
    let headers: Vec<_> =
        headers.iter().map(|(name, source)| serde_json::json!({"name": name, "source": source})).collect();
    let templates: Vec<_> =
        templates.iter().map(|(key, text)| serde_json::json!({"content_type": key, "text": text})).collect();
    serde_json::json!({"response_type": response_type, "status_code": status, "headers": headers, "templates": templates})
}

const REQUEST: &str = "GET /dev/pets/7?q=a%22b";

#[test]
fn s5_3_the_type_as_a_whole_then_its_class_then_aws() {
    let star = || ("X-Own", crate::testing::from("literal", "*"));
    let responses = serde_json::json!([
        response(
            "DEFAULT_5XX",
            Some("599"),
            &[("X-Class", crate::testing::from("literal", "5"))],
            &[("application/json", "class")]
        ),
        response("INTEGRATION_FAILURE", None, &[star()], &[]),
        response("DEFAULT_4XX", None, &[("X-Class", crate::testing::from("literal", "4"))], &[]),
    ]);
    let get = raw(REQUEST, &[], "");
    // The type's own: what it does not say is AWS's, not that of its class.
    let (answer, _) = own(&responses, &Fault::INTEGRATION_FAILURE, &get);
    assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
    assert_eq!((header(&answer, "X-Own"), header(&answer, "X-Class")), (Some("*"), None));
    assert_eq!(body(&answer), "{\"message\":\"Network error communicating with endpoint\"}");
    // Its class: all of it, the status too.
    let (answer, exchange) = own(&responses, &Fault::INTEGRATION_TIMEOUT, &get);
    assert!(answer.starts_with("HTTP/1.1 599 "), "{answer}");
    assert_eq!((header(&answer, "X-Class"), body(&answer), exchange.status), (Some("5"), "class", 599));
    assert_eq!(header(&answer, "x-amzn-ErrorType"), Some("InternalServerErrorException"));
    // A class without a status keeps that of each failure.
    for (fault, status) in [(Fault::UNSUPPORTED_MEDIA_TYPE, 415), (Fault::BAD_REQUEST, 400)] {
        let (answer, _) = own(&responses, &fault, &get);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert_eq!(header(&answer, "X-Class"), Some("4"));
    }
    // What has no type cannot be customised.
    let (answer, _) = own(&responses, &Fault::payload_too_large(1), &get);
    assert_eq!((header(&answer, "X-Class"), body(&answer)), (None, "HTTP content length exceeded 1 bytes."));
    let (answer, _) = own(&serde_json::json!([]), &Fault::BAD_REQUEST, &get);
    assert_eq!(header(&answer, "X-Class"), None);
}

#[test]
fn s5_4_headers_come_from_the_request_the_context_and_the_stage() {
    use crate::testing::from;
    let headers = [
        ("Access-Control-Allow-Origin", from("literal", "*")),
        ("X-Header", from("header", "X-In")),
        ("X-Other-Case", from("header", "x-in")),
        ("X-Query", from("querystring", "q")),
        ("X-Path", from("path", "petId")),
        ("X-No-Path", from("path", "other")),
        ("X-Stage", from("stage_variable", "shop")),
        ("X-Context", from("context", "resourcePath")),
        ("X-Type", from("context", "error.responseType")),
        ("X-Nothing", from("context", "authorizer.claims.sub")),
        ("Server", from("literal", "mine")),
    ];
    let responses = serde_json::json!([response("UNSUPPORTED_MEDIA_TYPE", Some("418"), &headers, &[])]);
    let (answer, _) = own(&responses, &Fault::UNSUPPORTED_MEDIA_TYPE, &raw(REQUEST, &["X-In: in"], ""));
    for (name, value) in [
        ("Access-Control-Allow-Origin", Some("*")),
        ("X-Header", Some("in")),
        ("X-Other-Case", None),
        ("X-Query", Some("a\"b")),
        ("X-Path", Some("7")),
        ("X-No-Path", None),
        ("X-Stage", Some("here")),
        ("X-Context", Some("/pets/{petId}")),
        ("X-Type", Some("UNSUPPORTED_MEDIA_TYPE")),
        ("X-Nothing", None),
        ("x-amzn-Remapped-Server", Some("mine")),
        ("Content-Type", Some("application/json")),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    assert!(answer.starts_with("HTTP/1.1 418 "));
}

#[test]
fn s5_5_templates_are_filled_and_chosen_by_accept() {
    let text = "$context.error.message|$context.error.messageString|$context.error.responseType|$context.error.validationErrorString|$context.nothing|$stageVariables.shop|method.request.path.petId|method.request.querystring.q|$context.httpMethod";
    let templates = [("text/plain", text), ("application/xml", "<x/>"), ("application/json", "json")];
    let responses = serde_json::json!([response("BAD_REQUEST_BODY", None, &[], &templates)]);
    let fault = Fault::request_body("[object has missing required properties ([\"a\"])]".to_owned());
    for (accept, content_type, wanted) in [
        (None, "application/json", "json"),
        (Some("*/*"), "application/json", "json"),
        (Some("image/png, Application/XML;q=0.1, text/plain"), "application/xml", "<x/>"),
        (
            Some("text/plain"),
            "text/plain",
            "Invalid request body|\"Invalid request body\"|BAD_REQUEST_BODY|[object has missing required properties ([\"a\"])]||here|7|a\"b|GET",
        ),
    ] {
        let accept = accept.map(|accept| format!("Accept: {accept}"));
        let (answer, exchange) = own(&responses, &fault, &raw(REQUEST, accept.as_deref().as_slice(), ""));
        assert_eq!((header(&answer, "Content-Type"), body(&answer)), (Some(content_type), wanted));
        assert_eq!(exchange.response_length, wanted.len() as u64);
    }
    // Neither Accept nor JSON: the first.
    let responses = serde_json::json!([response(
        "BAD_REQUEST_BODY",
        None,
        &[("content-type", crate::testing::from("literal", "a/b"))],
        &templates[..2]
    )]);
    let (answer, _) = own(&responses, &fault, &raw(REQUEST, &["Accept: a/b"], ""));
    assert_eq!(header(&answer, "Content-Type"), Some("a/b"));
    assert!(body(&answer).starts_with("Invalid request body|"));
}

#[test]
fn statuses_without_a_body_and_head() {
    let responses = |status| serde_json::json!([response("BAD_REQUEST_BODY", Some(status), &[], &[("a/b", "text")])]);
    let (answer, exchange) = own(&responses("204"), &Fault::BAD_REQUEST_BODY, &raw(REQUEST, &[], ""));
    assert_eq!((header(&answer, "Content-Length"), body(&answer), exchange.response_length), (None, "", 0));
    let (answer, exchange) = own(&responses("400"), &Fault::BAD_REQUEST_BODY, &raw("HEAD /dev/pets/1", &[], ""));
    assert_eq!((header(&answer, "Content-Length"), body(&answer), exchange.response_length), (Some("4"), "", 0));
}

#[test]
fn nothing_of_an_unwritable_header_is_sent() {
    let headers = [("X-Query", crate::testing::from("querystring", "q"))];
    let responses =
        serde_json::json!([response("DEFAULT_4XX", None, &headers, &[]), response("DEFAULT_5XX", None, &headers, &[])]);
    let (answer, exchange) =
        own(&responses, &Fault::BAD_REQUEST, &raw("GET /dev/pets/1?q=a%0d%0aEvil:%20yes", &[], ""));
    assert!(answer.starts_with("HTTP/1.1 500 ") && !answer.contains("Evil"), "{answer}");
    assert_eq!(body(&answer), "{\"message\":\"Internal server error\"}");
    assert_eq!((exchange.status, exchange.fault), (500, Some(Fault::BAD_REQUEST)));
}
