"""AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest
from apigw.domain.mapping_expression import (
    BodySource,
    ContextSource,
    ParameterSource,
    StageVariableSource,
    StaticSource,
    Target,
)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("method.request.path.a", ParameterSource("path", "a")),
        ("method.request.querystring.a.b_c-d$", ParameterSource("querystring", "a.b_c-d$")),
        ("method.request.multivaluequerystring.a", ParameterSource("multivaluequerystring", "a")),
        ("method.request.header.X-A", ParameterSource("header", "X-A")),
        ("method.request.multivalueheader.X-A", ParameterSource("multivalueheader", "X-A")),
        ("method.request.body", BodySource()),
        ("method.request.body.pets[0].name", BodySource("pets[0].name")),
        ("context.requestId", ContextSource("requestId")),
        ("context.authorizer.claims.cognito:groups", ContextSource("authorizer.claims.cognito:groups")),
        ("stageVariables.v_1", StageVariableSource("v_1")),
        ("''", StaticSource("")),
        ("'*'", StaticSource("*")),
        ("'a 'quoted' word'", StaticSource("a 'quoted' word")),
    ],
)
def test_request_sources(text: str, source: expressions.Source) -> None:
    assert expressions.parse_request_source(text) == source


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("integration.response.header.X", ParameterSource("header", "X")),
        ("integration.response.multivalueheader.X", ParameterSource("multivalueheader", "X")),
        ("integration.response.body", BodySource()),
        ("integration.response.body.errorMessage", BodySource("errorMessage")),
        ("context.requestId", ContextSource("requestId")),
        ("stageVariables.v", StageVariableSource("v")),
        ("'x'", StaticSource("x")),
    ],
)
def test_response_sources(text: str, source: expressions.Source) -> None:
    assert expressions.parse_response_source(text) == source


NOWHERE = [
    "",
    "x",
    "'",
    "'a",
    "a'",
    "context.",
    "context",
    "stageVariables.a-b",
    "stageVariables.",
    " 'x'",
    "'a\nb'",
    "'a\0b'",
]


@pytest.mark.parametrize(
    ("parse", "texts"),
    [
        (expressions.parse_request_source, [*NOWHERE, "method.request.cookie.a", "method.request.header.", "method.request.header.a b", "method.request.header.a\n", "method.request.bodyx", "method.request.body.", "integration.response.header.X"]),
        (expressions.parse_response_source, [*NOWHERE, "integration.response.path.a", "method.request.header.a", "integration.response.bodyx"]),
        (expressions.parse_request_target, ["", "x", "integration.request.multivalueheader.a", "integration.request.body", "integration.request.header.", "method.request.header.a"]),
        (expressions.parse_response_target, ["", "x", "method.response.body", "method.response.header.", "method.response.header.a:b", "method.response.multivalueheader.a"]),
        (expressions.parse_declaration, ["", "x", "method.request.body", "method.request.multivaluequerystring.a", "method.request.path.", "method.request.path.a/b"]),
    ],
)  # fmt: skip
def test_texts_that_are_refused(parse: Callable[[str], Any], texts: list[str]) -> None:
    for text in texts:
        with pytest.raises(BadRequest) as refused:
            parse(text)
        assert refused.value.message == (
            "Invalid mapping expression specified: Validation Result: warnings : [], "
            f"errors : [Invalid mapping expression specified: {text}]"
        )


def test_targets_and_declarations() -> None:
    assert expressions.parse_request_target("integration.request.path.proxy") == Target("path", "proxy")
    assert expressions.parse_response_target("method.response.header.X-A") == "X-A"
    assert expressions.parse_declaration("method.request.querystring.q") == Target("querystring", "q")


def test_multi_value_sources_are_declared_under_the_single_name() -> None:
    assert ParameterSource("multivalueheader", "X").declared_as() == "method.request.header.X"
    assert ParameterSource("multivaluequerystring", "q").declared_as() == "method.request.querystring.q"
    assert ParameterSource("path", "p").declared_as() == "method.request.path.p"
