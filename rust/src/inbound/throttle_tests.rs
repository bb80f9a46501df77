//! Throttling over compiled stages: which bucket a request takes its token from, and what survives when plans change.

use serde_json::{Value, json};

use super::*;
use crate::{
    config::{AccountLimits, RegionLimit},
    snapshot::wire::ThrottleLimit,
    state::throttles::Throttles,
    testing::{Gateway, deployment, mock, stage},
};

const SECOND: u64 = 1_000_000;

fn limit(path: Option<(&str, &str)>, throttle: &Value) -> Value {
    let method = path.map(|(path, verb)| json!({"path": path, "http_method": verb}));
    json!({"method": method, "metrics_enabled": false, "logging_level": "OFF", "data_trace_enabled": false, "throttle": throttle})
}

fn bucket(rate: f64, burst: u32) -> Value {
    json!({"rate_limit": rate, "burst_limit": burst})
}

fn units(deployment_id: &str, settings: &[Value]) -> Value {
    let methods = [("GET", mock("a")), ("DELETE", mock("b"))];
    let mut stage = stage("dev", deployment_id, &[]);
    stage["method_settings"] = json!(settings);
    json!([deployment(deployment_id, &[("/pets", &methods), ("/", &[("ANY", mock("c"))])]), stage])
}

/// How many of ten requests pass.
fn passed(gateway: &Gateway, line: &str, headers: &[&str], now: u64) -> usize {
    let exchange = gateway.call(line, headers).unwrap();
    let Some(limits) = exchange.stage.as_ref().and_then(|stage| stage.limits.as_deref()) else { return 10 };
    (0..10).filter(|_| admit(limits, exchange.method, now).is_ok()).count()
}

#[test]
fn s14_a_stage_without_limits_has_none() {
    for settings in [&[][..], &[limit(None, &Value::Null)]] {
        let gateway = Gateway::serve(&units("dep001", settings));
        let exchange = gateway.call("GET /dev/pets", &[]).unwrap();
        assert!(exchange.stage.unwrap().limits.is_none());
    }
}

#[test]
fn s14_a_setting_of_all_gives_each_method_a_bucket_of_its_own() {
    let gateway = Gateway::serve(&units("dep001", &[limit(None, &bucket(1.0, 3))]));
    for line in ["GET /dev/pets", "DELETE /dev/pets", "GET /dev/"] {
        assert_eq!(passed(&gateway, line, &[], SECOND), 3, "{line}");
    }
    assert_eq!(passed(&gateway, "POST /dev/", &[], SECOND), 0, "all verbs of ANY are one method");
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 3 * SECOND), 2);
}

#[test]
fn s14_a_methods_own_setting_replaces_that_of_all_as_a_whole() {
    let settings = [
        limit(Some(("/pets", "GET")), &bucket(1.0, 5)),
        limit(Some(("/pets", "DELETE")), &Value::Null),
        limit(None, &bucket(1.0, 2)),
    ];
    let gateway = Gateway::serve(&units("dep001", &settings));
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 0), 5);
    assert_eq!(passed(&gateway, "DELETE /dev/pets", &[], 0), 10, "unlimited, though all others are limited");
    assert_eq!(passed(&gateway, "GET /dev/", &[], 0), 2);
}

#[test]
fn s20_21_the_verb_of_an_override_is_throttled() {
    let gateway = Gateway::serve(&units("dep001", &[limit(Some(("/pets", "DELETE")), &bucket(1.0, 1))]));
    assert_eq!(passed(&gateway, "GET /dev/pets", &["X-HTTP-Method-Override: DELETE"], 0), 1);
    assert_eq!(passed(&gateway, "DELETE /dev/pets", &[], 0), 0);
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 0), 10);
}

#[test]
fn s14_buckets_survive_a_new_deployment_and_other_limits() {
    let mut gateway = Gateway::serve(&units("dep001", &[limit(None, &bucket(0.5, 4))]));
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 0), 4);
    gateway.apply(&units("dep002", &[limit(None, &bucket(0.5, 4))])).unwrap();
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 0), 0, "what was taken stays taken");
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 2 * SECOND), 1);
    gateway.apply(&units("dep002", &[limit(None, &bucket(10.0, 10))])).unwrap();
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 20 * SECOND), 10, "a faster bucket is full again sooner");
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 20 * SECOND + SECOND / 2), 5);
}

