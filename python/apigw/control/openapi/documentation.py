"""Documentation parts: those the document lists, and those its descriptions and summaries become.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-documenting-api-content-representation.html
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from apigw.control.openapi.fields import Object, mapping, report_unknown, scalar, sequence, text
from apigw.control.openapi.findings import Place, shown
from apigw.control.openapi.importing import Import
from apigw.domain.rest_api import DocumentationLocation, DocumentationPart

_FIELDS: Final[dict[str, frozenset[str]]] = {
    "API": frozenset(),
    "AUTHORIZER": frozenset({"name"}),
    "MODEL": frozenset({"name"}),
    "RESOURCE": frozenset({"path"}),
    "METHOD": frozenset({"path", "method"}),
    "QUERY_PARAMETER": frozenset({"path", "method", "name"}),
    "REQUEST_BODY": frozenset({"path", "method", "name"}),
    "REQUEST_HEADER": frozenset({"path", "method", "name"}),
    "PATH_PARAMETER": frozenset({"path", "method", "name"}),
    "RESPONSE": frozenset({"path", "method", "statusCode"}),
    "RESPONSE_BODY": frozenset({"path", "method", "statusCode"}),
    "RESPONSE_HEADER": frozenset({"path", "method", "statusCode", "name"}),
}
"""Which members a location of each type has."""
_NAMED: Final = frozenset({"AUTHORIZER", "MODEL", "REQUEST_HEADER", "PATH_PARAMETER", "RESPONSE_HEADER"})
_PART: Final = frozenset({"location", "properties"})
_LOCATION: Final = frozenset({"type", "path", "method", "statusCode", "name"})
_DEFAULTS: Final = {"path": "/", "method": "*", "statusCode": "*"}
_EXTENSION: Final = "x-amazon-apigateway-documentation"


class Documentation:
    """The documentation parts of one import."""

    def __init__(self, work: Import) -> None:
        self._work = work
        self._ignored = work.parameters.ignore_documentation
        self._parts: dict[DocumentationLocation, tuple[Object, Place]] = {}

    def add(self, location: DocumentationLocation, properties: Object, place: Place) -> None:
        """Keep what describes ``location``; later properties win over earlier ones of the same name."""
        if self._ignored or not properties:
            return
        known = self._parts.get(location)
        self._parts[location] = (properties if known is None else {**known[0], **properties}, place)

    def read_listed(self) -> None:
        """Read ``x-amazon-apigateway-documentation``; to be called after everything that describes itself."""
        if self._ignored:
            return
        findings = self._work.findings
        node = mapping(findings, self._work.document.tree, _EXTENSION, None)
        place: Place = (None, _EXTENSION)
        known = frozenset({"version", "createdDate", "documentationParts"})
        report_unknown(findings, node, known, place, _EXTENSION)
        place = (place, "documentationParts")
        for index, part in enumerate(sequence(findings, node, "documentationParts", (None, _EXTENSION))):
            found = self._work.object(part, (place, index))
            if found is None:
                continue
            report_unknown(findings, found[0], _PART, found[1], "a documentation part")
            location = self._location(found[0], found[1])
            properties = self._properties(found[0], found[1])
            if location is not None and properties is not None:
                self.add(location, properties, found[1])

    def _location(self, part: Object, place: Place) -> DocumentationLocation | None:
        findings = self._work.findings
        node = mapping(findings, part, "location", place)
        place = (place, "location")
        report_unknown(findings, node, _LOCATION, place, "a documentation part's location")
        kind = text(findings, node, "type", place)
        fields = _FIELDS.get(kind or "")
        if kind is None or fields is None:
            findings.error((place, "type"), f"Invalid documentation part type {shown(kind)}")
            return None
        values: dict[str, str | None] = {}
        for field in ("path", "method", "statusCode", "name"):
            value = scalar(findings, node, field, place)
            if value is not None and field not in fields:
                findings.error((place, field), f"A documentation part of type '{kind}' has no '{field}'")
            values[field] = (value or _DEFAULTS.get(field)) if field in fields else None
        if kind in _NAMED and not values["name"]:
            findings.error(place, f"A documentation part of type '{kind}' needs a 'name'")
            return None
        return DocumentationLocation(
            type=kind,
            path=values["path"],
            method=values["method"],
            status_code=values["statusCode"],
            name=values["name"],
        )

    def _properties(self, part: Object, place: Place) -> Object | None:
        properties: Any = part.get("properties")
        if type(properties) is str:
            try:
                properties = orjson.loads(properties)
            except orjson.JSONDecodeError:
                properties = None
        if type(properties) is not dict or not properties:
            self._work.findings.error(
                (place, "properties"), "Documentation part properties must be a non-empty JSON object"
            )
            return None
        return properties

    def parts(self) -> list[DocumentationPart]:
        """All parts; one that existed keeps its id."""
        existing = self._work.target.existing.documentation_parts
        new_id = self._work.new_id
        parts = []
        for location, (properties, place) in self._parts.items():
            try:
                written = orjson.dumps(properties).decode()
            except orjson.JSONEncodeError:
                self._work.findings.error(place, "The documentation is nested too deeply")
                continue
            known = existing.get(location)
            identifier = known.id if known is not None else new_id()
            parts.append(DocumentationPart(id=identifier, location=location, properties=written))
        return parts


def pick(node: Object, names: tuple[str, ...]) -> Object:
    """The members of ``node`` that describe it, without empty ones."""
    found = {}
    for name in names:
        value = node.get(name)
        if value is not None and value != "" and value != []:
            found[name] = value
    return found
