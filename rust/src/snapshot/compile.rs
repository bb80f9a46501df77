//! Deployments become plans: everything that can be decided before a request comes is decided here, and all errors are collected.

use std::time::Duration;

use rustc_hash::FxHashMap;

use super::{
    backend_request::{self, request_value},
    body_source::BodySources,
    gateway_response, integration_response,
    limits::{self, CacheKey},
    plan::{
        ANY_VERB, Demands, DeploymentPlan, HAS_ANY, HttpPlan, HttpProxyPlan, IntegrationPlan, MethodName, MethodPlan,
        MockOutcome, MockPlan, RequestValue, ResourcePlan, StageBackend, Verb,
    },
    problems::Problems,
    registry::PrepareError,
    request_validator,
    selection::Patterns,
    templates, wire,
};
use crate::{http1::prebuild, integration::mock, primitives::path_tree::PathTree, state::destinations::Destinations};

/// What all methods of a deployment share while it is compiled.
pub(super) struct Interned<'d> {
    pub(super) destinations: &'d Destinations,
    variable_names: Vec<Box<str>>,
    variable_numbers: FxHashMap<Box<str>, u32>,
    pub(super) stage_backends: Vec<StageBackend>,
    has_binary_types: bool,
    compresses: bool,
    pub(super) patterns: Patterns,
    /// Whether requests come by the edge.
    pub(super) is_edge: bool,
    /// What the present method reads of bodies.
    pub(super) bodies: BodySources,
    /// Models by name.
    models: request_validator::Models,
}

impl Interned<'_> {
    /// The number of a stage variable.
    pub(super) fn variable(&mut self, name: &str) -> u32 {
        if let Some(number) = self.variable_numbers.get(name) {
            return *number;
        }
        let number = self.variable_names.len() as u32;
        self.variable_names.push(name.into());
        self.variable_numbers.insert(name.into(), number);
        number
    }
}

/// Compiles a deployment; `path` is where it stands in the patch.
pub fn deployment(
    unit: &wire::Deployment,
    path: &str,
    destinations: &Destinations,
) -> Result<DeploymentPlan, Vec<PrepareError>> {
    let mut problems = Problems::below(path);
    let (schemas, models) = request_validator::models(&unit.models, &mut problems);
    let mut interned = Interned {
        destinations,
        variable_names: Vec::new(),
        variable_numbers: FxHashMap::default(),
        stage_backends: Vec::new(),
        has_binary_types: !unit.binary_media_types.is_empty(),
        compresses: unit.minimum_compression_size.is_some(),
        patterns: Patterns::default(),
        is_edge: unit.endpoint_type == wire::EndpointType::Edge,
        bodies: BodySources::default(),
        models,
    };
    let mut resources = Vec::with_capacity(unit.resources.len());
    let mut methods = Vec::with_capacity(unit.resources.iter().map(|resource| resource.methods.len()).sum());
    for (index, resource) in unit.resources.iter().enumerate() {
        let plan = problems.at_index(".resources", index, |problems| {
            compile_resource(resource, &mut methods, &mut interned, problems)
        });
        resources.push(plan);
    }
    let tree = path_tree(unit, &resources, &mut problems);
    let gateway_responses = gateway_response::compile(&unit.gateway_responses, &mut interned, &mut problems);
    let mut line = |name: &[u8], value: String| {
        let mut line = Vec::new();
        if prebuild(&mut line, name, value.as_bytes()).is_err() {
            problems.at(".api_id", |problems| problems.add("no header can have this value"));
        }
        line.into_boxed_slice()
    };
    let api_id_line = line(b"X-Amzn-Apigateway-Api-Id", unit.api_id.clone());
    let user_agent_line = line(b"User-Agent", format!("AmazonAPIGateway_{}", unit.api_id));
    let found = problems.into_found();
    if !found.is_empty() {
        return Err(found);
    }
    let (methods, cache_keys): (Vec<_>, Vec<_>) = methods.into_iter().unzip();
    Ok(DeploymentPlan {
        api_id: unit.api_id.as_str().into(),
        api_name: unit.api_name.as_str().into(),
        deployment_id: unit.deployment_id.as_str().into(),
        account_id: unit.account_id.as_str().into(),
        region: unit.region.as_str().into(),
        endpoint_type: endpoint_type(unit.endpoint_type),
        is_edge: unit.endpoint_type == wire::EndpointType::Edge,
        longest_url: longest_url(unit.endpoint_type),
        disable_execute_api_endpoint: unit.disable_execute_api_endpoint,
        binary_media_types: unit.binary_media_types.iter().map(|entry| entry.as_str().into()).collect(),
        gateway_responses,
        schemas,
        minimum_compression_size: unit.minimum_compression_size,
        tree,
        resources: resources.into(),
        methods: methods.into(),
        cache_keys: cache_keys.into(),
        variable_names: interned.variable_names.into(),
        stage_backends: interned.stage_backends.into(),
        api_id_line,
        user_agent_line,
    })
}

