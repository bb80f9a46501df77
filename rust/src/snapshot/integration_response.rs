//! Integration responses become plans: patterns, names towards the client, and every byte that no request changes.

use std::sync::OnceLock;

use super::{
    body_source::BodySources,
    compile::Interned,
    plan::{ContextVariable, MappedHeader, ResponsePlan, ResponseTemplate, ResponseValue, Responses},
    problems::Problems,
    selection::{self, Statuses},
    templates,
    wire::{self, IntegrationResponse},
};
use crate::{
    http1::{HeadWriter, prebuild},
    integration::body_values,
    outbound::headers::{mapped_name, may_have_body},
    primitives::header_names::{HeaderName, identify},
};

/// Compiles the responses of an `HTTP` or `MOCK` integration.
pub(super) fn compile(
    units: &[IntegrationResponse],
    method_responses: &[String],
    interned: &mut Interned,
    problems: &mut Problems,
) -> Responses {
    let mut patterns = Vec::with_capacity(units.len());
    let mut entries = Vec::with_capacity(units.len());
    for (index, unit) in units.iter().enumerate() {
        problems.at_index(".responses", index, |problems| {
            let pattern = problems.at(".selection_pattern", |problems| match unit.selection_pattern.as_str() {
                "" => None,
                // A refused one matches nothing, and the deployment fails with it.
                pattern => Some(interned.patterns.statuses(pattern).unwrap_or_else(|why| {
                    problems.add(why);
                    Statuses::default()
                })),
            });
            patterns.push(pattern);
            entries.push(response(unit, method_responses, interned, problems));
        });
    }
    let by_status = selection::by_status(&patterns);
    Responses { entries: entries.into(), by_status }
}

/// The responses of a MOCK, which has no body: what they read of it is known.
pub(super) fn answer_without_body(responses: &mut Responses, problems: &mut Problems) {
    for (index, entry) in responses.entries.iter_mut().enumerate() {
        let sources = std::mem::take(&mut entry.body_sources);
        let values = body_values::evaluate(&sources, b"").unwrap_or_else(|why| {
            problems.at(format_args!("[{index}].response_parameters"), |problems| problems.add(why.to_string()));
            body_values::BodyValues::default()
        });
        for header in &mut entry.headers {
            if let ResponseValue::Body(number) = header.value {
                let text = values.get(usize::from(number)).map_or("", |text| text);
                header.value = ResponseValue::Literal(text.as_bytes().into());
            }
        }
    }
}

fn response(
    unit: &IntegrationResponse,
    method_responses: &[String],
    interned: &mut Interned,
    problems: &mut Problems,
) -> ResponsePlan {
    let status =
        unit.status_code.parse().ok().filter(|status| (100..=599).contains(status) && unit.status_code.len() == 3);
    if status.is_none() {
        problems.at(".status_code", |problems| problems.add("a status code is three digits, 100 to 599"));
    }
    let status = status.unwrap_or(500);
    let mut headers = Vec::new();
    let mut fixed_lines = Vec::new();
    let mut bodies = BodySources::default();
    let (mut sets_content_type, mut sets_content_encoding) = (false, false);
    for (index, parameter) in unit.response_parameters.iter().enumerate() {
        let value = response_value(&parameter.source, interned, &mut bodies);
        let Some(name) = mapped_name(parameter.name.as_bytes()) else { continue };
        if prebuild(&mut Vec::new(), &name, b"x").is_err() {
            problems.at_index(".response_parameters", index, |problems| {
                problems.at(".name", |problems| problems.add("no header can have this name"));
            });
            continue;
        }
        let id = identify(&name);
        sets_content_encoding |= id == HeaderName::ContentEncoding;
        match value {
            ResponseValue::Absent => {}
            ResponseValue::Literal(text) if text.is_empty() => {}
            // A text that no header can hold stays with the others, so that it fails the request and not the deployment.
            ResponseValue::Literal(text) if prebuild(&mut fixed_lines, &name, &text).is_ok() => {
                sets_content_type |= id == HeaderName::ContentType;
            }
            value => {
                sets_content_type |= id == HeaderName::ContentType;
                headers.push(MappedHeader::new(&name, id, value));
            }
        }
    }
    let templates = response_templates(unit, status, sets_content_type, &fixed_lines, problems);
    ResponsePlan {
        status,
        content_handling: unit.content_handling,
        declared: method_responses.contains(&unit.status_code),
        selection_pattern: unit.selection_pattern.as_str().into(),
        pattern: OnceLock::new(),
        empty_start: start(status, "application/json", b"", sets_content_type, &fixed_lines).unwrap_or_default(),
        headers: headers.into(),
        body_sources: problems.at(".response_parameters", |problems| bodies.compile(problems)),
        sets_content_type,
        sets_content_encoding,
        fixed_lines: fixed_lines.into(),
        templates: templates.into(),
    }
}

fn response_templates(
    unit: &IntegrationResponse,
    status: u16,
    sets_content_type: bool,
    fixed_lines: &[u8],
    problems: &mut Problems,
) -> Vec<ResponseTemplate> {
    let mut templates = Vec::with_capacity(unit.response_templates.len());
    for (index, template) in unit.response_templates.iter().enumerate() {
        let program =
            problems.at_index(".response_templates", index, |problems| templates::compile_one(template, problems));
        let text = template.text.as_bytes();
        let start = start(status, &template.content_type, text, sets_content_type, fixed_lines);
        let Some(start) = start else {
            problems.at_index(".response_templates", index, |problems| {
                problems.at(".content_type", |problems| problems.add("no header can have this value"));
            });
            continue;
        };
        templates.push(ResponseTemplate {
            content_type: template.content_type.as_str().into(),
            text: text.into(),
            program,
            start,
        });
    }
    templates
}

/// Everything of an answer's head that is the same each time, but for the empty line.
fn start(
    status: u16,
    content_type: &str,
    body: &[u8],
    sets_content_type: bool,
    fixed_lines: &[u8],
) -> Option<Box<[u8]>> {
    let mut lines = Vec::new();
    let mut head = HeadWriter::new(&mut lines);
    head.status_line(status);
    if !sets_content_type {
        head.field(b"Content-Type", content_type.as_bytes());
    }
    if may_have_body(status) {
        head.content_length(body.len() as u64);
    }
    head.trusted(fixed_lines);
    head.finish().ok()?;
    lines.truncate(lines.len() - 2);
    Some(lines.into())
}

fn response_value(source: &wire::ResponseSource, interned: &mut Interned, bodies: &mut BodySources) -> ResponseValue {
    let bytes = |name: &str| name.as_bytes().into();
    match source {
        wire::ResponseSource::Header { name } => ResponseValue::Header(bytes(name)),
        wire::ResponseSource::MultiValueHeader { name } => ResponseValue::MultiValueHeader(bytes(name)),
        wire::ResponseSource::Body { json_path } => ResponseValue::Body(bodies.number(json_path.as_deref())),
        wire::ResponseSource::Context { path } => {
            ContextVariable::parse(path).map_or(ResponseValue::Absent, ResponseValue::Context)
        }
        wire::ResponseSource::StageVariable { name } => ResponseValue::StageVariable(interned.variable(name)),
        wire::ResponseSource::Literal { value } => ResponseValue::Literal(bytes(value)),
    }
}
