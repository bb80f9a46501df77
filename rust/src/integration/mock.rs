//! `MOCK`: the gateway itself answers (rest-api §7.13).
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>

use super::{
    bodies::{self, Choice},
    status_code,
};
use crate::{
    exchange::Exchange,
    fault::Fault,
    http1::Framing,
    outbound::mapped::{Coded, Source, write_response},
    primitives::header_names::HeaderName,
    snapshot::plan::{IntegrationPlan, MockOutcome},
};

/// Writes the whole answer. `body` is the client's when the plan `needs_body`, else empty.
pub fn answer(
    exchange: &mut Exchange,
    body: &[u8],
    keep_alive: bool,
    date: &[u8; 29],
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let Some(stage) = exchange.stage.clone() else { return Err(Fault::INTERNAL) };
    let Some(IntegrationPlan::Mock(plan)) =
        stage.deployment.methods.get(exchange.method as usize).map(|method| &method.integration)
    else {
        return Err(Fault::INTERNAL);
    };
    let content_type = exchange.header(HeaderName::ContentType);
    let outcome = match bodies::choose(&plan.templates, content_type) {
        Choice::Refuse => return Err(Fault::UNSUPPORTED_MEDIA_TYPE),
        // AWS: a template reads text only. The body itself is not read for a literal template; its framing says that there is one.
        Choice::Render(_)
            if exchange.head.framing != Framing::None
                && bodies::is_binary(&stage.deployment.binary_media_types, content_type) =>
        {
            return Err(Fault::INTERNAL);
        }
        Choice::Render(number) => plan.outcomes[number],
        Choice::Pass if body.trim_ascii().is_empty() => plan.default,
        // AWS: the client's body plays the template.
        Choice::Pass => match status_code::parse(body) {
            Some(status) => plan
                .responses
                .select(status)
                .map_or(MockOutcome::NoResponse, |number| MockOutcome::Response(number as u16)),
            None => MockOutcome::NoStatusCode,
        },
    };
    let response = match outcome {
        MockOutcome::Response(number) => &plan.responses.entries[usize::from(number)],
        MockOutcome::NoResponse => return Err(Fault::CONFIGURATION),
        MockOutcome::NoStatusCode => return Err(Fault::INTERNAL),
    };
    write_response(
        exchange,
        &stage,
        response,
        &Source { backend: None, body: &[], coded: Coded::No },
        keep_alive,
        date,
        out,
    )
}

#[cfg(test)]
#[path = "mock_tests.rs"]
mod tests;
