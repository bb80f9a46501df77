//! Mapping templates become programs; those that are plain texts stay texts (rest-api §10.1).

use std::borrow::Cow;

use super::{
    plan::{Program, Template, Templates},
    problems::Problems,
    uri, wire,
};
use crate::primitives::vtl;

/// Compiles the request templates of an integration.
pub(super) fn compile(
    units: &[wire::Template],
    passthrough_behavior: wire::PassthroughBehavior,
    problems: &mut Problems,
) -> Templates {
    let one = |(index, unit): (usize, &wire::Template)| {
        let program = problems.at_index(".request_templates", index, |problems| compile_one(unit, problems));
        Template { content_type: unit.content_type.as_str().into(), text: unit.text.as_bytes().into(), program }
    };
    let entries: Box<[Template]> = units.iter().enumerate().map(one).collect();
    let has_programs = entries.iter().any(|template| template.program.is_some());
    Templates { entries, has_programs, passthrough_behavior }
}

/// What renders a template; nothing for a text that has nothing to render.
pub(super) fn compile_one(unit: &wire::Template, problems: &mut Problems) -> Option<Box<Program>> {
    if !unit.text.contains(['$', '#']) {
        return None;
    }
    let compiled = vtl::Template::compile(&unit.text);
    let refuse = |error: vtl::CompileError| problems.at(".text", |problems| problems.add(error.to_string()));
    compiled.map_err(refuse).ok().map(|template| Box::new(Program(template)))
}

/// What is wrong with a mapping template, with line and column.
pub fn check(text: &str) -> Result<(), String> {
    vtl::Template::compile(text).map(drop).map_err(|error| error.to_string())
}

/// The mapped parameters, and every other `{name}` of the URI where a template may give it a value (§7.2).
pub(super) fn overridable(unit: &wire::HttpIntegration) -> Cow<'_, [wire::RequestParameter]> {
    if !unit.request_templates.iter().any(|template| template.text.contains("requestOverride")) {
        return Cow::Borrowed(&unit.request_parameters);
    }
    let mut parameters = unit.request_parameters.clone();
    for token in uri::tokens(&unit.backend.uri) {
        let uri::Token::Path(name) = token else { continue };
        if parameters.iter().all(|one| one.location != wire::ParameterLocation::Path || one.name != name) {
            // Nothing of the request has it.
            let source = wire::RequestSource::Literal { value: String::new() };
            let location = wire::ParameterLocation::Path;
            parameters.push(wire::RequestParameter { location, name: name.to_owned(), source });
        }
    }
    Cow::Owned(parameters)
}
