"""Who may call a method: ``security`` of the operation or of the document, and ``x-amazon-apigateway-auth``.

AWS keeps one kind of authorization a method, with or without an API key. It ignores schemes that have no authorizer, so
that methods with nothing else are open: that is told before all other warnings.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from apigw.control.openapi.authorizers import Scheme
from apigw.control.openapi.fields import Object, choice, report_unknown, wrong
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.domain.method_rules import AUTHORIZATION_TYPES, INVALID_AUTHORIZER

_AUTH: Final = "x-amazon-apigateway-auth"


class Security(Struct, frozen=True):
    """What a method demands of its callers."""

    authorization_type: str = "NONE"
    authorizer_id: str | None = None
    scopes: tuple[str, ...] | None = None
    api_key_required: bool = False
    unenforced: tuple[tuple[str, Place], ...] = ()
    """Schemes that are asked for and not enforced, and where."""

    @property
    def open(self) -> bool:
        """May everybody call the method?"""
        return self.authorization_type == "NONE" and not self.api_key_required


OPEN: Final = Security()


class SecurityReader:
    """Reads the demands of operations; what the document says for all is read once."""

    def __init__(self, work: Import, schemes: dict[str, Scheme]) -> None:
        self._work = work
        self._schemes = schemes
        self.used: set[str] = set()
        tree = work.document.tree
        self._common = OPEN if tree.get("security") is None else self._read(tree["security"], (None, "security"))

    def of(self, operation: Object, place: Place) -> Security:
        """The demands of one operation."""
        security = self._common  # AWS: the document's applies to operations that have none of their own
        if operation.get("security") is not None:
            security = self._read(operation["security"], (place, "security"))
        if _AUTH in operation:
            security = self._override(operation[_AUTH], (place, _AUTH), security)
        self._tell_unenforced(security, place)
        return security

    def _tell_unenforced(self, security: Security, place: Place) -> None:
        for name, where in security.unenforced:
            scheme = f"security scheme '{name}' of type '{self._schemes[name].type}'"
            if security.open:
                self._work.findings.exposed(
                    f"Everybody may call this method: its {scheme} has no authorizer and is not enforced", place
                )
            else:
                self._work.findings.left_out(f"The {scheme} has no authorizer and is not enforced", where)

    def _override(self, value: Any, place: Place, security: Security) -> Security:
        findings = self._work.findings
        found = self._work.object(value, place)
        if found is None:
            return security
        report_unknown(findings, found[0], frozenset({"type"}), found[1], _AUTH)
        kind = choice(findings, found[0], "type", found[1], AUTHORIZATION_TYPES)
        if kind is None or (kind != "NONE" and kind == security.authorization_type):
            return security
        if kind in ("NONE", "AWS_IAM"):
            # Whoever says NONE wants the method open.
            return Security(kind, api_key_required=security.api_key_required)
        findings.error(found[1], INVALID_AUTHORIZER)
        return security

    def _read(self, value: Any, place: Place) -> Security:
        findings = self._work.findings
        if type(value) is not list:
            wrong(findings, place, "array", value)
            return OPEN
        security = OPEN
        for index, requirement in enumerate(value):
            where: Place = (place, index)
            if type(requirement) is not dict:
                wrong(findings, where, "object", requirement)
                continue
            if not requirement and len(value) > 1:
                findings.left_out(
                    "An optional security requirement ({}) is not supported; security stays required", where
                )
            for name, scopes in requirement.items():
                security = self._add(security, name, scopes, (where, name))
        return security

    def _add(self, security: Security, name: str, scopes: Any, place: Place) -> Security:
        findings = self._work.findings
        scheme = self._schemes.get(name)
        if scheme is None:
            findings.error(place, f"The security scheme '{name}' is not defined")
            return security
        self.used.add(name)
        if type(scopes) is not list or not all(type(scope) is str for scope in scopes):
            wrong(findings, place, "array of strings", scopes)
            return security
        if scheme.kind == "api_key":
            return replace(security, api_key_required=True)
        if scheme.kind == "unsupported":
            told = any(known == name for known, _ in security.unenforced)
            return security if told else replace(security, unenforced=(*security.unenforced, (name, place)))
        kind = "AWS_IAM"
        if scheme.kind == "authorizer":
            if scheme.authorizer is None:
                return security  # its error was reported where it is defined
            kind = "COGNITO_USER_POOLS" if scheme.authorizer.type == "COGNITO_USER_POOLS" else "CUSTOM"
        authorizer_id = scheme.authorizer.id if scheme.authorizer is not None else None
        if security.authorization_type != "NONE" and (kind, authorizer_id) != (
            security.authorization_type,
            security.authorizer_id,
        ):
            findings.warn(place, "A method has one kind of authorization; the last security requirement is used")
        if scopes and kind != "COGNITO_USER_POOLS":
            findings.left_out(f"Scopes are not supported by the security scheme '{name}' and were left out", place)
            scopes = []
        return replace(security, authorization_type=kind, authorizer_id=authorizer_id, scopes=tuple(scopes) or None)
