"""Which specification a document follows, and what differs between Swagger 2.0 and OpenAPI 3.0."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from apigw.control.openapi.fields import Object, report_unknown
from apigw.control.openapi.findings import Findings, shown

_OAS30: Final = re.compile(r"3\.0(\.\d+)?(-[a-z0-9]+)?")

_COMMON: Final = frozenset({"info", "paths", "security", "tags", "externalDocs"})
_SWAGGER: Final = _COMMON | {
    "swagger", "host", "basePath", "schemes", "consumes", "produces", "definitions", "parameters", "responses",
    "securityDefinitions",
}  # fmt: skip
_OPENAPI: Final = _COMMON | {"openapi", "servers", "components"}
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
    """A document whose version is known; ``schemas`` and ``schemes`` are the keys of models and security schemes."""

    tree: Object
    openapi3: bool
    schemas: tuple[str, ...]
    schemes: tuple[str, ...]


def recognise(tree: Object, findings: Findings) -> Document | None:
    """The document, or ``None`` with an error when apigw does not read its version."""
    swagger, openapi = tree.get("swagger"), tree.get("openapi")
    if swagger in ("2.0", 2) and type(swagger) is not bool:
        report_unknown(findings, tree, _SWAGGER | _EXTENSIONS, None, "the document")
        return Document(tree, False, ("definitions",), ("securityDefinitions",))
    version = str(openapi)
    if type(openapi) in (str, float) and _OAS30.fullmatch(version):
        report_unknown(findings, tree, _OPENAPI | _EXTENSIONS, None, "the document")
        components = tree.get("components")
        if type(components) is dict:
            report_unknown(findings, components, _COMPONENTS, (None, "components"), "components")
        return Document(tree, True, ("components", "schemas"), ("components", "securitySchemes"))
    if openapi is None:
        findings.error(
            (None, "swagger"),
            f"Unsupported Swagger version {shown(swagger)}; supported are Swagger 2.0 and OpenAPI 3.0",
        )
    else:
        findings.error(
            (None, "openapi"),
            f"Unsupported OpenAPI version {shown(openapi)}; supported are Swagger 2.0 and OpenAPI 3.0",
        )
    return None


def is_document(tree: Object) -> bool:
    """Does the tree say that it follows either specification?"""
    return "swagger" in tree or "openapi" in tree
