//! Units become plans: everything that can be decided before a request comes is decided here, and all errors are collected.

use std::{sync::Arc, time::Duration};

use rustc_hash::FxHashMap;

use super::{
    body_source::BodySources,
    client_certificate, gateway_response, integration_response,
    limits::{self, CacheKey, keep_apart, settings},
    plan::{
        ANY_VERB, Backend, BackendRequest, CanaryPlan, ContextVariable, Demands, DeploymentPlan, HAS_ANY, HttpPlan,
        HttpProxyPlan, IntegrationPlan, MappedHeader, MethodName, MethodObserved, MethodPlan, MockOutcome, MockPlan,
        Observed, RequestValue, ResourcePlan, ResponseValue, Side, StageBackend, StagePlan, Verb,
    },
    problems::Problems,
    registry::PrepareError,
    request_validator,
    selection::Patterns,
    templates, uri, wire,
};
use crate::{
    config::AccountLimits,
    http1::prebuild,
    integration::{forwarded::EDGE_PROTO, headers, mock},
    observe::{LineFormat, StageConstants, StageLog},
    primitives::{header_names::identify, path_tree::PathTree, percent},
    state::{caches::Caches, destinations::Destinations, throttles::Throttles},
};

/// What all methods of a deployment share while it is compiled.
pub(super) struct Interned<'d> {
    destinations: &'d Destinations,
    variable_names: Vec<Box<str>>,
    variable_numbers: FxHashMap<Box<str>, u32>,
    stage_backends: Vec<StageBackend>,
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
    let tree = PathTree::build(
        unit.resources.iter().zip(&resources).map(|(unit, plan)| (unit.path.as_str(), accepted(plan.verbs))),
    );
    let tree = tree.unwrap_or_else(|found| {
        for (index, problem) in found {
            problems.at_index(".resources", index, |problems| {
                problems.at(".path", |problems| problems.add(problem.to_string()));
            });
        }
        PathTree::default()
    });
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

/// What a stage cannot be served with, whatever its deployment.
pub fn stage_problems(unit: &wire::Stage, path: &str) -> Vec<PrepareError> {
    let mut problems = Problems::below(path);
    if unit.canary.as_ref().is_some_and(|canary| !(0.0..=100.0).contains(&canary.percent_traffic)) {
        problems.at(".canary", |problems| {
            problems.at(".percent_traffic", |problems| problems.add("not between 0 and 100"));
        });
    }
    if let Some(Err(why)) = client_certificate::read(unit) {
        problems.at(".client_certificate", |problems| problems.add(why));
    }
    if let Some(log) = &unit.access_log {
        // Both become the name of a file.
        let is_name = |text: &str, more: &[u8]| {
            (1..=240).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || more.contains(&byte))
        };
        problems.at(".access_log", |problems| {
            if !is_name(&log.region, b"") {
                problems.at(".region", |problems| problems.add("not the name of a region"));
            }
            if !is_name(&log.destination, b"._/#") {
                problems.at(".destination", |problems| problems.add("not the name of a log group or delivery stream"));
            }
        });
    }
    problems.into_found()
}

/// What the node keeps for stages, whatever they are compiled to.
pub struct Kept<'n> {
    /// The number of a series, by key.
    pub series: &'n mut dyn FnMut(&str) -> u32,
    /// Backends.
    pub destinations: &'n Destinations,
    /// Buckets.
    pub throttles: &'n Throttles,
    /// What an account may take.
    pub account: &'n AccountLimits,
    /// Answers that are kept.
    pub caches: &'n Arc<Caches>,
}

/// Compiles a stage on top of its deployment, and of its canary's.
pub fn stage(
    unit: &wire::Stage,
    deployment: Arc<DeploymentPlan>,
    canary: Option<Arc<DeploymentPlan>>,
    kept: &mut Kept<'_>,
) -> StagePlan {
    let mut plan = side(unit, &unit.variables, deployment, kept);
    if let (Some(settings), Some(deployment)) = (&unit.canary, canary) {
        let mut other = side(unit, &settings.variables, deployment, kept);
        let metrics_index = (kept.series)(&format!("stage/{}/{}{CANARY}", unit.api_id, unit.stage_name));
        other.side = Side::Canary { metrics_index, use_stage_cache: settings.use_stage_cache };
        // AWS: a canary's request stands in the stage's logs and in its own. A delivery stream has no logs below it.
        if let Some(log) = other.access_log.as_mut().filter(|log| !log.log.contains("/deliverystream/")) {
            log.also = Some(format!("{}{CANARY}", log.log).into());
        }
        if let Some(observed) = &mut other.observed {
            observed.also = Some(format!("{}{CANARY}", observed.execution_log).into());
        }
        keep_apart(unit, settings, &mut other);
        plan.side = Side::Production;
        plan.canary = Some(Box::new(CanaryPlan { percent_traffic: settings.percent_traffic, plan: Arc::new(other) }));
    }
    plan
}

