"""The rules of a stage's access log: where it may go, what its format may be.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import AccessLogSettings

LONGEST_FORMAT: Final = 3072
# The name of a file holds the name of a log group; AWS allows 512 characters.
LONGEST_NAME: Final = 240
_LOG_GROUP = re.compile(r"arn:aws[a-z-]*:logs:([a-z0-9-]+):\d{12}:log-group:([A-Za-z0-9._/#-]+)(:\*)?")
_DELIVERY_STREAM = re.compile(
    r"arn:aws[a-z-]*:firehose:([a-z0-9-]+):\d{12}:(deliverystream/amazon-apigateway-[A-Za-z0-9._-]+)"
)
_REQUEST_ID = re.compile(r"\$context\.(requestId|extendedRequestId)(?![A-Za-z0-9_])")


class Destination(NamedTuple):
    """A log group or a delivery stream."""

    region: str
    name: str
    needs_role: bool


def destination(arn: str) -> Destination:
    """What an ARN names; 400 when a stage cannot log there."""
    for pattern, needs_role in ((_LOG_GROUP, True), (_DELIVERY_STREAM, False)):
        if (found := pattern.fullmatch(arn)) is not None:
            if len(found[2]) > LONGEST_NAME:
                raise BadRequest(f"apigw keeps a log in a file of its name, at most {LONGEST_NAME} characters: {arn}")
            return Destination(found[1], found[2], needs_role)
    raise BadRequest(
        f"Invalid ARN specified in the request: {arn}. It must be that of a CloudWatch Logs log group, or of a "
        "Firehose delivery stream whose name begins with amazon-apigateway-"
    )


def check(settings: AccessLogSettings) -> None:
    """400 for what AWS refuses."""
    if settings.destination_arn is not None:
        destination(settings.destination_arn)
    if settings.format is None:
        return
    text = settings.format.removesuffix("\n").removesuffix("\r")
    if "\n" in text or "\r" in text:
        raise BadRequest(
            "Access Log format must be single line, new line character is allowed only at end of the format: "
            f"{settings.format}"
        )
    if len(settings.format.encode()) > LONGEST_FORMAT:
        raise BadRequest(f"Access Log format must not be longer than {LONGEST_FORMAT} bytes")
    if _REQUEST_ID.search(settings.format) is None:
        raise BadRequest("Access Log format must contain $context.requestId or $context.extendedRequestId")


def needs_role(settings: AccessLogSettings | None) -> bool:
    """Whether AWS writes there with the role of the account."""
    arn = settings.destination_arn if settings is not None else None
    return arn is not None and destination(arn).needs_role
