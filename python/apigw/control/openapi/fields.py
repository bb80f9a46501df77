"""Typed access to the members of a document's objects: the value, or an error at its place and ``None``.

``null`` counts as absent, as it does for AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import orjson

from apigw.control.openapi.findings import Findings, Place, shown

Object = dict[str, Any]

EXTENSION: Final = "x-amazon-apigateway-"

T = TypeVar("T")
_WORDS: Final[dict[type, str]] = {str: "string", bool: "boolean", int: "integer"}


def wrong(findings: Findings, place: Place, wanted: str, value: Any) -> None:
    """Say that the value at ``place`` has the wrong type."""
    findings.error(place, f"Expected type {wanted} but got {shown(value)}")


def _exactly(findings: Findings, node: Object, key: str, place: Place, kind: type[T]) -> T | None:
    value = node.get(key)
    if value is None or type(value) is kind:
        return value
    wrong(findings, (place, key), _WORDS[kind], value)
    return None


def text(findings: Findings, node: Object, key: str, place: Place) -> str | None:
    """A string."""
    return _exactly(findings, node, key, place, str)


def scalar(findings: Findings, node: Object, key: str, place: Place) -> str | None:
    """A string, or a number as it is written (YAML makes ``1.0`` of an unquoted version)."""
    value = node.get(key)
    if value is None or type(value) is str:
        return value
    if type(value) in (int, float):
        return orjson.dumps(value).decode()
    wrong(findings, (place, key), "string", value)
    return None


def boolean(findings: Findings, node: Object, key: str, place: Place) -> bool | None:
    """A boolean."""
    return _exactly(findings, node, key, place, bool)


def integer(findings: Findings, node: Object, key: str, place: Place) -> int | None:
    """An integer."""
    return _exactly(findings, node, key, place, int)


def mapping(findings: Findings, node: Object, key: str, place: Place) -> Object:
    """An object; empty when it is absent."""
    value = node.get(key)
    if type(value) is dict:
        return value
    if value is not None:
        wrong(findings, (place, key), "object", value)
    return {}


def sequence(findings: Findings, node: Object, key: str, place: Place) -> list[Any]:
    """A list; empty when it is absent."""
    value = node.get(key)
    if type(value) is list:
        return value
    if value is not None:
        wrong(findings, (place, key), "array", value)
    return []


def texts(findings: Findings, node: Object, key: str, place: Place) -> list[str]:
    """A list of strings; what is no string is reported and missing."""
    found = []
    for index, value in enumerate(sequence(findings, node, key, place)):
        if type(value) is str:
            found.append(value)
        else:
            wrong(findings, ((place, key), index), "string", value)
    return found


def choice(findings: Findings, node: Object, key: str, place: Place, options: tuple[str, ...]) -> str | None:
    """One of ``options``, written in any letter case."""
    value = text(findings, node, key, place)
    if value is None:
        return None
    upper = value.upper()
    if upper in options:
        return upper
    findings.error((place, key), f"Invalid value {shown(value)} for '{key}'. Valid options are {','.join(options)}")
    return None


def report_unknown(findings: Findings, node: Mapping[str, Any], known: frozenset[str], place: Place, what: str) -> None:
    """Warn of members that nobody reads."""
    unknown = node.keys() - known
    if unknown:
        for key in sorted(unknown):
            kind = "extension" if key.startswith("x-") else "field"
            findings.left_out(f"The {kind} '{key}' of {what} is not supported and was left out", (place, key))
