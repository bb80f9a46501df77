"""What a document defines for its own use and then does not use: it becomes nothing, and that is said.

Models, validators and authorizers become records whether they are used or not.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from __future__ import annotations

from typing import Final

from apigw.control.openapi.authorizers import Scheme
from apigw.control.openapi.fields import Object
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import

_SWAGGER: Final = ("parameters", "responses")
_COMPONENTS: Final = (
    "callbacks",
    "examples",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "requestBodies",
    "responses",
    "x-amazon-apigateway-integrations",
)


def report_unused(work: Import, schemes: dict[str, Scheme], used: set[str]) -> None:
    """Warn of parts that nothing referred to, and of security schemes that no operation demands."""
    tree = work.document.tree
    node = tree.get("components") if work.document.openapi3 else tree
    if type(node) is dict:
        parent: Place = (None, "components") if work.document.openapi3 else None
        for section in _COMPONENTS if work.document.openapi3 else _SWAGGER:
            _report_section(work, node, section, parent)
    for name, scheme in schemes.items():
        if scheme.kind != "authorizer" and name not in used:
            work.findings.left_out(
                f"The security scheme '{name}' has no authorizer, is not used and was left out", scheme.place
            )


def _report_section(work: Import, node: Object, section: str, parent: Place) -> None:
    parts = node.get(section)
    if type(parts) is not dict:
        return
    prefix = "#/components/" if work.document.openapi3 else "#/"
    for name in parts:
        escaped = name.replace("~", "~0").replace("/", "~1")
        if not work.references.is_used(f"{prefix}{section}/{escaped}"):
            work.findings.left_out(
                f"A part of '{section}' that nothing refers to was left out", ((parent, section), name)
            )
