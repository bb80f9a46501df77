"""Request validators: the named ones of the document, and which of them a method uses.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-request-validators.html
"""

from __future__ import annotations

from typing import Final

from apigw.control.openapi.fields import Object, boolean, mapping, report_unknown, text
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.domain.rest_api import RequestValidator

_VALIDATORS: Final = "x-amazon-apigateway-request-validators"
_VALIDATOR: Final = "x-amazon-apigateway-request-validator"


class Validators:
    """The request validators of one import."""

    def __init__(self, work: Import) -> None:
        self._work = work
        self._validators: dict[str, RequestValidator] = {}
        findings = work.findings
        existing = work.target.existing.request_validators
        known = frozenset({"validateRequestBody", "validateRequestParameters"})
        for name, node in mapping(findings, work.document.tree, _VALIDATORS, None).items():
            found = work.object(node, ((None, _VALIDATORS), name))
            if found is None:
                continue
            if not name.strip():
                findings.error(found[1], "Request Validator name cannot be blank")
            report_unknown(findings, found[0], known, found[1], "a request validator")
            self._validators[name] = RequestValidator(
                id=existing[name].id if name in existing else work.new_id(),
                name=name,
                validate_request_body=boolean(findings, found[0], "validateRequestBody", found[1]) or False,
                validate_request_parameters=boolean(findings, found[0], "validateRequestParameters", found[1]) or False,
            )
        self._common = self._named(work.document.tree, None)

    def validators(self) -> list[RequestValidator]:
        """All of them."""
        return list(self._validators.values())

    def of(self, operation: Object, place: Place) -> str | None:
        """The id of the validator that one operation uses."""
        if _VALIDATOR in operation:
            return self._named(operation, place)
        return self._common

    def _named(self, node: Object, place: Place) -> str | None:
        name = text(self._work.findings, node, _VALIDATOR, place)
        if name is None:
            return None
        found = self._validators.get(name)
        if found is None and not self._work.target.overwrite:
            found = self._work.target.existing.request_validators.get(name)
        if found is None:
            self._work.findings.error((place, _VALIDATOR), f"Invalid Request Validator identifier specified: '{name}'")
            return None
        return found.id