fn path_tree(unit: &wire::Deployment, resources: &[ResourcePlan], problems: &mut Problems) -> PathTree {
    let paths = unit.resources.iter().zip(resources).map(|(unit, plan)| (unit.path.as_str(), accepted(plan.verbs)));
    PathTree::build(paths).unwrap_or_else(|found| {
        for (index, problem) in found {
            problems.at_index(".resources", index, |problems| {
                problems.at(".path", |problems| problems.add(problem.to_string()));
            });
        }
        PathTree::default()
    })
}

fn endpoint_type(endpoint_type: wire::EndpointType) -> &'static str {
    match endpoint_type {
        wire::EndpointType::Edge => "EDGE",
        wire::EndpointType::Regional => "REGIONAL",
        wire::EndpointType::Private => "PRIVATE",
    }
}

/// AWS's limits (rest-api §19). A listener may allow less.
fn longest_url(endpoint_type: wire::EndpointType) -> u32 {
    match endpoint_type {
        wire::EndpointType::Regional => 10_240,
        wire::EndpointType::Edge | wire::EndpointType::Private => 8_192,
    }
}

/// The verbs that a resource answers.
fn accepted(verbs: u8) -> u8 {
    if verbs & HAS_ANY != 0 { ANY_VERB } else { verbs }
}

fn compile_resource(
    unit: &wire::Resource,
    methods: &mut Vec<(MethodPlan, CacheKey)>,
    interned: &mut Interned,
    problems: &mut Problems,
) -> ResourcePlan {
    let first_method = methods.len() as u32;
    if unit.path.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\\')) {
        problems.at(".path", |problems| {
            problems.add("a path has no quote, backslash, space, control or non-ASCII character");
        });
    }
    let variables: Vec<&str> = unit
        .path
        .split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.strip_suffix('+').unwrap_or(name))
        .collect();
    let mut verbs = 0;
    let mut compiled = Vec::with_capacity(unit.methods.len());
    for (index, method) in unit.methods.iter().enumerate() {
        problems.at_index(".methods", index, |problems| {
            let bit = match (method.http_method.as_str(), Verb::parse(method.http_method.as_bytes())) {
                ("ANY", _) => HAS_ANY,
                (_, Some(verb)) => verb as u8,
                (_, None) => {
                    return problems
                        .at(".http_method", |problems| problems.add("not one of the seven verbs and not ANY"));
                }
            };
            if verbs & bit != 0 {
                return problems.at(".http_method", |problems| problems.add("the verb is there twice"));
            }
            verbs |= bit;
            compiled.push((bit, compile_method(method, bit, &variables, interned, problems)));
        });
    }
    compiled.sort_by_key(|(bit, _)| *bit);
    methods.extend(compiled.into_iter().map(|(_, plan)| plan));
    ResourcePlan { resource_id: unit.resource_id.as_str().into(), first_method, verbs }
}

