"""Which specification a document follows, and what differs between Swagger 2.0, OpenAPI 3.0 and OpenAPI 3.1."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from apigw.control.openapi.fields import Object, report_unknown
from apigw.control.openapi.findings import Findings, shown

_OAS30: Final = re.compile(r"3\.0(\.\d+)?(-[a-z0-9]+)?")
_OAS31: Final = re.compile(r"3\.1(\.\d+)?(-[a-z0-9]+)?")

_COMMON: Final = frozenset({"info", "paths", "security", "tags", "externalDocs"})
_SWAGGER: Final = _COMMON | {
    "swagger", "host", "basePath", "schemes", "consumes", "produces", "definitions", "parameters", "responses",
    "securityDefinitions",
}  # fmt: skip
_OPENAPI: Final = _COMMON | {"openapi", "servers", "components"}
_BEYOND: Final = {
    "webhooks": "The field 'webhooks' of the document is not supported and was left out",
    "jsonSchemaDialect": "The field 'jsonSchemaDialect' was left out: schemas are read as JSON Schema 2020-12",
}
_COMPONENTS: Final = frozenset(
    {"schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links",
     "callbacks", "x-amazon-apigateway-integrations"}
)  # fmt: skip
_EXTENSIONS: Final = frozenset(
    f"x-amazon-apigateway-{name}"
    for name in (
        "api-key-source", "binary-media-types", "documentation", "endpoint-access-mode", "endpoint-configuration",
        "gateway-responses", "minimum-compression-size", "policy", "request-validator", "request-validators",
        "security-policy",
    )
)  # fmt: skip


class Document(Struct, frozen=True):
    """A document whose version is known; ``schemas`` and ``schemes`` are the keys of models and security schemes.

    OpenAPI 3.1 is read as 3.0 wherever the two agree; ``version_31`` is asked where they do not.
    """

    tree: Object
    openapi3: bool
    schemas: tuple[str, ...]
    schemes: tuple[str, ...]
    version_31: bool = False


def recognise(tree: Object, findings: Findings) -> Document | None:
    """The document, or ``None`` with an error when apigw does not read its version."""
    swagger, openapi = tree.get("swagger"), tree.get("openapi")
    if swagger in ("2.0", 2) and type(swagger) is not bool:
        report_unknown(findings, tree, _SWAGGER | _EXTENSIONS, None, "the document")
        return Document(tree, False, ("definitions",), ("securityDefinitions",))
    version = str(openapi) if type(openapi) in (str, float) else ""
    is_31 = _OAS31.fullmatch(version) is not None
    if is_31 or _OAS30.fullmatch(version):
        known, known_components = _OPENAPI | _EXTENSIONS, _COMPONENTS
        if is_31:
            _beyond(tree, findings)
            known, known_components = known | _BEYOND.keys(), known_components | {"pathItems"}
        report_unknown(findings, tree, known, None, "the document")
        components = tree.get("components")
        if type(components) is dict:
            report_unknown(findings, components, known_components, (None, "components"), "components")
        return Document(tree, True, ("components", "schemas"), ("components", "securitySchemes"), is_31)
    if openapi is None:
        findings.error(
            (None, "swagger"),
            f"Unsupported Swagger version {shown(swagger)}; supported are Swagger 2.0, OpenAPI 3.0 and 3.1",
        )
    else:
        findings.error(
            (None, "openapi"),
            f"Unsupported OpenAPI version {shown(openapi)}; supported are Swagger 2.0, OpenAPI 3.0 and 3.1",
        )
    return None


def _beyond(tree: Object, findings: Findings) -> None:
    """Say what OpenAPI 3.1 has and a REST API has not. AWS refuses such documents."""
    findings.warn(
        (None, "openapi"), "AWS refuses OpenAPI 3.1; apigw imports what it shares with 3.0, in the form of 3.0"
    )
    for key, text in _BEYOND.items():
        if key in tree:
            findings.left_out(text, (None, key))


def is_document(tree: Object) -> bool:
    """Does the tree say that it follows either specification?"""
    return "swagger" in tree or "openapi" in tree
