//! The snapshot as it crosses the boundary: JSON in, typed units out, nothing interpreted yet.
//! The Python twin is `python/apigw/snapshot/units.py`; a round trip test keeps the two in step.
//! Every member is always present (no defaults), unknown members are refused, ordered things are lists.

use serde::{Deserialize, Serialize};

/// What changes at once: units to put, keys to remove.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotPatch {
    /// Units to add or replace.
    pub put: Vec<Unit>,
    /// Keys to take away (`deployment/{api}/{id}`, `stage/{api}/{name}`); an unknown key is no error.
    pub remove: Vec<String>,
}

/// One independently replaceable piece of configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Unit {
    /// All that a deployment freezes; immutable.
    Deployment(Deployment),
    /// A stage: which deployment it serves, and what may change without one.
    Stage(Stage),
}

impl Unit {
    /// The key under which this unit is put: `deployment/{api}/{id}` or `stage/{api}/{name}`.
    pub fn key(&self) -> String {
        match self {
            Self::Deployment(unit) => format!("deployment/{}/{}", unit.api_id, unit.deployment_id),
            Self::Stage(unit) => format!("stage/{}/{}", unit.api_id, unit.stage_name),
        }
    }
}

/// A REST API frozen at one deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// Ten lower-case alphanumerics.
    pub api_id: String,
    /// The API's name, for metrics.
    pub api_name: String,
    /// Six lower-case alphanumerics.
    pub deployment_id: String,
    /// Twelve digits.
    pub account_id: String,
    /// The region of the API, part of its host name.
    pub region: String,
    /// How clients reach the API: it decides how long a URL may be.
    pub endpoint_type: EndpointType,
    /// Requests to `{api}.execute-api.{region}.…` are refused with 403 when set.
    pub disable_execute_api_endpoint: bool,
    /// Media types whose bodies are not text.
    pub binary_media_types: Vec<String>,
    /// Gateway responses that are customised; a type occurs once.
    pub gateway_responses: Vec<GatewayResponse>,
    /// Models that validated methods need; a name occurs once.
    pub models: Vec<Model>,
    /// Answers of at least so many bytes are compressed for clients that ask for it; `null` compresses none.
    pub minimum_compression_size: Option<u32>,
    /// The resource tree, flattened; a path occurs once.
    pub resources: Vec<Resource>,
}

/// A JSON Schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// How methods call it.
    pub name: String,
    /// How the `$ref` of other models calls it.
    pub url: String,
    /// The schema, as JSON.
    pub schema: String,
}

/// A customised gateway response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayResponse {
    /// `THROTTLED`, `DEFAULT_4XX`, …
    pub response_type: String,
    /// The status the client sees, as `"429"`; `null` keeps that of the failure.
    pub status_code: Option<String>,
    /// Mapped headers.
    pub headers: Vec<GatewayHeader>,
    /// Bodies by content type, in stored order; none keeps AWS's own.
    pub templates: Vec<Template>,
}

/// `gatewayresponse.header.{name}` ← source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayHeader {
    /// The header's name.
    pub name: String,
    /// Where it comes from.
    pub source: RequestSource,
}

/// `endpointConfiguration.types`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointType {
    /// By way of the edge network; the default.
    #[serde(rename = "EDGE")]
    Edge,
    /// In the region.
    #[serde(rename = "REGIONAL")]
    Regional,
    /// From inside only.
    #[serde(rename = "PRIVATE")]
    Private,
}

/// One resource that has at least one method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// `$context.resourceId`.
    pub resource_id: String,
    /// `/pets/{petId}`; the root is `/`.
    pub path: String,
    /// Its methods; a verb occurs once.
    pub methods: Vec<Method>,
}

/// One method of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// One of the seven verbs, or `ANY`.
    pub http_method: String,
    /// What a request is checked for; `null` for nothing.
    pub validation: Option<Validation>,
    /// Status codes that have a method response, as `"200"`.
    pub method_responses: Vec<String>,
    /// What answers.
    pub integration: Integration,
    /// What tells its answers apart in a cache.
    pub cache_key: CacheKey,
}

/// `cacheNamespace` and `cacheKeyParameters`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheKey {
    /// Whose answers they are: a resource's id, or a name that several share.
    pub namespace: String,
    /// Values that tell them apart.
    pub parameters: Vec<RequestSource>,
}

/// What a request validator asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Parameters that are required, in stored order.
    pub parameters: Vec<RequiredParameter>,
    /// Models of bodies, in stored order.
    pub models: Vec<RequestModel>,
}

/// A parameter without which a request is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredParameter {
    /// Where it is looked for.
    pub location: ParameterLocation,
    /// Its name there.
    pub name: String,
}

/// The model of bodies of one content type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestModel {
    /// `application/json`, or `$default`.
    pub content_type: String,
    /// One of the deployment's models.
    pub model: String,
}