fn compile_method(
    method: &wire::Method,
    bit: u8,
    variables: &[&str],
    interned: &mut Interned,
    problems: &mut Problems,
) -> (MethodPlan, CacheKey) {
    let integration =
        problems.at(".integration", |problems| compile_integration(method, variables, interned, problems));
    let validation = problems.at(".validation", |problems| {
        let mut validation =
            request_validator::compile(method.validation.as_ref(), variables, &interned.models, problems);
        if let Some(validation) = validation.as_mut().filter(|_| interned.is_edge) {
            validation.expect_the_edge();
        }
        validation
    });
    let sources = method.cache_key.parameters.iter();
    let parameters: Box<[_]> = sources.map(|source| request_value(source, variables, interned)).collect();
    let key = CacheKey {
        reads_body: parameters.iter().any(|value| matches!(value, RequestValue::Body(_))),
        namespace: method.cache_key.namespace.as_bytes().into(),
        parameters,
        varies_by_coding: interned.compresses,
        varies_by_accept: interned.has_binary_types || limits::varies_by_accept(&integration),
    };
    let body = problems.at(".integration", |problems| std::mem::take(&mut interned.bodies).compile(problems));
    let is_asked = validation.is_some() || !body.is_empty();
    let demands = is_asked.then(|| Box::new(Demands { validation, body }));
    (MethodPlan { http_method: MethodName::of_bit(bit), demands, integration }, key)
}

fn compile_integration(
    method: &wire::Method,
    variables: &[&str],
    interned: &mut Interned,
    problems: &mut Problems,
) -> IntegrationPlan {
    match &method.integration {
        wire::Integration::Mock(unit) => {
            let templates = templates::compile(&unit.request_templates, unit.passthrough_behavior, problems);
            let mut responses =
                integration_response::compile(&unit.responses, &method.method_responses, interned, problems);
            problems.at(".responses", |problems| integration_response::answer_without_body(&mut responses, problems));
            let outcomes = templates.entries.iter().map(|template| match template.program {
                Some(_) => MockOutcome::Rendered,
                None => mock::outcome(&responses, &template.text),
            });
            let outcomes = outcomes.collect();
            let default = responses
                .entries
                .iter()
                .position(|entry| entry.selection_pattern.is_empty() || entry.selection_pattern.as_ref() == ".*");
            // AWS: without a template, the status is 200.
            let default = default.map_or(MockOutcome::NoResponse(200), |number| MockOutcome::Response(number as u16));
            let content_handling = unit.content_handling;
            IntegrationPlan::Mock(Box::new(MockPlan { templates, outcomes, default, content_handling, responses }))
        }
        wire::Integration::Http(unit) => IntegrationPlan::Http(Box::new(HttpPlan {
            timeout: timeout(&unit.backend, problems),
            request: backend_request::compile(
                &unit.backend,
                &templates::overridable(unit),
                variables,
                interned,
                problems,
            ),
            content_handling: unit.content_handling,
            templates: templates::compile(&unit.request_templates, unit.passthrough_behavior, problems),
            responses: integration_response::compile(&unit.responses, &method.method_responses, interned, problems),
        })),
        wire::Integration::HttpProxy(unit) => IntegrationPlan::HttpProxy(Box::new(HttpProxyPlan {
            timeout: timeout(&unit.backend, problems),
            request: backend_request::compile(&unit.backend, &unit.request_parameters, variables, interned, problems),
            response_transfer_mode: unit.response_transfer_mode,
        })),
    }
}

fn timeout(backend: &wire::Backend, problems: &mut Problems) -> Duration {
    if !(50..=900_000).contains(&backend.timeout_in_millis) {
        problems.at(".backend.timeout_in_millis", |problems| {
            problems.add("a timeout is between 50 and 900000 milliseconds");
        });
    }
    Duration::from_millis(backend.timeout_in_millis.into())
}
