"""CreateResource, GetResource, GetResources, UpdateResource, DeleteResource.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain import path_part as path_parts
from apigw.domain import quotas, resource_tree
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import VERBS, Method, Resource


@operation("CreateResource")
def create_resource(call: Call, given: Input) -> Resource:
    """201."""
    api = lookup.rest_api(call, given["rest_api_id"])
    parent = lookup.resource(call, api.id, given["parent_id"])
    part = path_parts.check(given["path_part"])
    everything = _all(call, api.id)
    siblings = [other for other in everything if other.parent_id == parent.id]
    resource_tree.check_place(parent, part, siblings)
    quotas.check_count(call.quotas.resources, len(everything) + 1, "Resources")
    resource = Resource(
        id=lookup.new_id(call, "resource", api.id),
        parent_id=parent.id,
        path_part=part,
        path=resource_tree.child_path(parent.path, part),
    )
    call.store.put("resource", call.region, api.id, resource.id, resource)
    return resource


@operation("GetResource")
def get_resource(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    lookup.rest_api(call, given["rest_api_id"])
    resource = lookup.resource(call, given["rest_api_id"], given["resource_id"])
    return _shown(call, given["rest_api_id"], resource, embed="methods" in (given.get("embed") or ()))


@operation("GetResources")
def get_resources(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    api = lookup.rest_api(call, given["rest_api_id"])
    resources, position = lookup.page(call, Resource, "resource", api.id, given)
    embed = "methods" in (given.get("embed") or ())
    return lookup.listing([_shown(call, api.id, one, embed=embed) for one in resources], position)


@operation("UpdateResource")
def update_resource(call: Call, given: Input) -> dict[str, Any]:
    """200; a new parent or path part changes the paths of everything below."""
    api = lookup.rest_api(call, given["rest_api_id"])
    before = lookup.resource(call, api.id, given["resource_id"])
    operations = given.get("patch_operations")
    resource = patch.apply(patch_tables.RESOURCE, before, operations)
    if operations and before.parent_id is None:
        raise BadRequest(f"Root resource cannot update its {operations[0]['path'].removeprefix('/')}.")
    if resource != before:
        written = resource_tree.place(_all(call, api.id), resource)
        call.store.put_many("resource", call.region, api.id, [(one.id, one) for one in written])
        resource = written[0]
    return _shown(call, api.id, resource, embed=False)


@operation("DeleteResource")
def delete_resource(call: Call, given: Input) -> None:
    """202; everything below and its methods go too."""
    api = lookup.rest_api(call, given["rest_api_id"])
    resource = lookup.resource(call, api.id, given["resource_id"])
    if resource.parent_id is None:
        raise BadRequest("Root resource cannot be deleted.")
    for one in [*resource_tree.subtree(_all(call, api.id), resource.id), resource]:
        for verb in VERBS:
            call.store.delete("method", call.region, api.id, f"{one.id}/{verb}")
        call.store.delete("resource", call.region, api.id, one.id)


def _all(call: Call, api_id: str) -> list[Resource]:
    return [resource for _, resource in call.store.list(Resource, "resource", call.region, api_id)]


def _shown(call: Call, api_id: str, resource: Resource, *, embed: bool) -> dict[str, Any]:
    methods: dict[str, Any] = {}
    for verb in VERBS:
        method = call.store.get(Method, "method", call.region, api_id, f"{resource.id}/{verb}")
        if method is not None:
            methods[verb] = method if embed else {}
    return {**asdict(resource), "resource_methods": methods or None}
