//! Throttles and caches of stages: what requests are limited by and what spares them their integration, compiled from the
//! stage's method settings. A method's own setting replaces that of all as a whole (rest-api §13, §14).

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    plan::{DeploymentPlan, IntegrationPlan, MethodPlan, RequestValue, StagePlan},
    stage::Kept,
    wire::{self, CacheSetting},
};
use crate::state::{
    caches::{Caches, StageCache},
    throttles::{Concurrency, Throttle},
};

/// What the requests of a stage are limited by, and what spares them their integration.
#[derive(Debug)]
pub struct StageLimits {
    /// By method, as in `DeploymentPlan::methods`; empty when none has a limit.
    pub methods: Box<[Option<Throttle>]>,
    /// The account's, in the API's region.
    pub account: Option<Throttle>,
    /// Requests in flight.
    pub concurrency: Option<Concurrency>,
    /// The answers that are kept.
    pub cache: Option<CachePlan>,
}

/// The cache of a stage.
#[derive(Debug)]
pub struct CachePlan {
    /// What it holds.
    pub stage: Arc<StageCache>,
    /// By method, as in `DeploymentPlan::methods`.
    pub methods: Box<[Option<MethodCache>]>,
    /// Whether its answers are not those of the stage's other side.
    pub is_apart: bool,
}

/// How the answers of a method are kept.
#[derive(Debug, Clone, Copy)]
pub struct MethodCache {
    /// As configured.
    pub setting: CacheSetting,
    /// Those of other verbs are not.
    pub only_get: bool,
}

/// What tells the answers of a method apart.
#[derive(Debug)]
pub struct CacheKey {
    /// Whose answers they are.
    pub namespace: Box<[u8]>,
    /// Values that tell them apart.
    pub parameters: Box<[RequestValue]>,
    /// Whether one of them is read from the body.
    pub reads_body: bool,
    /// Whether `Accept-Encoding` has a say in the answer.
    pub varies_by_coding: bool,
    /// Whether `Accept` has a say in the answer.
    pub varies_by_accept: bool,
}

/// Whether a client's `Accept` chooses among the templates of an integration response.
pub(super) fn varies_by_accept(integration: &IntegrationPlan) -> bool {
    let responses = match integration {
        IntegrationPlan::Mock(plan) => &plan.responses,
        IntegrationPlan::Http(plan) => &plan.responses,
        IntegrationPlan::HttpProxy(_) => return false,
    };
    responses.entries.iter().any(|entry| entry.templates.len() > 1)
}

/// The setting of each method: its own, which replaces that of all as a whole.
pub(super) fn settings<'u>(
    unit: &'u wire::Stage,
    deployment: &'u DeploymentPlan,
) -> impl Iterator<Item = (u32, &'u [u8], &'u MethodPlan, Option<&'u wire::MethodSetting>)> {
    let settings: FxHashMap<_, _> = unit
        .method_settings
        .iter()
        .rev()
        .map(|setting| (setting.method.as_ref().map(|one| (one.path.as_bytes(), one.http_method.as_str())), setting))
        .collect();
    let resources = deployment.resources.iter().enumerate();
    let methods = resources.flat_map(|(number, resource)| {
        let path = deployment.tree.path(number as u32);
        let count = resource.verbs.count_ones() as usize;
        deployment.methods[resource.first_method as usize..][..count].iter().map(move |one| (number as u32, path, one))
    });
    methods.map(move |(number, path, method)| {
        let own = settings.get(&Some((path, method.http_method.as_str())));
        (number, path, method, own.or_else(|| settings.get(&None)).copied())
    })
}

/// What limits the requests of a stage, if anything does.
pub(super) fn limits(
    unit: &wire::Stage,
    deployment: &DeploymentPlan,
    key: &str,
    kept: &Kept<'_>,
) -> Option<Box<StageLimits>> {
    let Kept { throttles, account, caches, .. } = kept;
    let has_throttle = unit.method_settings.iter().any(|setting| setting.throttle.is_some());
    let of = |(_, path, method, setting): (u32, &[u8], &MethodPlan, Option<&wire::MethodSetting>)| {
        let limit = setting?.throttle.as_ref()?;
        // Each method has a bucket of its own, also where the setting is that of all.
        let key = format!("{key} {} {}", method.http_method.as_str(), String::from_utf8_lossy(path));
        Some(throttles.throttle(&key, limit.rate_limit, limit.burst_limit))
    };
    let methods: Box<[Option<Throttle>]> =
        if has_throttle { settings(unit, deployment).map(of).collect() } else { Box::default() };
    let limits = StageLimits {
        methods,
        account: throttles.account(account, &deployment.region),
        concurrency: throttles.concurrency(account, &deployment.region),
        cache: cache(unit, deployment, key, caches),
    };
    let is_limited = has_throttle || limits.account.is_some() || limits.concurrency.is_some() || limits.cache.is_some();
    is_limited.then(|| Box::new(limits))
}

/// The cache of a stage, when any of its methods uses one.
fn cache(unit: &wire::Stage, deployment: &DeploymentPlan, key: &str, caches: &Arc<Caches>) -> Option<CachePlan> {
    if unit.cache_bytes == 0 {
        return None;
    }
    let of = |(_, _, method, setting): (u32, &[u8], &MethodPlan, Option<&wire::MethodSetting>)| {
        let setting = setting?;
        // AWS: what streams is not cached.
        let streams = matches!(&method.integration, IntegrationPlan::HttpProxy(plan)
            if plan.response_transfer_mode == wire::ResponseTransferMode::Stream);
        let cache = setting.cache.filter(|_| !streams)?;
        Some(MethodCache { setting: cache, only_get: setting.method.is_none() })
    };
    let methods: Box<[Option<MethodCache>]> = settings(unit, deployment).map(of).collect();
    let is_used = methods.iter().any(Option::is_some);
    is_used.then(|| CachePlan { stage: caches.stage(key, unit.cache_bytes), methods, is_apart: false })
}

/// AWS: a canary has answers from the cache only where it is told to; and never those of another deployment or of other variables.
pub(super) fn keep_apart(unit: &wire::Stage, canary: &wire::Canary, plan: &mut StagePlan) {
    let Some(limits) = plan.limits.as_mut() else { return };
    if canary.use_stage_cache {
        let is_same = canary.deployment_id == unit.deployment_id && canary.variables == unit.variables;
        if let Some(cache) = limits.cache.as_mut() {
            cache.is_apart = !is_same;
        }
    } else {
        limits.cache = None;
    }
}
