//! Tests of `registry`.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    snapshot::served::Served,
    testing::{API, deployment, from, http, http_proxy, mock, mock_with, response, stage},
};

const ID: &[u8; 16] = b"AbCdEfGhIjKlMno=";

fn patch(put: &[Value], remove: &[&str]) -> Vec<u8> {
    json!({"put": put, "remove": remove}).to_string().into_bytes()
}

fn simple(id: &str, text: &str) -> Value {
    deployment(id, &[("/", &[("GET", mock(text))])])
}

fn keys(registry: &Registry) -> Vec<String> {
    registry.units().into_iter().map(|(key, _)| key).collect()
}

fn errors(registry: &mut Registry, put: &[Value], remove: &[&str]) -> Vec<(String, String)> {
    let errors = registry.prepare(&patch(put, remove)).expect_err("refused");
    errors.into_iter().map(|error| (error.path, error.message)).collect()
}

#[test]
fn prepare_and_commit_and_drop() {
    let mut registry = Registry::new();
    let ticket = registry.prepare(&patch(&[simple("one", "1"), stage("dev", "one", &[])], &[])).expect("valid");
    assert!(registry.units().is_empty(), "nothing is active before commit");
    drop(ticket);
    assert_eq!(errors(&mut registry, &[stage("dev", "one", &[])], &[]).len(), 1, "a dropped ticket is no more seen");
    let ticket = registry
        .prepare(&patch(&[stage("dev", "one", &[]), simple("one", "1")], &[]))
        .expect("a stage may stand first");
    let changes = registry.commit(vec![ticket]);
    assert_eq!(changes.len(), 1);
    assert_eq!((&*changes[0].api_id, &*changes[0].stage_name, changes[0].plan.is_some()), (API, "dev", true));
    assert_eq!(keys(&registry), ["deployment/abcdef1234/one", "stage/abcdef1234/dev"]);
}

#[test]
fn later_patches_of_a_batch_see_earlier_ones() {
    let mut registry = Registry::new();
    let first = registry.prepare(&patch(&[simple("one", "1")], &[])).expect("valid");
    let second = registry.prepare(&patch(&[stage("dev", "one", &[])], &[])).expect("sees the first");
    let third = registry.prepare(&patch(&[], &["stage/abcdef1234/dev"])).expect("valid");
    let fourth = registry.prepare(&patch(&[], &["deployment/abcdef1234/one"])).expect("sees the third");
    let changes = registry.commit(vec![first, second, third, fourth]);
    assert_eq!(changes.len(), 1);
    assert!(changes[0].plan.is_none());
    assert!(registry.units().is_empty());
}

#[test]
fn stages_share_their_deployment_and_survive_its_replacement() {
    let mut registry = Registry::new();
    let ticket = registry
        .prepare(&patch(&[simple("one", "1"), stage("a", "one", &[]), stage("b", "one", &[])], &[]))
        .expect("valid");
    let changes = registry.commit(vec![ticket]);
    let before: Vec<_> = changes.iter().filter_map(|change| change.plan.clone()).collect();
    assert!(Arc::ptr_eq(&before[0].deployment, &before[1].deployment));
    assert_ne!(before[0].metrics_index, before[1].metrics_index);
    let ticket = registry.prepare(&patch(&[simple("one", "2")], &[])).expect("valid");
    let after = registry.commit(vec![ticket]);
    assert_eq!(after.len(), 2, "both stages serve the new one");
    assert!(!Arc::ptr_eq(&after[0].plan.as_ref().expect("a plan").deployment, &before[0].deployment));
    assert_eq!(after[0].plan.as_ref().expect("a plan").metrics_index, before[0].metrics_index, "counters survive");
}

#[test]
fn a_stage_without_its_deployment_is_an_error() {
    let mut registry = Registry::new();
    let found = errors(&mut registry, &[stage("dev", "none", &[])], &[]);
    assert_eq!(found, [("$.put[0].deployment_id".to_owned(), "there is no deployment none".to_owned())]);
    let ticket = registry.prepare(&patch(&[simple("one", "1"), stage("dev", "one", &[])], &[])).expect("valid");
    registry.commit(vec![ticket]);
    let found = errors(&mut registry, &[], &["stage/abcdef1234/x", "deployment/abcdef1234/one"]);
    assert_eq!(found, [("$.remove[1]".to_owned(), "stage dev still serves this deployment".to_owned())]);
    registry.prepare(&patch(&[], &["stage/abcdef1234/dev", "deployment/abcdef1234/one"])).expect("both go together");
    let found = errors(&mut registry, &[stage("dev", "one", &[])], &["deployment/abcdef1234/one"]);
    assert_eq!(found[0].0, "$.put[0].deployment_id");
}

