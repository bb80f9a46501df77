"""Hypothesis strategies for the snapshot's units: every member of every union, within the ranges the boundary promises."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
from hypothesis import strategies as st

from apigw.domain import stage_rules
from apigw.snapshot import units

UNION_MEMBERS = {
    kind
    for _, kind in inspect.getmembers(units, inspect.isclass)
    if issubclass(kind, msgspec.Struct) and kind.__struct_config__.tag is not None
}


def structs(value: Any) -> set[type]:
    """The classes of all Structs inside ``value``: what a test has met."""
    if isinstance(value, list):
        return {kind for one in value for kind in structs(one)}
    if isinstance(value, msgspec.Struct):
        inner = {kind for name in value.__struct_fields__ for kind in structs(getattr(value, name))}
        return inner | {type(value)}
    return set()


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789._$-", min_size=1, max_size=12)
# What may stand in free text: anything JSON can carry (no lone surrogates).
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
API_IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=10)
IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=6, max_size=6)
STATUS_CODES = st.integers(100, 599).map(str)
VERBS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

ANYWHERE = (
    st.builds(units.ContextSource, path=NAMES),
    st.builds(units.StageVariableSource, name=NAMES),
    st.builds(units.LiteralSource, value=TEXTS),
    st.builds(units.BodySource, json_path=st.none() | NAMES),
)
REQUEST_SOURCES = st.one_of(
    st.builds(units.PathSource, name=NAMES),
    st.builds(units.QuerystringSource, name=NAMES),
    st.builds(units.MultiValueQuerystringSource, name=NAMES),
    st.builds(units.HeaderSource, name=NAMES),
    st.builds(units.MultiValueHeaderSource, name=NAMES),
    *ANYWHERE,
)
RESPONSE_SOURCES = st.one_of(
    st.builds(units.HeaderSource, name=NAMES), st.builds(units.MultiValueHeaderSource, name=NAMES), *ANYWHERE
)
REQUEST_PARAMETERS = st.lists(
    st.builds(
        units.RequestParameter,
        location=st.sampled_from(["path", "querystring", "header"]),
        name=NAMES,
        source=REQUEST_SOURCES,
    ),
    max_size=3,
)
TEMPLATES = st.lists(
    st.builds(
        units.Template,
        content_type=st.sampled_from(["application/json", "text/plain", "$default"]),
        text=TEXTS.map(lambda text: text.replace("$", "").replace("#", "")),
    ),
    max_size=2,
    unique_by=lambda template: template.content_type,
)
CONTENT_HANDLING = st.sampled_from([None, "CONVERT_TO_BINARY", "CONVERT_TO_TEXT"])
RESPONSES = st.lists(
    st.builds(
        units.IntegrationResponse,
        status_code=STATUS_CODES,
        selection_pattern=st.sampled_from(["", "2\\d\\d", ".*"]),
        content_handling=CONTENT_HANDLING,
        response_parameters=st.lists(
            st.builds(units.ResponseParameter, name=NAMES, source=RESPONSE_SOURCES), max_size=3
        ),
        response_templates=TEMPLATES,
    ),
    max_size=2,
    unique_by=lambda response: response.status_code,
)
BACKENDS = st.builds(
    units.Backend,
    uri=st.sampled_from(["http://localhost:8000/{a}", "https://${stageVariables.host}/x?y=z"]),
    http_method=st.none() | st.sampled_from(VERBS),
    timeout_in_millis=st.integers(50, 900_000),
    insecure_skip_verification=st.booleans(),
)
PASSTHROUGH = st.sampled_from(["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"])
INTEGRATIONS = st.one_of(
    st.builds(
        units.MockIntegration,
        content_handling=CONTENT_HANDLING,
        request_templates=TEMPLATES,
        passthrough_behavior=PASSTHROUGH,
        responses=RESPONSES,
    ),
    st.builds(
        units.HttpIntegration,
        backend=BACKENDS,
        request_parameters=REQUEST_PARAMETERS,
        content_handling=CONTENT_HANDLING,
        request_templates=TEMPLATES,
        passthrough_behavior=PASSTHROUGH,
        responses=RESPONSES,
    ),
    st.builds(
        units.HttpProxyIntegration,
        backend=BACKENDS,
        request_parameters=REQUEST_PARAMETERS,
        response_transfer_mode=st.sampled_from(["BUFFERED", "STREAM"]),
    ),
)
VALIDATIONS = st.none() | st.builds(
    units.Validation,
    parameters=st.lists(
        st.builds(units.RequiredParameter, location=st.sampled_from(["path", "querystring", "header"]), name=NAMES),
        max_size=2,
    ),
    models=st.lists(
        st.builds(
            units.RequestModel,
            content_type=st.sampled_from(["application/json", "$default"]),
            model=st.sampled_from(["Pet", "Error"]),
        ),
        max_size=2,
    ),
)
METHODS = st.builds(
    units.Method,
    validation=VALIDATIONS,
    http_method=st.sampled_from([*VERBS, "ANY"]),
    method_responses=st.lists(STATUS_CODES, max_size=2, unique=True),
    integration=INTEGRATIONS,
    cache_key=st.builds(units.CacheKey, namespace=TEXTS, parameters=st.lists(REQUEST_SOURCES, max_size=2)),
)
RESOURCES = st.builds(
    units.Resource,
    resource_id=IDS,
    path=st.sampled_from(["/", "/pets", "/pets/{petId}", "/files/{proxy+}"]),
    methods=st.lists(METHODS, min_size=1, max_size=3, unique_by=lambda method: method.http_method),
)
GATEWAY_RESPONSES = st.lists(
    st.builds(
        units.GatewayResponse,
        response_type=st.sampled_from(["THROTTLED", "DEFAULT_4XX", "DEFAULT_5XX"]),
        status_code=st.none() | st.integers(200, 599).map(str),
        headers=st.lists(st.builds(units.GatewayHeader, name=NAMES, source=REQUEST_SOURCES), max_size=2),
        templates=st.lists(
            st.builds(units.Template, content_type=st.sampled_from(["application/json", "text/plain"]), text=TEXTS),
            max_size=2,
            unique_by=lambda template: template.content_type,
        ),
    ),
    max_size=2,
    unique_by=lambda response: response.response_type,
)
DEPLOYMENTS = st.builds(
    units.Deployment,
    api_id=API_IDS,
    api_name=TEXTS,
    deployment_id=IDS,
    account_id=st.text("0123456789", min_size=12, max_size=12),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    endpoint_type=st.sampled_from(("EDGE", "REGIONAL", "PRIVATE")),
    disable_execute_api_endpoint=st.booleans(),
    binary_media_types=st.lists(st.sampled_from(["image/png", "*/*"]), max_size=2, unique=True),
    gateway_responses=GATEWAY_RESPONSES,
    models=st.lists(
        st.builds(units.Model, name=NAMES, url=TEXTS, schema=TEXTS), max_size=2, unique_by=lambda model: model.name
    ),
    minimum_compression_size=st.none() | st.integers(0, 10_485_760),
    resources=st.lists(RESOURCES, max_size=3, unique_by=lambda resource: resource.path),
)
VARIABLES = st.lists(
    st.builds(units.StageVariable, name=st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True), value=TEXTS),
    max_size=3,
    unique_by=lambda variable: variable.name,
)
STAGES = st.builds(
    units.Stage,
    api_id=API_IDS,
    stage_name=st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True),
    deployment_id=IDS,
    variables=VARIABLES,
    canary=st.none()
    | st.builds(
        units.Canary,
        percent_traffic=st.floats(0.0, 100.0),
        deployment_id=IDS,
        variables=VARIABLES,
        use_stage_cache=st.booleans(),
    ),
    access_log=st.none()
    | st.builds(
        units.AccessLogSettings,
        region=st.sampled_from(["us-east-1", "eu-west-1"]),
        destination=st.sampled_from(["pets", "/aws/apigateway/pets#1", "deliverystream/amazon-apigateway-pets"]),
        format=TEXTS | st.just('{"id":"$context.requestId"}'),
    ),
    method_settings=st.lists(
        st.builds(
            units.MethodSetting,
            method=st.none()
            | st.builds(units.MethodKey, path=st.sampled_from(["/", "/pets"]), http_method=st.just("GET")),
            metrics_enabled=st.booleans(),
            logging_level=st.sampled_from(["OFF", "ERROR", "INFO"]),
            data_trace_enabled=st.booleans(),
            throttle=st.none()
            | st.builds(
                units.ThrottleLimit,
                rate_limit=st.floats(0, allow_infinity=False),
                burst_limit=st.integers(0, 2**32 - 1),
            ),
            cache=st.none()
            | st.builds(
                units.CacheSetting,
                ttl_in_seconds=st.integers(1, 3600),
                encrypted=st.booleans(),
                require_authorization=st.booleans(),
                unauthorized_strategy=st.sampled_from(stage_rules.STRATEGIES),
            ),
        ),
        max_size=3,
    ),
    cache_bytes=st.integers(0, 2**63 - 1),
)
UNITS = st.one_of(DEPLOYMENTS, STAGES)
PATCHES = st.builds(
    units.SnapshotPatch,
    put=st.lists(UNITS, max_size=2),
    remove=st.lists(st.builds("stage/{}/{}".format, API_IDS, NAMES), max_size=2),
)
