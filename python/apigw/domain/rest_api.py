"""The records of a REST API: what the management API creates and the store keeps.

One Struct a family, frozen; ``None`` is "never set" (left out of answers), an empty map is "set to nothing" (echoed).
AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

EndpointType = Literal["EDGE", "REGIONAL", "PRIVATE"]
IntegrationType = Literal["HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"]
VERBS = ("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY")


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Base of all records; stored as JSON, defaults left out; trees, so of no interest to the collector."""


class EndpointConfiguration(Record, frozen=True, kw_only=True):
    """``types`` holds exactly one."""

    types: tuple[EndpointType, ...] = ("EDGE",)
    ip_address_type: str = "ipv4"
    vpc_endpoint_ids: tuple[str, ...] | None = None


class RestApi(Record, frozen=True, kw_only=True):
    """A REST API. ``created_date`` is in epoch seconds."""

    id: str
    name: str
    root_resource_id: str
    created_date: int
    description: str | None = None
    version: str | None = None
    api_key_source: str = "HEADER"
    binary_media_types: tuple[str, ...] | None = None
    minimum_compression_size: int | None = None
    endpoint_configuration: EndpointConfiguration = EndpointConfiguration()
    policy: str | None = None
    disable_execute_api_endpoint: bool = False
    security_policy: str | None = None
    endpoint_access_mode: str | None = None
    tags: dict[str, str] | None = None


class Resource(Record, frozen=True, kw_only=True):
    """A node of the resource tree; the root has neither ``parent_id`` nor ``path_part``."""

    id: str
    path: str
    parent_id: str | None = None
    path_part: str | None = None


class TlsConfig(Record, frozen=True, kw_only=True):
    """``tlsConfig`` of an integration."""

    insecure_skip_verification: bool = False


class MethodResponse(Record, frozen=True, kw_only=True):
    """What a method declares of one status code."""

    status_code: str
    response_parameters: dict[str, bool] | None = None
    response_models: dict[str, str] | None = None


class IntegrationResponse(Record, frozen=True, kw_only=True):
    """How an answer of the backend becomes a method response; no ``selection_pattern``, or ``""``, is the default."""

    status_code: str
    selection_pattern: str | None = None
    response_parameters: dict[str, str] | None = None
    response_templates: dict[str, str | None] | None = None
    content_handling: str | None = None


class Integration(Record, frozen=True, kw_only=True):
    """What answers a method. ``http_method`` is the backend's verb (``integrationHttpMethod`` in SDKs)."""

    type: IntegrationType
    http_method: str | None = None
    uri: str | None = None
    connection_type: str | None = None
    connection_id: str | None = None
    integration_target: str | None = None
    credentials: str | None = None
    request_parameters: dict[str, str] | None = None
    request_templates: dict[str, str | None] | None = None
    passthrough_behavior: str = "WHEN_NO_MATCH"
    content_handling: str | None = None
    timeout_in_millis: int = 29_000
    cache_namespace: str
    cache_key_parameters: tuple[str, ...] = ()
    tls_config: TlsConfig | None = None
    response_transfer_mode: str | None = None
    integration_responses: dict[str, IntegrationResponse] | None = None


class Method(Record, frozen=True, kw_only=True):
    """A verb of a resource with everything below it."""

    resource_id: str
    http_method: str
    authorization_type: str = "NONE"
    authorizer_id: str | None = None
    authorization_scopes: tuple[str, ...] | None = None
    api_key_required: bool = False
    operation_name: str | None = None
    request_parameters: dict[str, bool] | None = None
    request_models: dict[str, str] | None = None
    request_validator_id: str | None = None
    method_responses: dict[str, MethodResponse] | None = None
    method_integration: Integration | None = None


class Model(Record, frozen=True, kw_only=True):
    """A JSON Schema of a payload; ``imported`` while its schema is the one that a document gave it."""

    id: str
    name: str
    content_type: str
    description: str | None = None
    schema: str | None = None
    imported: bool = False


