//! Tests of `route`.

use crate::{
    fault::{Fault, FaultKind},
    testing::{Gateway, mock},
};

fn gateway() -> Gateway {
    Gateway::with(&[
        ("/pets", &[("GET", mock("get")), ("ANY", mock("any")), ("DELETE", mock("delete"))]),
        ("/pets/{petId}", &[("GET", mock("one")), ("HEAD", mock("head"))]),
        ("/only/{proxy+}", &[("GET", mock("greedy"))]),
        ("/test", &[("POST", mock("post"))]),
        ("/{all+}", &[("OPTIONS", mock("options"))]),
    ])
}

/// Resource path and method that match.
fn found(line: &str, headers: &[&str]) -> Result<String, Fault> {
    let exchange = gateway().call(line, headers)?;
    let path =
        String::from_utf8_lossy(exchange.deployment().expect("addressed").tree.path(exchange.resource)).into_owned();
    Ok(format!(
        "{} {path} as {}",
        exchange.method_plan().expect("routed").http_method.as_str(),
        String::from_utf8_lossy(exchange.verb.of(&exchange.input))
    ))
}

fn fault(line: &str, headers: &[&str]) -> Fault {
    found(line, headers).expect_err("no match")
}

#[test]
fn s2_3_an_explicit_verb_beats_any_and_any_covers_the_seven() {
    assert_eq!(found("GET /dev/pets", &[]).expect("match"), "GET /pets as GET");
    assert_eq!(found("DELETE /dev/pets", &[]).expect("match"), "DELETE /pets as DELETE");
    for verb in ["HEAD", "OPTIONS", "PATCH", "POST", "PUT"] {
        assert_eq!(found(&format!("{verb} /dev/pets"), &[]).expect("match"), format!("ANY /pets as {verb}"));
    }
}

#[test]
fn s2_3_methods_outside_the_seven_and_head_without_head_are_not_found() {
    for line in ["TRACE /dev/pets", "get /dev/pets", "PROPFIND /dev/pets", "HEAD /dev/only/x"] {
        assert_eq!(fault(line, &[]), Fault::MISSING_AUTHENTICATION_TOKEN, "{line}");
    }
}

#[test]
fn s20_1_options_miss_on_a_static_node_falls_to_the_greedy_sibling() {
    assert_eq!(found("OPTIONS /dev/test", &[]).expect("match"), "OPTIONS /{all+} as OPTIONS");
    assert_eq!(found("POST /dev/test", &[]).expect("match"), "POST /test as POST");
}

#[test]
fn s20_2_get_on_the_parent_of_a_greedy_resource_is_a_missing_token() {
    assert_eq!(fault("GET /dev/only", &[]), Fault::MISSING_AUTHENTICATION_TOKEN);
    assert_eq!(fault("GET /dev", &[]), Fault::MISSING_AUTHENTICATION_TOKEN);
}

#[test]
fn s20_21_the_method_override_replaces_the_verb() {
    assert_eq!(found("GET /dev/pets", &["X-HTTP-Method-Override: DELETE"]).expect("match"), "DELETE /pets as DELETE");
    assert_eq!(found("POST /dev/pets/7", &["x-http-method-override: GET"]).expect("match"), "GET /pets/{petId} as GET");
    assert_eq!(fault("GET /dev/pets", &["X-HTTP-Method-Override: FOO"]), Fault::MISSING_AUTHENTICATION_TOKEN);
    assert_eq!(fault("GET /dev/pets", &["X-HTTP-Method-Override: delete"]), Fault::MISSING_AUTHENTICATION_TOKEN);
}

#[test]
fn path_parameters_are_raw() {
    let exchange = gateway().call("GET /dev/pets/a%2Fb+c", &[]).expect("match");
    assert_eq!(exchange.path_parameters[0].of(&exchange.input), b"a%2Fb+c");
}

#[test]
fn s2_4_no_sigv4_material_is_a_missing_token() {
    assert_eq!(fault("GET /dev/nowhere", &[]).kind, FaultKind::MissingAuthenticationToken);
    assert_eq!(fault("GET /dev/nowhere?a=b", &["X-Amz-Date: x"]).kind, FaultKind::MissingAuthenticationToken);
}

