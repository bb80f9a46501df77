"""PutMethod, GetMethod, UpdateMethod, DeleteMethod.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html
"""

from __future__ import annotations

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain import integration_rules, method_rules
from apigw.domain.errors import BadRequest, Conflict
from apigw.domain.rest_api import Authorizer, Method, Model, RequestValidator


@operation("PutMethod")
def put_method(call: Call, given: Input) -> Method:
    """201; a method is not replaced."""
    api_id = given["rest_api_id"]
    resource = lookup.resource(call, api_id, given["resource_id"])
    verb = method_rules.check_verb(given["http_method"])
    if call.store.get(Method, "method", call.region, api_id, f"{resource.id}/{verb}") is not None:
        raise Conflict("Method already exists for this resource")
    method = Method(
        resource_id=resource.id,
        http_method=verb,
        authorization_type=given["authorization_type"],
        authorizer_id=given.get("authorizer_id") or None,
        authorization_scopes=tuple(dict.fromkeys(given.get("authorization_scopes") or ())) or None,
        api_key_required=bool(given.get("api_key_required")),
        operation_name=given.get("operation_name"),
        request_parameters=given.get("request_parameters") or None,
        request_models=given.get("request_models") or None,
        request_validator_id=given.get("request_validator_id") or None,
    )
    method = _checked(call, api_id, method)
    lookup.put_method(call, api_id, method)
    return method


@operation("GetMethod")
def get_method(call: Call, given: Input) -> Method:
    """200."""
    return lookup.method(call, given)


@operation("UpdateMethod")
def update_method(call: Call, given: Input) -> Method:
    """200."""
    before = lookup.method(call, given)
    method = patch.apply(patch_tables.METHOD, before, given.get("patch_operations"))
    if method is not before:
        method = _checked(call, given["rest_api_id"], method)
        method_rules.check_declared(method, before)
        lookup.put_method(call, given["rest_api_id"], method)
    return method


@operation("DeleteMethod")
def delete_method(call: Call, given: Input) -> None:
    """204; its integration and responses go too."""
    found = lookup.method(call, given)
    call.store.delete("method", call.region, given["rest_api_id"], f"{found.resource_id}/{found.http_method}")


def _checked(call: Call, api_id: str, method: Method) -> Method:
    """The rules of a method, and what it names must exist."""
    store, region = call.store, call.region
    authorizer = None
    if method.authorizer_id is not None:
        authorizer = store.get(Authorizer, "authorizer", region, api_id, method.authorizer_id)
    method_rules.check_authorization(method.authorization_type, authorizer)
    if method.authorization_type in ("NONE", "AWS_IAM"):
        method = replace(method, authorizer_id=None)
    if method.request_validator_id is not None:
        if store.get(RequestValidator, "request_validator", region, api_id, method.request_validator_id) is None:
            raise BadRequest("Invalid Request Validator identifier specified")
    method_rules.check_request_parameters(method.request_parameters or ())
    integration_rules.check_content_types(method.request_models or ())
    check_models(call, api_id, method.request_models)
    return method


def check_models(call: Call, api_id: str, models: dict[str, str] | None) -> None:
    """The models that a content type map names must exist."""
    wanted = set((models or {}).values())
    found = [name for name in wanted if call.store.get(Model, "model", call.region, api_id, name) is not None]
    method_rules.check_models((models or {}).values(), found)
