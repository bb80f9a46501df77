//! `MOCK`: the gateway itself answers (rest-api §7.13).
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>

use super::{
    bodies::{self, Choice},
    status_code, transform,
};
use crate::{
    exchange::Exchange,
    fault::{Cause, Fault},
    http1::Framing,
    outbound::mapped::{Coded, Source, write_response},
    primitives::header_names::HeaderName,
    snapshot::plan::{IntegrationPlan, MockOutcome, Responses},
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
    let choice = bodies::choose(&plan.templates, content_type);
    let is_binary = || bodies::is_binary(&stage.deployment.binary_media_types, content_type);
    let outcome = match choice {
        Choice::Refuse => return Err(Fault::UNSUPPORTED_MEDIA_TYPE),
        Choice::Render(number) if plan.outcomes[number] == MockOutcome::Rendered => {
            let payload = bodies::convert_request(is_binary(), plan.content_handling, body)?;
            let program = plan.templates.entries[number].program.as_ref().ok_or(Fault::INTERNAL)?;
            let rendered = transform::render(&program.0, exchange, &payload, Cause::TransformRequest)?;
            outcome(&plan.responses, &rendered)
        }
        Choice::Render(number) => {
            // The body itself is not read for a literal template; its framing says that there is one.
            let is_text = exchange.head.framing == Framing::None
                || match plan.content_handling {
                    None => !is_binary(),
                    handling => bodies::convert_request(is_binary(), handling, body)?.is_text(),
                };
            // AWS: a template reads text only.
            if !is_text {
                return Err(Fault::transform(Cause::TransformRequest));
            }
            plan.outcomes[number]
        }
        Choice::Pass => {
            let body = bodies::convert_request(is_binary(), plan.content_handling, body)?.into_bytes();
            // AWS: the client's body plays the template.
            if body.trim_ascii().is_empty() { plan.default } else { outcome(&plan.responses, &body) }
        }
    };
    let response = match outcome {
        MockOutcome::Response(number) => &plan.responses.entries[usize::from(number)],
        MockOutcome::NoResponse(status) => return Err(Fault::mapping(Cause::NoOutputMapping(status))),
        MockOutcome::NoStatusCode | MockOutcome::Rendered => return Err(Fault::transform(Cause::NoStatusCode)),
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

/// What the text of a request template selects.
pub fn outcome(responses: &Responses, text: &[u8]) -> MockOutcome {
    let Some(status) = status_code::parse(text) else { return MockOutcome::NoStatusCode };
    match responses.select(status) {
        Some(number) => MockOutcome::Response(number as u16),
        None => MockOutcome::NoResponse(status.try_into().unwrap_or_default()),
    }
}

#[cfg(test)]
#[path = "mock_tests.rs"]
mod tests;
