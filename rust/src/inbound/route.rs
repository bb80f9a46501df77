//! Which resource and method a request is for: rest-api §2.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>

use super::unmatched;
use crate::{
    exchange::Exchange, fault::Fault, http1::Span, primitives::header_names::HeaderName, snapshot::plan::Verb,
};

/// Matches path and effective verb: sets `verb`, `resource`, `method` and `path_parameters`.
pub fn route(exchange: &mut Exchange) -> Result<(), Fault> {
    let Exchange { input, head, stage, verb, path_parameters, resource_path, .. } = exchange;
    let Some(stage) = stage else { return Err(Fault::INTERNAL) };
    // AWS: the override replaces the verb for everything but the signature.
    let may_override = head.may_have(HeaderName::XHttpMethodOverride);
    let override_field = may_override.then_some(&head.fields);
    let override_field =
        override_field.and_then(|fields| fields.iter().rev().find(|field| field.id == HeaderName::XHttpMethodOverride));
    *verb = override_field.map_or(head.method, |field| field.value);
    path_parameters.clear();
    if let Some(known) = Verb::parse(verb.of(input)) {
        let base = resource_path.start;
        let capture = |start, end| path_parameters.push(Span { start: base + start, end: base + end });
        if let Some(number) = stage.deployment.tree.find(resource_path.of(input), known as u8, capture)
            && let Some(resource) = stage.deployment.resources.get(number as usize)
            && let Some(method) = resource.method(known)
        {
            exchange.resource = number;
            exchange.method = method;
            return Ok(());
        }
    }
    Err(unmatched::fault(exchange))
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
