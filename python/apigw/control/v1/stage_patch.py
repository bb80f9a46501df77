"""The paths of UpdateStage: the largest table, with method settings under free paths.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from apigw.control import patch
from apigw.control.patch import ADD, ANY_EDIT, REMOVE, REPLACE, Fields, Row, Step, Table
from apigw.domain import stage_rules
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import VERBS, AccessLogSettings, CanarySettings, MethodSetting

COPY: Final = frozenset({"copy"})
NO_CANARY: Final = "Promotion not available. Canary does not exist."
CANARY_IN_THE_WAY: Final = (
    "The deployment of a stage cannot be replaced while the stage has a canary. "
    "Promote the canary or remove /canarySettings first."
)
_LOG_PATHS = ("destinationArn", "format")
_PLAIN_PATHS = (
    "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, "
    "/accessLogSettings/destinationArn, /accessLogSettings/format"
)
# Verbatim, with the commas that AWS forgot.
_ONE_METHOD = (
    "/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, "
    "/{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit"
    "/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, "
    "/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, "
    "/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, "
    "/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy"
)
_EVERY_METHOD = (
    "/*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit "
    "/*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, "
    "/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy"
)
SETTING_PATHS: Final = (
    f"[{_PLAIN_PATHS}, {_ONE_METHOD}, {_EVERY_METHOD}, /variables/{{variable_name}}, /tracingEnabled]"
)


def _whole(value: str | None) -> int:
    return patch.whole_number(value, f"Invalid number specified: {value}")


def _number(value: str | None) -> float:
    # Python reads more than AWS's numbers: `1_0`, and digits of other scripts.
    if value is not None and value.isascii() and "_" not in value:
        with contextlib.suppress(ValueError):
            return float(value)
    raise BadRequest(f"Invalid number specified: {value}")


def _text(value: str | None) -> str | None:
    return value


SETTINGS: Final[dict[str, tuple[str, Any]]] = {
    "metrics/enabled": ("metrics_enabled", patch.boolean),
    "logging/dataTrace": ("data_trace_enabled", patch.boolean),
    "logging/loglevel": ("logging_level", _text),
    "throttling/burstLimit": ("throttling_burst_limit", _whole),
    "throttling/rateLimit": ("throttling_rate_limit", _number),
    "caching/enabled": ("caching_enabled", patch.boolean),
    "caching/dataEncrypted": ("cache_data_encrypted", patch.boolean),
    "caching/ttlInSeconds": ("cache_ttl_in_seconds", _whole),
    "caching/requireAuthorizationForCacheControl": ("require_authorization_for_cache_control", patch.boolean),
    "caching/unauthorizedCacheControlHeaderStrategy": ("unauthorized_cache_control_header_strategy", _text),
}


def _otherwise(fields: Fields, step: Step) -> None:
    if step.path.startswith("/accessLogSettings/") and step.op != "remove":
        paths = ", ".join(f"/accessLogSettings/{name}" for name in _LOG_PATHS)
        raise BadRequest(f"Invalid accessLogSettings path. Must be one of : [{paths}]")
    match step.op:
        case "copy":
            raise BadRequest(
                f"Invalid copy operation with path: {step.path} and from {step.source}. Valid copy:path are "
                "[/deploymentId, /variables] and valid copy:from are "
                "[/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
            )
        case "add" if step.path.startswith("/canarySettings"):
            raise BadRequest(f"Invalid add operation with path: {step.path}")
        case "remove":
            _remove_setting(fields, step)
        case "replace":
            _replace_setting(fields, step)
        case _:
            raise BadRequest(patch.choose(step.op, step.path))


def _remove_setting(fields: Fields, step: Step) -> None:
    # AWS answers so for every path that cannot be removed, /accessLogSettings/format among them.
    key = step.path.removeprefix("/")
    settings = dict(fields["method_settings"])
    if settings.pop(key, None) is None:
        raise BadRequest(f"Cannot remove method setting {key} because there is no method setting for this method ")
    fields["method_settings"] = settings


def _replace_setting(fields: Fields, step: Step) -> None:
    segments = step.path.split("/")
    known = SETTINGS.get("/".join(segments[-2:])) if len(segments) >= 5 else None
    key = "/".join(segments[1:-2])
    verb = segments[-3] if known is not None else ""
    if known is None or not (key == stage_rules.EVERY_METHOD or verb in VERBS):
        raise BadRequest(f"Invalid method setting path: {step.path}. Must be one of: {SETTING_PATHS}")
    field, read = known
    settings = dict(fields["method_settings"])
    # A method's first setting starts from what holds for all.
    setting = settings.get(key) or settings.get(stage_rules.EVERY_METHOD) or MethodSetting()
    value = read(step.value)
    if value is None:
        raise BadRequest(f"Invalid null or empty value in {step.path}")
    settings[key] = replace(setting, **{field: value})
    fields["method_settings"] = settings


def _access_log(fields: Fields, step: Step) -> None:
    if step.name not in _LOG_PATHS or step.op == "remove":
        _otherwise(fields, step)
        return
    if not step.value:
        raise BadRequest("Access Log value must not be empty")
    member = "destination_arn" if step.name == "destinationArn" else "format"
    settings = fields["access_log_settings"] or AccessLogSettings()
    fields["access_log_settings"] = replace(settings, **{member: step.value})


def _remove_access_log(fields: Fields, _step: Step) -> None:
    fields["access_log_settings"] = None


def _cache_enabled(fields: Fields, step: Step) -> None:
    fields["cache_cluster_enabled"] = patch.boolean(step.value)
    if fields["cache_cluster_enabled"] and fields["cache_cluster_size"] is None:
        fields["cache_cluster_size"] = stage_rules.SMALLEST_CACHE


def _deployment_id(fields: Fields, step: Step) -> None:
    if step.op == "copy":
        if step.source != "/canarySettings/deploymentId":
            _otherwise(fields, step)
        fields["deployment_id"] = _canary(fields).deployment_id
        return
    if fields["canary_settings"] is not None:
        raise BadRequest(CANARY_IN_THE_WAY)
    fields["deployment_id"] = step.value or ""


def _canary(fields: Fields) -> CanarySettings:
    canary: CanarySettings | None = fields["canary_settings"]
    if canary is None:
        raise BadRequest(NO_CANARY)
    return canary


def _variables(fields: Fields, step: Step) -> None:
    if step.op == "remove":
        fields["variables"] = None
    elif step.op == "copy":
        if step.source != "/canarySettings/stageVariableOverrides":
            _otherwise(fields, step)
        overrides = _canary(fields).stage_variable_overrides or {}
        fields["variables"] = {**(fields["variables"] or {}), **overrides} or None
    else:
        fields["variables"] = stage_rules.variables(_variable_map(step))


def _variable_map(step: Step) -> dict[str, str]:
    try:
        return msgspec.json.decode(step.value or "{}", type=dict[str, str])
    except msgspec.DecodeError as error:
        raise BadRequest(f"Invalid value specified for {step.path}: a JSON object of strings is expected") from error


def _variable(fields: Fields, step: Step) -> None:
    variables = dict(fields["variables"] or {})
    if step.op == "remove":
        if step.name not in variables:
            raise BadRequest(f"Cannot remove stage variable {step.name} because it does not exist")
        del variables[step.name]
    else:
        variables[step.name] = step.value or ""
    fields["variables"] = variables or None


def _change_canary(fields: Fields, **changes: Any) -> None:
    # Any replace below /canarySettings starts a canary where there is none.
    canary = fields["canary_settings"] or CanarySettings(deployment_id=fields["deployment_id"])
    fields["canary_settings"] = replace(canary, **changes)


def _remove_canary(fields: Fields, _step: Step) -> None:
    fields["canary_settings"] = None


def _canary_override(fields: Fields, step: Step) -> None:
    canary: CanarySettings | None = fields["canary_settings"]
    overrides = dict((canary.stage_variable_overrides if canary is not None else None) or {})
    if step.op == "remove":
        if step.name not in overrides:
            _remove_setting(fields, step)
        del overrides[step.name]
    else:
        overrides[step.name] = step.value or ""
    _change_canary(fields, stage_variable_overrides=overrides or None)


STAGE: Final = Table(
    rows=(
        Row("/accessLogSettings", REMOVE, _remove_access_log),
        Row("/accessLogSettings/{name}", ANY_EDIT, _access_log),
        Row("/canarySettings", REMOVE, _remove_canary),
        Row(
            "/canarySettings/deploymentId",
            REPLACE,
            lambda fields, step: _change_canary(fields, deployment_id=step.value or ""),
        ),
        Row(
            "/canarySettings/percentTraffic",
            REPLACE,
            lambda fields, step: _change_canary(fields, percent_traffic=_number(step.value)),
        ),
        Row(
            "/canarySettings/useStageCache",
            REPLACE,
            lambda fields, step: _change_canary(fields, use_stage_cache=patch.boolean(step.value)),
        ),
        Row(
            "/canarySettings/stageVariableOverrides",
            REPLACE,
            lambda fields, step: _change_canary(fields, stage_variable_overrides=_variable_map(step) or None),
        ),
        Row("/canarySettings/stageVariableOverrides/{name}", REPLACE | REMOVE, _canary_override),
        Row("/cacheClusterEnabled", REPLACE, _cache_enabled),
        Row("/cacheClusterSize", REPLACE, patch.cleared("cache_cluster_size")),
        Row("/clientCertificateId", REPLACE, patch.cleared("client_certificate_id")),
        Row("/deploymentId", REPLACE | COPY, _deployment_id),
        Row("/description", REPLACE, patch.text("description")),
        Row("/documentationVersion", REPLACE, patch.cleared("documentation_version")),
        Row("/tracingEnabled", REPLACE, patch.flag("tracing_enabled")),
        Row("/variables", COPY | REMOVE | REPLACE, _variables),
        Row("/variables/{name}", ADD | REPLACE | REMOVE, _variable),
    ),
    otherwise=_otherwise,
)
