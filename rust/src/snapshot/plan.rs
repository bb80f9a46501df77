//! What requests are served by: immutable, compiled once, shared by all cores.
//! A request never looks at configuration structs: what can be decided before it comes is decided in `compile`.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use super::verb::{ANY_VERB, HAS_ANY, MethodName, Verb};
use super::{
    body_source::BodySource,
    client_certificate::ClientCertificate,
    gateway_response::GatewayResponses,
    limits::{CacheKey, StageLimits},
    request_validator::ValidationPlan,
    wire::{ContentHandling, LoggingLevel, PassthroughBehavior, ResponseTransferMode},
};
use crate::{
    observe::{LineFormat, StageLog},
    primitives::{header_names::HeaderName, java_regex::Regex, json_schema::Schemas, path_tree::PathTree, vtl},
    state::destinations::DestinationId,
};

/// A stage and the deployment it serves.
#[derive(Debug)]
pub struct StagePlan {
    /// `$context.stage`.
    pub stage_name: Box<str>,
    /// Counts this stage: a number of its own on the node, kept when the stage changes.
    pub metrics_index: u32,
    /// The deployment; shared by all stages that serve it.
    pub deployment: Arc<DeploymentPlan>,
    /// Values of the stage variables that the deployment's mappings name, in the order of `DeploymentPlan::variable_names`.
    pub variables: Box<[Option<Box<[u8]>>]>,
    /// Names and values of all stage variables, for templates.
    pub all_variables: Box<[(Box<str>, Box<str>)]>,
    /// The backends of the deployment whose URIs hold stage variables, with this stage's values.
    pub backends: Box<[BackendPlan]>,
    /// The gateway's access log line for this stage.
    pub line_format: LineFormat,
    /// What the stage itself wants logged.
    pub access_log: Option<StageLog>,
    /// What is observed of its methods one by one.
    pub observed: Option<Box<Observed>>,
    /// Which of the stage's deployments this is.
    pub side: Side,
    /// The other side of a stage that has a canary.
    pub canary: Option<Box<CanaryPlan>>,
    /// Its throttles and its cache; `None` where nothing is configured.
    pub limits: Option<Box<StageLimits>>,
    /// What its backends are shown; `None` shows nothing.
    pub client_certificate: Option<Box<ClientCertificate>>,
}

/// A stage with a canary serves two deployments (§15.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It has no canary.
    Only,
    /// What the stage itself points at.
    Production,
    /// The canary.
    Canary {
        /// Counts the canary's requests beside the stage's.
        metrics_index: u32,
        /// Whether its answers are cached with those of the stage.
        use_stage_cache: bool,
    },
}

/// `canarySettings` of a stage.
#[derive(Debug)]
pub struct CanaryPlan {
    /// Out of 100 requests, so many go here.
    pub percent_traffic: f64,
    /// How they are served.
    pub plan: Arc<StagePlan>,
}

/// `methodSettings` of a stage that are not the default.
#[derive(Debug)]
pub struct Observed {
    /// By method, as in `DeploymentPlan::methods`.
    pub methods: Box<[MethodObserved]>,
    /// Where execution logs go, as in `StageLog`.
    pub execution_log: Arc<str>,
    /// Where they also go: a canary's request stands in both logs.
    pub also: Option<Arc<str>>,
}

/// What is observed of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodObserved {
    /// Counts this method, where it has metrics of its own.
    pub metrics_index: Option<u32>,
    /// How much the execution log says.
    pub logging_level: LoggingLevel,
    /// Whether it shows headers and bodies.
    pub data_trace: bool,
    /// Its resource, by number.
    pub resource: u32,
}

impl StagePlan {
    /// `$context.apiId`.
    pub fn api_id(&self) -> &str {
        &self.deployment.api_id
    }

    /// The API's name, for metrics.
    pub fn api_name(&self) -> &str {
        &self.deployment.api_name
    }
}

