//! What parameter mapping reads of a body: its text, or what a `JSONPath` finds in it (rest-api §7.3, §8.3). Bodies are read as
//! `$input` reads them: by the same JSON reader and the same paths.

use crate::{
    exchange::Exchange,
    fault::{Cause, Fault, FaultKind},
    primitives::{
        java::{
            self, Map, Value,
            json_write::{self, Style},
        },
        jsonpath::ReadError,
        vtl::Limits,
    },
    snapshot::{
        body_source::BodySource,
        plan::{DeploymentPlan, ResponsePlan},
    },
};

/// Values by the numbers of their sources; one that is not there is empty.
pub type BodyValues = Box<[Box<str>]>;

/// A value goes into a head: one of more bytes fails its request.
pub const MOST: usize = 64 << 10;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It looks like JSON and is none.
    #[error("the body is not JSON")]
    NotJson,
    /// A path fails on it, takes too many steps, or finds more than a head holds.
    #[error("a part of the body cannot be read")]
    Failed,
}

/// Reads what the method's mapping asks of the client's body, once; `body` is as the integration gets it.
pub fn read(exchange: &Exchange, body: &[u8]) -> Result<(), Fault> {
    if let (Some(read), Some(deployment)) = (reading(exchange), exchange.deployment()) {
        keep(exchange, read(deployment, body)?);
    }
    Ok(())
}

/// How what the method's mapping asks of the client's body is read; nothing where nothing is asked, or all has been read.
pub fn reading(
    exchange: &Exchange,
) -> Option<impl FnOnce(&DeploymentPlan, &[u8]) -> Result<BodyValues, Fault> + Send + use<>> {
    let asked = exchange.method_plan().and_then(|plan| plan.demands.as_deref());
    if asked.is_none_or(|demands| demands.body.is_empty()) || exchange.body_values().is_some() {
        return None;
    }
    let method = exchange.method as usize;
    Some(move |deployment: &DeploymentPlan, body: &[u8]| {
        let demands = deployment.methods.get(method).and_then(|plan| plan.demands.as_deref());
        evaluate(&demands.ok_or(Fault::INTERNAL)?.body, body).map_err(|why| match why {
            Unreadable::NotJson => Fault::with_message(FaultKind::BadRequest, "Invalid JSON in request body"),
            Unreadable::Failed => Fault::transform(Cause::TransformRequest),
        })
    })
}

/// Keeps values that were read; those that are there stay.
pub fn keep(exchange: &Exchange, values: BodyValues) {
    let _ = exchange.rare.get_or_init(Box::default).body_values.set(values);
}

/// What an integration response's mapping asks of a backend's body.
pub fn of_answer(response: &ResponsePlan, body: &[u8]) -> Result<BodyValues, Fault> {
    evaluate(&response.body_sources, body).map_err(|why| match why {
        Unreadable::NotJson => Fault { cause: Some(Cause::TransformResponse), ..Fault::RESPONSE_NOT_JSON },
        Unreadable::Failed => Fault::transform(Cause::TransformResponse),
    })
}

/// The values of sources; the body is read at most once.
pub fn evaluate(sources: &[BodySource], body: &[u8]) -> Result<BodyValues, Unreadable> {
    if sources.is_empty() {
        return Ok(BodyValues::default());
    }
    let text = String::from_utf8_lossy(body);
    // AWS: also where the whole body is asked for, what begins like JSON has to be JSON.
    let document = parse(&text)?;
    let mut steps = Limits::default().steps;
    let mut values = Vec::with_capacity(sources.len());
    for source in sources {
        values.push(match source {
            // AWS: an empty body reads as an empty object.
            BodySource::Whole if text.is_empty() => "{}".into(),
            BodySource::Whole if text.len() > MOST => return Err(Unreadable::Failed),
            BodySource::Whole => text.as_ref().into(),
            BodySource::Part(path) => match path.read(&document, &mut steps) {
                Ok(value) => text_of(&value)?,
                Err(ReadError::NotFound) => Box::default(),
                Err(_) => return Err(Unreadable::Failed),
            },
        });
    }
    Ok(values.into())
}

/// AWS: only what begins like JSON is read as such; anything else is an empty object.
fn parse(text: &str) -> Result<Value, Unreadable> {
    let trimmed = text.trim_matches(|character| character <= ' ');
    if trimmed.starts_with(['{', '[', '"', '\'']) {
        java::read(trimmed).map_err(|_| Unreadable::NotJson)
    } else {
        Ok(Value::Map(Map::new()))
    }
}

/// Objects and lists are JSON, null is nothing.
fn text_of(value: &Value) -> Result<Box<str>, Unreadable> {
    let mut text = String::new();
    match value {
        Value::Null => Ok(()),
        Value::Map(_) | Value::List(_) => json_write::write(value, Style::Json, &mut text, MOST),
        other => other.write_text(&mut text, MOST),
    }
    .map_err(|_| Unreadable::Failed)?;
    Ok(text.into())
}

#[cfg(test)]
#[path = "body_values_tests.rs"]
mod tests;
