"""The rules of an integration and its responses.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest
from apigw.domain.method_rules import INVALID_VERB
from apigw.domain.rest_api import VERBS, Integration, IntegrationResponse

DEFAULT_TIMEOUT: Final = 29_000
LONGEST_STREAM: Final = 900_000
LONGEST_URI: Final = 10_240
PASSTHROUGH_BEHAVIORS: Final = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")
CONTENT_HANDLINGS: Final = ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")

INVALID_URI: Final = "Invalid HTTP endpoint specified for URI"
INVALID_ARN: Final = "Invalid ARN specified in the request"
NO_ACTION: Final = "AWS ARN for integration must contain path or action"
PROXY_SERVICES: Final = (
    "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."
)
NO_ROLE: Final = "Role ARN must be specified for AWS integrations"

NO_VPC_LINK: Final = "Connection type VPC_LINK is supported only for HTTP and HTTP_PROXY integrations"

_TCHARS = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_CONTENT_TYPE = re.compile(rf"{_TCHARS}/{_TCHARS}(?:\s*;\s*{_TCHARS}=[^\x00-\x1f\x7f]+)*")
_HTTP_URI = re.compile(r"https?://[^/?#\s\x00-\x1f\x7f]+(?:[/?#][^\s\x00-\x1f\x7f]*)?", re.IGNORECASE)
_PORT = re.compile(r":([^:\]}]*)$")
_VARIABLE = re.compile(r"\$?\{[^{}]*\}")


def check(integration: Integration) -> None:
    """Everything about the integration that does not depend on its method."""
    if integration.type != "MOCK":
        _check_verb(integration.http_method)
    if integration.type in ("HTTP", "HTTP_PROXY"):
        check_http_uri(integration.uri)
    elif integration.type in ("AWS", "AWS_PROXY"):
        check_aws_uri(integration)
    _check_settings(integration)
    check_request_mapping(integration.request_parameters or {})
    check_cache_keys(integration.cache_key_parameters)
    check_content_types(integration.request_templates or {})
    for response in (integration.integration_responses or {}).values():
        check_response(response)


def _check_verb(verb: str | None) -> None:
    if not verb:
        raise BadRequest("Enumeration value for HttpMethod must be non-empty")
    if verb not in VERBS:
        raise BadRequest(INVALID_VERB)


def _check_settings(integration: Integration) -> None:
    if integration.passthrough_behavior not in PASSTHROUGH_BEHAVIORS:
        options = ",".join(PASSTHROUGH_BEHAVIORS)
        raise BadRequest(f"Invalid passthrough behavior specified. Valid options are {options}")
    check_content_handling(integration.content_handling)
    stream = integration.response_transfer_mode == "STREAM"
    if integration.response_transfer_mode not in (None, "BUFFERED", "STREAM"):
        raise BadRequest("Invalid response transfer mode specified. Valid options are BUFFERED,STREAM")
    if stream and not integration.type.endswith("_PROXY"):
        raise BadRequest("Response transfer mode STREAM is supported only for HTTP_PROXY and AWS_PROXY integrations")
    longest = LONGEST_STREAM if stream else DEFAULT_TIMEOUT
    if not 50 <= integration.timeout_in_millis <= longest:
        raise BadRequest(f"Timeout should be between 50 ms and {longest} ms")
    if integration.connection_type not in (None, "INTERNET", "VPC_LINK"):
        raise BadRequest("Invalid connection type specified. Valid options are INTERNET,VPC_LINK")
    if integration.connection_type == "VPC_LINK" and not integration.connection_id:
        raise BadRequest("Connection id must be specified for connection type VPC_LINK")
    if integration.tls_config is not None and integration.type not in ("HTTP", "HTTP_PROXY"):
        raise BadRequest("TLS configuration is supported only for HTTP and HTTP_PROXY integrations")


def check_http_uri(uri: str | None) -> None:
    """An absolute URL; variables may stand anywhere but in the scheme."""
    if not uri or len(uri) > LONGEST_URI or _HTTP_URI.fullmatch(_VARIABLE.sub("x", uri)) is None:
        raise BadRequest(INVALID_URI)
    authority = re.split(r"[/?#]", _VARIABLE.sub("${}", uri).split("://", 1)[1], maxsplit=1)[0]
    port = _PORT.search(authority)
    if port is not None and "$" not in port[1] and not _is_port(port[1]):
        raise BadRequest(INVALID_URI)


def _is_port(text: str) -> bool:
    """AWS asks backends on the ports 80, 443 and 1024 to 65535 only."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5):
        return False
    return int(text) in (80, 443) or 1024 <= int(text) <= 65_535