/// A REST API frozen at one deployment.
#[derive(Debug)]
pub struct DeploymentPlan {
    /// `$context.apiId`.
    pub api_id: Box<str>,
    /// The API's name, for metrics.
    pub api_name: Box<str>,
    /// `$context.deploymentId`.
    pub deployment_id: Box<str>,
    /// `$context.accountId`.
    pub account_id: Box<str>,
    /// The region in the API's host name.
    pub region: Box<str>,
    /// `$context.endpointType`.
    pub endpoint_type: &'static str,
    /// Whether it is `EDGE`: requests look as if they had come through the edge network.
    pub is_edge: bool,
    /// Bytes a URL may have; over it: 414.
    pub longest_url: u32,
    /// Refuse all requests to the default endpoint.
    pub disable_execute_api_endpoint: bool,
    /// Media types whose bodies are not text.
    pub binary_media_types: Box<[Box<str>]>,
    /// Gateway responses that are customised, if there are any.
    pub gateway_responses: Option<Box<GatewayResponses>>,
    /// Answers of at least so many bytes are compressed for clients that ask for it.
    pub minimum_compression_size: Option<u32>,
    /// Models of bodies, compiled once for all methods.
    pub schemas: Schemas,
    /// Paths; a path's number is its resource's.
    pub tree: PathTree,
    /// Resources, in the order of the unit.
    pub resources: Box<[ResourcePlan]>,
    /// Methods of all resources: a resource's stand together, in the order of `Verb`, `ANY` last.
    pub methods: Box<[MethodPlan]>,
    /// What tells their answers apart in a cache, in the order of `methods`.
    pub cache_keys: Box<[CacheKey]>,
    /// Stage variables that mappings name.
    pub variable_names: Box<[Box<str>]>,
    /// Backends whose URIs hold stage variables; each stage compiles them.
    pub stage_backends: Box<[StageBackend]>,
    /// `X-Amzn-Apigateway-Api-Id: …`, a whole line.
    pub api_id_line: Box<[u8]>,
    /// `User-Agent: AmazonAPIGateway_…`, a whole line.
    pub user_agent_line: Box<[u8]>,
}

/// A resource with at least one method; its path stands in the deployment's tree.
#[derive(Debug)]
pub struct ResourcePlan {
    /// `$context.resourceId`.
    pub resource_id: Box<str>,
    /// Its first method.
    pub first_method: u32,
    /// Which verbs have a method of their own, and `HAS_ANY`.
    pub verbs: u8,
}

impl ResourcePlan {
    /// The method for a verb: its own, else `ANY`.
    #[inline]
    pub fn method(&self, verb: Verb) -> Option<u32> {
        let bit = verb as u8;
        let before = if self.verbs & bit != 0 {
            self.verbs & (bit - 1)
        } else if self.verbs & HAS_ANY != 0 {
            self.verbs & ANY_VERB
        } else {
            return None;
        };
        Some(self.first_method + before.count_ones())
    }
}

/// A method of a resource.
#[derive(Debug)]
pub struct MethodPlan {
    /// `GET`, …, or `ANY`.
    pub http_method: MethodName,
    /// What is asked of its requests before the integration, where anything is.
    pub demands: Option<Box<Demands>>,
    /// What answers.
    pub integration: IntegrationPlan,
}

impl MethodPlan {
    /// Whether the whole body must be there before the integration is asked.
    #[inline]
    pub fn needs_body(&self) -> bool {
        match &self.integration {
            IntegrationPlan::Mock(plan) if plan.content_handling.is_some() || plan.templates.has_programs => true,
            // The client's body plays the template only where none does.
            IntegrationPlan::Mock(plan) => match plan.templates.passthrough_behavior {
                PassthroughBehavior::WhenNoMatch => true,
                PassthroughBehavior::WhenNoTemplates => plan.templates.entries.is_empty(),
                PassthroughBehavior::Never => false,
            },
            IntegrationPlan::Http(_) => true,
            IntegrationPlan::HttpProxy(_) => false,
        }
    }
}