/// What answers a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
pub enum Integration {
    /// The gateway itself answers.
    #[serde(rename = "MOCK")]
    Mock(MockIntegration),
    /// A backend answers and the answer is mapped.
    #[serde(rename = "HTTP")]
    Http(HttpIntegration),
    /// A backend answers and the answer is passed through.
    #[serde(rename = "HTTP_PROXY")]
    HttpProxy(HttpProxyIntegration),
}

/// `contentHandling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentHandling {
    /// Text is base64 of what is meant.
    #[serde(rename = "CONVERT_TO_BINARY")]
    ConvertToBinary,
    /// What is no text becomes base64.
    #[serde(rename = "CONVERT_TO_TEXT")]
    ConvertToText,
}

/// `MOCK`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MockIntegration {
    /// How the client's body is converted before it plays a template.
    pub content_handling: Option<ContentHandling>,
    /// Templates by content type, in stored order.
    pub request_templates: Vec<Template>,
    /// What happens without a matching template.
    pub passthrough_behavior: PassthroughBehavior,
    /// In stored order: the first match wins.
    pub responses: Vec<IntegrationResponse>,
}

/// `HTTP`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpIntegration {
    /// Where the backend is.
    pub backend: Backend,
    /// Mapped request parameters.
    pub request_parameters: Vec<RequestParameter>,
    /// How the client's body is converted; `null` leaves bytes and text what they are.
    pub content_handling: Option<ContentHandling>,
    /// Templates by content type, in stored order.
    pub request_templates: Vec<Template>,
    /// What happens without a matching template.
    pub passthrough_behavior: PassthroughBehavior,
    /// In stored order: the first match wins.
    pub responses: Vec<IntegrationResponse>,
}

/// `HTTP_PROXY`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpProxyIntegration {
    /// Where the backend is.
    pub backend: Backend,
    /// Mapped request parameters.
    pub request_parameters: Vec<RequestParameter>,
    /// How the answer travels.
    pub response_transfer_mode: ResponseTransferMode,
}

/// The backend of an `HTTP` or `HTTP_PROXY` integration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// `http(s)://…`, may hold `{name}` and `${stageVariables.name}`.
    pub uri: String,
    /// The verb towards the backend; `null` or `ANY` keeps the client's.
    pub http_method: Option<String>,
    /// Milliseconds to the last byte, 50 to 900 000.
    pub timeout_in_millis: u32,
    /// Skip the issuer check only: expiry and host name are still verified.
    pub insecure_skip_verification: bool,
}

/// `responseTransferMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResponseTransferMode {
    /// Held until complete or 64 KB.
    #[serde(rename = "BUFFERED")]
    Buffered,
    /// Forwarded as it comes.
    #[serde(rename = "STREAM")]
    Stream,
}

/// `passthroughBehavior`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PassthroughBehavior {
    /// Pass the body through when no template matches.
    #[serde(rename = "WHEN_NO_MATCH")]
    WhenNoMatch,
    /// Pass the body through only when there are no templates at all.
    #[serde(rename = "WHEN_NO_TEMPLATES")]
    WhenNoTemplates,
    /// Never pass the body through.
    #[serde(rename = "NEVER")]
    Never,
}

/// A mapping template for one content type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// `application/json`, or `$default`.
    pub content_type: String,
    /// Its text: of the template language where it has a `$` or a `#`.
    pub text: String,
}

/// One integration response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntegrationResponse {
    /// The status the client sees, as `"200"`.
    pub status_code: String,
    /// A Java regex over the whole selector; `""` is the default response.
    pub selection_pattern: String,
    /// How the body is converted; `null` follows the client's `Accept`.
    pub content_handling: Option<ContentHandling>,
    /// Mapped response headers.
    pub response_parameters: Vec<ResponseParameter>,
    /// Templates by content type, in stored order.
    pub response_templates: Vec<Template>,
}

/// `integration.request.{location}.{name}` ← source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestParameter {
    /// Where it goes.
    pub location: ParameterLocation,
    /// Its name there.
    pub name: String,
    /// Where it comes from.
    pub source: RequestSource,
}

/// `method.response.header.{name}` ← source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseParameter {
    /// The header's name.
    pub name: String,
    /// Where it comes from.
    pub source: ResponseSource,
}

/// A place of a request parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterLocation {
    /// The URI's `{name}`.
    Path,
    /// The query string.
    Querystring,
    /// A header.
    Header,
}

/// A request mapping expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum RequestSource {
    /// `method.request.path.N`: the raw value.
    Path {
        /// The parameter's name.
        name: String,
    },
    /// `method.request.querystring.N`: the last value.
    Querystring {
        /// The parameter's name.
        name: String,
    },
    /// `method.request.multivaluequerystring.N`: all values.
    MultiValueQuerystring {
        /// The parameter's name.
        name: String,
    },
    /// `method.request.header.N`: the last value, case-sensitive.
    Header {
        /// The header's name.
        name: String,
    },
    /// `method.request.multivalueheader.N`: all values joined with `,`.
    MultiValueHeader {
        /// The header's name.
        name: String,
    },
    /// `method.request.body` or `method.request.body.JSONPATH`.
    Body {
        /// The part of it that is meant, without `$.`; `null` for the whole.
        json_path: Option<String>,
    },
    /// `context.X`, such as `identity.sourceIp`.
    Context {
        /// The dotted path without `context.`.
        path: String,
    },
    /// `stageVariables.X`.
    StageVariable {
        /// The variable's name.
        name: String,
    },
    /// `'text'`.
    Literal {
        /// The text between the quotes.
        value: String,
    },
}

