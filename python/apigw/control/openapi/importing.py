"""What one import knows while it reads: the document, where it goes, what is there already, and what was found.

The modules beside this one read one part each; all of them report to ``findings`` and none of them writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from apigw.control.openapi.document import Document
from apigw.control.openapi.findings import Findings, Place
from apigw.control.openapi.resolve import References
from apigw.control.operation import CheckText, Ids
from apigw.domain.rest_api import (
    Authorizer,
    DocumentationLocation,
    DocumentationPart,
    GatewayResponse,
    Method,
    Model,
    RequestValidator,
    Resource,
    RestApi,
)

MOST_WORK: Final = 1_500_000
"""Ten times what a document of 10,000 operations takes."""


class TooMuchError(Exception):
    """References make the document expand to more than anybody writes."""


class Existing(Struct, frozen=True):
    """What an API holds before the import; ids are kept for what keeps its name or place."""

    rest_api: RestApi | None = None
    resources: dict[str, Resource] = {}
    models: dict[str, Model] = {}
    authorizers: dict[str, Authorizer] = {}
    request_validators: dict[str, RequestValidator] = {}
    documentation_parts: dict[DocumentationLocation, DocumentationPart] = {}


class Target(Struct, frozen=True):
    """The API that is written, and where. ``overwrite`` drops what the document does not mention."""

    api_id: str
    root_resource_id: str
    account: str
    region: str
    partition: str
    now: int
    ids: Ids
    check_text: CheckText
    existing: Existing = Existing()
    overwrite: bool = True


class Parameters(Struct, frozen=True):
    """The call's own parameters; ``tags`` beat those of the document and of the API."""

    ignore_documentation: bool = False
    endpoint_type: str | None = None
    base_path: str = "ignore"
    tags: dict[str, str] = {}


class Definition(Struct, frozen=True):
    """Everything a document becomes."""

    rest_api: RestApi
    resources: list[Resource]
    methods: list[Method]
    models: list[Model]
    request_validators: list[RequestValidator]
    authorizers: list[Authorizer]
    gateway_responses: list[GatewayResponse]
    documentation_parts: list[DocumentationPart]


class Import:
    """One import."""

    def __init__(self, document: Document, target: Target, parameters: Parameters, findings: Findings) -> None:
        self.document = document
        self.target = target
        self.parameters = parameters
        self.findings = findings
        self.references = References(document.tree, findings, overlays=document.version_31)
        self._work = 0
        existing = target.existing
        kept: tuple[Mapping[str, Any], ...] = (
            existing.resources,
            existing.models,
            existing.authorizers,
            existing.request_validators,
        )
        self._ids = {record.id for records in kept for record in records.values()}
        self._ids.update(part.id for part in existing.documentation_parts.values())
        self._ids.add(target.root_resource_id)

    def new_id(self) -> str:
        """An id that nothing in the API has: six characters collide in large documents."""
        while True:
            fresh = self.target.ids.short()
            if fresh not in self._ids:
                self._ids.add(fresh)
                return fresh

    def spend(self, steps: int) -> None:
        """Count work; references to references may not multiply without bound."""
        self._work += steps
        if self._work > MOST_WORK:
            raise TooMuchError

    def object(self, value: Any, place: Place, *, whole: bool = False) -> tuple[dict[str, Any], Place] | None:
        """The object at ``place`` or the one it refers to; ``whole`` as ``References.object`` has it."""
        return self.references.object(value, place, whole=whole)