#[test]
fn units_have_the_hash_of_their_canonical_json() {
    let mut registry = Registry::new();
    let unit = stage("dev", "one", &[("a", "b")]);
    let ticket = registry.prepare(&patch(&[simple("one", "1"), unit], &[])).expect("valid");
    registry.commit(vec![ticket]);
    // printf %s '{"kind":"stage",…}' | sha256sum
    let text = r#"{"kind":"stage","api_id":"abcdef1234","stage_name":"dev","deployment_id":"one","variables":[{"name":"a","value":"b"}],"canary":null,"access_log":null,"method_settings":[],"cache_bytes":0,"client_certificate":null}"#;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let (key, hex) = &registry.units()[1];
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).expect("hex")).collect();
    assert_eq!((key.as_str(), bytes.as_slice()), ("stage/abcdef1234/dev", digest.as_ref()));
}

#[test]
fn a_stage_shows_no_certificate_that_cannot_be_used() {
    let mut registry = Registry::new();
    let mut unit = stage("dev", "one", &[]);
    unit["client_certificate"] = json!({"certificate": "", "private_key": "secret"});
    let found = errors(&mut registry, &[simple("one", "1"), unit], &[]);
    assert_eq!(found, [("$.put[1].client_certificate".to_owned(), "there is no certificate".to_owned())]);
}

#[test]
fn what_is_no_patch_is_refused_at_its_root() {
    let mut registry = Registry::new();
    for text in [
        "",
        "{}",
        "[]",
        r#"{"put":[],"remove":[],"more":1}"#,
        r#"{"put":[{"kind":"other"}],"remove":[]}"#,
        "{\"put\":[]}",
    ] {
        let found = registry.prepare(text.as_bytes()).expect_err("refused");
        assert_eq!((found.len(), found[0].path.as_str()), (1, "$"), "{text}");
    }
}

#[test]
fn paths_stand_in_log_lines_as_they_are() {
    let mut registry = Registry::new();
    for path in ["/a\"b", "/a\\b", "/a b", "/a\nb", "/\u{e9}"] {
        let found = errors(&mut registry, &[deployment("one", &[(path, &[("GET", mock("{}"))])])], &[]);
        assert_eq!(found[0].0, "$.put[0].resources[0].path", "{path:?}");
    }
}

#[test]
fn all_errors_are_collected_with_their_paths() {
    let mut bad_backend = http_proxy(
        "ftp://b.test/",
        &[
            ("header", "bad name", from("literal", "x")),
            ("header", "X-A", from("literal", "1")),
            ("header", "x-a", from("literal", "2")),
        ],
    );
    bad_backend["backend"]["http_method"] = json!("FETCH");
    bad_backend["backend"]["timeout_in_millis"] = json!(49);
    let bad_responses = json!([response(
        "2x0",
        "(",
        &json!([{"name": "a b", "source": from("literal", "x")}]),
        &json!([{"content_type": "a\nb", "text": "x"}, {"content_type": "a/b", "text": "#if("}])
    ),]);
    let unit = deployment(
        "one",
        &[
            ("/ok", &[("GET", mock("fine"))]),
            ("/{a}/b", &[("GET", bad_backend), ("FETCH", mock("x")), ("GET", mock("x"))]),
            ("/{b}", &[("GET", mock_with("#if(", &bad_responses))]),
            ("/ok", &[("GET", http("http://b.test", &[], &json!([response("200", "[a", &json!([]), &json!([]))])))]),
        ],
    );
    let found = errors(&mut Registry::new(), &[stage("dev", "one", &[]), unit, stage("prod", "none", &[])], &[]);
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "$.put[1].resources[1].methods[0].integration.backend.timeout_in_millis",
            "$.put[1].resources[1].methods[0].integration.backend.http_method",
            "$.put[1].resources[1].methods[0].integration.request_parameters[0].name",
            "$.put[1].resources[1].methods[0].integration.request_parameters[2].name",
            "$.put[1].resources[1].methods[0].integration.backend.uri",
            "$.put[1].resources[1].methods[1].http_method",
            "$.put[1].resources[1].methods[2].http_method",
            "$.put[1].resources[2].methods[0].integration.request_templates[0].text",
            "$.put[1].resources[2].methods[0].integration.responses[0].selection_pattern",
            "$.put[1].resources[2].methods[0].integration.responses[0].status_code",
            "$.put[1].resources[2].methods[0].integration.responses[0].response_parameters[0].name",
            "$.put[1].resources[2].methods[0].integration.responses[0].response_templates[0].content_type",
            "$.put[1].resources[2].methods[0].integration.responses[0].response_templates[1].text",
            "$.put[1].resources[3].methods[0].integration.responses[0].selection_pattern",
            "$.put[1].resources[2].path",
            "$.put[1].resources[3].path",
            "$.put[2].deployment_id",
        ],
        "{found:#?}"
    );
}

#[test]
fn destinations_are_numbered_once_for_the_node() {
    let mut registry = Registry::new();
    let unit = |id: &str| {
        deployment(
            id,
            &[(
                "/a",
                &[
                    ("GET", http_proxy("http://B.test/1", &[])),
                    ("PUT", http_proxy("http://b.test:80/2", &[])),
                    ("POST", http_proxy("https://b.test/2", &[])),
                ],
            )],
        )
    };
    let ticket = registry
        .prepare(&patch(&[unit("one"), unit("two"), stage("a", "one", &[]), stage("b", "two", &[])], &[]))
        .expect("valid");
    registry.commit(vec![ticket]);
    let destinations = registry.destinations();
    let hosts: Vec<_> = (0..)
        .map_while(|number| destinations.get(crate::state::destinations::DestinationId(number)))
        .map(|endpoint| (endpoint.secure, endpoint.port))
        .collect();
    assert_eq!(hosts, [(false, 80), (true, 443)]);
}

