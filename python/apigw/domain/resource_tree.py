"""The rules of the resource tree: who may stand beside and below whom, and the paths that follow.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateResource.html
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from apigw.domain import path_part as path_parts
from apigw.domain.errors import BadRequest, Conflict, NotFound
from apigw.domain.rest_api import Resource


def child_path(parent_path: str, path_part: str) -> str:
    """``/pets`` and ``{petId}`` make ``/pets/{petId}``."""
    return f"/{path_part}" if parent_path == "/" else f"{parent_path}/{path_part}"


def check_place(parent: Resource, path_part: str, siblings: Iterable[Resource]) -> None:
    """May ``path_part`` stand below ``parent`` beside ``siblings`` (the parent's other children)?"""
    if path_parts.is_greedy(parent.path_part):
        raise BadRequest(f"Cannot create a child of a resource with a greedy path variable: {parent.path_part}")
    variable = None
    for sibling in siblings:
        if sibling.path_part == path_part:
            raise Conflict(f"Another resource with the same parent already has this name: {path_part}")
        if path_parts.is_variable(sibling.path_part):
            variable = sibling.path_part
    if variable is not None and path_parts.is_variable(path_part):
        raise BadRequest(
            f"A sibling ({variable}) of this resource already has a variable path part -- only one is allowed"
        )


def children_of(resources: Iterable[Resource]) -> dict[str | None, list[Resource]]:
    """Resources by the id of their parent."""
    children: dict[str | None, list[Resource]] = {}
    for resource in resources:
        children.setdefault(resource.parent_id, []).append(resource)
    return children


def subtree(resources: Iterable[Resource], id: str) -> list[Resource]:
    """Everything below the resource ``id``, parents before children."""
    children = children_of(resources)
    found: list[Resource] = list(children.get(id, ()))
    for resource in found:
        found.extend(children.get(resource.id, ()))
    return found


def place(resources: Iterable[Resource], changed: Resource) -> list[Resource]:
    """What has to be written when ``changed`` (not the root) got another parent or path part: itself and all below."""
    everything = {resource.id: resource for resource in resources if resource.id != changed.id}
    below = subtree(everything.values(), changed.id)
    parent = everything.get(changed.parent_id or "")
    if changed.parent_id == changed.id or any(resource.id == changed.parent_id for resource in below):
        raise BadRequest("Resources cannot be cyclical.")
    if parent is None:
        raise NotFound("Invalid Resource identifier specified")
    part = path_parts.check(changed.path_part)
    check_place(parent, part, [other for other in everything.values() if other.parent_id == parent.id])
    if below and path_parts.is_greedy(part):
        raise BadRequest(f"Cannot create a child of a resource with a greedy path variable: {part}")
    paths = {changed.id: child_path(parent.path, part)}
    written = [replace(changed, path=paths[changed.id])]
    for resource in below:
        paths[resource.id] = child_path(paths[resource.parent_id or ""], resource.path_part or "")
        written.append(replace(resource, path=paths[resource.id]))
    return written
