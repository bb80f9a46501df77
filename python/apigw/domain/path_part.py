"""The grammar of a resource's path part: ``pets``, ``{petId}`` or ``{proxy+}``.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateResource.html
"""

from __future__ import annotations

import re
from typing import Final

from apigw.domain.errors import BadRequest

INVALID: Final = (
    "Resource's path part only allow a-zA-Z0-9._- and curly braces at the beginning and the end "
    "and an optional plus sign before the closing brace."
)
_PATH_PART = re.compile(r"[a-zA-Z0-9._:,-]+|\{[a-zA-Z0-9._:,-]+\+?\}")


def check(path_part: str | None) -> str:
    """Give ``path_part`` back if it is well formed."""
    if path_part is None or _PATH_PART.fullmatch(path_part) is None:
        raise BadRequest(INVALID)
    return path_part


def is_variable(path_part: str | None) -> bool:
    """``{x}`` or ``{x+}``."""
    return path_part is not None and path_part.startswith("{")


def is_greedy(path_part: str | None) -> bool:
    """``{x+}``."""
    return path_part is not None and path_part.endswith("+}")
