"""What an import would say about a document, without a store: for ``apigw validate`` and for helpful refusals."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from apigw.control.openapi.build import build
from apigw.control.openapi.document import is_document
from apigw.control.openapi.findings import Finding, Findings, Keys
from apigw.control.openapi.importing import Parameters, Target
from apigw.control.openapi.locate import locate
from apigw.control.openapi.read import NotADocument, YamlToJson, read
from apigw.control.openapi.settings import CUSTOM_ID, pinned_id
from apigw.control.openapi.variables import substitute
from apigw.control.operation import CheckText

# Stand-ins of the same kind as the real ones; a check writes nothing.
_ACCOUNT, _PARTITION, _REGION = "123456789012", "aws", "us-east-1"
_API_ID, _ROOT = "0000000000", "root00"


class Report(Struct, frozen=True):
    """All errors and warnings, each with its line and column where they are known."""

    errors: list[Finding]
    warnings: list[Finding]


class _Ids:
    """Identifiers that nobody sees."""

    def __init__(self) -> None:
        self._count = 0

    def short(self) -> str:
        self._count += 1
        return f"{self._count:06d}"

    def api(self) -> str:
        return _API_ID

    def secret(self) -> str:
        return "0" * 40


def check(text: bytes, yaml_to_json: YamlToJson, check_text: CheckText) -> Report:
    """Read ``text`` as ImportRestApi would."""
    findings = Findings()
    try:
        source = read(substitute(text, _ACCOUNT, _PARTITION, _REGION), yaml_to_json, findings)
    except NotADocument as error:
        return Report([Finding(error.message, (), True, error.line, error.column)], [])
    if is_document(source.tree):
        api_id = (pinned_id(source.tree) or {}).get(CUSTOM_ID, _API_ID)
        target = Target(api_id, _ROOT, _ACCOUNT, _REGION, _PARTITION, 0, _Ids(), check_text)
        build(source.tree, target, Parameters(), findings)
    else:
        findings.error(None, "This is no OpenAPI document: it has neither 'swagger' nor 'openapi'")
    errors, warnings = findings.errors(), findings.warnings()
    if not errors and not warnings:
        return Report([], [])
    # Places are those of the text as it was given, before variables were put in.
    places = locate(text, [found.keys for found in (*errors, *warnings)], yaml=source.yaml)
    return Report(_located(errors, places), _located(warnings, places))


def _located(findings: list[Finding], places: dict[Keys, tuple[int, int]]) -> list[Finding]:
    located = []
    for found in findings:
        line, column = places[found.keys]
        located.append(replace(found, line=line, column=column))
    return located
