"""PutGatewayResponse, GetGatewayResponse, GetGatewayResponses, UpdateGatewayResponse, DeleteGatewayResponse.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutGatewayResponse.html
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain import gateway_response_rules as rules
from apigw.domain.errors import BadRequest, NotFound
from apigw.domain.rest_api import GatewayResponse

FAMILY: Final = "gateway_response"


@operation("PutGatewayResponse")
def put_gateway_response(call: Call, given: Input) -> dict[str, Any]:
    """201; what is not given is AWS's own of the type, not that of ``DEFAULT_4XX`` or ``DEFAULT_5XX``."""
    lookup.rest_api(call, given["rest_api_id"])
    response = GatewayResponse(
        response_type=given["response_type"],
        status_code=given.get("status_code") or None,
        response_parameters=given.get("response_parameters") or None,
        response_templates=given.get("response_templates") or None,
    )
    return _put(call, given, response)


@operation("GetGatewayResponse")
def get_gateway_response(call: Call, given: Input) -> dict[str, Any]:
    """200; every type is there, customised or not."""
    return rules.shown(given["response_type"], _customised(call, given))


@operation("GetGatewayResponses")
def get_gateway_responses(call: Call, given: Input) -> dict[str, Any]:
    """200; all types in alphabetical order."""
    customised = _customised(call, given)
    limit, position = lookup.limit(given), given.get("position")
    if position is not None and position not in rules.STATUSES:
        raise BadRequest("Invalid position parameter specified")
    types = [one for one in rules.STATUSES if position is None or one >= position]
    following = types[limit] if len(types) > limit else None
    return lookup.listing([rules.shown(one, customised) for one in types[:limit]], following)


@operation("UpdateGatewayResponse")
def update_gateway_response(call: Call, given: Input) -> dict[str, Any]:
    """200; a type that was not customised is from now on."""
    customised = _customised(call, given)
    response_type = given["response_type"]
    if not given.get("patch_operations"):
        return rules.shown(response_type, customised)
    before = customised.get(response_type) or GatewayResponse(response_type=response_type)
    # The template that AWS shows can be replaced and removed.
    before = replace(before, response_templates=before.response_templates or dict(rules.TEMPLATES))
    return _put(call, given, patch.apply(patch_tables.GATEWAY_RESPONSE, before, given["patch_operations"]))


@operation("DeleteGatewayResponse")
def delete_gateway_response(call: Call, given: Input) -> None:
    """202; AWS's own again."""
    lookup.rest_api(call, given["rest_api_id"])
    if not call.store.delete(FAMILY, call.region, given["rest_api_id"], given["response_type"]):
        raise NotFound("Gateway response type not defined on api")


def _customised(call: Call, given: Input) -> dict[str, GatewayResponse]:
    api = lookup.rest_api(call, given["rest_api_id"])
    return dict(call.store.list(GatewayResponse, FAMILY, call.region, api.id))


def _put(call: Call, given: Input, response: GatewayResponse) -> dict[str, Any]:
    rules.check(response)
    call.store.put(FAMILY, call.region, given["rest_api_id"], response.response_type, response)
    return rules.shown(response.response_type, {response.response_type: response})
