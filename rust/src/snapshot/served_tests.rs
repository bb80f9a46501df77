//! Tests of `served`: which side of a stage with a canary answers.

use serde_json::{Value, json};

use crate::{
    exchange::Exchange,
    per_core::RequestIds,
    snapshot::plan::{ContextVariable, Side},
    testing::{API, Gateway, deployment, exchange, from, mock_with, raw, response, stage},
};

fn variables(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

/// `dev` serves `one`, and `two` to so much of its traffic.
fn units(percent: f64) -> Value {
    let headers = json!([
        {"name": "X-A", "source": from("stage_variable", "a")},
        {"name": "X-B", "source": from("stage_variable", "b")},
        {"name": "X-Canary", "source": from("context", "isCanaryRequest")},
        {"name": "X-Deployment", "source": from("context", "deploymentId")},
    ]);
    let answer = mock_with("{statusCode: 200}", &json!([response("200", "", &headers, &json!([]))]));
    let mut unit = stage("dev", "one", &[("a", "1"), ("b", "1")]);
    unit["canary"] = json!({"percent_traffic": percent, "deployment_id": "two", "use_stage_cache": true,
        "variables": variables(&[("a", "1"), ("b", "2")])});
    unit["access_log"] = json!({"region": "eu-west-1", "destination": "pets", "format": "$context.requestId"});
    unit["method_settings"] =
        json!([{"method": null, "metrics_enabled": true, "logging_level": "INFO", "data_trace_enabled": false}]);
    let serve = |id| deployment(id, &[("/", &[("GET", answer.clone())])]);
    json!([serve("one"), serve("two"), unit])
}

fn answer(gateway: &Gateway) -> String {
    gateway.answer(&raw("GET /dev/", &[], ""), "")
}

fn has(answer: &str, lines: &[&str]) {
    for line in lines {
        assert!(answer.contains(&format!("\r\n{line}\r\n")), "{line} in {answer}");
    }
}

#[test]
fn s20_20_a_canary_of_all_traffic_shows_overridden_and_inherited_variables_together() {
    has(&answer(&Gateway::serve(&units(100.0))), &["X-A: 1", "X-B: 2", "X-Canary: true", "X-Deployment: two"]);
}

#[test]
fn s15_3_a_canary_of_no_traffic_answers_nobody() {
    has(&answer(&Gateway::serve(&units(0.0))), &["X-A: 1", "X-B: 1", "X-Canary: false", "X-Deployment: one"]);
    let mut plain = units(0.0);
    plain[2]["canary"] = Value::Null;
    let answer = answer(&Gateway::serve(&plain));
    assert!(!answer.contains("X-Canary"), "absent on a stage without a canary: {answer}");
}

#[test]
fn s15_3_each_request_is_drawn_anew_in_proportion() {
    let ids = RequestIds::from_seed(1);
    for percent in [1.0, 12.5, 50.0, 99.0] {
        let gateway = Gateway::serve(&units(percent));
        let mut canaries = 0;
        for _ in 0..4_000 {
            let (mut id, mut extended) = ([0; 36], [0; 16]);
            ids.write_next(&mut id, &mut extended);
            let plan = gateway.served.lookup(API.as_bytes(), b"dev", &extended).expect("served");
            canaries += u32::from(matches!(plan.side, Side::Canary { use_stage_cache: true, .. }));
        }
        // Five deviations of a fair draw.
        let (expected, deviation) = (40.0 * percent, (0.4 * percent * (100.0 - percent)).sqrt());
        assert!((f64::from(canaries) - expected).abs() < 5.0 * deviation, "{percent}: {canaries}");
    }
}

#[test]
fn s15_3_a_client_cannot_choose_its_side() {
    let gateway = Gateway::serve(&units(50.0));
    let side = |line: &str| {
        let request: Exchange = gateway.call("GET /dev/", &[line]).expect("routed");
        request.stage.expect("addressed").side
    };
    let first = side("X-None: 1");
    assert_eq!(side("x-amzn-RequestId: ffffffff-ffff-4fff-bfff-ffffffffffff"), first);
    assert_eq!(side("x-amz-apigw-id: ----------------"), first);
    assert_ne!(exchange(&raw("GET /dev/", &[], "")).extended_request_id, [b'0'; 16]);
}

#[test]
fn s15_3_a_canarys_request_stands_in_both_logs_and_both_series() {
    let gateway = Gateway::serve(&units(100.0));
    let plan = gateway.call("GET /dev/", &[]).expect("routed").stage.expect("addressed");
    let log = plan.access_log.as_ref().expect("a log");
    assert_eq!((&*log.log, log.also.as_deref()), ("eu-west-1/pets", Some("eu-west-1/pets/Canary")));
    let observed = plan.observed.as_ref().expect("observed");
    let execution_log = format!("eu-west-1/API-Gateway-Execution-Logs_{API}/dev");
    assert_eq!(*observed.execution_log, execution_log);
    assert_eq!(observed.also.as_deref(), Some(format!("{execution_log}/Canary").as_str()));
    let Side::Canary { metrics_index, .. } = plan.side else { panic!("not the canary") };
    assert_ne!(metrics_index, plan.metrics_index);
    let whole = Gateway::serve(&units(0.0));
    let plan = whole.call("GET /dev/", &[]).expect("routed").stage.expect("addressed");
    assert_eq!(plan.access_log.as_ref().expect("a log").also, None);
    let mut stream = units(100.0);
    stream[2]["access_log"]["destination"] = json!("deliverystream/amazon-apigateway-pets");
    let plan = Gateway::serve(&stream).call("GET /dev/", &[]).expect("routed").stage.expect("addressed");
    assert_eq!(plan.access_log.as_ref().expect("a log").also, None, "a stream has nothing below it");
}

#[test]
fn s15_3_a_canary_needs_its_deployment_and_follows_it() {
    let mut gateway = Gateway::serve(&units(100.0));
    let mut missing = units(100.0)[2].clone();
    missing["canary"]["deployment_id"] = json!("three");
    let found = gateway.apply(&json!([missing])).expect_err("no such deployment");
    assert_eq!(
        (found[0].path.as_str(), found[0].message.as_str()),
        ("$.put[0].canary.deployment_id", "there is no deployment three")
    );
    let remove = json!({"put": [], "remove": [format!("deployment/{API}/two")]}).to_string();
    let found = gateway.registry.prepare(remove.as_bytes()).expect_err("in use");
    assert_eq!(found[0].message, "stage dev still serves this deployment");
    // A deployment that is compiled anew is served at once.
    let said = mock_with("{statusCode: 200}", &json!([response("201", "", &json!([]), &json!([]))]));
    gateway.apply(&json!([deployment("two", &[("/", &[("GET", said)])])])).expect("valid");
    assert!(answer(&gateway).starts_with("HTTP/1.1 201 "));
    let mut wild = units(100.0)[2].clone();
    wild["canary"]["percent_traffic"] = json!(100.5);
    assert_eq!(gateway.apply(&json!([wild])).expect_err("too much")[0].path, "$.put[0].canary.percent_traffic");
    assert_eq!(ContextVariable::parse("isCanaryRequest"), Some(ContextVariable::IsCanaryRequest));
}
