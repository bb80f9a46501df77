//! All active units of the node and the patches prepared on top of them. Lives on the control thread.
//!
//! `prepare` compiles a patch into a `Ticket` that nobody serves yet, `commit` makes tickets active, dropping one is a rollback.
//! Patches prepared while others wait see what those would make active.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use rustc_hash::FxHashMap;

use super::{
    compile,
    plan::{DeploymentPlan, StagePlan},
    problems::Problems,
    served::StageChange,
    stage,
    wire::{SnapshotPatch, Stage, Unit},
};
use crate::{
    config::AccountLimits,
    state::{caches::Caches, destinations::Destinations, throttles::Throttles},
};

/// Why a patch does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrepareError {
    /// Where: `$.put[0].resources[3].methods[1].integration.backend.uri`.
    pub path: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// A prepared patch, not yet served; dropping it is a rollback.
#[derive(Debug)]
pub struct Ticket(Arc<Prepared>);

impl Ticket {
    /// A stage of the patch as it would be served.
    pub fn stage(&self) -> Option<Arc<StagePlan>> {
        self.0.units.values().flatten().find_map(|unit| match &unit.content {
            Content::Stage(_, plan) => Some(plan.clone()),
            Content::Deployment(_) => None,
        })
    }
}

/// What a patch changes: units by key, `None` where it takes one away.
#[derive(Debug, Default)]
struct Prepared {
    era: u64,
    units: BTreeMap<String, Option<ActiveUnit>>,
}

/// A compiled unit.
#[derive(Debug, Clone)]
struct ActiveUnit {
    sha256: Arc<str>,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    Deployment(Arc<DeploymentPlan>),
    /// The unit is kept: it is compiled again when its deployment is replaced.
    Stage(Arc<Stage>, Arc<StagePlan>),
}

impl ActiveUnit {
    /// Makes a stage's plan anew, from its unit and the deployment it has.
    fn compile_again(&mut self, kept: &mut stage::Kept<'_>) {
        if let Content::Stage(unit, plan) = &mut self.content {
            let canary = plan.canary.as_ref().map(|canary| canary.plan.deployment.clone());
            *plan = Arc::new(stage::compile(unit, plan.deployment.clone(), canary, kept));
        }
    }
}

/// All units of the node.
#[derive(Debug, Default)]
pub struct Registry {
    destinations: Arc<Destinations>,
    throttles: Throttles,
    caches: Arc<Caches>,
    account: AccountLimits,
    /// Counts what all stages were compiled again for.
    era: u64,
    active: BTreeMap<String, ActiveUnit>,
    waiting: Vec<Weak<Prepared>>,
    /// Numbers of stages, by key; never reused, so that counters survive.
    metrics_indices: FxHashMap<String, u32>,
}

impl Registry {
    /// A registry without units.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits what an account may take from now on: every stage is compiled again.
    pub fn limit_account(&mut self, limits: &AccountLimits) {
        if self.account == *limits {
            return;
        }
        self.account = limits.clone();
        self.era += 1;
        let Self { destinations, throttles, caches, account, active, metrics_indices, .. } = self;
        let mut series = |key: &str| metrics_index(metrics_indices, key);
        let mut kept = stage::Kept { series: &mut series, destinations, throttles, account, caches };
        for unit in active.values_mut() {
            unit.compile_again(&mut kept);
        }
    }

    /// Answers that are kept.
    pub fn caches(&self) -> &Arc<Caches> {
        &self.caches
    }

    /// The backends that plans name by number.
    pub fn destinations(&self) -> &Arc<Destinations> {
        &self.destinations
    }

    /// Compiles a patch (JSON of `SnapshotPatch`) on top of the active units and of all tickets still held.
    pub fn prepare(&mut self, patch: &[u8]) -> Result<Ticket, Vec<PrepareError>> {
        let patch: SnapshotPatch = serde_json::from_slice(patch).map_err(|error| {
            vec![PrepareError { path: "$".to_owned(), message: format!("not a snapshot patch: {error}") }]
        })?;
        self.prepare_patch(&patch)
    }

