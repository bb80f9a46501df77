"""Gateway responses that a document customises.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-gateway-responses.html
"""

from __future__ import annotations

import re
from typing import Final

from apigw.control.openapi.fields import Object, mapping, report_unknown, scalar, wrong
from apigw.control.openapi.findings import Place
from apigw.control.openapi.importing import Import
from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import ControlError
from apigw.domain.integration_rules import check_content_types
from apigw.domain.rest_api import GatewayResponse

TYPES: Final = frozenset(
    {"ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE",
     "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN",
     "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE",
     "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED",
     "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED"}
)  # fmt: skip
_EXTENSION: Final = "x-amazon-apigateway-gateway-responses"
_KNOWN: Final = frozenset({"statusCode", "responseParameters", "responseTemplates"})
_STATUS: Final = re.compile(r"[1-5][0-9][0-9]")
_TARGET: Final = re.compile(r"gatewayresponse\.header\.[a-zA-Z0-9._$-]+")


def read_gateway_responses(work: Import) -> list[GatewayResponse]:
    """All gateway responses of the document."""
    responses = []
    for kind, value in mapping(work.findings, work.document.tree, _EXTENSION, None).items():
        found = work.object(value, ((None, _EXTENSION), kind))
        if found is None:
            continue
        if kind not in TYPES:
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
        if not _TARGET.fullmatch(target):
            findings.error(where, expressions.invalid(target).message)
        try:
            source_form = expressions.parse_request_source(source)
        except ControlError as error:
            findings.error(where, error.message)
            continue
        if isinstance(source_form, expressions.BodySource):
            findings.error(where, expressions.invalid(source).message)
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
