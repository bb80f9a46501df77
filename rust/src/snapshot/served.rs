//! What one core serves: stages by API and name. Changed only between two requests, by the core itself.

use std::{rc::Rc, sync::Arc};

use rustc_hash::FxHashMap;

use super::plan::StagePlan;

/// One stage begins, changes or (without a plan) ends to be served.
#[derive(Debug, Clone)]
pub struct StageChange {
    /// The stage's API.
    pub api_id: Box<str>,
    /// The stage's name.
    pub stage_name: Box<str>,
    /// What is served from now on.
    pub plan: Option<Arc<StagePlan>>,
}

/// A core's own handle of a plan: requests count in the `Rc`, so that no reference count is shared between cores.
#[allow(clippy::redundant_allocation)] // the two counts are the point
pub type CorePlan = Rc<Arc<StagePlan>>;

/// One stage as a core serves it.
#[derive(Debug)]
struct ServedStage {
    name: Box<[u8]>,
    plan: CorePlan,
    canary: Option<Box<ServedCanary>>,
}

/// The canary of a stage.
#[derive(Debug)]
struct ServedCanary {
    percent_traffic: f64,
    plan: CorePlan,
}

impl ServedStage {
    fn new(name: &[u8], plan: &Arc<StagePlan>) -> Self {
        let canary = plan.canary.as_ref().map(|canary| {
            let plan = Rc::new(canary.plan.clone());
            Box::new(ServedCanary { percent_traffic: canary.percent_traffic, plan })
        });
        Self { name: name.into(), plan: Rc::new(plan.clone()), canary }
    }

    /// The side that answers the request with this id: drawn anew for each, nobody stays on a side (§15.3).
    #[cold]
    fn draw<'a>(&'a self, canary: &'a ServedCanary, extended_request_id: &[u8; 16]) -> &'a CorePlan {
        // 30 bits of what is random in every id; unlike a request id, no client chooses it.
        let random = extended_request_id[..5].iter().fold(0u32, |bits, byte| bits << 6 | digit(*byte));
        let r = f64::from(random) / f64::from(1u32 << 30) * 100.0;
        if r < canary.percent_traffic { &canary.plan } else { &self.plan }
    }
}

/// The stages of one API: few, so a list.
type Stages = Vec<ServedStage>;

/// The value of a character of URL-safe base64.
fn digit(byte: u8) -> u32 {
    match byte {
        b'A'..=b'Z' => (byte - b'A').into(),
        b'a'..=b'z' => (byte - b'a' + 26).into(),
        b'0'..=b'9' => (byte - b'0' + 52).into(),
        b'-' => 62,
        _ => 63,
    }
}

/// The stages that a core serves, by API.
#[derive(Debug, Default)]
pub struct Served {
    apis: FxHashMap<Box<[u8]>, Stages>,
}

impl Served {
    /// A core that serves nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes changes over and hands back the plans they replaced, so that those die on the control thread. A plan that a
    /// request still uses is handed back too: the request has an `Rc` of its own around another count.
    pub fn apply(&mut self, changes: &[StageChange]) -> Vec<Arc<StagePlan>> {
        let mut replaced = Vec::new();
        for change in changes {
            let (api_id, name) = (change.api_id.as_bytes(), change.stage_name.as_bytes());
            let stages = self.apis.entry(api_id.into()).or_default();
            let place = stages.iter().position(|known| *known.name == *name);
            if let Some(old) = place.map(|place| stages.swap_remove(place)) {
                replaced.extend(old.canary.map(|canary| Arc::clone(&canary.plan)));
                replaced.push(Arc::clone(&old.plan));
            }
            match &change.plan {
                Some(plan) => stages.push(ServedStage::new(name, plan)),
                None if stages.is_empty() => drop(self.apis.remove(api_id)),
                None => {}
            }
        }
        replaced
    }

    /// The stage of an API, on the side that the request with this id drew; `None` when the core serves no such.
    #[inline]
    pub fn lookup(&self, api_id: &[u8], stage_name: &[u8], extended_request_id: &[u8; 16]) -> Option<&CorePlan> {
        let stage = self.apis.get(api_id)?.iter().find(|stage| *stage.name == *stage_name)?;
        Some(match &stage.canary {
            None => &stage.plan,
            Some(canary) => stage.draw(canary, extended_request_id),
        })
    }
}

#[cfg(test)]
#[path = "served_tests.rs"]
mod tests;