class RequestValidator(Record, frozen=True, kw_only=True):
    """Which parts of a request are checked."""

    id: str
    name: str
    validate_request_body: bool = False
    validate_request_parameters: bool = False


class Authorizer(Record, frozen=True, kw_only=True):
    """Who decides whether a caller may call a method."""

    id: str
    name: str
    type: str
    auth_type: str | None = None
    provider_arns: tuple[str, ...] | None = None
    authorizer_uri: str | None = None
    authorizer_credentials: str | None = None
    identity_source: str | None = None
    identity_validation_expression: str | None = None
    authorizer_result_ttl_in_seconds: int | None = None


class GatewayResponse(Record, frozen=True, kw_only=True):
    """A customised gateway response (defaults are not stored)."""

    response_type: str
    status_code: str | None = None
    response_parameters: dict[str, str] | None = None
    response_templates: dict[str, str] | None = None


class DocumentationLocation(Record, frozen=True, kw_only=True):
    """What a documentation part describes."""

    type: str
    path: str | None = None
    method: str | None = None
    status_code: str | None = None
    name: str | None = None


class DocumentationPart(Record, frozen=True, kw_only=True):
    """Documentation of one place; ``properties`` is the text of a JSON object."""

    id: str
    location: DocumentationLocation
    properties: str


class Deployment(Record, frozen=True, kw_only=True):
    """A deployment; what it froze is a blob beside it."""

    id: str
    created_date: int
    description: str | None = None


class MethodSetting(Record, frozen=True, kw_only=True):
    """One entry of a stage's ``methodSettings``."""

    metrics_enabled: bool = False
    logging_level: str | None = None
    data_trace_enabled: bool = False
    throttling_burst_limit: int = 5000
    throttling_rate_limit: float = 10000.0
    caching_enabled: bool = False
    cache_ttl_in_seconds: int = 300
    cache_data_encrypted: bool = False
    require_authorization_for_cache_control: bool = True
    unauthorized_cache_control_header_strategy: str = "SUCCEED_WITH_RESPONSE_HEADER"


class AccessLogSettings(Record, frozen=True, kw_only=True):
    """Where and how a stage logs."""

    destination_arn: str | None = None
    format: str | None = None


class CanarySettings(Record, frozen=True, kw_only=True):
    """A stage's canary."""

    percent_traffic: float = 0.0
    deployment_id: str
    stage_variable_overrides: dict[str, str] | None = None
    use_stage_cache: bool = False


class Stage(Record, frozen=True, kw_only=True):
    """A stage. Dates are in epoch seconds."""

    stage_name: str
    deployment_id: str
    created_date: int
    last_updated_date: int
    description: str | None = None
    documentation_version: str | None = None
    client_certificate_id: str | None = None
    variables: dict[str, str] | None = None
    cache_cluster_enabled: bool = False
    cache_cluster_size: str | None = None
    cache_cluster_status: str = "NOT_AVAILABLE"
    method_settings: dict[str, MethodSetting] = {}
    access_log_settings: AccessLogSettings | None = None
    canary_settings: CanarySettings | None = None
    tracing_enabled: bool = False
    tags: dict[str, str] | None = None


class ClientCertificate(Record, frozen=True, kw_only=True):
    """What the gateway shows to backends. Both texts are PEM; dates are in epoch seconds."""

    client_certificate_id: str
    description: str | None = None
    pem_encoded_certificate: str
    private_key: str
    created_date: int
    expiration_date: int
    tags: dict[str, str] | None = None

    def __repr__(self) -> str:
        """Without the key: it is never printed."""
        return f"ClientCertificate({self.client_certificate_id!r})"


class Account(Record, frozen=True, kw_only=True):
    """What is set once per account and region."""

    cloudwatch_role_arn: str | None = None
    features: tuple[str, ...] = ("UsagePlans",)
