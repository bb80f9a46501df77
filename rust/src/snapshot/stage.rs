//! Stages become plans: a deployment, or a canary's two, with the stage's variables, logs, limits and backends.

use std::sync::Arc;

use super::{
    client_certificate,
    limits::{self, keep_apart, settings},
    plan::{CanaryPlan, DeploymentPlan, MethodObserved, MethodPlan, Observed, Side, StagePlan},
    problems::Problems,
    registry::PrepareError,
    uri, wire,
};
use crate::{
    config::AccountLimits,
    observe::{LineFormat, StageConstants, StageLog},
    state::{caches::Caches, destinations::Destinations, throttles::Throttles},
};

/// What a stage cannot be served with, whatever its deployment.
pub fn problems(unit: &wire::Stage, path: &str) -> Vec<PrepareError> {
    let mut problems = Problems::below(path);
    if unit.canary.as_ref().is_some_and(|canary| !(0.0..=100.0).contains(&canary.percent_traffic)) {
        problems.at(".canary", |problems| {
            problems.at(".percent_traffic", |problems| problems.add("not between 0 and 100"));
        });
    }
    if let Some(Err(why)) = client_certificate::read(unit) {
        problems.at(".client_certificate", |problems| problems.add(why));
    }
    if let Some(log) = &unit.access_log {
        // Both become the name of a file.
        let is_name = |text: &str, more: &[u8]| {
            (1..=240).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || more.contains(&byte))
        };
        problems.at(".access_log", |problems| {
            if !is_name(&log.region, b"") {
                problems.at(".region", |problems| problems.add("not the name of a region"));
            }
            if !is_name(&log.destination, b"._/#") {
                problems.at(".destination", |problems| problems.add("not the name of a log group or delivery stream"));
            }
        });
    }
    problems.into_found()
}

/// What the node keeps for stages, whatever they are compiled to.
pub struct Kept<'n> {
    /// The number of a series, by key.
    pub series: &'n mut dyn FnMut(&str) -> u32,
    /// Backends.
    pub destinations: &'n Destinations,
    /// Buckets.
    pub throttles: &'n Throttles,
    /// What an account may take.
    pub account: &'n AccountLimits,
    /// Answers that are kept.
    pub caches: &'n Arc<Caches>,
}

/// Compiles a stage on top of its deployment, and of its canary's.
pub fn compile(
    unit: &wire::Stage,
    deployment: Arc<DeploymentPlan>,
    canary: Option<Arc<DeploymentPlan>>,
    kept: &mut Kept<'_>,
) -> StagePlan {
    let mut plan = side(unit, &unit.variables, deployment, kept);
    if let (Some(settings), Some(deployment)) = (&unit.canary, canary) {
        let mut other = side(unit, &settings.variables, deployment, kept);
        let metrics_index = (kept.series)(&format!("stage/{}/{}{CANARY}", unit.api_id, unit.stage_name));
        other.side = Side::Canary { metrics_index, use_stage_cache: settings.use_stage_cache };
        // AWS: a canary's request stands in the stage's logs and in its own. A delivery stream has no logs below it.
        if let Some(log) = other.access_log.as_mut().filter(|log| !log.log.contains("/deliverystream/")) {
            log.also = Some(format!("{}{CANARY}", log.log).into());
        }
        if let Some(observed) = &mut other.observed {
            observed.also = Some(format!("{}{CANARY}", observed.execution_log).into());
        }
        keep_apart(unit, settings, &mut other);
        plan.side = Side::Production;
        plan.canary = Some(Box::new(CanaryPlan { percent_traffic: settings.percent_traffic, plan: Arc::new(other) }));
    }
    plan
}

/// What the names of a stage's logs and metrics end with for its canary.
pub const CANARY: &str = "/Canary";

/// One deployment of a stage.
fn side(
    unit: &wire::Stage,
    variables: &[wire::StageVariable],
    deployment: Arc<DeploymentPlan>,
    kept: &mut Kept<'_>,
) -> StagePlan {
    let key = format!("stage/{}/{}", unit.api_id, unit.stage_name);
    let metrics_index = (kept.series)(&key);
    let observed = observed(unit, &deployment, &key, kept.series);
    let limits = limits::limits(unit, &deployment, &key, kept);
    let variable =
        |name: &str| variables.iter().find(|variable| variable.name == name).map(|variable| variable.value.as_str());
    let all_variables = variables.iter().map(|one| (one.name.as_str().into(), one.value.as_str().into())).collect();
    let variables =
        deployment.variable_names.iter().map(|name| variable(name).map(|value| value.as_bytes().into())).collect();
    let backends: Box<[_]> = deployment
        .stage_backends
        .iter()
        .map(|backend| {
            uri::compile(
                &backend.uri,
                &backend.path_names,
                variable,
                backend.insecure_skip_verification,
                kept.destinations,
            )
        })
        .collect();
    let client_certificate = client_certificate::compile(unit, &deployment, &backends, kept.destinations);
    let constants = StageConstants {
        api_id: &deployment.api_id,
        stage: &unit.stage_name,
        account_id: &deployment.account_id,
        deployment_id: &deployment.deployment_id,
        endpoint_type: deployment.endpoint_type,
    };
    let line_format = LineFormat::of_gateway(Some(constants));
    let access_log = unit.access_log.as_ref().map(|settings| StageLog {
        log: format!("{}/{}", settings.region, settings.destination).into(),
        also: None,
        format: LineFormat::compile(&settings.format, Some(constants)),
    });
    StagePlan {
        stage_name: unit.stage_name.as_str().into(),
        metrics_index,
        deployment,
        variables,
        all_variables,
        backends,
        line_format,
        access_log,
        observed,
        side: Side::Only,
        canary: None,
        limits,
        client_certificate,
    }
}

/// What each method's setting says, its own or that of all.
fn observed(
    unit: &wire::Stage,
    deployment: &DeploymentPlan,
    key: &str,
    series: &mut dyn FnMut(&str) -> u32,
) -> Option<Box<Observed>> {
    let is_observed = |one: &wire::MethodSetting| one.metrics_enabled || one.logging_level != wire::LoggingLevel::Off;
    if !unit.method_settings.iter().any(is_observed) {
        return None;
    }
    let of = |(resource, path, method, setting): (u32, &[u8], &MethodPlan, Option<&wire::MethodSetting>)| {
        let has_metrics = setting.is_some_and(|setting| setting.metrics_enabled);
        let name = || format!("{key} {} {}", method.http_method.as_str(), String::from_utf8_lossy(path));
        MethodObserved {
            metrics_index: has_metrics.then(|| series(&name())),
            logging_level: setting.map_or(wire::LoggingLevel::Off, |setting| setting.logging_level),
            // Only there does the log show what was recorded.
            data_trace: setting
                .is_some_and(|setting| setting.data_trace_enabled && setting.logging_level == wire::LoggingLevel::Info),
            resource,
        }
    };
    let methods: Vec<_> = settings(unit, deployment).map(of).collect();
    let (region, api_id, stage) = (&deployment.region, &unit.api_id, &unit.stage_name);
    let execution_log = format!("{region}/API-Gateway-Execution-Logs_{api_id}/{stage}").into();
    Some(Box::new(Observed { methods: methods.into(), execution_log, also: None }))
}