/// What the names of a stage's logs and metrics end with for its canary.
pub const CANARY: &str = "/Canary";

/// One deployment of a stage.
fn side(
    unit: &wire::Stage,
    variables: &[wire::StageVariable],
    deployment: Arc<DeploymentPlan>,
    kept: &mut Kept<'_>,
) -> StagePlan {
    let key = format!("stage/{}/{}", unit.api_id, unit.stage_name);
    let metrics_index = (kept.series)(&key);
    let observed = observed(unit, &deployment, &key, kept.series);
    let limits = limits::limits(unit, &deployment, &key, kept);
    let variable =
        |name: &str| variables.iter().find(|variable| variable.name == name).map(|variable| variable.value.as_str());
    let all_variables = variables.iter().map(|one| (one.name.as_str().into(), one.value.as_str().into())).collect();
    let variables =
        deployment.variable_names.iter().map(|name| variable(name).map(|value| value.as_bytes().into())).collect();
    let backends: Box<[_]> = deployment
        .stage_backends
        .iter()
        .map(|backend| {
            uri::compile(
                &backend.uri,
                &backend.path_names,
                variable,
                backend.insecure_skip_verification,
                kept.destinations,
            )
        })
        .collect();
    let client_certificate = client_certificate::compile(unit, &deployment, &backends, kept.destinations);
    let constants = StageConstants {
        api_id: &deployment.api_id,
        stage: &unit.stage_name,
        account_id: &deployment.account_id,
        deployment_id: &deployment.deployment_id,
        endpoint_type: deployment.endpoint_type,
    };
    let line_format = LineFormat::of_gateway(Some(constants));
    let access_log = unit.access_log.as_ref().map(|settings| StageLog {
        log: format!("{}/{}", settings.region, settings.destination).into(),
        also: None,
        format: LineFormat::compile(&settings.format, Some(constants)),
    });
    StagePlan {
        stage_name: unit.stage_name.as_str().into(),
        metrics_index,
        deployment,
        variables,
        all_variables,
        backends,
        line_format,
        access_log,
        observed,
        side: Side::Only,
        canary: None,
        limits,
        client_certificate,
    }
}

