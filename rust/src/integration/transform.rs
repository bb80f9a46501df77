//! What mapping templates read of a request, and what they leave for the phases that follow: overrides (rest-api §10.2–10.6).
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use std::borrow::Cow;

use super::{
    bodies::Payload,
    body_values::MOST,
    forwarded::{EDGE_PROTO, scheme},
    values,
};
use crate::{
    exchange::Exchange,
    fault::{Cause, Fault},
    inbound::query,
    primitives::{
        java::{Map, NoText, Number, Text, Value},
        percent,
        vtl::{Limits, Place, Scope, Template},
    },
    snapshot::plan::{ContextVariable, Side},
};

/// `$context.requestOverride` and `$context.responseOverride`: what templates wrote, for all of a request's phases.
pub struct Overrides {
    request: Map,
    response: Map,
}

impl std::fmt::Debug for Overrides {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Overrides").finish_non_exhaustive()
    }
}

impl Default for Overrides {
    fn default() -> Self {
        // AWS: an override may be set once only.
        let part = |map: &Map, name: &'static str| map.put(Value::text(name), Value::Map(Map::write_once()));
        let (request, response) = (Map::of_context(), Map::write_once());
        for name in ["path", "header", "querystring"] {
            part(&request, name);
        }
        part(&response, "header");
        Self { request, response }
    }
}

/// A part of the request that an override replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `requestOverride.path`.
    Path,
    /// `requestOverride.querystring`.
    Querystring,
    /// `requestOverride.header`.
    Header,
    /// `responseOverride.header`.
    ResponseHeader,
}

impl Overrides {
    fn part(&self, part: Part) -> Option<Map> {
        let (map, name) = match part {
            Part::Path => (&self.request, "path"),
            Part::Querystring => (&self.request, "querystring"),
            Part::Header => (&self.request, "header"),
            Part::ResponseHeader => (&self.response, "header"),
        };
        map.get(name).and_then(|value| value.as_map().cloned())
    }

    /// AWS: a template sets a target once only; another one may set it anew.
    fn begin_template(&self) {
        self.response.begin_template();
        for part in [Part::Path, Part::Querystring, Part::Header, Part::ResponseHeader] {
            if let Some(map) = self.part(part) {
                map.begin_template();
            }
        }
    }

    /// Every override of a part: its name, and its values, of which a list has several. Null is none.
    pub fn all(&self, part: Part) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        let Some(map) = self.part(part) else { return all };
        let each: Result<(), NoText> = map.try_each(|name, value| {
            let values = match value {
                Value::Null => return Ok(()),
                Value::List(list) => list.items().iter().map(Value::to_text).collect::<Result<_, _>>()?,
                value => vec![value.to_text()?],
            };
            all.push((name.to_text()?, values));
            Ok(())
        });
        // Rendering failed already where one has no text.
        if each.is_ok() { all } else { Vec::new() }
    }

    /// The override whose name is wanted.
    pub fn get(&self, part: Part, is_wanted: impl Fn(&str) -> bool) -> Option<(String, Vec<String>)> {
        self.all(part).into_iter().find(|(name, _)| is_wanted(name))
    }

    /// Whether all that was written has a text that a head may hold.
    fn are_texts(&self) -> bool {
        [Part::Path, Part::Querystring, Part::Header, Part::ResponseHeader].into_iter().all(|part| {
            let is_text = |name: &Value, value: &Value| {
                name.write_text(&mut String::new(), MOST)?;
                value.write_text(&mut String::new(), MOST)
            };
            self.part(part).is_some_and(|map| map.try_each(is_text).is_ok())
        })
    }

    /// `responseOverride.status`; AWS: what is no final status is ignored.
    pub fn status(&self) -> Option<u16> {
        match self.response.get("status")? {
            Value::Number(number) if number.is_integer() => {
                u16::try_from(number.to_i64()).ok().filter(|status| (200..=599).contains(status))
            }
            _ => None,
        }
    }
}

/// Renders a template over a body; bytes that are no text fail it.
pub fn render(template: &Template, exchange: &Exchange, body: &Payload, cause: Cause) -> Result<Vec<u8>, Fault> {
    // AWS: a template reads text only.
    let (true, Payload::Text(body) | Payload::Bytes(body)) = (body.is_text(), body) else {
        return Err(Fault::transform(cause));
    };
    let overrides = &exchange.rare.get_or_init(Box::default).overrides;
    if let Some(earlier) = overrides.get() {
        earlier.begin_template();
    }
    let overrides = overrides.get_or_init(Overrides::default);
    let mut world = World { exchange, body: String::from_utf8_lossy(body), overrides };
    let mut out = String::new();
    template.render(&mut world, &Limits::default(), &mut out).map_err(|_| Fault::transform(cause))?;
    if !overrides.are_texts() {
        return Err(Fault::transform(cause));
    }
    Ok(out.into_bytes())
}

/// What `$input`, `$context` and `$stageVariables` are for one exchange.
struct World<'e> {
    exchange: &'e Exchange,
    body: Cow<'e, str>,
    overrides: &'e Overrides,
}

/// The whole of `$context` in AWS's order, but for the overrides; `identity` stands for its members.
const CONTEXT: [&str; 16] = [
    "resourceId",
    "resourcePath",
    "httpMethod",
    "extendedRequestId",
    "requestTime",
    "path",
    "accountId",
    "protocol",
    "stage",
    "domainPrefix",
    "requestTimeEpoch",
    "requestId",
    "identity",
    "domainName",
    "deploymentId",
    "apiId",
];
const IDENTITY: [&str; 2] = ["sourceIp", "userAgent"];

