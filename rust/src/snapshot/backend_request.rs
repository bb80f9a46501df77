//! What a backend is asked becomes a plan: its verb, its URI, and the values that are mapped into path, query string and headers.

use super::{
    compile::Interned,
    plan::{
        Backend, BackendPlan, BackendRequest, ContextVariable, MappedHeader, MethodName, RequestValue, StageBackend,
        Verb,
    },
    problems::Problems,
    uri, wire,
};
use crate::{
    http1::prebuild,
    integration::{forwarded::EDGE_PROTO, headers},
    primitives::{header_names::identify, percent},
};

/// What an `HTTP` or `HTTP_PROXY` integration asks.
pub(super) fn compile(
    backend: &wire::Backend,
    parameters: &[wire::RequestParameter],
    variables: &[&str],
    interned: &mut Interned,
    problems: &mut Problems,
) -> BackendRequest {
    let verb = problems.at(".backend.http_method", |problems| compile_verb(backend.http_method.as_deref(), problems));
    let (mut path, mut path_names, mut querystring) = (Vec::new(), Vec::<Box<str>>::new(), Vec::new());
    let mut mapped = Mapped::default();
    for (index, parameter) in parameters.iter().enumerate() {
        let value = request_value(&parameter.source, variables, interned);
        match parameter.location {
            wire::ParameterLocation::Path => {
                path.push(value);
                path_names.push(parameter.name.as_str().into());
            }
            wire::ParameterLocation::Querystring => {
                let mut name = Vec::new();
                percent::encode(parameter.name.as_bytes(), &mut name);
                querystring.push((name.into_boxed_slice(), value));
            }
            wire::ParameterLocation::Header => {
                if let Err(why) = mapped.add(&parameter.name, value) {
                    problems.at_index(".request_parameters", index, |problems| {
                        problems.at(".name", |problems| problems.add(why));
                    });
                }
            }
        }
    }
    BackendRequest {
        verb,
        backend: compile_backend(backend, &path_names, interned, problems),
        path: path.into(),
        path_names: path_names.into(),
        querystring: querystring.into(),
        headers: mapped.headers.into(),
        mapped_names: mapped.names,
        forbidden: mapped.forbidden,
    }
}

/// Headers that are set.
#[derive(Default)]
struct Mapped {
    headers: Vec<MappedHeader<RequestValue>>,
    names: u128,
    forbidden: Option<Box<str>>,
}

impl Mapped {
    /// Adds one, or says why it cannot be set.
    fn add(&mut self, name: &str, value: RequestValue) -> Result<(), &'static str> {
        let id = identify(name.as_bytes());
        if headers::is_forbidden_target(id) {
            self.forbidden.get_or_insert_with(|| name.into());
            return Ok(());
        }
        if headers::is_dropped_when_mapped(id) {
            return Ok(());
        }
        let name = name.as_bytes();
        // `x` stands for a value of any kind; a Host may hold it too.
        if prebuild(&mut Vec::new(), name, b"x").is_err() {
            return Err("no header can have this name");
        }
        if self.headers.iter().any(|header| header.name().eq_ignore_ascii_case(name)) {
            return Err("the header is mapped twice");
        }
        if self.headers.len() == MOST_HEADERS {
            return Err("more than 128 headers are mapped");
        }
        self.names |= headers::bit(id);
        self.headers.push(MappedHeader::new(name, id, value));
        Ok(())
    }
}

fn compile_backend(
    backend: &wire::Backend,
    path_names: &[Box<str>],
    interned: &mut Interned,
    problems: &mut Problems,
) -> Backend {
    if uri::has_stage_variables(&backend.uri) {
        interned.stage_backends.push(StageBackend {
            uri: backend.uri.as_str().into(),
            path_names: path_names.into(),
            insecure_skip_verification: backend.insecure_skip_verification,
        });
        return Backend::PerStage(interned.stage_backends.len() as u32 - 1);
    }
    let plan =
        uri::compile(&backend.uri, path_names, |_| None, backend.insecure_skip_verification, interned.destinations);
    // AWS: a URI that a request could have completed fails that request; one that never can be valid is an error here.
    if matches!(plan, BackendPlan::Invalid) && !uri::has_path_variables(&backend.uri) {
        problems.at(".backend.uri", |problems| problems.add("not an absolute http:// or https:// URL"));
    }
    Backend::Shared(plan)
}

/// Whether each mapped header had a value is one bit of a number.
const MOST_HEADERS: usize = 128;

fn compile_verb(name: Option<&str>, problems: &mut Problems) -> Option<(Verb, &'static [u8])> {
    let name = name.filter(|name| *name != "ANY")?;
    let verb = Verb::parse(name.as_bytes());
    if verb.is_none() {
        problems.add("not one of the seven verbs and not ANY");
    }
    verb.map(|verb| (verb, MethodName::of_bit(verb as u8).as_str().as_bytes()))
}

/// What a mapping expression reads of a request whose path has these `variables`.
pub(super) fn request_value(source: &wire::RequestSource, variables: &[&str], interned: &mut Interned) -> RequestValue {
    let bytes = |name: &str| name.as_bytes().into();
    match source {
        wire::RequestSource::Path { name } => variables
            .iter()
            .position(|variable| variable == name)
            .map_or(RequestValue::Absent, |number| RequestValue::Path(number as u16)),
        wire::RequestSource::Querystring { name } => RequestValue::Querystring(bytes(name)),
        wire::RequestSource::MultiValueQuerystring { name } => RequestValue::MultiValueQuerystring(bytes(name)),
        wire::RequestSource::Header { name } | wire::RequestSource::MultiValueHeader { name }
            if headers::is_dropped_at_entry(identify(name.as_bytes())) =>
        {
            RequestValue::Absent
        }
        wire::RequestSource::Header { name } | wire::RequestSource::MultiValueHeader { name }
            if interned.is_edge && name == EDGE_PROTO =>
        {
            RequestValue::EdgeProto
        }
        wire::RequestSource::Header { name } => RequestValue::Header(bytes(name)),
        wire::RequestSource::MultiValueHeader { name } => RequestValue::MultiValueHeader(bytes(name)),
        wire::RequestSource::Body { json_path } => RequestValue::Body(interned.bodies.number(json_path.as_deref())),
        wire::RequestSource::Context { path } => {
            ContextVariable::parse(path).map_or(RequestValue::Absent, RequestValue::Context)
        }
        wire::RequestSource::StageVariable { name } => RequestValue::StageVariable(interned.variable(name)),
        wire::RequestSource::Literal { value } => RequestValue::Literal(bytes(value)),
    }
}
