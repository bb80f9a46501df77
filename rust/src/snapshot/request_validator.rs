//! What a method's request is checked for, as a plan; and the models of a deployment, compiled once for all methods.

use rustc_hash::FxHashMap;

use super::{problems::Problems, wire};
use crate::{
    integration::forwarded,
    primitives::json_schema::{self, SchemaId, Schemas, Source},
};

/// What a method's request has to be.
#[derive(Debug)]
pub struct ValidationPlan {
    /// Parameters that are required, and their names: headers, path variables, the query.
    pub required: Box<[(Required, Box<str>)]>,
    /// Models of bodies by content type.
    pub models: Box<[(Box<str>, SchemaId)]>,
}

impl ValidationPlan {
    /// What the edge says of every request is always there.
    pub(super) fn expect_the_edge(&mut self) {
        let required = std::mem::take(&mut self.required).into_iter();
        self.required =
            required.filter(|(place, name)| *place != Required::Header || **name != *forwarded::EDGE_PROTO).collect();
    }
}

/// Where a required parameter is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// A header with exactly its name.
    Header,
    /// A path variable, by its number in the resource's path.
    Path(u16),
    /// A path variable that the resource does not have.
    Nowhere,
    /// A query parameter.
    Querystring,
}

/// Models by name, where they are in `Schemas`.
pub(super) type Models = FxHashMap<Box<str>, SchemaId>;

/// Compiles the models of a deployment.
pub(super) fn models(units: &[wire::Model], problems: &mut Problems) -> (Schemas, Models) {
    let sources: Vec<_> = units.iter().map(|unit| Source { url: &unit.url, text: &unit.schema }).collect();
    match json_schema::compile(&sources) {
        Ok((schemas, roots)) => {
            let names = units.iter().map(|unit| unit.name.as_str().into());
            (schemas, names.zip(roots).collect())
        }
        Err(found) => {
            for problem in found {
                problems.at_index(".models", problem.source, |problems| {
                    problems.at(".schema", |problems| problems.add(problem.message));
                });
            }
            (Schemas::default(), units.iter().map(|unit| (unit.name.as_str().into(), SchemaId::default())).collect())
        }
    }
}

/// Compiles what a method's validator asks for; `variables` are those of the resource's path.
pub(super) fn compile(
    unit: Option<&wire::Validation>,
    variables: &[&str],
    models: &Models,
    problems: &mut Problems,
) -> Option<ValidationPlan> {
    let unit = unit?;
    let mut required: Vec<_> = unit
        .parameters
        .iter()
        .map(|parameter| {
            let place = match parameter.location {
                wire::ParameterLocation::Header => Required::Header,
                wire::ParameterLocation::Querystring => Required::Querystring,
                wire::ParameterLocation::Path => variables
                    .iter()
                    .position(|variable| *variable == parameter.name)
                    .map_or(Required::Nowhere, |number| Required::Path(number as u16)),
            };
            (place, Box::<str>::from(parameter.name.as_str()))
        })
        .collect();
    // AWS: missing ones are named by place, in this order.
    required.sort_by_key(|(place, _)| match place {
        Required::Header => 0,
        Required::Path(_) | Required::Nowhere => 1,
        Required::Querystring => 2,
    });
    let mut found = Vec::with_capacity(unit.models.len());
    for (index, one) in unit.models.iter().enumerate() {
        match models.get(one.model.as_str()) {
            Some(id) => found.push((Box::<str>::from(one.content_type.as_str()), *id)),
            None => problems.at_index(".models", index, |problems| {
                problems.at(".model", |problems| problems.add(format!("there is no model {}", one.model)));
            }),
        }
    }
    Some(ValidationPlan { required: required.into(), models: found.into() })
}
