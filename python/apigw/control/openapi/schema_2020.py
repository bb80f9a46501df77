"""One schema of OpenAPI 3.1 (JSON Schema 2020-12) in the words of draft 4, which AWS's models are written in.

Only this level: what lies below comes back as ``Below``, with the place where it is written, and is lowered next.
A keyword that draft 4 can say otherwise becomes exactly that; any other is left out and told.
https://json-schema.org/draft/2020-12/json-schema-core, https://datatracker.ietf.org/doc/html/draft-zyp-json-schema-04
"""

from __future__ import annotations

from typing import Any, Final

import orjson
from msgspec import Struct

from apigw.control.openapi.fields import Object, wrong
from apigw.control.openapi.findings import Findings, Place

ANNOTATIONS: Final = frozenset(
    {"$comment", "default", "deprecated", "description", "discriminator", "example", "examples", "externalDocs",
     "nullable", "readOnly", "summary", "title", "writeOnly", "xml"}
)  # fmt: skip
"""What says nothing about which values are valid."""
_NO_COUNTERPART: Final = frozenset(
    {"$anchor", "$comment", "$dynamicAnchor", "$dynamicRef", "$id", "$schema", "$vocabulary", "additionalItems",
     "contentSchema", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
)  # fmt: skip
_FORMATS: Final = {
    ("contentEncoding", "base64"): "byte",
    ("contentMediaType", "application/octet-stream"): "binary",
}
_ARRAY: Final = {"type": "array"}
_LOWERED: Final = _NO_COUNTERPART | {
    "$defs", "const", "contains", "contentEncoding", "contentMediaType", "dependentRequired", "dependentSchemas",
    "else", "enum", "exclusiveMaximum", "exclusiveMinimum", "if", "maxContains", "minContains", "prefixItems", "then",
}  # fmt: skip
WORK: Final = 10
"""What lowering takes, in the steps that an import may spend: conditions in conditions multiply."""


def is_draft_4(schema: Object) -> bool:
    """Says a schema the same in draft 4, on this level?"""
    reference_alone = "$ref" not in schema or len(schema) == 1
    return reference_alone and schema.get("required") != [] and schema.keys().isdisjoint(_LOWERED)


class Below(Struct, frozen=True):
    """A schema below, as it is written, and where."""

    schema: Any
    place: Place


class Lowering:
    """One schema being rewritten; ``of`` is all that others call."""

    def __init__(self, schema: Object, place: Place, findings: Findings) -> None:
        self._node = dict(schema)
        self._place = place
        self._findings = findings
        self._also: list[Any] = []

    @classmethod
    def of(cls, schema: Object, place: Place, findings: Findings) -> Object:
        """The schema in draft 4's words, one level deep."""
        lowering = cls(schema, place, findings)
        for step in (
            lowering._formats,
            lowering._enumeration,
            lowering._constant,
            lowering._bounds,
            lowering._contains,
            lowering._conditions,
            lowering._dependencies,
            lowering._definitions,
            lowering._without_counterpart,
            lowering._tuples,
            lowering._reference,
        ):
            step()
        return lowering._done()

    def _done(self) -> Object:
        node = self._node
        if node.get("required") == []:
            del node["required"]  # draft 4 wants one name at least; none demands nothing
        if self._also:
            given = node.get("allOf")
            if type(given) not in (list, type(None)):
                wrong(self._findings, (self._place, "allOf"), "array", given)
                given = None
            written = [Below(one, ((self._place, "allOf"), index)) for index, one in enumerate(given or ())]
            node["allOf"] = [*written, *self._also]
        return node

    def _leave_out(self, key: str) -> None:
        del self._node[key]
        text = f"The keyword '{key}' is not part of models and was left out"
        self._findings.left_out(text, (self._place, key))

    def _take(self, key: str) -> Below:
        return Below(self._node.pop(key), (self._place, key))

    def _take_mapping(self, key: str) -> Object:
        value = self._node.pop(key, None)
        if value is None or type(value) is dict:
            return value or {}
        wrong(self._findings, (self._place, key), "object", value)
        return {}

    def _formats(self) -> None:
        for key in ("contentEncoding", "contentMediaType"):
            if key not in self._node:
                continue
            value = self._node[key]
            known = _FORMATS.get((key, value)) if type(value) is str else None
            if known is not None and "format" not in self._node:
                del self._node[key]
                self._node["format"] = known
            else:
                self._leave_out(key)

    def _enumeration(self) -> None:
        """Draft 4 wants values, each once; in 2020-12 a list without any accepts nothing."""
        values = self._node.get("enum")
        if type(values) is not list:
            return
        once = {orjson.dumps(value, option=orjson.OPT_SORT_KEYS): value for value in values}
        if not once:
            del self._node["enum"]
            self._also.append({"not": {}})
        elif len(once) < len(values):
            self._node["enum"] = list(once.values())

    def _constant(self) -> None:
        if "const" in self._node:
            only = {"enum": [self._node.pop("const")]}
            if "enum" in self._node:
                self._also.append(only)
            else:
                self._node.update(only)

    def _bounds(self) -> None:
        """A number in ``exclusiveMinimum`` is a bound of its own; draft 4 has a flag beside ``minimum``."""
        for exclusive, bound, tighter in (
            ("exclusiveMinimum", "minimum", max),
            ("exclusiveMaximum", "maximum", min),
        ):
            if exclusive not in self._node:
                continue
            limit, other = self._node[exclusive], self._node.get(bound)
            if type(limit) not in (int, float):
                self._leave_out(exclusive)
            elif type(other) not in (int, float) or tighter(limit, other) == limit:
                self._node[bound], self._node[exclusive] = limit, True
            else:
                del self._node[exclusive]

    def _contains(self) -> None:
        least, most = self._node.get("minContains", 1), self._node.get("maxContains")
        if "contains" in self._node and least == 1 and type(least) is int and most is None:
            self._node.pop("minContains", None)
            # Not all items are others; what is no array passes.
            self._also.append({"anyOf": [{"not": dict(_ARRAY)}, {"not": {"items": {"not": self._take("contains")}}}]})
        for key in ("contains", "minContains", "maxContains"):
            if key in self._node:
                self._leave_out(key)

    def _conditions(self) -> None:
        if "if" in self._node:
            condition = self._take("if")
            if "then" in self._node:
                self._also.append({"anyOf": [{"not": condition}, self._take("then")]})
            if "else" in self._node:
                self._also.append({"anyOf": [condition, self._take("else")]})
        for key in ("then", "else"):
            if key in self._node:
                self._leave_out(key)

    def _dependencies(self) -> None:
        if "dependentRequired" not in self._node and "dependentSchemas" not in self._node:
            return
        made: Object = {}
        for name, names in self._take_mapping("dependentRequired").items():
            if names != []:
                made[name] = names
        place: Place = (self._place, "dependentSchemas")
        for name, schema in self._take_mapping("dependentSchemas").items():
            below = Below(schema, (place, name))
            made[name] = {"allOf": [below, {"required": made[name]}]} if name in made else below
        given = self._node.pop("dependencies", None)
        if type(given) is dict:
            self._also.append({"dependencies": made})
            made = {
                name: one if type(one) is list else Below(one, ((self._place, "dependencies"), name))
                for name, one in given.items()
            }
        if made:
            self._node["dependencies"] = made

    def _definitions(self) -> None:
        if "$defs" in self._node:
            place: Place = (self._place, "$defs")
            made = {name: Below(one, (place, name)) for name, one in self._take_mapping("$defs").items()}
            given = self._node.get("definitions")
            self._node["definitions"] = {**(given if type(given) is dict else {}), **made}

    def _without_counterpart(self) -> None:
        for key in sorted(self._node.keys() & _NO_COUNTERPART):
            self._leave_out(key)

    def _tuples(self) -> None:
        if "prefixItems" not in self._node:
            return
        first = self._node.pop("prefixItems")
        place: Place = (self._place, "prefixItems")
        if type(first) is not list:
            wrong(self._findings, place, "array", first)
            return
        if "items" in self._node:
            self._node["additionalItems"] = self._take("items")
        self._node["items"] = [Below(one, (place, index)) for index, one in enumerate(first)]

    def _reference(self) -> None:
        """Draft 4 knows nothing beside ``$ref``; 2020-12 demands both."""
        rest = {key for key in self._node if key != "$ref" and not key.startswith("x-")}
        if "$ref" in self._node and (self._also or rest - (ANNOTATIONS - {"description", "title"})):
            reference = self._node.pop("$ref")
            self._also.append(Below({"$ref": reference}, self._place))
