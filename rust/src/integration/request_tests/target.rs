//! Where a request goes: the integration's verb and URI with its variables filled, the query behind it.

use super::*;

#[test]
fn s7_2_4_query_of_the_uri_then_the_clients_then_the_mapped() {
    let gateway =
        gateway(&http_proxy("http://b.test/x?testVar=foobar", &[("querystring", "a b", from("context", "stage"))]));
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q?testVar=bar", &[])), "/x?testVar=foobar&testVar=bar&a%20b=dev");
    assert_eq!(target(&forwarded(&gateway, "GET /dev/q", &[])), "/x?testVar=foobar&a%20b=dev");
    let nothing =
        proxy(&[("querystring", "a", from("querystring", "none")), ("querystring", "b", from("literal", ""))]);
    assert_eq!(target(&forwarded(&nothing, "GET /dev/q", &[])), "/base");
    assert_eq!(target(&forwarded(&nothing, "GET /dev/q?x", &[])), "/base?x");
}

#[test]
fn s7_2_1_an_unmapped_path_variable_ends_in_500() {
    let unmapped = gateway(&http_proxy("http://backend.test/{proxy}", &[]));
    assert_eq!(fault(&unmapped, "GET /dev/p/1/a/b", &[]), FaultKind::Configuration);
    let mapped = gateway(&http_proxy(
        "http://backend.test/{proxy}/{n}",
        &[("path", "proxy", from("path", "rest")), ("path", "n", from("querystring", "n"))],
    ));
    assert_eq!(target(&forwarded(&mapped, "GET /dev/p/1/a//b%2F?n=7", &[])), "/a//b%2F/7?n=7");
    assert_eq!(
        fault(&mapped, "GET /dev/p/1/a/b", &[]),
        FaultKind::Configuration,
        "a missing source leaves the name literal"
    );
    assert_eq!(fault(&mapped, "GET /dev/p/1/a/b?n=a%23b", &[]), FaultKind::Configuration, "a fragment is no target");
}

#[test]
fn s7_2_2_stage_variables_are_this_stages() {
    let integration =
        http_proxy("http://${stageVariables.host}/${stageVariables.version}/x${stageVariables.missing}", &[]);
    let units = json!([
        deployment("dep001", &[("/q", &[("GET", integration)])]),
        stage("dev", "dep001", &[("host", "one.test:8181"), ("version", "v1")]),
        stage("prod", "dep001", &[("host", "two.test"), ("version", "v2/y?z=1")]),
        stage("bare", "dep001", &[]),
    ]);
    let gateway = Gateway::serve(&units);
    let (head, endpoint) = gateway.forwarded("GET /dev/q", &[]).expect("a head");
    assert_eq!((target(&head), header(&head, "Host"), endpoint.port), ("/v1/x", Some("one.test:8181"), 8181));
    let (head, endpoint) = gateway.forwarded("GET /prod/q", &[]).expect("a head");
    assert_eq!((target(&head), header(&head, "Host"), &*endpoint.host), ("/v2/y?z=1/x", Some("two.test"), "two.test"));
    assert_eq!(fault(&gateway, "GET /bare/q", &[]), FaultKind::Configuration);
}

#[test]
fn s7_2_an_authority_from_the_request() {
    let gateway = gateway(&http_proxy("http://{host}/x", &[("path", "host", from("querystring", "h"))]));
    let (head, endpoint) = gateway.forwarded("GET /dev/q?h=one.test:8081", &[]).expect("a head");
    assert_eq!((header(&head, "Host"), &*endpoint.host, endpoint.port), (Some("one.test:8081"), "one.test", 8081));
    assert_eq!(target(&head), "/x?h=one.test:8081");
    for value in ["a%20b", "u@h", "", "a:b", "a:81", "a:1023", "%0d%0a", "a%00"] {
        assert_eq!(fault(&gateway, &format!("GET /dev/q?h={value}"), &[]), FaultKind::Configuration, "{value}");
    }
}

#[test]
fn s7_1_the_integrations_verb_beats_the_clients() {
    let mut integration = http_proxy("http://b.test/x", &[]);
    assert!(forwarded(&gateway(&integration), "PATCH /dev/q", &[]).starts_with("PATCH /x "));
    assert!(forwarded(&gateway(&integration), "GET /dev/q", &["X-HTTP-Method-Override: PUT"]).starts_with("PUT /x "));
    integration["backend"]["http_method"] = json!("POST");
    assert!(forwarded(&gateway(&integration), "GET /dev/q", &[]).starts_with("POST /x "));
    integration["backend"]["http_method"] = json!("ANY");
    assert!(forwarded(&gateway(&integration), "DELETE /dev/q", &[]).starts_with("DELETE /x "));
}
