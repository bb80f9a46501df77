"""Parameters of an operation: ``method.request.…`` declarations and what describes them.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
"""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from apigw.control.openapi.documentation import Documentation, pick
from apigw.control.openapi.fields import Object, boolean, report_unknown, text, wrong
from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import ControlError
from apigw.domain.rest_api import DocumentationLocation

_LOCATIONS: Final = {
    "query": ("querystring", "QUERY_PARAMETER"),
    "header": ("header", "REQUEST_HEADER"),
    "path": ("path", "PATH_PARAMETER"),
}
_CONSTRAINTS: Final = frozenset(
    {"default", "enum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maximum", "minItems",
     "minLength", "minimum", "multipleOf", "nullable", "pattern", "uniqueItems", "oneOf", "anyOf", "allOf", "not"}
)  # fmt: skip
_TYPE: Final = frozenset({"type", "format", "items", "title", "description", "example", "examples", "$ref"})
_KEYWORDS: Final = _CONSTRAINTS | _TYPE
_DESCRIBES: Final = (
    "description", "deprecated", "example", "examples", "style", "explode", "collectionFormat", "allowEmptyValue",
    "allowReserved",
)  # fmt: skip
_SWAGGER: Final = _CONSTRAINTS | {"type", "format", "items"}
_VARIABLE: Final = re.compile(r"\{([a-zA-Z0-9._:,-]+)\+?\}")  # also within a part, of a path that is refused for it
_KNOWN: Final = frozenset({"name", "in", "required", *_DESCRIBES})
_OPENAPI: Final = _KNOWN | {"schema", "content"}


class Parameter(Struct, frozen=True):
    """A parameter as the document has it; ``location`` is its ``in``."""

    name: str
    location: str
    required: bool
    node: Object
    place: Place


class ParameterReader:
    """Reads parameters; one that many operations refer to is read once."""

    def __init__(self, work: Import, documentation: Documentation) -> None:
        self._work = work
        self._documentation = documentation
        self._read: dict[int, Parameter | None] = {}

    def listed(self, node: Object, place: Place) -> list[Parameter]:
        """The ``parameters`` of a path item or an operation."""
        value = node.get("parameters")
        if value is None:
            return []
        place = (place, "parameters")
        if type(value) is not list:
            wrong(self._work.findings, place, "array", value)
            return []
        self._work.spend(len(value))
        found = []
        seen = set()
        for index, item in enumerate(value):
            parameter = self._parameter(item, (place, index))
            if parameter is None:
                continue
            key = (parameter.location, parameter.name)
            if key in seen:
                self._work.findings.error(
                    (place, index), f"The {parameter.location} parameter '{parameter.name}' is given more than once"
                )
            seen.add(key)
            found.append(parameter)
        return found

    def _parameter(self, value: Any, place: Place) -> Parameter | None:
        found = self._work.object(value, place)
        if found is None:
            return None
        node, where = found
        key = id(node)  # the tree outlives the import
        if key not in self._read:
            self._read[key] = self._new(node, where)
        return self._read[key]

    def _new(self, node: Object, place: Place) -> Parameter | None:
        findings = self._work.findings
        name = text(findings, node, "name", place)
        location = text(findings, node, "in", place)
        if not name or not location:
            findings.error(place, "A parameter needs 'name' and 'in'")
            return None
        required = boolean(findings, node, "required", place) or False
        if location in _LOCATIONS:
            self._look_for_constraints(node, place)
        return Parameter(name, location, required, node, place)

    def _look_for_constraints(self, node: Object, place: Place) -> None:
        findings = self._work.findings
        if self._work.document.openapi3:
            report_unknown(findings, node, _OPENAPI, place, "a parameter")
            if "content" in node:
                findings.left_out(
                    "The field 'content' of a parameter is not supported and was left out", (place, "content")
                )
            report_schema(self._work, node, place, "a parameter")
        else:
            report_unknown(findings, node, _KNOWN | _SWAGGER, place, "a parameter")
            _report_constraints(self._work, node, place, "a parameter")

    def declare(self, parameters: list[Parameter], path: str, verb: str) -> dict[str, bool]:
        """``method.request.…`` of a method, the path's own variables first."""
        findings = self._work.findings
        declared = {f"method.request.path.{name}": True for name in variables_of(path)}
        for parameter in parameters:
            known = _LOCATIONS.get(parameter.location)
            if known is None:
                self._left_out(parameter)
                continue
            where, kind = known
            text = f"method.request.{where}.{parameter.name}"
            try:
                expressions.parse_declaration(text)
            except ControlError as error:
                findings.error(parameter.place, f"Unable to put method '{verb}' on resource at path '{path}': {error}")
                continue
            declared[text] = parameter.required or where == "path"
            location = DocumentationLocation(type=kind, path=path, method=verb, name=parameter.name)
            self._documentation.add(location, pick(parameter.node, _DESCRIBES), parameter.place)
        return declared

    def _left_out(self, parameter: Parameter) -> None:
        findings = self._work.findings
        swagger = not self._work.document.openapi3
        if parameter.location == "body" and swagger:
            return
        if parameter.location == ("formData" if swagger else "cookie"):
            findings.left_out(f"A {parameter.location} parameter is not supported and was left out", parameter.place)
        else:
            findings.error((parameter.place, "in"), f"Invalid parameter location {shown(parameter.location)}")


def report_schema(work: Import, node: Object, place: Place, what: str) -> None:
    """Warn of what the ``schema`` of a parameter or a response header says beyond a type: a REST API takes any text."""
    if "schema" not in node or (node["schema"] is True and work.document.version_31):
        return
    found = work.object(node["schema"], (place, "schema"), whole=True)
    if found is None:
        return
    schema, place = found
    for key in sorted(schema.keys() - _KEYWORDS):
        work.findings.left_out(f"The keyword '{key}' of {what} is not supported and was left out", (place, key))
    _report_constraints(work, schema, place, what)


def _report_constraints(work: Import, schema: Object, place: Place, what: str) -> None:
    for key in sorted(schema.keys() & _CONSTRAINTS):
        work.findings.left_out(f"The keyword '{key}' of {what} has no effect in a REST API", (place, key))


def variables_of(path: str) -> list[str]:
    """The names of a path's variables: AWS declares them on every method below it."""
    if "{" not in path:
        return []
    return _VARIABLE.findall(path)


def merged(common: list[Parameter], own: list[Parameter]) -> list[Parameter]:
    """Parameters of a path item with those of an operation, which win."""
    if not common:
        return own
    together = {(parameter.location, parameter.name): parameter for parameter in common}
    together.update({(parameter.location, parameter.name): parameter for parameter in own})
    return list(together.values())
