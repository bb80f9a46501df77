"""The mapping template that re-emits a model from ``$inputRoot``, as GetModelTemplate gives it.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_GetModelTemplate.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_PROLOGUE: Final = "#set($inputRoot = $input.path('$'))\n"
_DEEPEST: Final = 32

Find = Callable[[str], Any]


def template(schema: Any, find: Find) -> str:
    """``find`` gives the schema that a ``$ref`` leads to, or ``None``."""
    return _PROLOGUE + _value(schema, "$inputRoot", find, _Depth(0, 0))


class _Depth:
    """How far in: ``indent`` in the text, ``loops`` around, and how many schemas deep."""

    def __init__(self, indent: int, loops: int, schemas: int = 0) -> None:
        self.indent, self.loops, self.schemas = indent, loops, schemas

    def inner(self, *, loops: int = 0) -> _Depth:
        return _Depth(self.indent + 1, self.loops + loops, self.schemas + 1)


def _value(schema: Any, path: str, find: Find, depth: _Depth) -> str:
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = find(schema["$ref"])
    # A model that refers to itself would never end.
    if not isinstance(schema, dict) or depth.schemas > _DEEPEST:
        return path
    kind = schema.get("type")
    if kind == "object" or (kind is None and "properties" in schema):
        return _object(schema, path, find, depth)
    if kind == "array" or (kind is None and "items" in schema):
        return _array(schema, path, find, depth)
    return f'"{path}"' if kind == "string" else path


def _object(schema: dict[str, Any], path: str, find: Find, depth: _Depth) -> str:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return "{ }"
    indent, closing = "  " * (depth.indent + 1), "  " * depth.indent
    members = [
        f'{indent}"{name}" : {_value(inner, f"{path}.{name}", find, depth.inner())}'
        for name, inner in properties.items()
    ]
    return "{\n" + ",\n".join(members) + f"\n{closing}}}"


def _array(schema: dict[str, Any], path: str, find: Find, depth: _Depth) -> str:
    indent, closing = "  " * (depth.indent + 1), "  " * depth.indent
    element = "$elem" if depth.loops == 0 else f"$elem{depth.loops}"
    item = _value(schema.get("items"), element, find, depth.inner(loops=1))
    return f"[\n#foreach({element} in {path})\n{indent}{item}#if($foreach.hasNext),#end\n#end\n{closing}]"
