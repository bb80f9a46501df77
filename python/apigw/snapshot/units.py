"""The snapshot as it crosses the boundary: frozen Structs that become the JSON of a SnapshotPatch.

The Rust twin is ``rust/src/snapshot/wire.rs``; ``tests/contract/test_snapshot_round_trip.py`` keeps the two in step.
Every member is always present (no defaults), unknown members are refused, ordered things are lists.
Knows nothing of domain records; ``snapshot/compile.py`` makes these from those.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

PassthroughBehavior = Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"]
EndpointType = Literal["EDGE", "REGIONAL", "PRIVATE"]
ResponseTransferMode = Literal["BUFFERED", "STREAM"]
ContentHandling = Literal["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"]
UnauthorizedStrategy = Literal["FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER"]
LoggingLevel = Literal["OFF", "ERROR", "INFO"]
ParameterLocation = Literal["path", "querystring", "header"]
CompressionSize = Annotated[int, Meta(ge=0, le=10_485_760)]
Percent = Annotated[float, Meta(ge=0.0, le=100.0)]
Millis = Annotated[int, Meta(ge=50, le=900_000)]


class _Unit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    pass


class PathSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="path"):
    """``method.request.path.N``: the raw value."""

    name: str


class QuerystringSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="querystring"):
    """``method.request.querystring.N``: the last value."""

    name: str


class MultiValueQuerystringSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="multi_value_querystring"):
    """``method.request.multivaluequerystring.N``: all values."""

    name: str


class HeaderSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="header"):
    """``method.request.header.N`` or ``integration.response.header.N``: the last value, case-sensitive."""

    name: str


class MultiValueHeaderSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="multi_value_header"):
    """``….multivalueheader.N``: all values joined with ``,``."""

    name: str


class BodySource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="body"):
    """``method.request.body`` or ``integration.response.body``, or what ``json_path`` (without ``$.``) finds in it."""

    json_path: str | None


class ContextSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="context"):
    """``context.X``; ``path`` is dotted and without ``context.``, such as ``identity.sourceIp``."""

    path: str


class StageVariableSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="stage_variable"):
    """``stageVariables.X``."""

    name: str


class LiteralSource(_Unit, frozen=True, kw_only=True, tag_field="from", tag="literal"):
    """``'text'``; ``value`` is what stands between the quotes."""

    value: str


RequestSource = (
    PathSource
    | QuerystringSource
    | MultiValueQuerystringSource
    | HeaderSource
    | MultiValueHeaderSource
    | BodySource
    | ContextSource
    | StageVariableSource
    | LiteralSource
)
ResponseSource = (
    HeaderSource | MultiValueHeaderSource | BodySource | ContextSource | StageVariableSource | LiteralSource
)


class RequestParameter(_Unit, frozen=True, kw_only=True):
    """``integration.request.{location}.{name}`` ← ``source``."""

    location: ParameterLocation
    name: str
    source: RequestSource


class ResponseParameter(_Unit, frozen=True, kw_only=True):
    """``method.response.header.{name}`` ← ``source``."""

    name: str
    source: ResponseSource


class Template(_Unit, frozen=True, kw_only=True):
    """A mapping template for one content type (or ``$default``)."""

    content_type: str
    text: str


class IntegrationResponse(_Unit, frozen=True, kw_only=True):
    """One integration response; ``selection_pattern`` ``""`` is the default response."""

    status_code: str
    selection_pattern: str
    content_handling: ContentHandling | None
    response_parameters: list[ResponseParameter]
    response_templates: list[Template]


class Backend(_Unit, frozen=True, kw_only=True):
    """Where an ``HTTP`` or ``HTTP_PROXY`` backend is; ``http_method`` ``None`` keeps the client's verb."""

    uri: str
    http_method: str | None
    timeout_in_millis: Millis
    insecure_skip_verification: bool


class MockIntegration(_Unit, frozen=True, kw_only=True, tag_field="type", tag="MOCK"):
    """The gateway itself answers."""

    content_handling: ContentHandling | None
    request_templates: list[Template]
    passthrough_behavior: PassthroughBehavior
    responses: list[IntegrationResponse]


class HttpIntegration(_Unit, frozen=True, kw_only=True, tag_field="type", tag="HTTP"):
    """A backend answers and the answer is mapped."""

    backend: Backend
    request_parameters: list[RequestParameter]
    content_handling: ContentHandling | None
    request_templates: list[Template]
    passthrough_behavior: PassthroughBehavior
    responses: list[IntegrationResponse]


class HttpProxyIntegration(_Unit, frozen=True, kw_only=True, tag_field="type", tag="HTTP_PROXY"):
    """A backend answers and the answer is passed through."""

    backend: Backend
    request_parameters: list[RequestParameter]
    response_transfer_mode: ResponseTransferMode


Integration = MockIntegration | HttpIntegration | HttpProxyIntegration


class RequiredParameter(_Unit, frozen=True, kw_only=True):
    """A parameter without which a request is refused."""

    location: ParameterLocation
    name: str


