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

/// The stages that a core serves.
#[derive(Debug, Default)]
pub struct Served {
    stages: FxHashMap<Box<[u8]>, CorePlan>,
}

/// Longest `{api}/{stage}` that is looked up.
const LONGEST_KEY: usize = 256;

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
            let key: Box<[u8]> = [change.api_id.as_bytes(), b"/", change.stage_name.as_bytes()].concat().into();
            let old = match &change.plan {
                Some(plan) => self.stages.insert(key, Rc::new(plan.clone())),
                None => self.stages.remove(&key),
            };
            replaced.extend(old.map(|old| Arc::clone(&old)));
        }
        replaced
    }

    /// The stage of an API; `None` when the core serves no such.
    #[inline]
    pub fn lookup(&self, api_id: &[u8], stage_name: &[u8]) -> Option<&CorePlan> {
        let mut key = [0; LONGEST_KEY];
        let length = api_id.len() + 1 + stage_name.len();
        if length > LONGEST_KEY {
            return None;
        }
        key[..api_id.len()].copy_from_slice(api_id);
        key[api_id.len()] = b'/';
        key[api_id.len() + 1..length].copy_from_slice(stage_name);
        self.stages.get(&key[..length])
    }
}