#[test]
fn s20_4_another_authorization_on_an_unknown_path_is_an_incomplete_signature() {
    let fault = fault("GET /dev/nowhere", &["Authorization: Bearer x"]);
    assert_eq!(fault.kind, FaultKind::IncompleteSignature);
    assert_eq!(
        fault.message.as_deref(),
        Some(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): \
             'uTem/WB082UJMN2ajD6lH6UChGpTAddMJSx2iu923No='."
        ),
        "base64 of SHA-256 of the header's value"
    );
}

#[test]
fn access_control_1_4_syntax_errors_of_an_authorization_header() {
    let message = |value: &str, more: &[&str]| {
        let authorization = format!("Authorization: {value}");
        let headers: Vec<&str> = std::iter::once(authorization.as_str()).chain(more.iter().copied()).collect();
        let fault = fault("GET /dev/nowhere", &headers);
        assert_eq!(fault.kind, FaultKind::IncompleteSignature, "{value}");
        fault.message.expect("a message").into_string()
    };
    assert!(
        message("token", &[])
            .starts_with("Invalid key=value pair (missing equal-sign) in Authorization header (hashed")
    );
    assert!(
        message("a=b c", &[])
            .starts_with("Authorization header must begin with the algorithm name, which cannot include an equal-sign")
    );
    assert_eq!(message("Bearer a=b", &[]), "Unsupported AWS 'algorithm': 'Bearer'.");
    assert_eq!(message("AWS4-HMAC-SHA1 Credential=a", &[]), "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'.");
    let missing = message("AWS4-HMAC-SHA256 Signature=x", &[]);
    assert!(
        missing.starts_with(
            "Authorization header requires 'Credential' parameter. Authorization header requires 'SignedHeaders' parameter. \
             Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. (Hashed with SHA-256 and encoded with Base64) Authorization="
        ),
        "{missing}"
    );
    assert_eq!(
        message("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x", &["X-Amz-Date: 20261121T090000Z"]),
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'a/b'"
    );
}

#[test]
fn s2_4_a_well_formed_signature_of_an_unknown_key_is_unrecognized() {
    let signed = |scope: &str, date: &str| {
        let authorization = format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}/aws4_request,SignedHeaders=host;x-amz-date, Signature=00"
        );
        fault("GET /dev/nowhere", &[&authorization, &format!("X-Amz-Date: {date}")])
    };
    // The clock of these tests says 09:00:00.
    assert_eq!(signed("20261121/eu-west-1/execute-api", "20261121T090400Z"), Fault::UNRECOGNIZED_CLIENT);
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/20261121/eu-west-1/execute-api/aws4_request&X-Amz-Date=20261121T090000Z\
                 &X-Amz-SignedHeaders=host&X-Amz-Signature=c";
    assert_eq!(fault(&format!("GET /dev/nowhere?{query}"), &[]), Fault::UNRECOGNIZED_CLIENT);
    let incomplete = fault("GET /dev/nowhere?X-Amz-Algorithm=AWS4-HMAC-SHA256", &[]);
    assert_eq!(
        incomplete.message.as_deref(),
        Some("AWS query-string parameters must include 'X-Amz-Credential'. Re-examine the query-string parameters.")
    );
    for (scope, date, begin) in [
        (
            "20261121/eu-west-1/s3",
            "20261121T090000Z",
            "Credential should be scoped to correct service: 'execute-api'. ",
        ),
        (
            "20261121/us-east-1/execute-api",
            "20261121T090000Z",
            "Credential should be scoped to a valid region, not 'us-east-1'. ",
        ),
        (
            "20261121/eu-west-1/execute-api",
            "20261121T080000Z",
            "Signature expired: 20261121T080000Z is now earlier than 20261121T085500Z",
        ),
        (
            "20261121/eu-west-1/execute-api",
            "20261121T100000Z",
            "Signature not yet current: 20261121T100000Z is still later than",
        ),
    ] {
        let fault = signed(scope, date);
        assert_eq!(fault.kind, FaultKind::InvalidSignature);
        assert!(fault.message.as_deref().is_some_and(|message| message.starts_with(begin)), "{:?}", fault.message);
    }
}
