"""Local references (``#/…``): followed with a memory, cycles and outside documents refused.

OpenAPI 3.1: a description beside ``$ref`` replaces that of what it refers to; beside the ``$ref`` of a path item or a
parameter's schema everything counts. OpenAPI 3.0 and Swagger know nothing beside ``$ref``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from apigw.control.openapi.fields import Object, wrong
from apigw.control.openapi.findings import Findings, Place, shown

Found = tuple[Object, Place]


class References:
    """The references of one document; every target is looked up once."""

    def __init__(self, tree: Object, findings: Findings, *, overlays: bool = False) -> None:
        self._tree = tree
        self._findings = findings
        self._overlays = overlays
        self._overlaid: dict[tuple[int, bool], Found] = {}
        self._targets: dict[str, tuple[Any, Place] | str] = {}

    def object(self, value: Any, place: Place, *, whole: bool = False) -> Found | None:
        """The object at ``place``, or the one it refers to; ``None`` when that was an error.

        ``whole``: where what stands beside ``$ref`` counts at all, all of it does.
        """
        if type(value) is not dict:
            wrong(self._findings, place, "object", value)
            return None
        if "$ref" not in value:
            return value, place
        key = (id(value), whole)  # the tree outlives the import
        if key in self._overlaid:
            return self._overlaid[key]
        way = self._follow(value, place)
        if way is None:
            return None
        found = way[-1]
        for hop in reversed(way[:-1]):
            found = self._overlay(hop, found, whole)
        # Kept, because others remember nodes by their identity.
        self._overlaid[key] = found
        return found

    def _overlay(self, hop: Found, found: Found, whole: bool) -> Found:
        """What ``hop`` refers to, with what counts of that which stands beside its ``$ref``."""
        value, place = hop
        beside = value.keys() - {"$ref"}
        counts = (beside if whole else beside & {"description"}) if self._overlays else set()
        if beside - counts:
            self._findings.left_out("The fields beside '$ref' are not supported and were left out", place)
        if not counts:
            return found
        node, where = found
        for name in sorted(counts & node.keys() if whole else ()):
            if value[name] != node[name]:
                text = f"The field '{name}' is both beside '$ref' and in what it refers to; the one beside it is used"
                self._findings.warn((place, name), text)
        return {**node, **{name: value[name] for name in value if name in counts}}, where

    def _follow(self, value: Object, place: Place) -> list[Found] | None:
        """Every object on the way from a reference to what is none; ``None`` after an error."""
        start = place
        way = [(value, place)]
        seen: set[str] = set()
        while "$ref" in value:
            reference = value["$ref"]
            if type(reference) is not str:
                wrong(self._findings, (place, "$ref"), "string", reference)
                return None
            if reference in seen:
                self._findings.error(start, f"The reference {shown(reference)} leads back to itself")
                return None
            seen.add(reference)
            found = self.target(reference, (place, "$ref"))
            if found is None:
                return None
            target, place = found
            if type(target) is not dict:
                wrong(self._findings, place, "object", target)
                return None
            value = target
            way.append((value, place))
        return way

    def target(self, reference: str, place: Place) -> tuple[Any, Place] | None:
        """What a reference points at, not followed further; errors are reported at ``place``."""
        found = self._targets.get(reference)
        if found is None:
            found = self._targets[reference] = self._find(reference)
        if isinstance(found, str):
            self._findings.error(place, found)
            return None
        return found

    def is_used(self, reference: str) -> bool:
        """Was this very reference followed?"""
        return reference in self._targets

    def _find(self, reference: str) -> tuple[Any, Place] | str:
        if not reference.startswith("#"):
            return f"The reference {shown(reference)} leaves the document; only local references (#/…) are supported"
        keys = pointer(reference)
        if keys is None:
            return f"Unable to resolve reference {shown(reference)}"
        node: Any = self._tree
        place: Place = None
        for key in keys:
            step: str | int = key
            if type(node) is dict and key in node:
                node = node[key]
            elif type(node) is list and key.isascii() and key.isdigit() and len(key) < 10 and int(key) < len(node):
                step = int(key)
                node = node[step]
            else:
                return f"Unable to resolve reference {shown(reference)}"
            place = (place, step)
        return node, place


def pointer(reference: str) -> list[str] | None:
    """The keys of ``#/a/b~1c``; ``None`` when it is no pointer."""
    if not reference.startswith("#/"):
        return None
    return [unquote(key).replace("~1", "/").replace("~0", "~") for key in reference[2:].split("/")]