/// What is asked of a request before its integration.
#[derive(Debug)]
pub struct Demands {
    /// What it is checked for, where its method has a validator.
    pub validation: Option<ValidationPlan>,
    /// What mapping reads of its body, which has to be there for that.
    pub body: Box<[BodySource]>,
}

/// What answers a request.
#[derive(Debug)]
pub enum IntegrationPlan {
    /// The gateway itself.
    Mock(Box<MockPlan>),
    /// A backend; its answer is mapped.
    Http(Box<HttpPlan>),
    /// A backend; its answer passes.
    HttpProxy(Box<HttpProxyPlan>),
}

impl IntegrationPlan {
    /// What a backend is asked, when there is one.
    #[inline]
    pub fn request(&self) -> Option<&BackendRequest> {
        match self {
            Self::Mock(_) => None,
            Self::Http(plan) => Some(&plan.request),
            Self::HttpProxy(plan) => Some(&plan.request),
        }
    }
}

/// `MOCK`.
#[derive(Debug)]
pub struct MockPlan {
    /// Request templates, each with what its literal text selects.
    pub templates: Templates,
    /// What each template selects, in their order.
    pub outcomes: Box<[MockOutcome]>,
    /// What is answered without template and body.
    pub default: MockOutcome,
    /// How the client's body is converted before it plays a template.
    pub content_handling: Option<ContentHandling>,
    /// The integration responses.
    pub responses: Responses,
}

/// What a `statusCode` selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MockOutcome {
    /// An integration response, by number.
    Response(u16),
    /// None for this status: the mapping is incomplete.
    NoResponse(u16),
    /// The text has no integer `statusCode`.
    NoStatusCode,
    /// What the template renders says it.
    Rendered,
}

/// `HTTP`.
#[derive(Debug)]
pub struct HttpPlan {
    /// To the last byte of the answer.
    pub timeout: Duration,
    /// What the backend is asked.
    pub request: BackendRequest,
    /// How the client's body is converted.
    pub content_handling: Option<ContentHandling>,
    /// Request templates.
    pub templates: Templates,
    /// The integration responses.
    pub responses: Responses,
}

/// `HTTP_PROXY`.
#[derive(Debug)]
pub struct HttpProxyPlan {
    /// To the last byte of the answer.
    pub timeout: Duration,
    /// What the backend is asked.
    pub request: BackendRequest,
    /// Whether small answers are held until complete.
    pub response_transfer_mode: ResponseTransferMode,
}

/// What a backend is asked, but for what the request brings.
#[derive(Debug)]
pub struct BackendRequest {
    /// The verb; `None` keeps the client's.
    pub verb: Option<(Verb, &'static [u8])>,
    /// Where the backend is.
    pub backend: Backend,
    /// Values of the `{name}`s in the URI.
    pub path: Box<[RequestValue]>,
    /// Their names, by which templates override them.
    pub path_names: Box<[Box<str>]>,
    /// Names, encoded, and values that are added to the query string.
    pub querystring: Box<[(Box<[u8]>, RequestValue)]>,
    /// Headers that are set.
    pub headers: Box<[MappedHeader<RequestValue>]>,
    /// Which known names `headers` sets, one bit each.
    pub mapped_names: u128,
    /// The forbidden header that is mapped: every request fails (§7.4).
    pub forbidden: Option<Box<str>>,
}

/// A backend that is the same for all stages, or not.
#[derive(Debug)]
pub enum Backend {
    /// Compiled with the deployment.
    Shared(BackendPlan),
    /// Compiled with each stage: a number in `StagePlan::backends`.
    PerStage(u32),
}

/// A backend whose URI holds stage variables.
#[derive(Debug)]
pub struct StageBackend {
    /// The URI as configured.
    pub uri: Box<str>,
    /// The names of the mapped `{name}`s, in the order of `BackendRequest::path`.
    pub path_names: Box<[Box<str>]>,
    /// Skip the issuer check.
    pub insecure_skip_verification: bool,
}

/// Where a backend is and what its target looks like.
#[derive(Debug)]
pub enum BackendPlan {
    /// The authority is known.
    Static {
        /// Its connections.
        destination: DestinationId,
        /// `Host: …`, a whole line.
        host_line: Box<[u8]>,
        /// Path and query.
        target: Box<[Piece]>,
    },
    /// The authority comes from the request.
    Dynamic {
        /// The whole URI.
        uri: Box<[Piece]>,
        /// Skip the issuer check.
        insecure_skip_verification: bool,
    },
    /// No valid URI comes of it, such as one with an unmapped `{name}`: every request fails (§7.2).
    Invalid,
}

/// A piece of a URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(Box<[u8]>),
    /// A number in `BackendRequest::path`.
    Path(u16),
}