def check_aws_uri(integration: Integration) -> None:
    """``arn:{partition}:apigateway:{region}:{[subdomain.]service}:{path|action}/…``."""
    parts = (integration.uri or "").split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[2] != "apigateway" or not parts[3] or not parts[4]:
        raise BadRequest(INVALID_ARN)
    if not re.match(r"(?:path|action)/.", parts[5]):
        raise BadRequest(NO_ACTION)
    service = parts[4].rpartition(".")[2]
    if integration.type == "AWS_PROXY" and service not in ("lambda", "firehose"):
        raise BadRequest(PROXY_SERVICES)
    if integration.type == "AWS" and service != "lambda" and not integration.credentials:
        raise BadRequest(NO_ROLE)


def check_request_mapping(parameters: Mapping[str, str | None]) -> None:
    """Targets and sources of ``requestParameters`` are well formed."""
    for target, source in parameters.items():
        expressions.parse_request_target(target)
        if not source:
            raise expressions.invalid(str(source or ""))
        expressions.parse_request_source(source)


def check_cache_keys(names: Iterable[str]) -> None:
    """``cacheKeyParameters`` are parameters of the request, or what is mapped for the backend's."""
    for name in names:
        try:
            if name.startswith("integration."):
                expressions.parse_request_target(name)
            elif not isinstance(expressions.parse_request_source(name), expressions.ParameterSource):
                raise expressions.invalid(name)
        except BadRequest as error:
            raise BadRequest(expressions.INVALID_CACHE_KEY) from error


def check_response(response: IntegrationResponse) -> None:
    """Everything about an integration response that does not depend on its method."""
    for target, source in (response.response_parameters or {}).items():
        expressions.parse_response_target(target)
        if not source:
            raise expressions.invalid(str(source or ""))
        expressions.parse_response_source(source)
    check_content_types(response.response_templates or {})
    check_content_handling(response.content_handling)


def invalid_template(content_type: str, complaint: str) -> str:
    """What is wrong with a mapping template: the engine's words, with line and column."""
    return f"Invalid mapping template for content type {content_type}: {complaint}"


def invalid_selection_pattern(complaint: str) -> str:
    """What is said of a ``selectionPattern`` that is no Java regular expression. [I]"""
    return f"Invalid selection pattern specified: {complaint}"


def check_content_types(names: Iterable[str]) -> None:
    """Keys of templates and of models are media types, or ``$default``."""
    for name in names:
        if name != "$default" and _CONTENT_TYPE.fullmatch(name) is None:
            raise BadRequest(f"Validation Result: warnings : [], errors : [Invalid content type specified: {name}]")


def check_content_handling(value: str | None) -> None:
    """``contentHandling`` of an integration or of its responses."""
    if value is not None and value not in CONTENT_HANDLINGS:
        raise BadRequest(f"Invalid content handling specified. Valid options are {','.join(CONTENT_HANDLINGS)}")


def templates(given: Mapping[str, str | None] | None) -> dict[str, str | None] | None:
    """Templates as they are stored: an empty one is null (AWS reads it back so)."""
    return None if given is None else {name: text or None for name, text in given.items()}
