"""Parameter mapping expressions: text to typed form, or ``BadRequest`` with AWS's words.

``integration.request.header.X`` ← ``method.request.querystring.Y`` and their kin.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from apigw.domain.errors import BadRequest

Location = Literal["path", "querystring", "header"]
SourceLocation = Literal["path", "querystring", "header", "multivaluequerystring", "multivalueheader"]

PREFIX: Final = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
INVALID_CACHE_KEY: Final = "Invalid cache key parameter specified"
NO_METHOD_RESPONSE: Final = PREFIX + "[No method response exists for method.]"

_NAME = r"([a-zA-Z0-9._$-]+)"
_DECLARATION = re.compile(rf"method\.request\.(path|querystring|header)\.{_NAME}")
_REQUEST_TARGET = re.compile(rf"integration\.request\.(path|querystring|header)\.{_NAME}")
_RESPONSE_TARGET = re.compile(rf"method\.response\.header\.{_NAME}")
_REQUEST_PARAMETER = re.compile(
    rf"method\.request\.(path|querystring|header|multivaluequerystring|multivalueheader)\.{_NAME}"
)
_RESPONSE_PARAMETER = re.compile(rf"integration\.response\.(header|multivalueheader)\.{_NAME}")
_REQUEST_BODY = re.compile(r"method\.request\.body(?:\.([^\x00-\x1f\x7f]+))?")
_RESPONSE_BODY = re.compile(r"integration\.response\.body(?:\.([^\x00-\x1f\x7f]+))?")
_CONTEXT = re.compile(r"context\.([a-zA-Z0-9._$:/-]+)")
_STAGE_VARIABLE = re.compile(r"stageVariables\.([a-zA-Z0-9_]+)")
_STATIC = re.compile(r"'([^\x00-\x08\x0a-\x1f\x7f]*)'")


class Target(Struct, frozen=True):
    """A place that a mapping fills, or a declared request parameter."""

    location: Location
    name: str


class ParameterSource(Struct, frozen=True):
    """A parameter of the request, or a header of the backend's answer."""

    location: SourceLocation
    name: str

    def declared_as(self) -> str:
        """The method's request parameter that must be declared for this source."""
        return f"method.request.{self.location.removeprefix('multivalue')}.{self.name}"


class BodySource(Struct, frozen=True):
    """The body, or with ``json_path`` (``$.`` dropped) a part of it."""

    json_path: str | None = None


class ContextSource(Struct, frozen=True):
    """``context.X``; ``path`` is without ``context.``."""

    path: str


class StageVariableSource(Struct, frozen=True):
    """``stageVariables.X``."""

    name: str


class StaticSource(Struct, frozen=True):
    """``'text'``."""

    value: str


Source = ParameterSource | BodySource | ContextSource | StageVariableSource | StaticSource


def invalid(value: str) -> BadRequest:
    """What AWS says of an expression it cannot read."""
    return BadRequest(f"{PREFIX}[Invalid mapping expression specified: {value}]")


def invalid_json_path(value: str, complaint: str) -> BadRequest:
    """What is said of a body expression whose path cannot be read: with the place. [I]"""
    return BadRequest(f"{PREFIX}[Invalid mapping expression specified: {value}: {complaint}]")


def json_path(source: Source) -> str | None:
    """The path of an expression that means a part of a body."""
    return source.json_path if isinstance(source, BodySource) else None


def undeclared(expression: str) -> str:
    """What AWS says of an expression whose parameter is not declared."""
    return f"{PREFIX}[Invalid mapping expression parameter specified: {expression}]"


def _located(pattern: re.Pattern[str], text: str) -> Target:
    match = pattern.fullmatch(text)
    if match is None:
        raise invalid(text)
    location: Location = match[1]  # type: ignore[assignment]  # the pattern allows only these
    return Target(location, match[2])


@lru_cache(maxsize=4096)
def parse_declaration(text: str) -> Target:
    """``method.request.{path|querystring|header}.{name}``, as a method declares it."""
    return _located(_DECLARATION, text)


@lru_cache(maxsize=4096)
def parse_request_target(text: str) -> Target:
    """``integration.request.{path|querystring|header}.{name}``."""
    return _located(_REQUEST_TARGET, text)


@lru_cache(maxsize=4096)
def parse_response_target(text: str) -> str:
    """The header's name in ``method.response.header.{name}``."""
    match = _RESPONSE_TARGET.fullmatch(text)
    if match is None:
        raise invalid(text)
    return match[1]


def _parse(text: str, parameter: re.Pattern[str], body: re.Pattern[str]) -> Source:
    if match := _STATIC.fullmatch(text):
        return StaticSource(match[1])
    if match := parameter.fullmatch(text):
        location: SourceLocation = match[1]  # type: ignore[assignment]  # the pattern allows only these
        return ParameterSource(location, match[2])
    if match := body.fullmatch(text):
        return BodySource(match[1])
    if match := _CONTEXT.fullmatch(text):
        return ContextSource(match[1])
    if match := _STAGE_VARIABLE.fullmatch(text):
        return StageVariableSource(match[1])
    raise invalid(text)


@lru_cache(maxsize=4096)
def parse_request_source(text: str) -> Source:
    """The right side of an integration's request parameter."""
    return _parse(text, _REQUEST_PARAMETER, _REQUEST_BODY)


@lru_cache(maxsize=4096)
def parse_response_source(text: str) -> Source:
    """The right side of an integration response's response parameter."""
    return _parse(text, _RESPONSE_PARAMETER, _RESPONSE_BODY)