impl World<'_> {
    fn variable(&self, path: &str) -> Option<Value> {
        let variable = ContextVariable::parse(path)?;
        match variable {
            ContextVariable::RequestTimeEpoch => {
                return i64::try_from(self.exchange.arrived.as_millis())
                    .ok()
                    .map(|millis| Value::Number(Number::of(millis)));
            }
            ContextVariable::IsCanaryRequest => {
                return match self.exchange.stage.as_ref()?.side {
                    Side::Only => None,
                    Side::Production => Some(Value::Boolean(false)),
                    Side::Canary { .. } => Some(Value::Boolean(true)),
                };
            }
            _ => {}
        }
        let mut text = Vec::new();
        values::append_context(variable, self.exchange, &mut text);
        (!text.is_empty()).then(|| Value::text(String::from_utf8_lossy(&text)))
    }

    fn identity(&self) -> Map {
        let member = |name: &&'static str| Some((Text::new(name), self.variable(&format!("identity.{name}"))?));
        let identity = Map::of_context();
        for (name, value) in IDENTITY.iter().filter_map(member) {
            identity.put(Value::String(name), value);
        }
        identity
    }

    fn whole(&self) -> Map {
        let map = Map::new();
        for name in CONTEXT {
            let value = if name == "identity" { Some(Value::Map(self.identity())) } else { self.variable(name) };
            map.put(Value::text(name), value.unwrap_or_default());
        }
        if let Some(canary) = self.variable("isCanaryRequest") {
            map.put(Value::text("isCanaryRequest"), canary);
        }
        map.put(Value::text("requestOverride"), Value::Map(self.overrides.request.clone()));
        map.put(Value::text("responseOverride"), Value::Map(self.overrides.response.clone()));
        map
    }
}

/// What the edge says of how the client spoke to it.
fn edge_proto(exchange: &Exchange) -> Option<Text> {
    let is_edge = exchange.deployment().is_some_and(|deployment| deployment.is_edge);
    is_edge.then(|| Text::new_static(scheme(exchange.is_secure)))
}

fn lossy(bytes: &[u8]) -> Text {
    Text::from(String::from_utf8_lossy(bytes))
}

impl Scope for World<'_> {
    fn body(&mut self) -> &str {
        // AWS: an empty body reads as an empty object.
        if self.body.is_empty() { "{}" } else { &self.body }
    }

    fn parameter(&mut self, name: &str) -> Option<Text> {
        let exchange = self.exchange;
        if let Some(number) = values::path_names(exchange).iter().position(|known| *known == name) {
            return Some(lossy(exchange.path_parameters.get(number)?.of(&exchange.input)));
        }
        if let Some(value) = query::last(exchange.query.of(&exchange.input), name.as_bytes()) {
            return Some(lossy(&value));
        }
        let sent = values::client_headers(exchange, name.as_bytes()).next_back().map(lossy);
        sent.or_else(|| edge_proto(exchange).filter(|_| name == EDGE_PROTO))
    }

    fn parameters(&mut self, place: Place) -> Map {
        let exchange = self.exchange;
        let input = &exchange.input;
        match place {
            Place::Path => Map::of(
                values::path_names(exchange)
                    .iter()
                    .zip(&exchange.path_parameters)
                    .map(|(name, span)| (Text::new(name), Value::String(lossy(span.of(input))))),
            ),
            Place::Query => {
                Map::of(query::pairs(exchange.query.of(input)).map(|(name, value)| {
                    (lossy(&percent::decode(name)), Value::String(lossy(&percent::decode(value))))
                }))
            }
            Place::Header => Map::of(
                values::visible_headers(exchange)
                    .map(|field| (lossy(field.name.of(input)), Value::String(lossy(field.value.of(input)))))
                    .chain(edge_proto(exchange).map(|scheme| (Text::new_static(EDGE_PROTO), Value::String(scheme)))),
            ),
        }
    }

    fn context(&mut self, names: &[Text]) -> (Value, usize) {
        match names {
            [] => (Value::Map(self.whole()), 0),
            [first, ..] if first == "requestOverride" => (Value::Map(self.overrides.request.clone()), 1),
            [first, ..] if first == "responseOverride" => (Value::Map(self.overrides.response.clone()), 1),
            [first, second, ..] if first == "identity" => {
                (self.variable(&format!("identity.{second}")).unwrap_or_default(), 2)
            }
            [first] if first == "identity" => (Value::Map(self.identity()), 1),
            [first, ..] => (self.variable(first).unwrap_or_default(), 1),
        }
    }

    fn stage_variable(&mut self, name: &str) -> Option<Text> {
        let stage = self.exchange.stage.as_deref()?;
        stage.all_variables.iter().find(|(known, _)| **known == *name).map(|(_, value)| Text::new(value))
    }

    fn stage_variables(&mut self) -> Map {
        let stage = self.exchange.stage.as_deref();
        let all = stage.map_or(&[][..], |stage| &stage.all_variables);
        Map::of(all.iter().map(|(name, value)| (Text::new(name), Value::text(&**value))))
    }
}

#[cfg(test)]
#[path = "transform_tests.rs"]
mod tests;
