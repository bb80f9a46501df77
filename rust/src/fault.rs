//! Every way to refuse a request, in one table: AWS's gateway response type, status, `x-amzn-ErrorType`, message and form.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

/// How the body of a refusal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// `{"message":"…"}`.
    Json,
    /// `{"Message":"…"}`.
    Message,
    /// The message as plain text.
    Text,
}

/// Declares the kinds and their rows.
macro_rules! faults {
    ($($(#[$doc:meta])* $kind:ident $constant:ident: $response_type:expr, $status:literal, $error_type:expr, $message:literal, $form:ident;)*) => {
        /// Why a request fails; one row of the table each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum FaultKind {
            $($(#[$doc])* $kind,)*
        }

        impl FaultKind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The row of this kind.
            pub const fn row(self) -> &'static FaultRow {
                match self {
                    $(Self::$kind => &FaultRow {
                        response_type: $response_type,
                        status: $status,
                        error_type: $error_type,
                        message: $message,
                        form: BodyForm::$form,
                        body: faults!(@body $form $message),
                    },)*
                }
            }
        }

        impl Fault {
            $($(#[$doc])* pub const $constant: Self = Self::new(FaultKind::$kind);)*
        }
    };
    (@body Json $message:literal) => { concat!("{\"message\":\"", $message, "\"}") };
    (@body Message $message:literal) => { concat!("{\"Message\":\"", $message, "\"}") };
    (@body Text $message:literal) => { $message };
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultRow {
    /// The gateway response that shapes the answer; `None` before a deployment is known: the answer is fixed (§1.2).
    pub response_type: Option<&'static str>,
    /// The status.
    pub status: u16,
    /// `x-amzn-ErrorType`.
    pub error_type: Option<&'static str>,
    /// The message; `{}` stands for the number of a limit.
    pub message: &'static str,
    /// The body's form.
    pub form: BodyForm,
    /// The whole body, as the client gets it when nothing is filled in.
    pub body: &'static str,
}

/// Why a mapping failed: for the execution log alone (§7.14, §8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A body is not the base64 that `contentHandling` takes it for.
    NotBase64,
    /// A request template met bytes that are no text, or failed.
    TransformRequest,
    /// A response template met bytes that are no text, or failed.
    TransformResponse,
    /// No integration response for this status, and no default.
    NoOutputMapping(u16),
    /// An integration response for a status without a method response.
    UndeclaredStatus(u16),
    /// A mapping sets a header that only the gateway may.
    ForbiddenHeader,
    /// A MOCK's request template gives no integer `statusCode`.
    NoStatusCode,
    /// The URI is none once its variables are in it, or its host leads nowhere that may be asked.
    InvalidEndpoint,
    /// The backend's certificate is not believed.
    Certificate,
}

/// A refused request.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Which row.
    pub kind: FaultKind,
    /// What only the log says of it.
    pub cause: Option<Cause>,
    /// What the message says instead of the row's text.
    pub message: Option<Box<str>>,
    /// What a model found wrong with the body, for those that ask for it; boxed because it is rare.
    pub validation_error: Option<Box<ValidationError>>,
}

/// `$context.error.validationErrorString`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationError(pub String);

/// Equal when clients cannot tell them apart.
impl PartialEq for Fault {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.message == other.message && self.validation_error == other.validation_error
    }
}

impl Eq for Fault {}

impl Fault {
    /// The fault of a row as it stands.
    pub const fn new(kind: FaultKind) -> Self {
        Self { kind, cause: None, message: None, validation_error: None }
    }

    /// A mapping that cannot be carried out: 500.
    pub const fn mapping(cause: Cause) -> Self {
        Self { kind: FaultKind::Configuration, cause: Some(cause), message: None, validation_error: None }
    }

    /// A template that failed: 500 (§7.14).
    pub const fn transform(cause: Cause) -> Self {
        Self { kind: FaultKind::Internal, cause: Some(cause), message: None, validation_error: None }
    }

    /// The fault of a row with another message.
    pub fn with_message(kind: FaultKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, cause: None, message: Some(message.into()), validation_error: None }
    }

    /// 400: the body is not as the model says; `why` is the validator's list of complaints.
    pub fn request_body(why: String) -> Self {
        Self { validation_error: Some(Box::new(ValidationError(why))), ..Self::new(FaultKind::BadRequestBody) }
    }

    /// 413: the body has more bytes than `limit`.
    pub fn payload_too_large(limit: u64) -> Self {
        Self::with_message(
            FaultKind::PayloadTooLarge,
            FaultKind::PayloadTooLarge.row().message.replace("{}", &limit.to_string()),
        )
    }

    /// 431: the header block has more bytes than `limit`.
    pub fn headers_too_large(limit: u64) -> Self {
        Self::with_message(
            FaultKind::HeadersTooLarge,
            FaultKind::HeadersTooLarge.row().message.replace("{}", &limit.to_string()),
        )
    }

    /// `$context.error.validationErrorString`; empty when no model was asked.
    pub fn validation_error(&self) -> &str {
        self.validation_error.as_deref().map_or("", |ValidationError(text)| text)
    }

    /// What the client is told.
    pub fn message(&self) -> &str {
        self.message.as_deref().unwrap_or(self.kind.row().message)
    }

    /// The status this fault is answered with.
    pub const fn status(&self) -> u16 {
        self.kind.row().status
    }
}

