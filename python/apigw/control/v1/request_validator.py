"""CreateRequestValidator, GetRequestValidator, GetRequestValidators, UpdateRequestValidator, DeleteRequestValidator.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRequestValidator.html
"""

from __future__ import annotations

from typing import Any, Final

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain.errors import BadRequest, Conflict, NotFound
from apigw.domain.rest_api import Method, RequestValidator, Resource, RestApi

FAMILY: Final = "request_validator"


@operation("CreateRequestValidator")
def create_request_validator(call: Call, given: Input) -> RequestValidator:
    """201; both checks are off where nothing is said."""
    api_id = given["rest_api_id"]
    if call.store.get(RestApi, "rest_api", call.region, "", api_id) is None:
        # AWS has words of its own for an unknown API here.
        raise BadRequest("Invalid REST API identifier specified")
    validator = RequestValidator(
        id=lookup.new_id(call, FAMILY, api_id),
        name=given.get("name") or "",
        validate_request_body=bool(given.get("validate_request_body")),
        validate_request_parameters=bool(given.get("validate_request_parameters")),
    )
    return _put(call, api_id, validator)


@operation("GetRequestValidator")
def get_request_validator(call: Call, given: Input) -> RequestValidator:
    """200."""
    return _find(call, given)


@operation("GetRequestValidators")
def get_request_validators(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    api = lookup.rest_api(call, given["rest_api_id"])
    validators, position = lookup.page(call, RequestValidator, FAMILY, api.id, given)
    return lookup.listing(validators, position)


@operation("UpdateRequestValidator")
def update_request_validator(call: Call, given: Input) -> RequestValidator:
    """200; takes effect with the next deployment."""
    before = _find(call, given)
    validator = patch.apply(patch_tables.REQUEST_VALIDATOR, before, given.get("patch_operations"))
    return before if validator is before else _put(call, given["rest_api_id"], validator)


@operation("DeleteRequestValidator")
def delete_request_validator(call: Call, given: Input) -> None:
    """202; not while a method uses it."""
    validator = _find(call, given)
    api_id = given["rest_api_id"]
    for _, method in call.store.list(Method, "method", call.region, api_id):
        if method.request_validator_id == validator.id:
            resource = call.store.get(Resource, "resource", call.region, api_id, method.resource_id)
            place = f"{resource.path if resource is not None else ''}/{method.http_method}"
            raise Conflict(f"Cannot delete request validator '{validator.id}', is referenced in method: {place}")
    call.store.delete(FAMILY, call.region, api_id, validator.id)


def _find(call: Call, given: Input) -> RequestValidator:
    lookup.rest_api(call, given["rest_api_id"])
    id = given["request_validator_id"]
    found = call.store.get(RequestValidator, FAMILY, call.region, given["rest_api_id"], id)
    if found is None:
        raise NotFound("Invalid Request Validator identifier specified")
    return found


def _put(call: Call, api_id: str, validator: RequestValidator) -> RequestValidator:
    if not (validator.name or "").strip():
        raise BadRequest("Request Validator name cannot be blank")
    call.store.put(FAMILY, call.region, api_id, validator.id, validator)
    return validator
