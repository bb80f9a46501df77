//! What the gateway gives a template: `$input`, `$context` and `$stageVariables`. Nothing is asked for before it is used.

use crate::primitives::java::{Map, Text, Value};

/// Where a parameter of the request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `path`.
    Path,
    /// `querystring`.
    Query,
    /// `header`.
    Header,
}

/// The world around a template. Every method is called only when the template needs it; the body is read as JSON at most
/// once in a rendering.
pub trait Scope {
    /// The body as text; `{}` for an empty one.
    fn body(&mut self) -> &str;

    /// `$input.params('name')`: in the path, then the query, then the headers.
    fn parameter(&mut self, name: &str) -> Option<Text>;

    /// One of the three maps of `$input.params()`.
    fn parameters(&mut self, place: Place) -> Map;

    /// What `$context` followed by names has: the value, and how many of the names led to it. Asked without names, the
    /// whole of it. `requestOverride` and `responseOverride` are given as maps the gateway keeps, which the template
    /// then writes to ([`Map::write_once`]).
    fn context(&mut self, names: &[Text]) -> (Value, usize);

    /// `$stageVariables.name`.
    fn stage_variable(&mut self, name: &str) -> Option<Text>;

    /// The whole of `$stageVariables`.
    fn stage_variables(&mut self) -> Map;
}