    /// Compiles a decoded patch.
    pub fn prepare_patch(&mut self, patch: &SnapshotPatch) -> Result<Ticket, Vec<PrepareError>> {
        let Self { destinations, throttles, caches, account, era, active, waiting: tickets, metrics_indices } = self;
        tickets.retain(|ticket| ticket.strong_count() > 0);
        let waiting: Vec<Arc<Prepared>> = tickets.iter().filter_map(Weak::upgrade).collect();
        let mut series = |key: &str| metrics_index(metrics_indices, key);
        let mut kept = stage::Kept { series: &mut series, destinations, throttles, account, caches };
        let mut view = View { active, waiting: &waiting, changed: BTreeMap::new() };
        let mut errors = Vec::new();
        for key in &patch.remove {
            view.changed.insert(key.clone(), None);
        }
        // Deployments first: a stage may stand before its deployment in one patch.
        for (index, unit) in patch.put.iter().enumerate() {
            let Unit::Deployment(deployment) = unit else { continue };
            match compile::deployment(deployment, &format!("$.put[{index}]"), kept.destinations) {
                Ok(plan) => {
                    view.changed.insert(
                        unit.key(),
                        Some(ActiveUnit { sha256: hash(unit), content: Content::Deployment(Arc::new(plan)) }),
                    );
                }
                Err(found) => errors.extend(found),
            }
        }
        let is_put = |key: &str| patch.put.iter().any(|unit| unit.key() == key);
        for (index, unit) in patch.put.iter().enumerate() {
            let Unit::Stage(stage) = unit else { continue };
            let key = unit.key();
            errors.extend(stage::problems(stage, &format!("$.put[{index}]")));
            match view.sides(stage) {
                Ok((deployment, canary)) => {
                    let plan = stage::compile(stage, deployment, canary, &mut kept);
                    let content = Content::Stage(Arc::new(stage.clone()), Arc::new(plan));
                    view.changed.insert(key, Some(ActiveUnit { sha256: hash(unit), content }));
                }
                // A deployment that is refused itself is reported above.
                Err(missing) if is_put(&missing.key) => {}
                Err(missing) => {
                    let mut problems = Problems::below(format!("$.put[{index}]{}", missing.member));
                    problems.add(format!("there is no deployment {}", missing.deployment_id));
                    errors.extend(problems.into_found());
                }
            }
        }
        for (key, stage, old) in view.stages_of_changed_deployments() {
            match view.sides(&stage) {
                Ok((deployment, canary)) => {
                    let plan = stage::compile(&stage, deployment, canary, &mut kept);
                    let content = Content::Stage(stage, Arc::new(plan));
                    view.changed.insert(key, Some(ActiveUnit { sha256: old, content }));
                }
                Err(missing) => {
                    if let Some(index) = patch.remove.iter().position(|removed| *removed == missing.key) {
                        let message = format!("stage {} still serves this deployment", stage.stage_name);
                        errors.push(PrepareError { path: format!("$.remove[{index}]"), message });
                    }
                }
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let prepared = Arc::new(Prepared { era: *era, units: view.changed });
        tickets.push(Arc::downgrade(&prepared));
        Ok(Ticket(prepared))
    }

    /// Makes prepared patches the active ones, in the order given (that of their preparation), and says what cores must change.
    pub fn commit(&mut self, tickets: Vec<Ticket>) -> Vec<StageChange> {
        let mut changes: BTreeMap<String, StageChange> = BTreeMap::new();
        let Self { destinations, throttles, caches, account, active, metrics_indices, .. } = self;
        let mut series = |key: &str| metrics_index(metrics_indices, key);
        let mut kept = stage::Kept { series: &mut series, destinations, throttles, account, caches };
        for Ticket(prepared) in tickets {
            for (key, unit) in &prepared.units {
                let mut unit = unit.clone();
                // Prepared before the engine was told what an account may take.
                if prepared.era != self.era
                    && let Some(unit) = &mut unit
                {
                    unit.compile_again(&mut kept);
                }
                if let Some(change) = stage_change(key, unit.as_ref()) {
                    changes.insert(key.clone(), change);
                }
                match unit {
                    Some(unit) => drop(active.insert(key.clone(), unit)),
                    None => drop(active.remove(key)),
                }
            }
        }
        self.waiting.retain(|ticket| ticket.strong_count() > 0);
        changes.into_values().collect()
    }

    /// All active stages, as changes for a core that serves nothing yet.
    pub fn serving(&self) -> Vec<StageChange> {
        self.active.iter().filter_map(|(key, unit)| stage_change(key, Some(unit))).collect()
    }

    /// Key and hex SHA-256 of every active unit, sorted by key.
    pub fn units(&self) -> Vec<(String, String)> {
        self.active.iter().map(|(key, unit)| (key.clone(), unit.sha256.to_string())).collect()
    }
}

/// The active units as they are once everything prepared is active.
struct View<'r> {
    active: &'r BTreeMap<String, ActiveUnit>,
    waiting: &'r [Arc<Prepared>],
    changed: BTreeMap<String, Option<ActiveUnit>>,
}

/// A deployment that a stage names and nobody has.
struct Missing {
    key: String,
    member: &'static str,
    deployment_id: String,
}

impl View<'_> {
    fn get(&self, key: &str) -> Option<&ActiveUnit> {
        let prepared = std::iter::once(&self.changed).chain(self.waiting.iter().rev().map(|prepared| &prepared.units));
        for units in prepared {
            if let Some(unit) = units.get(key) {
                return unit.as_ref();
            }
        }
        self.active.get(key)
    }

