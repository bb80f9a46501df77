"""Gateway responses that a document customises.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
"""

from __future__ import annotations

import re
from typing import Final

from apigw.control.openapi.fields import Object, mapping, report_unknown, scalar, wrong
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.domain import gateway_response_rules as rules
from apigw.domain.errors import ControlError
from apigw.domain.integration_rules import check_content_types
from apigw.domain.rest_api import GatewayResponse

_EXTENSION: Final = "x-amazon-apigateway-gateway-responses"
_KNOWN: Final = frozenset({"statusCode", "responseParameters", "responseTemplates"})
_STATUS: Final = re.compile(r"[1-5][0-9][0-9]")


def read_gateway_responses(work: Import) -> list[GatewayResponse]:
    """All gateway responses of the document."""
    responses = []
    for kind, value in mapping(work.findings, work.document.tree, _EXTENSION, None).items():
        found = work.object(value, ((None, _EXTENSION), kind))
        if found is None:
            continue
        if kind not in rules.STATUSES:
            work.findings.error(found[1], f"Invalid gateway response type '{kind}'")
            continue
        responses.append(_response(work, kind, *found))
    return responses


def _response(work: Import, kind: str, node: Object, place: Place) -> GatewayResponse:
    findings = work.findings
    report_unknown(findings, node, _KNOWN, place, "a gateway response")
    status = scalar(findings, node, "statusCode", place)
    if status is not None and not _STATUS.fullmatch(status):
        findings.error((place, "statusCode"), f"Invalid status code '{status}'")
    parameters = _texts(work, node, "responseParameters", place)
    for target, source in (parameters or {}).items():
        where: Place = ((place, "responseParameters"), target)
        try:
            rules.check_parameter(target, source)
        except ControlError as error:
            findings.error(where, error.message)
    templates = _texts(work, node, "responseTemplates", place)
    for content_type in templates or {}:
        try:
            check_content_types((content_type,))
        except ControlError as error:
            findings.error(((place, "responseTemplates"), content_type), error.message)
    return GatewayResponse(
        response_type=kind, status_code=status, response_parameters=parameters, response_templates=templates
    )


def _texts(work: Import, node: Object, key: str, place: Place) -> dict[str, str] | None:
    if node.get(key) is None:
        return None
    found = {}
    for name, value in mapping(work.findings, node, key, place).items():
        if type(value) is str:
            found[name] = value
        else:
            wrong(work.findings, ((place, key), name), "string", value)
    return found
