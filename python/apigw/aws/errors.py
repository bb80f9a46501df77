"""What the rules raise, as AWS says it: status, ``x-amzn-ErrorType`` and ``{"message": …}``.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html
"""

from __future__ import annotations

import msgspec
import orjson

from apigw.domain import errors


class UnknownRoute(errors.ControlError):
    """No operation has this method and path."""

    def __init__(self) -> None:
        super().__init__("Missing Authentication Token")


class Fault(msgspec.Struct, frozen=True):
    """An error as it goes out."""

    status: int
    code: str
    message: str
    retry_after: int | None = None

    def headers(self) -> list[tuple[str, str]]:
        """The headers of the answer but for the request id."""
        found = [("Content-Type", "application/json"), ("x-amzn-ErrorType", self.code)]
        return found if self.retry_after is None else [*found, ("Retry-After", str(self.retry_after))]

    def body(self) -> bytes:
        """The body of the answer."""
        return orjson.dumps({"message": self.message})


# The most special class first.
_FAULTS: tuple[tuple[type[errors.ControlError], int, str], ...] = (
    (UnknownRoute, 403, "MissingAuthenticationTokenException"),
    (errors.BadRequest, 400, "BadRequestException"),
    (errors.Invalid, 400, "ValidationException"),
    (errors.NotSerializable, 400, "SerializationException"),
    (errors.Unauthorized, 401, "UnauthorizedException"),
    (errors.AccessDenied, 403, "AccessDeniedException"),
    (errors.NotFound, 404, "NotFoundException"),
    (errors.Conflict, 409, "ConflictException"),
    (errors.TooManyRequests, 429, "TooManyRequestsException"),
    (errors.LimitExceeded, 429, "LimitExceededException"),
    (errors.NotYet, 501, "NotImplementedException"),
    (errors.Unavailable, 503, "ServiceUnavailableException"),
)
INTERNAL = Fault(500, "InternalFailure", "Internal server error")
_UNAVAILABLE_RETRY_AFTER = 1


def fault(error: BaseException) -> Fault:
    """How ``error`` is answered; what is not a ``ControlError`` is ours and shows nothing."""
    for kind, status, code in _FAULTS:
        if isinstance(error, kind):
            retry_after = error.retry_after if isinstance(error, errors.TooManyRequests) else None
            if isinstance(error, errors.Unavailable):
                retry_after = _UNAVAILABLE_RETRY_AFTER
            return Fault(status, code, error.message, retry_after)
    return INTERNAL
