"""What an import changed: the methods of an API before and after, as the management API tells them."""

from __future__ import annotations

from typing import Any

import msgspec

from apigw import admin_api
from apigw.admin_api import Send

# ``GET /pets`` → everything that the management API says of it.
Methods = dict[str, dict[str, Any]]


class Changes(msgspec.Struct, frozen=True):
    """Methods as ``VERB /path``, sorted by path."""

    added: list[str]
    removed: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def methods(send: Send, api_id: str) -> Methods:
    """All methods of an API."""
    return {
        f"{verb} {resource['path']}": method
        for resource in admin_api.resources_with_methods(send, api_id)
        for verb, method in resource.get("resourceMethods", {}).items()
    }


def between(before: Methods, after: Methods) -> Changes:
    """The difference."""
    return Changes(
        added=_sorted(after.keys() - before.keys()),
        removed=_sorted(before.keys() - after.keys()),
        changed=_sorted(name for name in before.keys() & after.keys() if before[name] != after[name]),
    )


def _sorted(names: Any) -> list[str]:
    return sorted(names, key=lambda name: name.partition(" ")[::-1])
