"""Models: named schemas of the document, and schemas written in place, which get a generated name.

References become the canonical form ``https://apigateway.amazonaws.com/restapis/{id}/models/{name}``.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

import orjson

from apigw.control.openapi.fields import Object, mapping, wrong
from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.control.openapi.resolve import pointer
from apigw.control.openapi.schema_2020 import ANNOTATIONS, WORK, Below, Lowering, is_draft_4
from apigw.domain.model_rules import LENGTHS, SCHEMA, SCHEMA_LIST, SCHEMA_MAP, TOO_LARGE, too_large
from apigw.domain.rest_api import Model

_ALPHANUMERIC: Final = re.compile(r"[a-zA-Z0-9]+")
_CANONICAL: Final = "https://apigateway.amazonaws.com/restapis/"

DROPPED: Final = frozenset(
    {"default", "deprecated", "discriminator", "example", "examples", "exclusiveMaximum", "exclusiveMinimum",
     "externalDocs", "nullable", "readOnly", "writeOnly", "xml"}
)  # fmt: skip
"""Keywords that AWS does not import."""
_BOUNDS: Final = frozenset({"exclusiveMaximum", "exclusiveMinimum"})
_MAY_BE_BOOLEAN: Final = frozenset({"additionalItems", "additionalProperties"})
_STRUCTURE: Final = SCHEMA | SCHEMA_MAP | SCHEMA_LIST | LENGTHS | {"$ref"} | DROPPED


class Schemas:
    """The models of one import."""

    def __init__(self, work: Import) -> None:
        self._work = work
        self._findings = work.findings
        self._root = work.document.schemas
        self._lowers = work.document.version_31
        self._dropped = DROPPED - _BOUNDS if self._lowers else DROPPED
        self._models: dict[str, Model] = {}
        self._by_pointer: dict[str, str] = {}
        self._by_node: dict[int, str | None] = {}
        self._pending: list[tuple[str, Object, Place]] = []
        node: Object = work.document.tree
        place: Place = None
        for key in self._root[:-1]:
            node = mapping(self._findings, node, key, place)
            place = (place, key)
        self._named = mapping(self._findings, node, self._root[-1], place)
        self._place: Place = (place, self._root[-1])

    def models(self) -> list[Model]:
        """All models; to be asked when everything else was read."""
        while self._pending:
            self._add(*self._pending.pop())
        target = self._work.target
        before = target.existing.models
        after = self._models if target.overwrite else {**before, **self._models}
        if too_large(after.values(), before.values()):
            self._findings.error(self._place, TOO_LARGE)
        return list(self._models.values())

    def read_named(self) -> None:
        """Read what the document defines by name."""
        for name, schema in self._named.items():
            place = (self._place, name)
            if not _ALPHANUMERIC.fullmatch(name):
                self._findings.error(
                    place, f"Unable to create model for '{name}': Model name must be alphanumeric: {name}"
                )
            elif (readable := self._readable(schema, place)) is not None:
                self._add(name, readable, place)

    def name_of(self, schema: Any, place: Place) -> str | None:
        """The model of a body's schema: the one it refers to, or a generated one; ``None`` after an error."""
        if type(schema) is not dict:
            readable = self._readable(schema, place)
            return None if readable is None else self._name_of(readable, place)
        key = id(schema)  # the tree outlives the import, so that a schema met again is the same model
        if key not in self._by_node:
            self._by_node[key] = self._name_of(schema, place)
        return self._by_node[key]

    def _name_of(self, schema: Object, place: Place) -> str | None:
        reference = schema.get("$ref")
        if type(reference) is str and not (self._lowers and schema.keys() - ANNOTATIONS - {"$ref"}):
            if self._lowers and len(schema) > 1:
                self._findings.left_out("The fields beside '$ref' are not supported and were left out", place)
            return self._referred(reference, (place, "$ref"))
        text = self._text(schema, place)
        if text is None:
            return None
        return self._generate(text, schema)

    def _readable(self, schema: Any, place: Place) -> Object | None:
        """A schema as an object; ``None`` after an error. In OpenAPI 3.1 ``true`` allows all values, ``false`` none."""
        if type(schema) is dict:
            return schema
        if type(schema) is bool and self._lowers:
            return {} if schema else {"not": {}}
        wrong(self._findings, place, "object", schema)
        return None

    def _generate(self, text: str, schema: Object) -> str:
        digest = sha256(text.encode()).hexdigest()
        for length in range(6, len(digest)):
            name = f"MODEL{digest[:length]}"
            known = self._models.get(name)
            if known is None or known.schema == text:
                break
        if known is None:
            self._models[name] = self._model(name, text, schema)
        return name

    def _model(self, name: str, text: str, schema: Object) -> Model:
        existing = self._work.target.existing.models.get(name)
        description = schema.get("description")
        return Model(
            id=existing.id if existing is not None else self._work.new_id(),
            name=name,
            content_type="application/json",
            description=description if type(description) is str and description else None,
            schema=text,
            # AWS does not import OpenAPI 3.1; what we read of it counts whole.
            imported=not self._lowers,
        )

    def _add(self, name: str, schema: Object, place: Place) -> None:
        text = self._text(schema, place)
        if text is not None:
            self._models[name] = self._model(name, text, schema)

    def _text(self, schema: Object, place: Place) -> str | None:
        try:
            return orjson.dumps(self._convert(schema, place), option=orjson.OPT_INDENT_2).decode()
        except (orjson.JSONEncodeError, RecursionError):
            self._findings.error(place, "The schema is nested too deeply")
            return None

    def _convert(self, schema: Object, place: Place) -> Object:
        """A copy with canonical references and without what AWS does not import."""
        self._work.spend(1)
        if self._lowers and not is_draft_4(schema):
            self._work.spend(WORK)
            schema = Lowering.of(schema, place, self._findings)
        if schema.keys().isdisjoint(_STRUCTURE) and not any(key.startswith("x-") for key in schema):
            return schema
        converted: Object = {}
        for key, value in schema.items():
            if key == "$ref":
                converted[key] = self._reference(value, (place, key))
            elif key in self._dropped or key.startswith("x-"):
                self._findings.left_out(f"The keyword '{key}' is not part of models and was left out", (place, key))
            elif key in SCHEMA_MAP and type(value) is dict:
                inner: Object = {}
                for name, child in value.items():
                    inner[name] = (
                        child
                        if type(child) is list and key == "dependencies"
                        else self._child(child, ((place, key), name))
                    )
                converted[key] = inner
            elif key in SCHEMA_LIST and type(value) is list:
                children = []
                for index, child in enumerate(value):
                    children.append(self._child(child, ((place, key), index)))
                converted[key] = children
            elif key in SCHEMA or key in SCHEMA_MAP or key in SCHEMA_LIST:
                free = type(value) is bool and key in _MAY_BE_BOOLEAN
                converted[key] = value if free else self._child(value, (place, key))
            else:
                converted[key] = value
            if key in LENGTHS and not self._lowers:
                told = f"The keyword '{key}' is kept, and judged by once the model is updated, as on AWS"
                self._findings.left_out(told, (place, key))
            if key == "oneOf" and not self._work.document.openapi3:
                self._findings.left_out("The keyword 'oneOf' is not part of Swagger 2.0; it was kept", (place, key))
        return converted

    def _child(self, value: Any, place: Place) -> Any:
        if type(value) is Below:
            value, place = value.schema, value.place
        if type(value) is dict:
            return self._convert(value, place)
        if type(value) is bool:
            return self._readable(value, place) if self._lowers else value
        wrong(self._findings, place, "object", value)
        return value

    def _reference(self, reference: Any, place: Place) -> Any:
        if type(reference) is not str:
            wrong(self._findings, place, "string", reference)
            return None
        name = self._referred(reference, place)
        return f"{_CANONICAL}{self._work.target.api_id}/models/{name}"

    def _referred(self, reference: str, place: Place) -> str | None:
        """The name of the model that a reference means; ``None`` after an error."""
        known = self._by_pointer.get(reference)
        if known is not None:
            return known
        if reference.startswith(_CANONICAL):
            return self._canonical(reference, place)
        keys = pointer(reference)
        if keys is not None and tuple(keys[:-1]) == self._root and keys[-1] in self._named:
            self._by_pointer[reference] = keys[-1]
            return keys[-1]
        found = self._work.references.target(reference, place)
        if found is None:
            return None
        schema, where = found
        if keys is None or type(schema) is not dict:
            self._findings.error(place, f"The reference {shown(reference)} does not lead to a schema")
            return None
        # A part of another schema: it becomes a model of its own. Named by its pointer, because it may hold itself.
        name = self._by_pointer[reference] = self._free_name(reference)
        self._pending.append((name, schema, where))  # later, lest a chain of such references recurses
        return name

    def _free_name(self, reference: str) -> str:
        digest = sha256(reference.encode()).hexdigest()
        length = 6
        while f"MODEL{digest[:length]}" in self._named or f"MODEL{digest[:length]}" in self._models:
            length += 1
        return f"MODEL{digest[:length]}"

    def _canonical(self, reference: str, place: Place) -> str | None:
        api_id, _, name = reference.removeprefix(_CANONICAL).partition("/models/")
        target = self._work.target
        known = name in self._named or (not target.overwrite and name in target.existing.models)
        if known and api_id == target.api_id:
            return name
        self._findings.error(place, f"Invalid model specified: {shown(reference)} is no model of this API")
        return None
