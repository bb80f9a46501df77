//! Tests of `request_validator`.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Gateway, deployment, mock, raw, stage};

const PET: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

fn gateway(parameters: &[(&str, &str)], models: &[(&str, &str)]) -> Gateway {
    let parameters: Vec<Value> =
        parameters.iter().map(|(location, name)| json!({"location": location, "name": name})).collect();
    let models: Vec<Value> =
        models.iter().map(|(content_type, model)| json!({"content_type": content_type, "model": model})).collect();
    let mut unit = deployment("dep001", &[("/pets/{petId}/{rest+}", &[("ANY", mock("x"))])]);
    unit["models"] = json!([
        {"name": "Pet", "url": "https://models/Pet", "schema": PET},
        {"name": "Pets", "url": "https://models/Pets", "schema": r#"{"type": "array", "items": {"$ref": "https://models/Pet"}}"#},
    ]);
    unit["resources"][0]["methods"][0]["validation"] = json!({"parameters": parameters, "models": models});
    Gateway::serve(&json!([unit, stage("dev", "dep001", &[])]))
}

/// What a request is refused with, `None` when it is not.
fn refused(gateway: &Gateway, target: &str, headers: &[&str], body: &str) -> Option<Fault> {
    let exchange = gateway.request(&raw(&format!("POST /dev{target}"), headers, body)).expect("routed");
    let demands = exchange.method_plan().and_then(|plan| plan.demands.as_deref());
    let plan = demands.and_then(|demands| demands.validation.as_ref()).expect("validated");
    match parameters(plan, &exchange) {
        Ok(Some(model)) => super::body(exchange.deployment().expect("served"), model, body.as_bytes()).err(),
        Ok(None) => None,
        Err(fault) => Some(fault),
    }
}

fn missing(names: &str) -> Fault {
    let message = format!("Missing required request parameters: [{names}]");
    Fault::with_message(FaultKind::BadRequestParameters, message)
}

#[test]
fn s6_2_all_that_is_missing_in_one_list_by_place() {
    let gateway = gateway(
        &[
            ("querystring", "q1"),
            ("path", "issuer"),
            ("header", "X-B"),
            ("querystring", "q0"),
            ("header", "X-A"),
            ("path", "petId"),
            ("path", "rest"),
        ],
        &[("application/json", "Pet")],
    );
    assert_eq!(refused(&gateway, "/pets/1/a/b", &[], ""), Some(missing("X-B, X-A, issuer, q1, q0")));
    // A variable that the path does not have is missing whatever comes; the body is not looked at.
    assert_eq!(refused(&gateway, "/pets/1/a?q0=1;q1=2", &["X-A: 1", "X-B: 2"], "no"), Some(missing("issuer")));
}

#[test]
fn s6_2_blank_is_missing_and_names_have_their_case() {
    let gateway = gateway(&[("header", "X-A"), ("querystring", "q")], &[]);
    for (target, header, names) in [
        ("/pets/1/a?q=1", "X-A: a", None),
        ("/pets/1/a?%71=%31&x", "X-A: a", None),
        ("/pets/1/a?q=1", "x-a: a", Some("X-A")),
        ("/pets/1/a?q=1", "X-A:  \t ", Some("X-A")),
        ("/pets/1/a?q=1", "X-Ab: a", Some("X-A")),
        ("/pets/1/a?Q=1", "X-A: a", Some("q")),
        ("/pets/1/a?q=%20+", "X-A: a", Some("q")),
        ("/pets/1/a?q", "X-A: a", Some("q")),
        ("/pets/1/a", "X-B: a", Some("X-A, q")),
    ] {
        assert_eq!(refused(&gateway, target, &[header], ""), names.map(missing), "{target} {header}");
    }
}

#[test]
fn s6_2_the_model_is_that_of_the_media_type() {
    let gateway =
        gateway(&[], &[("application/json", "Pet"), ("application/vnd.pets+json", "Pets"), ("$default", "Pet")]);
    let words = |text: &str| Some(Fault::request_body(format!("[{text}]")));
    let missing = words("object has missing required properties ([\"name\"])");
    let no_array = words("instance type (object) does not match any allowed primitive type (allowed: [\"array\"])");
    for (headers, body, wanted) in [
        (&[][..], r#"{"name": "Rex"}"#, None),
        (&[], "{}", missing.clone()),
        (&[], "", missing.clone()),
        (&["Content-Type: Application/JSON; charset=utf-8"], "{}", missing.clone()),
        (&["Content-Type: application/vnd.pets+json"], "{}", no_array.clone()),
        (&["Content-Type: application/vnd.pets+json"], r#"[{"name": "Rex"}]"#, None),
        (&["Content-Type: application/vnd.pets+json"], "[{}]", missing.clone()),
        (&["Content-Type: text/plain"], "{}", missing),
        (&["Content-Type: text/plain"], "hello", Some(Fault::BAD_REQUEST_BODY)),
        (&[], "{\"name\": \"\\ud800\"}", Some(Fault::BAD_REQUEST_BODY)),
    ] {
        assert_eq!(refused(&gateway, "/pets/1/a", headers, body), wanted, "{headers:?} {body}");
    }
}

#[test]
fn s6_2_without_a_model_for_it_a_body_is_not_looked_at() {
    let gateway = gateway(&[], &[("application/json", "Pet")]);
    assert_eq!(refused(&gateway, "/pets/1/a", &["Content-Type: text/plain"], "hello"), None);
    assert!(refused(&gateway, "/pets/1/a", &["Content-Type: ;"], "hello").is_some(), "no type is JSON");
}

#[test]
fn a_model_that_cannot_be_used_refuses_the_deployment() {
    let mut unit = deployment("dep001", &[("/p", &[("ANY", mock("x"))])]);
    unit["models"] = json!([
        {"name": "Good", "url": "u:Good", "schema": "{}"},
        {"name": "Bad", "url": "u:Bad", "schema": r#"{"properties": {"a": {"$ref": "u:Gone"}, "b": {"type": "file"}}}"#},
    ]);
    unit["resources"][0]["methods"][0]["validation"] =
        json!({"parameters": [], "models": [{"content_type": "a/b", "model": "None"}]});
    let mut gateway = Gateway::serve(&json!([]));
    let errors = gateway.apply(&json!([unit, stage("dev", "dep001", &[])])).expect_err("refused");
    let mut found: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.path, error.message)).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "$.put[0].models[1].schema: #/properties/a/$ref: u:Gone leads nowhere",
            "$.put[0].models[1].schema: #/properties/b/type: \"file\" is no type",
            "$.put[0].resources[0].methods[0].validation.models[0].model: there is no model None",
        ]
    );
}
