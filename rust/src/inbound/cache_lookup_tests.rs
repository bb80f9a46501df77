//! Keys: what varies them and what does not.

use serde_json::{Value, json};

use super::*;
use crate::testing::{Gateway, deployment, from, http_proxy, mock, stage};

fn serve(parameters: &Value, change: impl FnOnce(&mut Value)) -> Gateway {
    let methods = [("GET", http_proxy("http://backend.test/", &[])), ("DELETE", mock("gone"))];
    let mut deployment = deployment("dep001", &[("/pets/{petId}", &methods), ("/others/{id}", &methods)]);
    deployment["resources"][0]["methods"][0]["cache_key"]["parameters"] = parameters.clone();
    let mut stage = stage("dev", "dep001", &[("version", "v7")]);
    stage["cache_bytes"] = json!(500_000_000);
    let cache = json!({"ttl_in_seconds": 300, "encrypted": false, "require_authorization": true, "unauthorized_strategy": "FAIL_WITH_403"});
    let of = |method: Value| json!({"method": method, "metrics_enabled": false, "logging_level": "OFF", "data_trace_enabled": false, "throttle": null, "cache": cache});
    let own = |path: &str, verb: &str| of(json!({"path": path, "http_method": verb}));
    stage["method_settings"] = json!([own("/pets/{petId}", "DELETE"), of(Value::Null)]);
    let mut units = json!([deployment, stage]);
    change(&mut units);
    Gateway::serve(&units)
}

/// The key of a request; `None` when the cache has no part in it.
fn key(gateway: &Gateway, line: &str, headers: &[&str]) -> Option<Vec<u8>> {
    let mut exchange = gateway.call(line, headers).unwrap();
    let mut key = Vec::new();
    match look(&mut exchange, &mut key, 0).unwrap() {
        Lookup::Off => None,
        Lookup::Miss(caching) => Some(caching.key.to_vec()),
        Lookup::Hit(..) => panic!("nothing was kept"),
    }
}

#[test]
fn s13_the_setting_of_all_methods_reaches_get_alone() {
    let gateway = serve(&json!([]), |_| ());
    assert!(key(&gateway, "GET /dev/pets/1", &[]).is_some());
    assert!(key(&gateway, "DELETE /dev/pets/1", &[]).is_some(), "a setting of its own");
    assert!(key(&gateway, "DELETE /dev/others/1", &[]).is_none());
}

#[test]
fn s20_19_an_undeclared_path_parameter_does_not_vary_the_key() {
    let gateway = serve(&json!([]), |_| ());
    assert_eq!(key(&gateway, "GET /dev/pets/1?a=1", &["X-A: 1"]), key(&gateway, "GET /dev/pets/2?a=2", &["X-A: 2"]));
    assert_ne!(key(&gateway, "GET /dev/pets/1", &[]), key(&gateway, "GET /dev/others/1", &[]), "namespaces differ");
    let gateway = serve(&json!([from("path", "petId")]), |_| ());
    assert_ne!(key(&gateway, "GET /dev/pets/1", &[]), key(&gateway, "GET /dev/pets/2", &[]));
}

#[test]
fn s20_21_the_verb_of_an_override_is_in_the_key() {
    let gateway = serve(&json!([]), |_| ());
    let deleting = key(&gateway, "GET /dev/pets/1", &["X-HTTP-Method-Override: DELETE"]);
    assert_eq!(deleting, key(&gateway, "DELETE /dev/pets/1", &[]));
    assert_ne!(deleting, key(&gateway, "GET /dev/pets/1", &[]));
}

#[test]
fn s13_values_and_their_absence_tell_requests_apart() {
    let parameters = json!([
        from("querystring", "a"),
        from("multi_value_querystring", "b"),
        from("header", "X-A"),
        from("multi_value_header", "X-B"),
        from("stage_variable", "version"),
        from("context", "stage"),
        from("literal", "x"),
    ]);
    let gateway = serve(&parameters, |_| ());
    let requests: &[(&str, &[&str])] = &[
        ("", &[]),
        ("?a", &[]),
        ("?a=1", &[]),
        ("?a=1&a=2", &[]),
        ("?b=1", &[]),
        ("?b=1&b=2", &[]),
        ("?b=1,2", &[]),
        ("?b=12", &[]),
        ("", &["X-A: 1"]),
        ("", &["X-A:"]),
        ("", &["X-B: 1"]),
        ("", &["X-B: 1,2"]),
        ("", &["X-B: 1", "X-B: 2"]),
        ("", &["X-A: 1", "X-B: 2"]),
        ("?a=1", &["X-A: 1"]),
    ];
    let keys: Vec<_> = requests
        .iter()
        .map(|(query, headers)| key(&gateway, &format!("GET /dev/pets/1{query}"), headers).unwrap())
        .collect();
    for (number, one) in keys.iter().enumerate() {
        for (other_number, other) in keys.iter().enumerate() {
            assert_eq!(one == other, number == other_number, "{:?} {:?}", requests[number], requests[other_number]);
        }
    }
    let same = |left: (&str, &[&str]), right: (&str, &[&str])| {
        assert_eq!(key(&gateway, left.0, left.1), key(&gateway, right.0, right.1), "{left:?} {right:?}");
    };
    same(("GET /dev/pets/1?c=1&a=%41", &[]), ("GET /dev/pets/2?a=A&d", &[]));
    // A backend takes header names in any case.
    same(("GET /dev/pets/1", &["x-a: 1"]), ("GET /dev/pets/1", &["X-A: 1"]));
}

#[test]
fn s13_what_an_answer_is_chosen_by_is_in_the_key() {
    let plain = serve(&json!([]), |_| ());
    let same = |gateway: &Gateway, left: &str, right: &str| {
        key(gateway, "GET /dev/pets/1", &[left]) == key(gateway, "GET /dev/pets/1", &[right])
    };
    assert!(same(&plain, "Accept: text/html", "Accept: image/png"));
    assert!(same(&plain, "Accept-Encoding: gzip", "Accept-Encoding: br"));
    let binary = serve(&json!([]), |units| units[0]["binary_media_types"] = json!(["image/png"]));
    assert!(!same(&binary, "Accept: text/html", "Accept: image/png"));
    assert!(same(&binary, "Accept: image/png", "Accept: image/png, */*"));
    let compressed = serve(&json!([]), |units| units[0]["minimum_compression_size"] = json!(0));
    assert!(!same(&compressed, "Accept-Encoding: gzip", "Accept-Encoding: br"));
}

#[test]
fn s13_a_canary_has_answers_of_its_own_or_none() {
    let with = |use_stage_cache: bool, deployment_id: &str, percent: f64| {
        serve(&json!([]), |units| {
            let mut other = units[0].clone();
            other["deployment_id"] = json!("dep002");
            units.as_array_mut().unwrap().insert(0, other);
            units[2]["canary"] = json!({"percent_traffic": percent, "deployment_id": deployment_id,
                "variables": units[2]["variables"], "use_stage_cache": use_stage_cache});
        })
    };
    let of = |gateway: &Gateway| key(gateway, "GET /dev/pets/1", &[]).map(|key| key[12..].to_vec());
    assert!(of(&with(false, "dep002", 100.0)).is_none(), "it has to be told to use the cache");
    assert!(of(&with(false, "dep002", 0.0)).is_some());
    assert_ne!(of(&with(true, "dep002", 100.0)), of(&with(true, "dep002", 0.0)));
    assert_eq!(of(&with(true, "dep001", 100.0)), of(&with(true, "dep001", 0.0)), "both sides run the same");
}
