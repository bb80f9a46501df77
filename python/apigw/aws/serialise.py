"""Results to AWS's JSON by the output shape: attributes of Structs or keys of dicts, snake_case, become members.

``None`` is left out, empty maps and lists are kept, doubles have a fraction, timestamps are whole seconds.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from apigw.aws.service_model import Operation, Reference, ServiceModel, Shape, snake_case

Headers = list[tuple[str, str]]


def serialise(model: ServiceModel, operation: Operation, result: Any) -> tuple[Headers, bytes]:
    """Headers and body of a successful answer; ``TypeError`` when ``result`` does not fit the output shape."""
    if operation.output is None:
        return [], b""
    shape = model.shapes[operation.output.shape]
    headers: Headers = []
    document: dict[str, Any] = {}
    payload: Any = None
    for name, member in shape.members.items():
        value = _member(result, name)
        if value is None:
            continue
        if member.location == "header":
            headers.append((member.location_name or name, str(value)))
        elif name == shape.payload:
            payload = value if isinstance(value, bytes) else _value(model, member, value, name)
        else:
            document[member.location_name or name] = _value(model, member, value, name)
    if shape.payload is not None and model.shapes[shape.members[shape.payload].shape].type == "blob":
        return headers, payload or b""
    headers.append(("Content-Type", "application/json"))
    return headers, orjson.dumps(document if shape.payload is None else payload)


def _member(result: Any, name: str) -> Any:
    if isinstance(result, msgspec.Struct):
        return getattr(result, snake_case(name), None)
    if isinstance(result, Mapping):
        return result.get(snake_case(name))
    if result is None:
        return None
    raise TypeError(f"a structure is expected where {type(result).__name__} stands ({name})")


def _value(model: ServiceModel, reference: Reference, value: Any, path: str) -> Any:
    shape = model.shapes[reference.shape]
    match shape.type:
        case "structure":
            if value is None:
                raise TypeError(f"{path}: a structure is expected, not null")
            return _structure(model, shape, value, path)
        case "list" if shape.member is not None and isinstance(value, list | tuple | set | frozenset):
            element = shape.member
            return [_value(model, element, item, path) for item in value]
        case "map" if shape.value is not None and isinstance(value, Mapping):
            element = shape.value
            return {
                key: None if item is None else _value(model, element, item, f"{path}.{key}")
                for key, item in value.items()
            }
        case "string" if isinstance(value, str):
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "integer" | "long" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "double" | "float" if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        case "timestamp" if isinstance(value, int | float):
            return _timestamp(reference.timestamp_format or shape.timestamp_format, int(value))
        case "blob" if isinstance(value, bytes):
            return base64.b64encode(value).decode()
    raise TypeError(f"{path}: {shape.type} is expected where {type(value).__name__} stands")


def _structure(model: ServiceModel, shape: Shape, value: Any, path: str) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        inner = _member(value, name)
        if inner is not None:
            found[member.location_name or name] = _value(model, member, inner, f"{path}.{name}")
    return found


def _timestamp(form: str | None, seconds: int) -> int | str:
    if form == "iso8601":
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return seconds
