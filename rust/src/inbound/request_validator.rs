//! Request validation (rest-api §6.2): the parameters that a method requires, then the body by the model of its media type.
//! A method without a validator has no plan for this, and is asked nothing.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html>

use crate::{
    exchange::Exchange,
    fault::{Fault, FaultKind},
    inbound::query,
    integration::bodies::media_type,
    primitives::{
        header_names::HeaderName,
        json_schema::{SchemaId, Verdict},
    },
    snapshot::{
        plan::DeploymentPlan,
        request_validator::{Required, ValidationPlan},
    },
};

/// Checks the parameters; gives the model for the body, where there is one.
#[cold]
pub fn parameters(plan: &ValidationPlan, exchange: &Exchange) -> Result<Option<SchemaId>, Fault> {
    let mut missing = String::new();
    for (required, name) in &plan.required {
        if !is_there(*required, name, exchange) {
            missing.push_str(if missing.is_empty() { "" } else { ", " });
            missing.push_str(name);
        }
    }
    if missing.is_empty() {
        return Ok(model(plan, exchange.header(HeaderName::ContentType)));
    }
    // AWS: all of them in one list.
    let message = format!("Missing required request parameters: [{missing}]");
    Err(Fault::with_message(FaultKind::BadRequestParameters, message))
}

/// Whether a parameter came and is not blank.
fn is_there(required: Required, name: &str, exchange: &Exchange) -> bool {
    let input = &exchange.input;
    let is_blank = |value: &[u8]| value.iter().all(u8::is_ascii_whitespace);
    match required {
        // AWS: names are compared with their letter case (§20.17).
        Required::Header => {
            let mut fields = exchange.head.fields.iter().rev();
            let found = fields.find(|field| field.name.of(input) == name.as_bytes());
            found.is_some_and(|field| !is_blank(field.value.of(input)))
        }
        Required::Path(number) => {
            let span = exchange.path_parameters.get(usize::from(number));
            span.is_some_and(|span| !is_blank(span.of(input)))
        }
        Required::Querystring => {
            query::last(exchange.query.of(input), name.as_bytes()).is_some_and(|value| !is_blank(&value))
        }
        // AWS: a path variable that the resource does not have is missing in every request.
        Required::Nowhere => false,
    }
}

/// The model of a media type, else that of `$default`; AWS: without either a body is not looked at.
fn model(plan: &ValidationPlan, content_type: Option<&[u8]>) -> Option<SchemaId> {
    let key = content_type.map(media_type).filter(|key| !key.is_empty()).unwrap_or(b"application/json");
    let find = |wanted: &[u8]| {
        let mut models = plan.models.iter();
        models.find(|(content_type, _)| content_type.as_bytes().eq_ignore_ascii_case(wanted)).map(|(_, id)| *id)
    };
    find(key).or_else(|| find(b"$default"))
}

/// Judges a whole body.
pub fn body(deployment: &DeploymentPlan, model: SchemaId, body: &[u8]) -> Result<(), Fault> {
    // AWS: no body is an empty object (§20.18).
    let body = if body.is_empty() { b"{}" } else { body };
    match deployment.schemas.judge(model, body) {
        Verdict::Valid => Ok(()),
        Verdict::Invalid(words) => Err(Fault::request_body(words)),
        Verdict::NotJson(_) => Err(Fault::BAD_REQUEST_BODY),
        Verdict::TooMuch => Err(Fault::request_body("[the body takes too long to be validated]".to_owned())),
    }
}

#[cfg(test)]
#[path = "request_validator_tests.rs"]
mod tests;