    fn deployment(&self, key: &str) -> Option<Arc<DeploymentPlan>> {
        match &self.get(key)?.content {
            Content::Deployment(plan) => Some(plan.clone()),
            Content::Stage(..) => None,
        }
    }

    /// The deployments of a stage: its own and its canary's.
    fn sides(&self, stage: &Stage) -> Result<(Arc<DeploymentPlan>, Option<Arc<DeploymentPlan>>), Missing> {
        let find = |deployment_id: &str, member| {
            let key = format!("deployment/{}/{deployment_id}", stage.api_id);
            self.deployment(&key).ok_or_else(|| Missing { key, member, deployment_id: deployment_id.to_owned() })
        };
        let own = find(&stage.deployment_id, ".deployment_id")?;
        let canary = stage.canary.as_ref().map(|canary| find(&canary.deployment_id, ".canary.deployment_id"));
        Ok((own, canary.transpose()?))
    }

    /// Stages that the patch itself does not touch and whose deployment it replaces or takes away.
    fn stages_of_changed_deployments(&self) -> Vec<(String, Arc<Stage>, Arc<str>)> {
        let mut found = BTreeMap::new();
        for deployment_key in self.changed.keys() {
            let Some((api_id, deployment_id)) =
                deployment_key.strip_prefix("deployment/").and_then(|rest| rest.split_once('/'))
            else {
                continue;
            };
            let prefix = format!("stage/{api_id}/");
            let is_below = |key: &&String| key.starts_with(&prefix);
            let prepared = std::iter::once(&self.changed).chain(self.waiting.iter().map(|prepared| &prepared.units));
            let known =
                prepared.flat_map(|units| units.range(prefix.clone()..).map(|(key, _)| key).take_while(is_below));
            for key in known.chain(self.active.range(prefix.clone()..).map(|(key, _)| key).take_while(is_below)) {
                let Some(ActiveUnit { sha256, content: Content::Stage(stage, plan) }) = self.get(key) else { continue };
                let is_new = |served: &Arc<DeploymentPlan>| {
                    !self.deployment(deployment_key).is_some_and(|deployment| Arc::ptr_eq(&deployment, served))
                };
                let of_canary = stage.canary.as_ref().is_some_and(|canary| canary.deployment_id == deployment_id)
                    && plan.canary.as_ref().is_some_and(|canary| is_new(&canary.plan.deployment));
                if of_canary || stage.deployment_id == deployment_id && is_new(&plan.deployment) {
                    found.insert(key.clone(), (stage.clone(), sha256.clone()));
                }
            }
        }
        found.into_iter().map(|(key, (stage, sha256))| (key, stage, sha256)).collect()
    }
}

fn metrics_index(known: &mut FxHashMap<String, u32>, key: &str) -> u32 {
    if let Some(index) = known.get(key) {
        return *index;
    }
    let index = known.len() as u32;
    known.insert(key.to_owned(), index);
    index
}

fn stage_change(key: &str, unit: Option<&ActiveUnit>) -> Option<StageChange> {
    let (api_id, stage_name) = key.strip_prefix("stage/")?.split_once('/')?;
    let plan = match unit.map(|unit| &unit.content) {
        Some(Content::Stage(_, plan)) => Some(plan.clone()),
        Some(Content::Deployment(_)) | None => None,
    };
    Some(StageChange { api_id: api_id.into(), stage_name: stage_name.into(), plan })
}

/// Hex SHA-256 of the unit's canonical JSON.
fn hash(unit: &Unit) -> Arc<str> {
    // A unit came from JSON; it goes back to JSON.
    let text = serde_json::to_vec(unit).unwrap_or_default();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
    let mut hex = String::with_capacity(64);
    for byte in digest.as_ref() {
        let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
        hex.push(digit(byte >> 4));
        hex.push(digit(byte & 15));
    }
    hex.into()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
