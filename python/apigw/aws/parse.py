"""Input parsing by the service model: path labels, query, headers and a JSON or raw body to what an operation gets.

Names become snake_case, absent and null members stay absent, unknown members are ignored. JSON of the wrong type is a
SerializationException at once; broken constraints are collected into one ValidationException.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from apigw.aws.constraints import NOT_NULL, broken, failure, invalid, not_convertible
from apigw.aws.service_model import Operation, Reference, ServiceModel, Shape, snake_case
from apigw.domain.errors import NotSerializable

_INTEGERS = {"integer": (1 << 31, "Integer"), "long": (1 << 63, "Long")}
# A null there means "no template for this content type: pass through"; everywhere else a null element is refused.
_NULLABLE_MAPS = frozenset({"putIntegrationInput.requestTemplates", "putIntegrationResponseInput.responseTemplates"})


def parse(
    model: ServiceModel,
    operation: Operation,
    labels: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Sequence[tuple[str, str]],
    body: bytes,
) -> dict[str, Any]:
    """The input of ``operation``; header names come in lower case."""
    if operation.input is None:
        return {}
    shape = model.shapes[operation.input.shape]
    walk = _Walk(model)
    document = _document(shape, body)
    prefix = operation.name[0].lower() + operation.name[1:] + "Input."
    parsed: dict[str, Any] = {}
    for name, member in shape.members.items():
        wire = member.location_name or name
        path = name
        if member.location == "uri":
            value = walk.text(member, labels.get(wire), path)
        elif member.location == "querystring":
            value = walk.query(member, name, shape, query)
        elif member.location == "header":
            value = walk.text(member, next((text for key, text in headers if key == wire.lower()), None), path)
        elif name == shape.payload:
            value = body
        else:
            path = prefix + name
            value = walk.json(member, document.get(wire), path)
        if value is not None:
            parsed[snake_case(name)] = value
        elif name in shape.required:
            walk.failures.append(failure(None, path, NOT_NULL))
    if walk.failures:
        raise invalid(walk.failures)
    return parsed


def _document(shape: Shape, body: bytes) -> dict[str, Any]:
    """The body's JSON object; empty when the operation has no body members or nothing was sent."""
    if shape.payload is not None or not body or all(member.location for member in shape.members.values()):
        return {}
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotSerializable(f"Could not parse request body into json: {error}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise not_convertible(document, "Map")
    return document


class _Walk:
    """One parse: the model and the constraints broken so far."""

    def __init__(self, model: ServiceModel) -> None:
        self.shapes = model.shapes
        self.failures: list[str] = []

    def query(self, member: Reference, name: str, owner: Shape, query: Sequence[tuple[str, str]]) -> Any:
        shape = self.shapes[member.shape]
        if shape.type == "map":
            # AWS: a map in the query takes every parameter that no other member names.
            named = {other.location_name for other in owner.members.values() if other.location == "querystring"}
            return {key: text for key, text in query if key not in named} or None
        texts = [text for key, text in query if key == (member.location_name or name)]
        if not texts:
            return None
        if shape.type == "list" and shape.member is not None:
            element = shape.member
            return [self.text(element, text, f"{name}.{index}.member") for index, text in enumerate(texts, 1)]
        return self.text(member, texts[-1], name)

    def text(self, member: Reference, text: str | None, path: str) -> Any:
        """A scalar that came as text."""
        if text is None:
            return None
        shape = self.shapes[member.shape]
        value: Any = text
        if shape.type == "boolean":
            value = {"true": True, "false": False}.get(text.lower(), text)
        elif shape.type in _INTEGERS and text.removeprefix("-").isascii() and text.removeprefix("-").isdigit():
            value = int(text[:20])
        return self._scalar(member.shape, shape, value, path)

    def json(self, member: Reference, value: Any, path: str) -> Any:
        """A value from the JSON body."""
        if value is None:
            return None
        shape = self.shapes[member.shape]
        if shape.type == "structure":
            return self._structure(shape, value, path)
        if shape.type == "list" and shape.member is not None:
            return self._list(shape, shape.member, value, path)
        if shape.type == "map" and shape.value is not None:
            return self._map(shape, shape.value, value, path)
        return self._scalar(member.shape, shape, value, path)

    def _structure(self, shape: Shape, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise not_convertible(value, "Map")
        parsed = {}
        for name, member in shape.members.items():
            inner = self.json(member, value.get(member.location_name or name), f"{path}.{name}")
            if inner is not None:
                parsed[snake_case(name)] = inner
            elif name in shape.required:
                self.failures.append(failure(None, f"{path}.{name}", NOT_NULL))
        return parsed

    def _list(self, shape: Shape, element: Reference, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            raise not_convertible(value, "List")
        inner = self.shapes[element.shape]
        if inner.type in ("structure", "list", "map"):
            found = [self.json(element, item, f"{path}.{index}.member") for index, item in enumerate(value, 1)]
            constraints = []
        else:
            # AWS: for plain elements one error shows the whole list.
            found = [None if item is None else self._converted(inner, item) for item in value]
            constraints = [text for item in found if item is not None for text in broken(element.shape, inner, item)]
        if None in found:
            constraints.append(NOT_NULL)
        if constraints:
            distinct = ", ".join(dict.fromkeys(constraints))
            self.failures.append(failure(value, path, f"Member must satisfy constraint: [{distinct}]"))
        self.failures += [failure(found, path, text) for text in broken("", shape, found)]
        return found

    def _map(self, shape: Shape, element: Reference, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise not_convertible(value, "Map")
        parsed = {key: self.json(element, item, f"{path}.{key}.member") for key, item in value.items()}
        if None in parsed.values() and path not in _NULLABLE_MAPS:
            self.failures.append(failure(value, path, f"Map value must satisfy constraint: [{NOT_NULL}]"))
        self.failures += [failure(parsed, path, text) for text in broken("", shape, parsed)]
        return parsed

    def _scalar(self, name: str, shape: Shape, value: Any, path: str) -> Any:
        converted = self._converted(shape, value)
        self.failures += [failure(value, path, text) for text in broken(name, shape, converted)]
        return converted

    @staticmethod
    def _converted(shape: Shape, value: Any) -> Any:
        """``value`` as the scalar ``shape`` wants it; a number is never a string here, nor a string a number."""
        kind = shape.type
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if kind == "string":
            if isinstance(value, str):
                return value
            raise not_convertible(value, "String")
        if kind == "boolean":
            if isinstance(value, bool):
                return value
            raise not_convertible(value, "Boolean")
        if kind in _INTEGERS:
            bound, java = _INTEGERS[kind]
            if number and value == value // 1 and -bound <= value < bound:
                return int(value)
            raise not_convertible(value, java)
        if kind in ("double", "float"):
            if number:
                return float(value)
            raise not_convertible(value, "Double")
        if kind == "blob" and isinstance(value, str):
            try:
                return base64.b64decode(value, validate=True)
            except binascii.Error:
                raise not_convertible(value, "Blob") from None
        if kind == "timestamp" and number:
            return int(value)
        if kind == "timestamp" and isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value)
                return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
            except ValueError:
                raise not_convertible(value, "Date") from None
        raise not_convertible(value, kind.capitalize())
