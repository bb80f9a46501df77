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
