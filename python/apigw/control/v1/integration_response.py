"""PutIntegrationResponse, GetIntegrationResponse, UpdateIntegrationResponse, DeleteIntegrationResponse.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegrationResponse.html
"""

from __future__ import annotations

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.control.v1.integration import check_json_paths, check_templates
from apigw.domain import integration_rules, method_rules
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest, NotFound
from apigw.domain.rest_api import Integration, IntegrationResponse, Method


@operation("PutIntegrationResponse")
def put_integration_response(call: Call, given: Input) -> IntegrationResponse:
    """201; replaces one of that status. An empty map is kept and echoed."""
    method, integration = lookup.integration(call, given)
    response = IntegrationResponse(
        status_code=given["status_code"],
        selection_pattern=given.get("selection_pattern"),
        response_parameters=given.get("response_parameters"),
        response_templates=integration_rules.templates(given.get("response_templates")),
        content_handling=given.get("content_handling"),
    )
    integration_rules.check_response(response)
    _check_texts(call, response)
    # A missing method response shows at deployment; mapped headers need it at once.
    for complaint in method_rules.undeclared_headers(method, response):
        raise BadRequest(complaint)
    _put(call, given, method, integration, response)
    return response


@operation("GetIntegrationResponse")
def get_integration_response(call: Call, given: Input) -> IntegrationResponse:
    """200."""
    return _find(lookup.integration(call, given)[1], given)


@operation("UpdateIntegrationResponse")
def update_integration_response(call: Call, given: Input) -> IntegrationResponse:
    """200."""
    method, integration = lookup.integration(call, given)
    before = _find(integration, given)
    response = patch.apply(patch_tables.INTEGRATION_RESPONSE, before, given.get("patch_operations"))
    if response is not before:
        integration_rules.check_response(response)
        _check_texts(call, response)
        method_rules.check_declared(_put(call, given, method, integration, response), method)
    return response


@operation("DeleteIntegrationResponse")
def delete_integration_response(call: Call, given: Input) -> None:
    """204."""
    method, integration = lookup.integration(call, given)
    _find(integration, given)
    code = given["status_code"]
    left = {key: one for key, one in (integration.integration_responses or {}).items() if key != code}
    changed = replace(method, method_integration=replace(integration, integration_responses=left or None))
    lookup.put_method(call, given["rest_api_id"], changed)


def _check_texts(call: Call, response: IntegrationResponse) -> None:
    """Only the engine knows what it can match and render."""
    check_templates(call, response.response_templates)
    check_json_paths(call, response.response_parameters, expressions.parse_response_source)
    if response.selection_pattern:
        complaint = call.check_text("selectionPattern", response.selection_pattern)
        if complaint is not None:
            raise BadRequest(integration_rules.invalid_selection_pattern(complaint))


def _find(integration: Integration, given: Input) -> IntegrationResponse:
    found = (integration.integration_responses or {}).get(given["status_code"])
    if found is None:
        raise NotFound(lookup.INVALID_STATUS_CODE)
    return found


def _put(call: Call, given: Input, method: Method, integration: Integration, response: IntegrationResponse) -> Method:
    responses = {**(integration.integration_responses or {}), response.status_code: response}
    changed = replace(method, method_integration=replace(integration, integration_responses=responses))
    lookup.put_method(call, given["rest_api_id"], changed)
    return changed
