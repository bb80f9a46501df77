"""The texts of ValidationException and SerializationException: what breaks the model, and how AWS says so.

Knows single values and the model's constraints; ``parse.py`` walks the input.
AWS: https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html
"""

from __future__ import annotations

import functools
import re
from typing import Any

from apigw.aws.service_model import Shape
from apigw.domain.errors import Invalid, NotSerializable

# AWS prints an enum's values in an order of its own (a hash set's). By shape what was observed; others as modelled.
ENUM_SETS: dict[str, tuple[str, ...]] = {
    "IntegrationType": ("HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"),
    "IpAddressType": ("ipv4", "dualstack"),
    "EndpointType": ("PRIVATE", "EDGE", "REGIONAL"),
    "Op": ("add", "remove", "move", "test", "replace", "copy"),
    "DocumentationPartType": (
        "RESPONSE_BODY",
        "RESPONSE",
        "METHOD",
        "MODEL",
        "AUTHORIZER",
        "RESPONSE_HEADER",
        "RESOURCE",
        "PATH_PARAMETER",
        "REQUEST_BODY",
        "QUERY_PARAMETER",
        "API",
        "REQUEST_HEADER",
    ),
    "GatewayResponseType": (
        "REQUEST_TOO_LARGE",
        "RESOURCE_NOT_FOUND",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "MISSING_AUTHENTICATION_TOKEN",
        "BAD_REQUEST_BODY",
        "INVALID_SIGNATURE",
        "INVALID_API_KEY",
        "BAD_REQUEST_PARAMETERS",
        "AUTHORIZER_FAILURE",
        "UNAUTHORIZED",
        "INTEGRATION_TIMEOUT",
        "ACCESS_DENIED",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "WAF_FILTERED",
        "QUOTA_EXCEEDED",
        "THROTTLED",
        "API_CONFIGURATION_ERROR",
        "UNSUPPORTED_MEDIA_TYPE",
        "INTEGRATION_FAILURE",
        "EXPIRED_TOKEN",
    ),
}
NOT_NULL = "Member must not be null"


def broken(name: str, shape: Shape, value: Any) -> list[str]:
    """The constraints of the scalar ``shape`` that ``value`` breaks."""
    found = []
    if shape.enum and value not in shape.enum:
        values = ENUM_SETS.get(name, tuple(shape.enum))
        found.append(f"Member must satisfy enum value set: [{', '.join(values)}]")
    if shape.pattern is not None and _pattern(shape.pattern).fullmatch(value) is None:
        found.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
    measured, what = (len(value), "length") if isinstance(value, str | bytes | list | dict) else (value, "value")
    if shape.min is not None and measured < shape.min:
        found.append(f"Member must have {what} greater than or equal to {shape.min}")
    if shape.max is not None and measured > shape.max:
        found.append(f"Member must have {what} less than or equal to {shape.max}")
    return found


def failure(value: Any, path: str, constraint: str) -> str:
    """One error of the list, such as ``Value 'x' at 'a.b' failed to satisfy constraint: …``."""
    shown = "null" if value is None else f"'{_shown(value)}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def invalid(failures: list[str]) -> Invalid:
    """All errors of one call as one exception."""
    count = len(failures)
    return Invalid(f"{count} validation error{'' if count == 1 else 's'} detected: {'; '.join(failures)}")


def not_convertible(value: Any, wanted: str) -> NotSerializable:
    """``value``, read from JSON, stands where a ``wanted`` (``String``, ``Boolean``, …) is expected."""
    if isinstance(value, dict):
        return NotSerializable("Start of structure or map found where not expected.")
    if isinstance(value, list):
        return NotSerializable("Start of list found where not expected")
    if wanted in ("List", "Map"):
        return NotSerializable(f"Expected {wanted.lower()} or null")
    return NotSerializable(f"class {_java_class(value)} can not be converted to an {wanted}")


def _java_class(value: Any) -> str:
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if isinstance(value, str):
        return "java.lang.String"
    return "com.amazon.coral.value.json.numbers.TruncatingBigNumber"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join('null' if item is None else _shown(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={'null' if item is None else _shown(item)}" for key, item in value.items()) + "}"
    return str(value)


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # AWS: Java's `\d` is ASCII and `matches()` takes the whole value.
    return re.compile(pattern, re.ASCII)
