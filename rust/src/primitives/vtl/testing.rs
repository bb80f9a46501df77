//! The world that tests and the reference runs of `tools/velocity` put around a template; its values are the same there.

use super::{Limits, Place, RenderError, Scope, Template};
use crate::primitives::java::{Map, Text, Value};

/// A body, some parameters, a little context.
pub struct World {
    body: String,
    context: Map,
}

/// What became of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The text.
    Text(String),
    /// It could not be compiled.
    Refused,
    /// It could not be rendered.
    Failed(RenderError),
}

fn map(entries: &[(&'static str, Value)]) -> Value {
    Value::Map(Map::of(entries.iter().map(|(name, value)| (Text::new_static(name), value.clone()))))
}

fn entries(place: Place) -> &'static [(&'static str, &'static str)] {
    match place {
        Place::Path => &[("id", "p1")],
        Place::Query => &[("q", "a b"), ("id", "q1")],
        Place::Header => &[("my-header", "h\"1"), ("Accept", "*/*")],
    }
}

impl World {
    /// A world with this body.
    pub fn new(body: &str) -> Self {
        let text = |text: &str| Value::from(text);
        let empty = || Value::Map(Map::new());
        let overrides = map(&[("path", empty()), ("header", empty()), ("querystring", empty())]);
        let context = Map::of([
            (Text::new_static("requestId"), text("r-1")),
            (Text::new_static("stage"), text("prod")),
            (Text::new_static("identity"), map(&[("sourceIp", text("127.0.0.1")), ("userAgent", text("u"))])),
            (Text::new_static("requestOverride"), overrides),
            (Text::new_static("responseOverride"), map(&[("header", empty())])),
        ]);
        Self { body: body.to_owned(), context }
    }

    /// Compiles and renders a template, blanks around it included.
    pub fn outcome(&mut self, template: &str) -> Outcome {
        let Ok(template) = Template::compile_exactly(template) else { return Outcome::Refused };
        let mut out = String::new();
        match template.render(self, &Limits::default(), &mut out) {
            Ok(()) => Outcome::Text(out),
            Err(error) => Outcome::Failed(error),
        }
    }
}

impl Scope for World {
    fn body(&mut self) -> &str {
        &self.body
    }

    fn parameter(&mut self, name: &str) -> Option<Text> {
        let of = |place| entries(place).iter().find(|(known, _)| *known == name);
        [Place::Path, Place::Query, Place::Header].into_iter().find_map(of).map(|(_, value)| Text::new_static(value))
    }

    fn parameters(&mut self, place: Place) -> Map {
        Map::of(entries(place).iter().map(|(name, value)| (Text::new(name), Value::text(*value))))
    }

    fn context(&mut self, names: &[Text]) -> (Value, usize) {
        match names {
            [] => (Value::Map(self.context.clone()), 0),
            [name, ..] => (self.context.get(name).unwrap_or_default(), 1),
        }
    }

    fn stage_variable(&mut self, name: &str) -> Option<Text> {
        match name {
            "host" => Some(Text::new_static("example.com")),
            "n" => Some(Text::new_static("5")),
            _ => None,
        }
    }

    fn stage_variables(&mut self) -> Map {
        Map::of(
            ["host", "n"].map(|name| (Text::new(name), Value::String(self.stage_variable(name).unwrap_or_default()))),
        )
    }
}
