"""PutIntegration, GetIntegration, UpdateIntegration, DeleteIntegration.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain import integration_rules, method_rules
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest
from apigw.domain.mapping_expression import Source
from apigw.domain.rest_api import Integration, TlsConfig

HTTP_TYPES = ("HTTP", "HTTP_PROXY")


@operation("PutIntegration")
def put_integration(call: Call, given: Input) -> Integration:
    """201; replaces the whole integration and its responses."""
    method = lookup.method(call, given)
    kind = given["type"]
    timeout = given.get("timeout_in_millis")
    integration = Integration(
        type=kind,
        http_method=given.get("integration_http_method"),
        uri=given.get("uri"),
        # AWS shows a connection type for HTTP backends only.
        connection_type=(given.get("connection_type") or "INTERNET") if kind in HTTP_TYPES else None,
        connection_id=given.get("connection_id"),
        integration_target=given.get("integration_target"),
        credentials=given.get("credentials"),
        request_parameters=given.get("request_parameters") or None,
        request_templates=integration_rules.templates(given.get("request_templates")) or None,
        passthrough_behavior=given.get("passthrough_behavior") or "WHEN_NO_MATCH",
        content_handling=given.get("content_handling"),
        timeout_in_millis=integration_rules.DEFAULT_TIMEOUT if timeout is None else timeout,
        cache_namespace=given.get("cache_namespace") or method.resource_id,
        cache_key_parameters=tuple(dict.fromkeys(given.get("cache_key_parameters") or ())),
        tls_config=_tls_config(given),
        response_transfer_mode=given.get("response_transfer_mode"),
    )
    integration_rules.check(integration)
    _check_texts(call, integration)
    if kind not in HTTP_TYPES and given.get("connection_type") == "VPC_LINK":
        raise BadRequest(integration_rules.NO_VPC_LINK)
    method = replace(method, method_integration=integration)
    method_rules.check_declared(method)
    lookup.put_method(call, given["rest_api_id"], method)
    return integration


@operation("GetIntegration")
def get_integration(call: Call, given: Input) -> Integration:
    """200."""
    return lookup.integration(call, given)[1]


@operation("UpdateIntegration")
def update_integration(call: Call, given: Input) -> Integration:
    """200."""
    method, before = lookup.integration(call, given)
    integration = patch.apply(patch_tables.INTEGRATION, before, given.get("patch_operations"))
    if integration is not before:
        if not integration.cache_namespace:
            integration = replace(integration, cache_namespace=method.resource_id)
        integration_rules.check(integration)
        _check_texts(call, integration)
        changed = replace(method, method_integration=integration)
        method_rules.check_declared(changed, method)
        lookup.put_method(call, given["rest_api_id"], changed)
    return integration


@operation("DeleteIntegration")
def delete_integration(call: Call, given: Input) -> None:
    """204; its responses go too."""
    method, _ = lookup.integration(call, given)
    lookup.put_method(call, given["rest_api_id"], replace(method, method_integration=None))


def _check_texts(call: Call, integration: Integration) -> None:
    check_templates(call, integration.request_templates)
    check_json_paths(call, integration.request_parameters, expressions.parse_request_source)


def check_json_paths(call: Call, parameters: Mapping[str, str] | None, parse: Callable[[str], Source]) -> None:
    """Only the engine knows which paths it can read."""
    for text in (parameters or {}).values():
        path = expressions.json_path(parse(text))
        complaint = call.check_text("jsonPath", path) if path else None
        if complaint is not None:
            raise expressions.invalid_json_path(text, complaint)


def check_templates(call: Call, templates: Mapping[str, str | None] | None) -> None:
    """Only the engine knows what it can render."""
    for name, text in (templates or {}).items():
        complaint = call.check_text("template", text) if text else None
        if complaint is not None:
            raise BadRequest(integration_rules.invalid_template(name, complaint))


def _tls_config(given: Input) -> TlsConfig | None:
    config = given.get("tls_config")
    if config is None:
        return None
    return TlsConfig(insecure_skip_verification=bool(config.get("insecure_skip_verification")))