/// What each method's setting says, its own or that of all.
fn observed(
    unit: &wire::Stage,
    deployment: &DeploymentPlan,
    key: &str,
    series: &mut dyn FnMut(&str) -> u32,
) -> Option<Box<Observed>> {
    let is_observed = |one: &wire::MethodSetting| one.metrics_enabled || one.logging_level != wire::LoggingLevel::Off;
    if !unit.method_settings.iter().any(is_observed) {
        return None;
    }
    let of = |(resource, path, method, setting): (u32, &[u8], &MethodPlan, Option<&wire::MethodSetting>)| {
        let has_metrics = setting.is_some_and(|setting| setting.metrics_enabled);
        let name = || format!("{key} {} {}", method.http_method.as_str(), String::from_utf8_lossy(path));
        MethodObserved {
            metrics_index: has_metrics.then(|| series(&name())),
            logging_level: setting.map_or(wire::LoggingLevel::Off, |setting| setting.logging_level),
            // Only there does the log show what was recorded.
            data_trace: setting
                .is_some_and(|setting| setting.data_trace_enabled && setting.logging_level == wire::LoggingLevel::Info),
            resource,
        }
    };
    let methods: Vec<_> = settings(unit, deployment).map(of).collect();
    let (region, api_id, stage) = (&deployment.region, &unit.api_id, &unit.stage_name);
    let execution_log = format!("{region}/API-Gateway-Execution-Logs_{api_id}/{stage}").into();
    Some(Box::new(Observed { methods: methods.into(), execution_log, also: None }))
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
            let integration =
                problems.at(".integration", |problems| compile_integration(method, &variables, interned, problems));
            let validation = problems.at(".validation", |problems| {
                let mut validation =
                    request_validator::compile(method.validation.as_ref(), &variables, &interned.models, problems);
                if let Some(validation) = validation.as_mut().filter(|_| interned.is_edge) {
                    validation.expect_the_edge();
                }
                validation
            });
            let sources = method.cache_key.parameters.iter();
            let parameters: Box<[_]> = sources.map(|source| request_value(source, &variables, interned)).collect();
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
            let plan = MethodPlan { http_method: MethodName::of_bit(bit), demands, integration };
            compiled.push((bit, (plan, key)));
        });
    }
    compiled.sort_by_key(|(bit, _)| *bit);
    methods.extend(compiled.into_iter().map(|(_, plan)| plan));
    ResourcePlan { resource_id: unit.resource_id.as_str().into(), first_method, verbs }
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
            request: compile_request(&unit.backend, &templates::overridable(unit), variables, interned, problems),
            content_handling: unit.content_handling,
            templates: templates::compile(&unit.request_templates, unit.passthrough_behavior, problems),
            responses: integration_response::compile(&unit.responses, &method.method_responses, interned, problems),
        })),
        wire::Integration::HttpProxy(unit) => IntegrationPlan::HttpProxy(Box::new(HttpProxyPlan {
            timeout: timeout(&unit.backend, problems),
            request: compile_request(&unit.backend, &unit.request_parameters, variables, interned, problems),
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

fn compile_request(
    backend: &wire::Backend,
    parameters: &[wire::RequestParameter],
    variables: &[&str],
    interned: &mut Interned,
    problems: &mut Problems,
) -> BackendRequest {
    let verb = problems.at(".backend.http_method", |problems| compile_verb(backend.http_method.as_deref(), problems));
    let (mut path, mut path_names, mut querystring) = (Vec::new(), Vec::<Box<str>>::new(), Vec::new());
    let mut mapped: Vec<MappedHeader<RequestValue>> = Vec::new();
    let (mut mapped_names, mut forbidden) = (0u128, None);
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
                let name = parameter.name.as_bytes();
                let id = identify(name);
                if headers::is_forbidden_target(id) {
                    forbidden.get_or_insert_with(|| parameter.name.as_str().into());
                    continue;
                }
                if headers::is_dropped_when_mapped(id) {
                    continue;
                }
                let mut refuse = |why: &str| {
                    problems.at_index(".request_parameters", index, |problems| {
                        problems.at(".name", |problems| problems.add(why));
                    });
                };
                // `x` stands for a value of any kind; a Host may hold it too.
                if prebuild(&mut Vec::new(), name, b"x").is_err() {
                    refuse("no header can have this name");
                } else if mapped.iter().any(|header| header.name().eq_ignore_ascii_case(name)) {
                    refuse("the header is mapped twice");
                } else if mapped.len() == MOST_HEADERS {
                    refuse("more than 128 headers are mapped");
                } else {
                    mapped_names |= headers::bit(id);
                    mapped.push(MappedHeader::new(name, id, value));
                }
            }
        }
    }
    let backend_plan = if uri::has_stage_variables(&backend.uri) {
        interned.stage_backends.push(StageBackend {
            uri: backend.uri.as_str().into(),
            path_names: path_names.iter().cloned().collect(),
            insecure_skip_verification: backend.insecure_skip_verification,
        });
        Backend::PerStage(interned.stage_backends.len() as u32 - 1)
    } else {
        let plan = uri::compile(
            &backend.uri,
            &path_names,
            |_| None,
            backend.insecure_skip_verification,
            interned.destinations,
        );
        // AWS: a URI that a request could have completed fails that request; one that never can be valid is an error here.
        if matches!(plan, super::plan::BackendPlan::Invalid) && !uri::has_path_variables(&backend.uri) {
            problems.at(".backend.uri", |problems| problems.add("not an absolute http:// or https:// URL"));
        }
        Backend::Shared(plan)
    };
    BackendRequest {
        verb,
        backend: backend_plan,
        path: path.into(),
        path_names: path_names.into(),
        querystring: querystring.into(),
        headers: mapped.into(),
        mapped_names,
        forbidden,
    }
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

pub(super) fn response_value(
    source: &wire::ResponseSource,
    interned: &mut Interned,
    bodies: &mut BodySources,
) -> ResponseValue {
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
