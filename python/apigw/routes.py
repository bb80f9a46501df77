"""The routes of an API as the management API tells them, and what is different between two times.

Knows no socket; see ``documents.Send``.
AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_GetResources.html
"""

from __future__ import annotations

import msgspec
import orjson

from apigw.documents import Send, call


class RouteChanges(msgspec.Struct, frozen=True):
    """Routes such as ``GET /pets/{petId}``, each list in order."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()


def routes(send: Send, api_id: str) -> dict[str, bytes]:
    """Each route of an API, and all that is set for it; the API as it would be deployed now."""
    found: dict[str, bytes] = {}
    query = [("embed", "methods"), ("limit", "500")]
    position: list[tuple[str, str]] = []
    while True:
        page = call(send, "GET", f"/restapis/{api_id}/resources", [*query, *position])
        for resource in page.get("item", []):
            for verb, method in resource.get("resourceMethods", {}).items():
                integration = method.get("methodIntegration", {})
                # The default is the resource's id, which an overwrite gives anew.
                if integration.get("cacheNamespace") == resource["id"]:
                    del integration["cacheNamespace"]
                found[f"{verb} {resource['path']}"] = orjson.dumps(method, option=orjson.OPT_SORT_KEYS)
        if not page.get("position"):
            return found
        position = [("position", page["position"])]


def difference(before: dict[str, bytes], after: dict[str, bytes]) -> RouteChanges:
    """What became of ``before``."""
    return RouteChanges(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(route for route in before.keys() & after.keys() if before[route] != after[route])),
    )
