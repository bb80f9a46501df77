"""The gateway response types, what AWS answers for each, and the rules of a customised one.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import Invalid
from apigw.domain.integration_rules import check_content_types
from apigw.domain.rest_api import GatewayResponse

STATUSES: Final[Mapping[str, str | None]] = {
    "ACCESS_DENIED": "403",
    "API_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_FAILURE": "500",
    "BAD_REQUEST_BODY": "400",
    "BAD_REQUEST_PARAMETERS": "400",
    "DEFAULT_4XX": None,
    "DEFAULT_5XX": None,
    "EXPIRED_TOKEN": "403",
    "INTEGRATION_FAILURE": "504",
    "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403",
    "INVALID_SIGNATURE": "403",
    "MISSING_AUTHENTICATION_TOKEN": "403",
    "QUOTA_EXCEEDED": "429",
    "REQUEST_TOO_LARGE": "413",
    "RESOURCE_NOT_FOUND": "404",
    "THROTTLED": "429",
    "UNAUTHORIZED": "401",
    "UNSUPPORTED_MEDIA_TYPE": "415",
    "WAF_FILTERED": "403",
}
"""Every type, in the order of a listing, with its own status; the two defaults have none."""
TEMPLATES: Final = {"application/json": '{"message":$context.error.messageString}'}
STATUS_PATTERN: Final = r"[1-5]\d\d"
_STATUS: Final = re.compile(STATUS_PATTERN, re.ASCII)
_TARGET: Final = re.compile(r"gatewayresponse\.(header|path|querystring)\.([a-zA-Z0-9._$-]+)")


def check(response: GatewayResponse) -> None:
    """Status, places, sources and content types are well formed."""
    if response.status_code is not None and _STATUS.fullmatch(response.status_code) is None:
        raise Invalid(
            f"1 validation error detected: Value '{response.status_code}' at 'statusCode' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {STATUS_PATTERN}"
        )
    for target, source in (response.response_parameters or {}).items():
        check_parameter(target, source)
    check_content_types(response.response_templates or {})


def check_parameter(target: str, source: str) -> None:
    """``gatewayresponse.header.{name}`` (or another place) and a source that a failed request has: not the body."""
    if _TARGET.fullmatch(target) is None:
        raise expressions.invalid(target)
    if isinstance(expressions.parse_request_source(source), expressions.BodySource):
        raise expressions.invalid(source)


def header(target: str) -> str | None:
    """The header that ``gatewayresponse.header.{name}`` sets; ``None`` for the places that no answer has."""
    match = _TARGET.fullmatch(target)
    return match[2] if match is not None and match[1] == "header" else None


def shown(response_type: str, customised: Mapping[str, GatewayResponse]) -> dict[str, Any]:
    """A type as AWS shows it: its own values, else those of its class, else AWS's.

    ``defaultResponse`` is true for whatever was not customised itself, inherited values included.
    """
    own = customised.get(response_type)
    usual = STATUSES[response_type]
    found = own
    if found is None and usual is not None:
        found = customised.get("DEFAULT_4XX" if usual.startswith("4") else "DEFAULT_5XX")
    return {
        "response_type": response_type,
        "status_code": (found.status_code if found is not None else None) or usual,
        "response_parameters": (found.response_parameters if found is not None else None) or {},
        "response_templates": (found.response_templates if found is not None else None) or TEMPLATES,
        "default_response": own is None,
    }