/// A header that is set to a mapped value.
#[derive(Debug)]
pub struct MappedHeader<V> {
    /// How its line begins: the name as it is sent, a colon and a space.
    pub start: Box<[u8]>,
    /// The name's identity.
    pub id: HeaderName,
    /// Its value.
    pub value: V,
}

impl<V> MappedHeader<V> {
    /// A header with a name that a head can hold.
    pub fn new(name: &[u8], id: HeaderName, value: V) -> Self {
        Self { start: [name, b": "].concat().into(), id, value }
    }

    /// The name as it is sent.
    #[inline]
    pub fn name(&self) -> &[u8] {
        &self.start[..self.start.len() - 2]
    }
}

/// A source of request mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestValue {
    /// A path variable, by its number in the resource's path.
    Path(u16),
    /// The last value of a parameter.
    Querystring(Box<[u8]>),
    /// All values of a parameter.
    MultiValueQuerystring(Box<[u8]>),
    /// The last value of a header with exactly this name.
    Header(Box<[u8]>),
    /// All values of a header with exactly this name, joined with `,`.
    MultiValueHeader(Box<[u8]>),
    /// What the edge says of how the client spoke to it.
    EdgeProto,
    /// Of the body, by its number in `Demands::body`.
    Body(u16),
    /// Of `$context`.
    Context(ContextVariable),
    /// A stage variable, by its number in `DeploymentPlan::variable_names`.
    StageVariable(u32),
    /// A text.
    Literal(Box<[u8]>),
    /// Something that no request has.
    Absent,
}

/// A source of response mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponseValue {
    /// The last value of a backend's header with exactly this name.
    Header(Box<[u8]>),
    /// All values of a backend's header with exactly this name, joined with `,`.
    MultiValueHeader(Box<[u8]>),
    /// Of the backend's body, by its number in `ResponsePlan::body_sources`.
    Body(u16),
    /// Of `$context`.
    Context(ContextVariable),
    /// A stage variable, by its number in `DeploymentPlan::variable_names`.
    StageVariable(u32),
    /// A text.
    Literal(Box<[u8]>),
    /// Something that no answer has.
    Absent,
}

/// A scalar of `$context` (§10.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ContextVariable {
    AccountId,
    ApiId,
    DeploymentId,
    DomainName,
    DomainPrefix,
    ExtendedRequestId,
    HttpMethod,
    IsCanaryRequest,
    Path,
    Protocol,
    RequestId,
    RequestTime,
    RequestTimeEpoch,
    ResourceId,
    ResourcePath,
    SourceIp,
    Stage,
    UserAgent,
}

