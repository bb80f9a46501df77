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

/// The stages of one API by name: few, so a list.
type Stages = Vec<(Box<[u8]>, CorePlan)>;

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
            let place = stages.iter().position(|(known, _)| **known == *name);
            let old = place.map(|place| stages.swap_remove(place).1);
            replaced.extend(old.map(|old| Arc::clone(&old)));
            match &change.plan {
                Some(plan) => stages.push((name.into(), Rc::new(plan.clone()))),
                None if stages.is_empty() => drop(self.apis.remove(api_id)),
                None => {}
            }
        }
        replaced
    }

    /// The stage of an API; `None` when the core serves no such.
    #[inline]
    pub fn lookup(&self, api_id: &[u8], stage_name: &[u8]) -> Option<&CorePlan> {
        self.apis.get(api_id)?.iter().find(|(name, _)| **name == *stage_name).map(|(_, plan)| plan)
    }
}
