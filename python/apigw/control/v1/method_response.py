"""PutMethodResponse, GetMethodResponse, UpdateMethodResponse, DeleteMethodResponse.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethodResponse.html
"""

from __future__ import annotations

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.control.v1.method import check_models
from apigw.domain import integration_rules, method_rules
from apigw.domain.errors import Conflict, NotFound
from apigw.domain.rest_api import Method, MethodResponse


@operation("PutMethodResponse")
def put_method_response(call: Call, given: Input) -> MethodResponse:
    """201; a response is not replaced. An empty map is kept and echoed.

    Integration responses that map more headers, left from before a DeleteMethodResponse, show at deployment.
    """
    method = lookup.method(call, given)
    if given["status_code"] in (method.method_responses or {}):
        raise Conflict("Response already exists for this resource")
    response = MethodResponse(
        status_code=given["status_code"],
        response_parameters=given.get("response_parameters"),
        response_models=given.get("response_models"),
    )
    _check(call, given["rest_api_id"], response)
    _put(call, given, method, response)
    return response


@operation("GetMethodResponse")
def get_method_response(call: Call, given: Input) -> MethodResponse:
    """200."""
    return _find(lookup.method(call, given), given)


@operation("UpdateMethodResponse")
def update_method_response(call: Call, given: Input) -> MethodResponse:
    """201, as the service model says."""
    method = lookup.method(call, given)
    before = _find(method, given)
    response = patch.apply(patch_tables.METHOD_RESPONSE, before, given.get("patch_operations"))
    if response is not before:
        _check(call, given["rest_api_id"], response)
        method_rules.check_declared(_put(call, given, method, response), method)
    return response


@operation("DeleteMethodResponse")
def delete_method_response(call: Call, given: Input) -> None:
    """204; integration responses of that status stay."""
    method = lookup.method(call, given)
    _find(method, given)
    left = {code: one for code, one in (method.method_responses or {}).items() if code != given["status_code"]}
    lookup.put_method(call, given["rest_api_id"], replace(method, method_responses=left or None))


def _find(method: Method, given: Input) -> MethodResponse:
    found = (method.method_responses or {}).get(given["status_code"])
    if found is None:
        raise NotFound(lookup.INVALID_STATUS_CODE)
    return found


def _put(call: Call, given: Input, method: Method, response: MethodResponse) -> Method:
    responses = {**(method.method_responses or {}), response.status_code: response}
    method = replace(method, method_responses=responses)
    lookup.put_method(call, given["rest_api_id"], method)
    return method


def _check(call: Call, api_id: str, response: MethodResponse) -> None:
    method_rules.check_response_parameters(response.response_parameters or ())
    integration_rules.check_content_types(response.response_models or ())
    check_models(call, api_id, response.response_models)
