//! Tests of `gateway_response`: how templates are split, and what a deployment may not say.

use serde_json::{Value, json};

use super::*;
use crate::{
    snapshot::plan::ContextVariable as C,
    testing::{Gateway, deployment, mock, stage},
};

fn units(response: &Value) -> Value {
    let mut unit = deployment("dep001", &[("/p", &[("GET", mock("x"))])]);
    unit["gateway_responses"] = json!([response]);
    json!([unit, stage("dev", "dep001", &[])])
}

fn text(text: &str) -> Piece {
    Piece::Text(text.into())
}

fn split(template: &str) -> Vec<Piece> {
    let response = json!({"response_type": "DEFAULT_4XX", "status_code": null, "headers": [], "templates": [{"content_type": "a/b", "text": template}]});
    let gateway = Gateway::serve(&units(&response));
    let stage = gateway.served.lookup(crate::testing::API.as_bytes(), b"dev", &[b'A'; 16]).expect("served").clone();
    let mut responses = stage.deployment.gateway_responses.as_ref().expect("customised").entries[0].templates[0]
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(same) => text(same),
            Piece::Value(GatewayValue::Error(variable)) => Piece::Value(GatewayValue::Error(*variable)),
            Piece::Value(GatewayValue::Path(name)) => Piece::Value(GatewayValue::Path(name.clone())),
            Piece::Value(GatewayValue::Mapped(value)) => Piece::Value(GatewayValue::Mapped(value.clone())),
        })
        .collect::<Vec<_>>();
    responses.shrink_to_fit();
    responses
}

fn mapped(value: RequestValue) -> Piece {
    Piece::Value(GatewayValue::Mapped(value))
}

#[test]
fn s5_5_references_are_found_and_nothing_else() {
    for (template, wanted) in [
        ("", vec![]),
        (
            "plain é $ $$ $context $context. #set($a = 1) $input.body",
            vec![text("plain é $ $$ $context $context. #set($a = 1) $input.body")],
        ),
        (
            "{\"message\":$context.error.messageString}",
            vec![text("{\"message\":"), Piece::Value(GatewayValue::Error(ErrorVariable::MessageString)), text("}")],
        ),
        ("$context.error.message.", vec![Piece::Value(GatewayValue::Error(ErrorVariable::Message)), text(".")]),
        (
            "$context.requestId-$context.stage/x",
            vec![
                mapped(RequestValue::Context(C::RequestId)),
                text("-"),
                mapped(RequestValue::Context(C::Stage)),
                text("/x"),
            ],
        ),
        ("$context.nothing.at_all-x", vec![mapped(RequestValue::Absent), text("-x")]),
        ("$context.requestIdx", vec![mapped(RequestValue::Absent)]),
        ("é$stageVariables.a_1-", vec![text("é"), mapped(RequestValue::StageVariable(0)), text("-")]),
        ("method.request.header.X-A b", vec![mapped(RequestValue::Header(b"X-A".as_slice().into())), text(" b")]),
        ("$method.request.querystring.q.", vec![mapped(RequestValue::Querystring(b"q".as_slice().into())), text(".")]),
        ("method.request.path.id", vec![Piece::Value(GatewayValue::Path(b"id".as_slice().into()))]),
        (
            "method.request.body method.request.header. $method",
            vec![text("method.request.body method.request.header. $method")],
        ),
    ] {
        assert_eq!(split(template), wanted, "{template}");
    }
}

#[test]
fn what_no_answer_can_hold_is_refused() {
    for (member, value, path) in [
        ("status_code", json!("199"), ".status_code"),
        ("status_code", json!("600"), ".status_code"),
        ("status_code", json!("0200"), ".status_code"),
        ("headers", json!([{"name": "a b", "source": {"from": "literal", "value": "x"}}]), ".headers[0].name"),
        ("templates", json!([{"content_type": "a\r\nb", "text": ""}]), ".templates[0].content_type"),
    ] {
        let mut response = json!({"response_type": "THROTTLED", "status_code": null, "headers": [], "templates": []});
        response[member] = value;
        let mut gateway = Gateway::serve(&json!([]));
        let errors = gateway.apply(&units(&response)).expect_err("refused");
        assert!(errors.iter().any(|error| error.path == format!("$.put[0].gateway_responses[0]{path}")), "{errors:?}");
    }
}
