"""What the rules raise; ``aws/errors.py`` gives these AWS's names, statuses and headers.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html
"""

from __future__ import annotations


class ControlError(Exception):
    """A management call that is refused; ``message`` is what the client sees."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(ControlError):
    """400 BadRequestException: a semantic error."""


class Invalid(ControlError):
    """400 ValidationException: a constraint of the service model is broken."""


class NotSerializable(ControlError):
    """400 SerializationException: a JSON type mismatch."""


class Unauthorized(ControlError):
    """401 UnauthorizedException: the caller is not permitted to do this on the resource."""


class AccessDenied(ControlError):
    """403 AccessDeniedException: an identity policy denies."""


class NotFound(ControlError):
    """404 NotFoundException: an unknown identifier."""


class Conflict(ControlError):
    """409 ConflictException: a duplicate, a thing in use, a concurrent change."""


class LimitExceeded(ControlError):
    """429 LimitExceededException: a quota is reached; waiting does not help."""


class TooManyRequests(ControlError):
    """429 TooManyRequestsException: calls come too fast; ``retry_after`` is in seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotYet(ControlError):
    """501 NotImplementedException: an operation of AWS that apigw does not have yet (SDKs do not retry it)."""


class Unavailable(ControlError):
    """503 ServiceUnavailableException: the store cannot take the change now; nothing was changed."""
