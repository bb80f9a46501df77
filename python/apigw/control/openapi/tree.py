"""Resources: paths of the document, with the nodes between, checked against the rules of the resource tree.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

from typing import Final

from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.domain import path_part
from apigw.domain.errors import ControlError
from apigw.domain.resource_tree import child_path
from apigw.domain.rest_api import Resource

MOST_PARTS: Final = 100


class Tree:
    """The resource tree of one import; a path whose resource exists keeps its id."""

    def __init__(self, work: Import, prefix: str) -> None:
        self._work = work
        self._prefix = prefix
        target = work.target
        self._existing = target.existing.resources
        self._resources = {"/": Resource(id=target.root_resource_id, path="/")}
        self._variables: dict[str, str] = {}
        if not target.overwrite:
            for resource in self._existing.values():
                self._resources[resource.path] = resource
                if path_part.is_variable(resource.path_part):
                    self._variables[_parent(resource.path)] = resource.path_part or ""

    def resources(self) -> list[Resource]:
        """All resources, parents before children."""
        return list(self._resources.values())

    def place(self, key: str, place: Place) -> Resource | None:
        """The resource of a key of ``paths``; ``None`` after an error."""
        if not key.startswith("/"):
            self._work.findings.error(place, f"Invalid path '{key}': a path begins with '/'")
            return None
        path = self._prefix + key
        if path != "/" and path.endswith("/") and not path.endswith("//"):
            path = path[:-1]
        known = self._resources.get(path)
        if known is not None:
            return known
        parts = path[1:].split("/")
        if len(parts) > MOST_PARTS:
            self._refuse(place, path, f"The path has more than {MOST_PARTS} parts")
            return None
        variables = [part.strip("{}").rstrip("+") for part in parts if path_part.is_variable(part)]
        for name in sorted({name for name in variables if variables.count(name) > 1}):
            self._refuse(place, path, f"The path variable '{name}' is used more than once")
            return None
        parent = self._resources["/"]
        for part in parts:
            child = self._child(parent, part, path, place)
            if child is None:
                return None
            parent = child
        return parent

    def _child(self, parent: Resource, part: str, path: str, place: Place) -> Resource | None:
        whole = child_path(parent.path, part)
        known = self._resources.get(whole)
        if known is not None and part:  # an empty part below the root has the root's path
            return known
        self._work.spend(1 + len(whole) // 64)
        try:
            path_part.check(part)
        except ControlError as error:
            self._refuse(place, path, error.message)
            return None
        if path_part.is_greedy(parent.path_part):
            text = f"Cannot create a child of a resource with a greedy path variable: {parent.path_part}"
            self._refuse(place, path, text)
            return None
        if path_part.is_variable(part):
            sibling = self._variables.get(parent.path)
            if sibling is not None:
                text = f"A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
                self._refuse(place, path, text)
                return None
            self._variables[parent.path] = part
        existing = self._existing.get(whole)
        identifier = existing.id if existing is not None else self._work.new_id()
        child = self._resources[whole] = Resource(id=identifier, path=whole, parent_id=parent.id, path_part=part)
        return child

    def _refuse(self, place: Place, path: str, text: str) -> None:
        self._work.findings.error(place, f"Unable to create resource at path {shown(path)}: {text}")


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"