class RequestModel(_Unit, frozen=True, kw_only=True):
    """The model (one of the deployment's, by name) of bodies of one content type (or ``$default``)."""

    content_type: str
    model: str


class Validation(_Unit, frozen=True, kw_only=True):
    """What a method's request validator asks for."""

    parameters: list[RequiredParameter]
    models: list[RequestModel]


class CacheKey(_Unit, frozen=True, kw_only=True):
    """What tells answers of a method apart: its namespace and the values of parameters."""

    namespace: str
    parameters: list[RequestSource]


class Method(_Unit, frozen=True, kw_only=True):
    """One method; ``http_method`` is one of the seven verbs or ``ANY``."""

    http_method: str
    validation: Validation | None
    method_responses: list[str]
    integration: Integration
    cache_key: CacheKey


class Resource(_Unit, frozen=True, kw_only=True):
    """One resource that has at least one method."""

    resource_id: str
    path: str
    methods: list[Method]


class GatewayHeader(_Unit, frozen=True, kw_only=True):
    """``gatewayresponse.header.{name}`` ← ``source``."""

    name: str
    source: RequestSource


class GatewayResponse(_Unit, frozen=True, kw_only=True):
    """A customised gateway response; without status that of the failure, without templates AWS's own body."""

    response_type: str
    status_code: str | None
    headers: list[GatewayHeader]
    templates: list[Template]


class Model(_Unit, frozen=True, kw_only=True):
    """A model that a validated method needs; ``url`` is how other models' ``$ref`` call it, ``schema`` is JSON."""

    name: str
    url: str
    schema: str


class Deployment(_Unit, frozen=True, kw_only=True, tag_field="kind", tag="deployment"):
    """A REST API frozen at one deployment; key ``deployment/{api_id}/{deployment_id}``."""

    api_id: str
    api_name: str
    deployment_id: str
    account_id: str
    region: str
    endpoint_type: EndpointType
    disable_execute_api_endpoint: bool
    binary_media_types: list[str]
    gateway_responses: list[GatewayResponse]
    models: list[Model]
    minimum_compression_size: CompressionSize | None
    resources: list[Resource]


class StageVariable(_Unit, frozen=True, kw_only=True):
    """One stage variable."""

    name: str
    value: str


class Canary(_Unit, frozen=True, kw_only=True):
    """The other deployment of a stage, for a part of its requests; ``variables`` are all that those see."""

    percent_traffic: Percent
    deployment_id: str
    variables: list[StageVariable]
    use_stage_cache: bool


class AccessLogSettings(_Unit, frozen=True, kw_only=True):
    """One line a request; ``destination`` is a log group's name or ``deliverystream/…``."""

    region: str
    destination: str
    format: str


class MethodKey(_Unit, frozen=True, kw_only=True):
    """One method of a stage."""

    path: str
    http_method: str


class ThrottleLimit(_Unit, frozen=True, kw_only=True):
    """A token bucket: requests a second (0 lets none pass), and requests at once."""

    rate_limit: Annotated[float, Meta(ge=0)]
    burst_limit: Annotated[int, Meta(ge=0, le=2**32 - 1)]


class CacheSetting(_Unit, frozen=True, kw_only=True):
    """How answers are cached, and what becomes of who asks for a fresh one without leave."""

    ttl_in_seconds: Annotated[int, Meta(ge=1, le=3600)]
    encrypted: bool
    require_authorization: bool
    unauthorized_strategy: UnauthorizedStrategy


class MethodSetting(_Unit, frozen=True, kw_only=True):
    """What a stage wants of one method, or (``None``) of all that have no setting of their own."""

    method: MethodKey | None
    metrics_enabled: bool
    logging_level: LoggingLevel
    data_trace_enabled: bool
    throttle: ThrottleLimit | None
    cache: CacheSetting | None


class ClientCertificate(_Unit, frozen=True, kw_only=True):
    """What backends are shown over TLS; both PEM, the key never printed."""

    certificate: str
    private_key: str

    def __repr__(self) -> str:
        """Without both."""
        return "ClientCertificate(…)"


class Stage(_Unit, frozen=True, kw_only=True, tag_field="kind", tag="stage"):
    """A stage and the deployment it serves; key ``stage/{api_id}/{stage_name}``. No cache is one of 0 bytes."""

    api_id: str
    stage_name: str
    deployment_id: str
    variables: list[StageVariable]
    canary: Canary | None
    access_log: AccessLogSettings | None
    method_settings: list[MethodSetting]
    cache_bytes: Annotated[int, Meta(ge=0)]
    client_certificate: ClientCertificate | None


Unit = Deployment | Stage


class SnapshotPatch(_Unit, frozen=True, kw_only=True):
    """What changes at once: units to put, keys to remove."""

    put: list[Unit]
    remove: list[str]


def key_of(unit: Unit) -> str:
    """The key under which ``unit`` is put."""
    if isinstance(unit, Deployment):
        return f"deployment/{unit.api_id}/{unit.deployment_id}"
    return f"stage/{unit.api_id}/{unit.stage_name}"
