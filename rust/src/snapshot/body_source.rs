//! Bodies as sources of parameter mapping: `method.request.body`, `integration.response.body` and parts of them, compiled once
//! (rest-api §7.3, §8.3). Reading is `integration::body_values`.

use super::problems::Problems;
use crate::primitives::jsonpath::JsonPath;

/// What is read of a body.
#[derive(Debug)]
pub enum BodySource {
    /// Its text.
    Whole,
    /// What a path finds in it.
    Part(JsonPath),
}

/// The expressions of one mapping while it is compiled; the same one has one number.
#[derive(Debug, Default)]
pub(super) struct BodySources(Vec<Option<Box<str>>>);

impl BodySources {
    /// The number of an expression.
    pub(super) fn number(&mut self, json_path: Option<&str>) -> u16 {
        let known = self.0.iter().position(|one| one.as_deref() == json_path);
        known.unwrap_or_else(|| {
            self.0.push(json_path.map(Into::into));
            self.0.len() - 1
        }) as u16
    }

    /// All of them, in the order of their numbers.
    pub(super) fn compile(self, problems: &mut Problems) -> Box<[BodySource]> {
        let one = |json_path: Option<Box<str>>| match json_path.as_deref().map(compile) {
            None => BodySource::Whole,
            Some(Ok(path)) => BodySource::Part(path),
            Some(Err(why)) => {
                problems.add(why);
                BodySource::Whole
            }
        };
        self.0.into_iter().map(one).collect()
    }
}

fn compile(json_path: &str) -> Result<JsonPath, String> {
    let refused = |why: crate::primitives::jsonpath::Refused| {
        format!("{} at position {} of {json_path:?}", why.message, why.offset + 1)
    };
    JsonPath::compile(json_path).map_err(refused)
}

/// What is wrong with the `JSONPath` of a mapping expression, with its position.
pub fn check(json_path: &str) -> Result<(), String> {
    compile(json_path).map(drop)
}
