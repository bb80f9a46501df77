"""From a method and a raw path to the operation and its labels, by the ``requestUri`` of both models.

Segments are split before they are decoded, so ``%2F`` inside a label (``/tags/{resource_arn}``) stays inside it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, unquote

import msgspec

from apigw.aws.service_model import MODELS, Operation, service_model
from apigw.domain.errors import BadRequest

_NAME = re.compile(r"[{}]")


class Route(msgspec.Struct, frozen=True):
    """One operation at its place; ``query`` must be met for the route to match (``mode=import``)."""

    service: str
    operation: Operation
    labels: tuple[str, ...]
    query: tuple[tuple[str, str], ...]


class _Node(msgspec.Struct):
    fixed: dict[str, _Node] = msgspec.field(default_factory=dict)
    label: _Node | None = None
    methods: dict[str, list[Route]] = msgspec.field(default_factory=dict)


class Found(msgspec.Struct, frozen=True):
    """A route with the values of its labels and the decoded query."""

    route: Route
    labels: Mapping[str, str]
    query: Sequence[tuple[str, str]]


def find(method: str, path: str, query: str) -> Found | None:
    """The operation that ``method`` and the raw ``path`` and ``query`` name, or ``None``."""
    segments = path.split("/")[1:]
    at = _walk(_tree(), segments, 0, [])
    if at is None:
        return None
    node, values = at
    pairs = _decoded_query(query)
    for route in node.methods.get(method, ()):
        if all(wanted in pairs for wanted in route.query):
            labels = dict(zip(route.labels, map(_decoded, values), strict=True))
            return Found(route, labels, [pair for pair in pairs if pair not in route.query])
    return None


def _walk(node: _Node, segments: list[str], index: int, values: list[str]) -> tuple[_Node, list[str]] | None:
    if index == len(segments):
        return (node, values) if node.methods else None
    segment = segments[index]
    fixed = node.fixed.get(segment)
    if fixed is not None and (found := _walk(fixed, segments, index + 1, values)) is not None:
        return found
    if node.label is not None and segment:
        return _walk(node.label, segments, index + 1, [*values, segment])
    return None


@functools.cache
def _tree() -> _Node:
    root = _Node()
    for service in MODELS:
        for operation in service_model(service).operations.values():
            path, _, query = operation.http.request_uri.partition("?")
            node, labels = root, []
            for segment in path.split("/")[1:]:
                if segment.startswith("{"):
                    labels.append(_NAME.sub("", segment))
                    node.label = node.label or _Node()
                    node = node.label
                else:
                    node = node.fixed.setdefault(segment, _Node())
            route = Route(service, operation, tuple(labels), tuple(parse_qsl(query)))
            routes = node.methods.setdefault(operation.http.method, [])
            routes.append(route)
            routes.sort(key=lambda each: -len(each.query))
    return root


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("The path is not valid UTF-8") from None


def _decoded_query(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    except ValueError:
        raise BadRequest("The query string is not valid UTF-8") from None