faults! {
    /// Not HTTP as we read it; the connection closes.
    MalformedRequest MALFORMED_REQUEST: None, 400, Some("BadRequestException"), "Bad Request", Json;
    /// A broken percent sequence in the query string (§1.4).
    BadRequest BAD_REQUEST: Some("DEFAULT_4XX"), 400, Some("BadRequestException"), "Bad Request", Json;
    /// No such API or stage, or the default endpoint is disabled (§1.2).
    Forbidden FORBIDDEN: None, 403, Some("ForbiddenException"), "Forbidden", Json;
    /// The head or body did not arrive in time.
    RequestTimeout REQUEST_TIMEOUT: None, 408, None, "Request Timeout", Json;
    /// The body is over the limit (§1.2); customising has no effect.
    PayloadTooLarge PAYLOAD_TOO_LARGE: None, 413, None, "HTTP content length exceeded {} bytes.", Text;
    /// The request target is over the limit (§1.2).
    UriTooLong URI_TOO_LONG: None, 414, None, "Request URI too long", Json;
    /// The header block is over the limit (§1.2).
    HeadersTooLarge HEADERS_TOO_LARGE: None, 431, None, "HTTP header is larger than {} bytes.", Text;
    /// Neither HTTP/1.0 nor HTTP/1.1.
    VersionNotSupported VERSION_NOT_SUPPORTED: None, 505, None, "HTTP Version Not Supported", Json;
    /// The node is at a limit of its own.
    Unavailable UNAVAILABLE: None, 503, Some("ServiceUnavailableException"), "Service Unavailable", Json;
    /// No such resource or method, or no credentials (§2.4).
    MissingAuthenticationToken MISSING_AUTHENTICATION_TOKEN: Some("MISSING_AUTHENTICATION_TOKEN"), 403, Some("MissingAuthenticationTokenException"), "Missing Authentication Token", Json;
    /// An `Authorization` header that is no Signature V4 (§2.4).
    IncompleteSignature INCOMPLETE_SIGNATURE: Some("INVALID_SIGNATURE"), 403, Some("IncompleteSignatureException"), "Incomplete signature", Json;
    /// A signature of another service, region or time (§2.4).
    InvalidSignature INVALID_SIGNATURE: Some("INVALID_SIGNATURE"), 403, Some("InvalidSignatureException"), "Invalid signature", Json;
    /// Signed with a session token of the past.
    ExpiredToken EXPIRED_TOKEN: Some("EXPIRED_TOKEN"), 403, Some("ExpiredTokenException"), "The security token included in the request is expired", Json;
    /// Signed with a key we do not know (§2.4).
    UnrecognizedClient UNRECOGNIZED_CLIENT: Some("INVALID_SIGNATURE"), 403, Some("UnrecognizedClientException"), "The security token included in the request is invalid.", Json;
    /// A caller without leave (§13).
    AccessDenied ACCESS_DENIED: Some("ACCESS_DENIED"), 403, Some("AccessDeniedException"), "User is not authorized to access this resource", Message;
    /// A limit of requests, at any level (§14).
    Throttled THROTTLED: Some("THROTTLED"), 429, Some("TooManyRequestsException"), "Too Many Requests", Json;
    /// A coding we cannot undo, or passing the body through is refused (§7.6, §9.4).
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE: Some("UNSUPPORTED_MEDIA_TYPE"), 415, Some("BadRequestException"), "Unsupported Media Type", Json;
    /// Declared parameters that are required are missing or blank (§6.2).
    BadRequestParameters BAD_REQUEST_PARAMETERS: Some("BAD_REQUEST_PARAMETERS"), 400, Some("BadRequestException"), "Missing required request parameters: []", Json;
    /// The body is not as its model says (§6.2).
    BadRequestBody BAD_REQUEST_BODY: Some("BAD_REQUEST_BODY"), 400, Some("BadRequestException"), "Invalid request body", Json;
    /// The API's configuration cannot answer this request (§7.2, §7.4, §7.14, §8.1, §8.2).
    Configuration CONFIGURATION: Some("API_CONFIGURATION_ERROR"), 500, Some("InternalServerErrorException"), "Internal server error", Json;
    /// A bug of ours, or a backend that cannot be understood within its limits.
    Internal INTERNAL: Some("DEFAULT_5XX"), 500, Some("InternalServerErrorException"), "Internal server error", Json;
    /// A mapping asks for the backend's body, which begins like JSON and is none (§5.2, §8.3).
    ResponseNotJson RESPONSE_NOT_JSON: Some("DEFAULT_5XX"), 500, Some("InternalFailureException"), "Internal server error", Json;
    /// A backend's answer is over the limit (§7.14).
    ResponseTooLarge RESPONSE_TOO_LARGE: Some("DEFAULT_5XX"), 500, Some("InternalServerErrorException"), "Internal server error", Json;
    /// A backend's head is malformed or over 64 KB or 256 fields (§7.14).
    BadBackendHead BAD_BACKEND_HEAD: Some("DEFAULT_5XX"), 502, Some("InternalServerErrorException"), "Internal server error", Json;
    /// Connect refused, reset, TLS handshake failed (§7.14).
    IntegrationFailure INTEGRATION_FAILURE: Some("INTEGRATION_FAILURE"), 504, Some("InternalServerErrorException"), "Network error communicating with endpoint", Json;
    /// The backend took longer than `timeoutInMillis` (§7.14).
    IntegrationTimeout INTEGRATION_TIMEOUT: Some("INTEGRATION_TIMEOUT"), 504, Some("InternalServerErrorException"), "Endpoint request timed out", Json;
}