impl ContextVariable {
    /// The variable of a dotted path without `context.`; `None` for what no request of ours has.
    pub fn parse(path: &str) -> Option<Self> {
        Some(match path {
            "accountId" => Self::AccountId,
            "apiId" => Self::ApiId,
            "deploymentId" => Self::DeploymentId,
            "domainName" => Self::DomainName,
            "domainPrefix" => Self::DomainPrefix,
            "extendedRequestId" => Self::ExtendedRequestId,
            "httpMethod" => Self::HttpMethod,
            "isCanaryRequest" => Self::IsCanaryRequest,
            "path" => Self::Path,
            "protocol" => Self::Protocol,
            "requestId" => Self::RequestId,
            "requestTime" => Self::RequestTime,
            "requestTimeEpoch" => Self::RequestTimeEpoch,
            "resourceId" => Self::ResourceId,
            "resourcePath" => Self::ResourcePath,
            "identity.sourceIp" => Self::SourceIp,
            "stage" => Self::Stage,
            "identity.userAgent" => Self::UserAgent,
            _ => return None,
        })
    }
}

/// A template of the language, ready to be rendered.
pub struct Program(pub vtl::Template);

impl std::fmt::Debug for Program {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Program").finish_non_exhaustive()
    }
}

/// Templates by content type, and what happens without one.
#[derive(Debug)]
pub struct Templates {
    /// In stored order.
    pub entries: Box<[Template]>,
    /// Whether one of them is more than a text.
    pub has_programs: bool,
    /// What happens when none matches.
    pub passthrough_behavior: PassthroughBehavior,
}

/// A request template.
#[derive(Debug)]
pub struct Template {
    /// Its key.
    pub content_type: Box<str>,
    /// Its text; an empty one matches nothing.
    pub text: Box<[u8]>,
    /// What renders it; a literal text is its own rendering.
    pub program: Option<Box<Program>>,
}

/// Integration responses and how one is selected.
#[derive(Debug)]
pub struct Responses {
    /// In stored order.
    pub entries: Box<[ResponsePlan]>,
    /// Selection of the statuses 100 to 999: from each status on to the next entry's, this response.
    pub by_status: Box<[(u16, Option<u16>)]>,
}

/// An integration response.
#[derive(Debug)]
pub struct ResponsePlan {
    /// The status the client sees.
    pub status: u16,
    /// Whether the method response exists (§8.2).
    pub declared: bool,
    /// How the body is converted.
    pub content_handling: Option<ContentHandling>,
    /// `selectionPattern`; empty for the default.
    pub selection_pattern: Box<str>,
    /// The compiled pattern, made only for selectors that are not in `by_status`.
    pub pattern: OnceLock<Option<Regex>>,
    /// The headers that depend on the request.
    pub headers: Box<[MappedHeader<ResponseValue>]>,
    /// What they read of the backend's body.
    pub body_sources: Box<[BodySource]>,
    /// Whether the mapping sets `Content-Type`.
    pub sets_content_type: bool,
    /// Whether the mapping may set `Content-Encoding`: then the body stays in it.
    pub sets_content_encoding: bool,
    /// The literal headers, whole lines.
    pub fixed_lines: Box<[u8]>,
    /// Bodies by content type, in stored order.
    pub templates: Box<[ResponseTemplate]>,
    /// `templates` may be empty: then this is the answer's beginning with an empty body (MOCK).
    pub empty_start: Box<[u8]>,
}

/// A response template.
#[derive(Debug)]
pub struct ResponseTemplate {
    /// Its key.
    pub content_type: Box<str>,
    /// Its text; an empty one passes the backend's body.
    pub text: Box<[u8]>,
    /// What renders it; a literal text is its own rendering.
    pub program: Option<Box<Program>>,
    /// Status line, content type, length and literal headers: whole lines.
    pub start: Box<[u8]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_methods_plan_stays_small() {
        assert!(size_of::<MethodPlan>() <= 32);
        for size in [size_of::<HttpProxyPlan>(), size_of::<HttpPlan>(), size_of::<MockPlan>()] {
            assert!(size <= 400, "{size}");
        }
    }
}
