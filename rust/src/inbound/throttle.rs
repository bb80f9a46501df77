//! How many requests may pass: the four levels of throttling in AWS's order, then those in flight (rest-api §14).
//! Limits come compiled; what was taken lives in `state::throttles`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>

use crate::{
    snapshot::limits::StageLimits,
    state::throttles::{Admitted, Throttle},
};

/// What refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Refused {
    /// The usage plan's limit for the method.
    PlanMethod,
    /// The usage plan's limit.
    Plan,
    /// The stage's limit for the method.
    Method,
    /// The account's limit in the region.
    Account,
    /// The account's limit of requests in flight.
    Concurrency,
}

impl Refused {
    /// What metrics call them, in the order of their values.
    pub const NAMES: [&'static str; 5] = ["plan_method", "plan", "method", "account", "concurrency"];
}

/// The levels that a request has to pass.
#[derive(Debug, Default, Clone, Copy)]
pub struct Levels<'p> {
    /// Of the usage plan for the method: one bucket for each key, stage and method.
    pub plan_method: Option<&'p Throttle>,
    /// Of the usage plan: one bucket for each key, over all stages of the plan.
    pub plan: Option<&'p Throttle>,
    /// Of the stage's method settings: one bucket for each method.
    pub method: Option<&'p Throttle>,
    /// Of the account: one bucket for each region.
    pub account: Option<&'p Throttle>,
}

impl Levels<'_> {
    /// Takes a token at each level, in AWS's order. What was taken stays taken when a later level refuses.
    #[inline]
    pub fn take(&self, now: u64) -> Result<(), Refused> {
        for (throttle, refused) in [
            (self.plan_method, Refused::PlanMethod),
            (self.plan, Refused::Plan),
            (self.method, Refused::Method),
            (self.account, Refused::Account),
        ] {
            if throttle.is_some_and(|throttle| !throttle.take(now)) {
                return Err(refused);
            }
        }
        Ok(())
    }
}

/// Lets a request for a method pass, or says what is in its way. No method of ours takes a key yet, so no usage plan has a say.
pub fn admit(limits: &StageLimits, method: u32, now: u64) -> Result<Option<Admitted>, Refused> {
    let method = limits.methods.get(method as usize).and_then(Option::as_ref);
    Levels { method, account: limits.account.as_ref(), ..Levels::default() }.take(now)?;
    match &limits.concurrency {
        None => Ok(None),
        Some(concurrency) => concurrency.admit().map(Some).ok_or(Refused::Concurrency),
    }
}

#[cfg(test)]
#[path = "throttle_tests.rs"]
mod tests;