/// A response mapping expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum ResponseSource {
    /// `integration.response.header.N`: the last value, case-sensitive.
    Header {
        /// The header's name.
        name: String,
    },
    /// `integration.response.multivalueheader.N`: all values joined with `,`.
    MultiValueHeader {
        /// The header's name.
        name: String,
    },
    /// `integration.response.body` or `integration.response.body.JSONPATH`.
    Body {
        /// The part of it that is meant, without `$.`; `null` for the whole.
        json_path: Option<String>,
    },
    /// `context.X`.
    Context {
        /// The dotted path without `context.`.
        path: String,
    },
    /// `stageVariables.X`.
    StageVariable {
        /// The variable's name.
        name: String,
    },
    /// `'text'`.
    Literal {
        /// The text between the quotes.
        value: String,
    },
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The API it belongs to.
    pub api_id: String,
    /// 1–128 of `[A-Za-z0-9_-]`.
    pub stage_name: String,
    /// The deployment it serves; its unit is in the engine before or with this one.
    pub deployment_id: String,
    /// Stage variables, in stored order.
    pub variables: Vec<StageVariable>,
    /// `canarySettings`; `null` without.
    pub canary: Option<Canary>,
    /// `accessLogSettings`; `null` without.
    pub access_log: Option<AccessLogSettings>,
    /// `methodSettings`; a method's own before that of all.
    pub method_settings: Vec<MethodSetting>,
    /// What its cache may take; 0 without one.
    pub cache_bytes: u64,
    /// What backends are shown over TLS; `null` without `clientCertificateId`.
    pub client_certificate: Option<ClientCertificate>,
}

/// A certificate of the gateway's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// PEM.
    pub certificate: String,
    /// Its key, PEM.
    pub private_key: Secret,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The other deployment of a stage, for a part of its requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// The part, 0 to 100.
    pub percent_traffic: f64,
    /// The deployment it serves; its unit is in the engine before or with this one.
    pub deployment_id: String,
    /// All stage variables as these requests see them.
    pub variables: Vec<StageVariable>,
    /// Whether its answers are cached with those of the stage.
    pub use_stage_cache: bool,
}

/// What a stage wants of one method, or of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodSetting {
    /// Which method; `null` is all that have no setting of their own.
    pub method: Option<MethodKey>,
    /// Whether it has metrics of its own.
    pub metrics_enabled: bool,
    /// How much the execution log says.
    pub logging_level: LoggingLevel,
    /// Whether that shows headers and bodies.
    pub data_trace_enabled: bool,
    /// How many requests it takes; `null` is as many as come.
    pub throttle: Option<ThrottleLimit>,
    /// How its answers are cached; `null` is not at all.
    pub cache: Option<CacheSetting>,
}

/// How answers are cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSetting {
    /// Seconds, 1 to 3600.
    pub ttl_in_seconds: u32,
    /// Sealed in memory.
    pub encrypted: bool,
    /// Who asks for a fresh answer needs leave.
    pub require_authorization: bool,
    /// What becomes of who has none.
    pub unauthorized_strategy: UnauthorizedStrategy,
}

/// `unauthorizedCacheControlHeaderStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnauthorizedStrategy {
    /// Refused.
    #[serde(rename = "FAIL_WITH_403")]
    Fail,
    /// Answered as if it had not asked, and told so.
    #[serde(rename = "SUCCEED_WITH_RESPONSE_HEADER")]
    Warn,
    /// Answered as if it had not asked.
    #[serde(rename = "SUCCEED_WITHOUT_RESPONSE_HEADER")]
    Ignore,
}

/// A token bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottleLimit {
    /// Requests a second; 0 lets none pass.
    pub rate_limit: f64,
    /// Requests at once.
    pub burst_limit: u32,
}

/// One method of a stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodKey {
    /// `/pets/{petId}`.
    pub path: String,
    /// One of the seven verbs, or `ANY`.
    pub http_method: String,
}

/// `loggingLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoggingLevel {
    /// Nothing.
    #[serde(rename = "OFF")]
    Off,
    /// Requests that fail.
    #[serde(rename = "ERROR")]
    Error,
    /// All requests.
    #[serde(rename = "INFO")]
    Info,
}

/// One line a request, by the stage's own wish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLogSettings {
    /// The destination's region.
    pub region: String,
    /// Its name: a log group's, or `deliverystream/…`.
    pub destination: String,
    /// A text with `$context.…` variables, of one line.
    pub format: String,
}

/// One stage variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageVariable {
    /// Up to 64 of `[A-Za-z0-9_]`.
    pub name: String,
    /// Up to 512 characters.
    pub value: String,
}