#[test]
fn served_stages_are_replaced_and_handed_back() {
    let mut registry = Registry::new();
    let mut served = Served::new();
    let ticket = registry.prepare(&patch(&[simple("one", "1"), stage("dev", "one", &[])], &[])).expect("valid");
    assert!(served.apply(&registry.commit(vec![ticket])).is_empty());
    let before = served.lookup(API.as_bytes(), b"dev", ID).expect("served").clone();
    let ticket = registry.prepare(&patch(&[simple("two", "2"), stage("dev", "two", &[])], &[])).expect("valid");
    let replaced = served.apply(&registry.commit(vec![ticket]));
    assert_eq!(replaced.len(), 1);
    assert!(Arc::ptr_eq(&replaced[0], &before));
    assert_eq!(&*served.lookup(API.as_bytes(), b"dev", ID).expect("served").deployment.deployment_id, "two");
    let ticket = registry.prepare(&patch(&[], &["stage/abcdef1234/dev"])).expect("valid");
    assert_eq!(served.apply(&registry.commit(vec![ticket])).len(), 1);
    assert!(served.lookup(API.as_bytes(), b"dev", ID).is_none());
    assert!(served.lookup(API.as_bytes(), &[b'x'; 300], ID).is_none());
    assert!(served.lookup(b"abcdef1234/d", b"ev", ID).is_none() && served.lookup(b"", b"", ID).is_none());
}

/// One step of a random history.
#[derive(Debug, Clone)]
enum Step {
    Deployment(u8, u8),
    Stage(u8, u8, u8),
    RemoveStage(u8),
    RemoveDeployment(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u8..3, 0u8..3).prop_map(|(id, text)| Step::Deployment(id, text)),
        (0u8..3, 0u8..3, 0u8..3).prop_map(|(name, id, value)| Step::Stage(name, id, value)),
        (0u8..3).prop_map(Step::RemoveStage),
        (0u8..3).prop_map(Step::RemoveDeployment),
    ]
}

fn put_of(step: &Step) -> Option<Value> {
    match step {
        Step::Deployment(id, text) => Some(simple(&format!("d{id}"), &text.to_string())),
        Step::Stage(name, id, value) => {
            Some(stage(&format!("s{name}"), &format!("d{id}"), &[("v", &value.to_string())]))
        }
        Step::RemoveStage(_) | Step::RemoveDeployment(_) => None,
    }
}

proptest! {
    /// Whatever was prepared, dropped and committed: the registry holds what a compile from scratch gives, and every stage
    /// serves the deployment of its unit.
    #[test]
    fn a_history_ends_where_a_compile_from_scratch_does(batches in prop::collection::vec(prop::collection::vec((step(), any::<bool>()), 1..5), 1..8)) {
        let mut registry = Registry::new();
        let mut served = Served::new();
        let mut wanted = std::collections::BTreeMap::new();
        for batch in batches {
            let (mut tickets, mut model) = (Vec::new(), wanted.clone());
            for (step, is_kept) in batch {
                let remove = match &step {
                    Step::RemoveStage(name) => vec![format!("stage/{API}/s{name}")],
                    Step::RemoveDeployment(id) => vec![format!("deployment/{API}/d{id}")],
                    Step::Deployment(..) | Step::Stage(..) => Vec::new(),
                };
                let put: Vec<Value> = put_of(&step).into_iter().collect();
                let remove: Vec<&str> = remove.iter().map(String::as_str).collect();
                let Ok(ticket) = registry.prepare(&patch(&put, &remove)) else { continue };
                if !is_kept { continue; }
                for key in remove { model.remove(key); }
                for unit in put {
                    let typed: Unit = serde_json::from_value(unit.clone()).expect("a unit");
                    model.insert(typed.key(), unit);
                }
                tickets.push(ticket);
            }
            served.apply(&registry.commit(tickets));
            wanted = model;
            let mut scratch = Registry::new();
            let all: Vec<Value> = wanted.values().cloned().collect();
            let ticket = scratch.prepare(&patch(&all, &[])).expect("what is active compiles");
            let fresh = scratch.commit(vec![ticket]);
            prop_assert_eq!(registry.units(), scratch.units());
            for change in fresh {
                let plan = change.plan.expect("a plan");
                let now = served.lookup(API.as_bytes(), change.stage_name.as_bytes(), ID).expect("served");
                prop_assert_eq!(&now.deployment.deployment_id, &plan.deployment.deployment_id);
                prop_assert_eq!(&now.variables, &plan.variables);
                prop_assert_eq!(format!("{:?}", now.deployment.methods), format!("{:?}", plan.deployment.methods));
            }
        }
    }
}
