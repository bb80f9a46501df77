"""How much an account may have with ``quotas = "aws"``; without, only the machine limits it.

What AWS never raises (the length of a template, the variables of a stage) is kept by each family's own rules.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from apigw.domain.errors import LimitExceeded

LONG_DOCUMENT: Final = "The definition file may have 6 MB"
_NO_APIS: Final[Mapping[str, int]] = MappingProxyType({})


class Quotas(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, and bytes of a document; ``None``, or an endpoint type that is not named, is as many as come."""

    apis: Mapping[str, int] = _NO_APIS
    """By endpoint type, of an account in a region."""
    resources: int | None = None
    """Of an API, the root among them."""
    stages: int | None = None
    """Of an API."""
    authorizers: int | None = None
    """Of an API."""
    documentation_parts: int | None = None
    """Of an API."""
    client_certificates: int | None = None
    """Of an account in a region."""
    document: int | None = None
    """Bytes of what ImportRestApi and PutRestApi are given."""


NONE: Final = Quotas()
AWS: Final = Quotas(
    apis=MappingProxyType({"EDGE": 120, "REGIONAL": 600, "PRIVATE": 600}),
    resources=300,
    stages=10,
    authorizers=10,
    documentation_parts=2000,
    client_certificates=60,
    document=6 * 1024 * 1024,
)


def check_count(most: int | None, count: int, things: str, owner: str = "API") -> None:
    """Refuse to have ``count`` of ``things`` where ``most`` are allowed; the words are AWS's, two spaces included."""
    if most is not None and count > most:
        raise LimitExceeded(
            f"Maximum number of {things} for this {owner} has been reached.  "
            f"Please contact AWS if you need additional {things}."
        )


def check_document(most: int | None, size: int) -> None:
    """Refuse a document of ``size`` bytes where ``most`` are allowed."""
    if most is not None and size > most:
        raise LimitExceeded(LONG_DOCUMENT)