#[test]
fn s14_the_account_is_shared_by_all_methods_of_a_region() {
    let mut gateway = Gateway::serve(&units("dep001", &[]));
    let one = |rate_limit, burst_limit| ThrottleLimit { rate_limit, burst_limit };
    let regions = vec![RegionLimit { region: "us-east-1".into(), throttle: one(9.0, 9) }];
    let limits = AccountLimits { throttle: Some(one(1.0, 4)), regions, concurrency: None };
    gateway.limit_account(&limits);
    assert_eq!(passed(&gateway, "GET /dev/pets", &[], 0), 4);
    assert_eq!(passed(&gateway, "GET /dev/", &[], 0), 0);
    // A stage that comes later is limited as well.
    gateway.apply(&units("dep002", &[])).unwrap();
    assert_eq!(passed(&gateway, "GET /dev/", &[], 0), 0);
    assert_eq!(Throttles::default().account(&limits, "us-east-1").map(|one| one.burst), Some(9), "regions may differ");
    gateway.limit_account(&AccountLimits::default());
    assert_eq!(passed(&gateway, "GET /dev/", &[], 0), 10);
}

#[test]
fn what_was_prepared_before_the_accounts_limits_has_them_when_served() {
    let mut gateway = Gateway::serve(&units("dep001", &[]));
    let patch = json!({"put": units("dep002", &[]), "remove": []}).to_string();
    let ticket = gateway.registry.prepare(patch.as_bytes()).unwrap();
    let throttle = Some(ThrottleLimit { rate_limit: 1.0, burst_limit: 1 });
    gateway.limit_account(&AccountLimits { throttle, ..AccountLimits::default() });
    let changes = gateway.registry.commit(vec![ticket]);
    gateway.served.apply(&changes);
    assert_eq!(passed(&gateway, "GET /dev/", &[], 0), 1);
}

#[test]
fn s14_levels_are_asked_in_the_order_of_aws_and_tokens_stay_taken() {
    let throttles = Throttles::default();
    let of = |burst: [u32; 4]| ["a", "b", "c", "d"].map(|key| throttles.throttle(key, 0.001, burst[key.len() - 1]));
    let [plan_method, plan, method, account] = of([1; 4]);
    let all =
        Levels { plan_method: Some(&plan_method), plan: Some(&plan), method: Some(&method), account: Some(&account) };
    assert_eq!(all.take(0), Ok(()));
    assert_eq!(all.take(0), Err(Refused::PlanMethod));
    assert_eq!(Levels { plan_method: None, ..all }.take(0), Err(Refused::Plan));
    assert_eq!(Levels { account: Some(&account), ..Levels::default() }.take(0), Err(Refused::Account));
    assert_eq!(Levels { method: Some(&method), ..Levels::default() }.take(0), Err(Refused::Method));
    let fresh = throttles.throttle("fresh", 0.001, 1);
    let blocked = throttles.throttle("blocked", 0.0, 5);
    let levels = Levels { plan_method: Some(&fresh), account: Some(&blocked), ..Levels::default() };
    assert_eq!(levels.take(0), Err(Refused::Account));
    assert_eq!(levels.take(0), Err(Refused::PlanMethod), "the earlier level's token is gone");
}

/// A plan-wide throttle and one for a method: whichever is stricter refuses first.
#[test]
fn s20_23_the_stricter_of_plan_and_method_refuses_first() {
    for (strict_method, expected) in [(true, Refused::PlanMethod), (false, Refused::Plan)] {
        let throttles = Throttles::default();
        let (few, many) = (throttles.throttle("few", 0.001, 2), throttles.throttle("many", 0.001, 5));
        let (plan_method, plan) = if strict_method { (&few, &many) } else { (&many, &few) };
        let levels = Levels { plan_method: Some(plan_method), plan: Some(plan), ..Levels::default() };
        assert_eq!([levels.take(0), levels.take(0), levels.take(0)], [Ok(()), Ok(()), Err(expected)]);
    }
}
