"""Path handling and the resource tree, row by row: rest-api §1.3, §2.2 and §2.4, over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, greedy, mock, operation, proxy

MISSING_TOKEN = (403, "MissingAuthenticationTokenException", b'{"message":"Missing Authentication Token"}')
FORBIDDEN = (403, "ForbiddenException", b'{"message":"Forbidden"}')
ANY = "x-amazon-apigateway-any-method"


def says(text: str) -> Document:
    """A MOCK that says ``text`` and, in headers, the path and resource it was asked for."""
    integration = mock(text)
    integration["responses"]["default"]["responseParameters"] = {
        "method.response.header.X-Path": "context.path",
        "method.response.header.X-Resource": "context.resourcePath",
    }
    return operation(integration, headers=("X-Path", "X-Resource"))


@pytest.mark.parametrize(
    ("sent", "value", "context_path"),
    [
        ("/stage/proxy-value", "proxy-value", "/stage/proxy-value"),
        ("/stage/proxy-value/", "proxy-value", "/stage/proxy-value/"),
        ("/stage/proxy-value//double-slash", "proxy-value//double-slash", "/stage/proxy-value//double-slash"),
        ("//stage/proxy-value", "proxy-value", "/stage/proxy-value"),
        ("/stage//proxy-value", "proxy-value", "/stage//proxy-value"),
        ("/stage//hardcoded", None, "/stage//hardcoded"),
        ("/stage/hardcoded//", None, "/stage/hardcoded//"),
        ("/stage/Hardcoded", "Hardcoded", "/stage/Hardcoded"),
        (
            "/stage/api/test%2Balias@x.com/plus/test+alias@x.com",
            "api/test%2Balias@x.com/plus/test+alias@x.com",
            "/stage/api/test%2Balias@x.com/plus/test+alias@x.com",
        ),
        ("/stage/a%2Fb", "a%2Fb", "/stage/a%2Fb"),
        ("/stage/a/../b", "a/../b", "/stage/a/../b"),
    ],
)
def test_s1_3_slashes_and_escapes_in_paths(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    sent: str,
    value: str | None,
    context_path: str,
) -> None:
    proxied = greedy(backend.url)
    proxied["x-amazon-apigateway-integration"]["requestParameters"]["integration.request.header.X-Path"] = (
        "context.path"
    )
    api = deploy(
        shared_gateway, shared_apigateway, {"/{proxy+}": {ANY: proxied}, "/hardcoded": {"get": says("static")}}
    )
    answer = api.send(sent)
    assert answer.status == 200
    if value is None:
        assert (answer.body, answer.header("X-Path")) == (b"static", context_path)
        assert not backend.requests
    else:
        (seen,) = backend.requests
        assert (seen.target, seen.header("X-Path")) == (f"/{value}", context_path)


@pytest.mark.parametrize(
    ("tree", "method", "path", "winner"),
    [
        ({"/test": "post", "/{proxy+}": "options"}, "OPTIONS", "/test", "/{proxy+}"),
        ({"/test": "post", "/test/any": ANY, "/{proxy+}": "options"}, "OPTIONS", "/test/any", "/test/any"),
        (
            {"/part1": "get", "/part1/hardcoded-value": "get", "/{param+}": "get"},
            "GET",
            "/part1/random-value",
            "/{param+}",
        ),
        ({"/part1": "get", "/part1/hardcoded-value": "get", "/{param+}": "get"}, "GET", "/part1", "/part1"),
        ({"/{proxy+}": ANY}, "GET", "/", None),
        ({"/a/{b}": "get", "/a/b": "post"}, "GET", "/a/b", "/a/{b}"),
        ({"/a/{b}": "get"}, "GET", "/a", None),
        ({"/a/{b}": "get"}, "GET", "/a//b", None),
        ({"/a/{b}/c": "get", "/a/x/d": "get", "/{proxy+}": "get"}, "GET", "/a/x/c", "/a/{b}/c"),
        ({"/a": "get"}, "HEAD", "/a", None),
        ({"/a": ANY}, "HEAD", "/a", "/a"),
        ({"/a": "get"}, "OPTIONS", "/a", None),
    ],
)
def test_s2_2_a_static_part_beats_a_variable_and_a_variable_a_greedy_one_with_backtracking(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    tree: dict[str, str],
    method: str,
    path: str,
    winner: str | None,
) -> None:
    api = deploy(shared_gateway, shared_apigateway, {key: {verb: says(key)} for key, verb in tree.items()})
    answer = api.send(f"/stage{path}", method)
    if winner is None:
        status, kind, body = MISSING_TOKEN
        assert answer.error == (status, kind, b"" if method == "HEAD" else body)
    else:
        assert (answer.status, answer.header("X-Resource")) == (200, winner)


@pytest.fixture
def small(shared_gateway: ServedGateway, shared_apigateway: Any) -> Deployed:
    """``GET /a``, and an explicit verb beside ``ANY`` at ``/b``."""
    paths = {"/a": {"get": says("a")}, "/b": {"put": says("put"), ANY: says("any")}}
    return deploy(shared_gateway, shared_apigateway, paths)


def test_s2_3_an_explicit_verb_beats_any_and_any_is_seven_verbs(small: Deployed) -> None:
    assert small.send("/stage/b", "PUT").body == b"put"
    for verb in ("DELETE", "GET", "OPTIONS", "PATCH", "POST"):
        assert small.send("/stage/b", verb).body == b"any", verb
    for verb in ("TRACE", "PROPFIND", "get"):
        assert small.send("/stage/b", verb).error == MISSING_TOKEN, verb


def test_s2_3_an_overriding_verb_is_the_clients_verb_everywhere(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """X-HTTP-Method-Override: what it says is matched, validated, said by ``$context`` and mapped; it is passed if mapped."""
    name = "X-HTTP-Method-Override"
    mapped = proxy(
        backend.url, **{f"header_{name}": f"method.request.header.{name}", "header_Verb": "context.httpMethod"}
    )
    wanted = {**operation(mock("fine")), "parameters": [{"in": "query", "name": "q", "required": True}]}
    paths = {
        "/any": {ANY: operation(mapped, ("header", name))},
        "/said": {ANY: operation(mock(f"$context.httpMethod $input.params('{name}')"))},
        "/validated": {"get": operation(mock("fine")), "delete": wanted},
    }
    members = {
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestParameters": True}},
        "x-amazon-apigateway-request-validator": "all",
    }
    api = deploy(shared_gateway, shared_apigateway, paths, **members)
    assert api.send("/stage/any", "GET", f"{name}: PATCH").status == 200
    (seen,) = backend.requests
    assert (seen.method, seen.header(name), seen.header("Verb")) == ("PATCH", "PATCH", "PATCH")
    assert api.send("/stage/said", "POST", f"{name}: PUT").body == b"PUT PUT"
    assert api.send("/stage/validated").body == b"fine"
    assert api.send("/stage/validated", "GET", f"{name}: DELETE").status == 400


SIGNED = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ((), "MissingAuthenticationTokenException"),
        (("Authorization: Bearer x",), "IncompleteSignatureException"),
        (("Authorization: Basic eDp5",), "IncompleteSignatureException"),
        ((f"Authorization: {SIGNED}",), "IncompleteSignatureException"),
        ((f"Authorization: {SIGNED}", "X-Amz-Date: 20260101T000000Z"), "InvalidSignatureException"),
    ],
)
@pytest.mark.parametrize("where", ["/stage/unknown", "/stage"])
def test_s2_4_what_is_not_there_is_refused_as_if_it_needed_a_signature(
    small: Deployed, fields: tuple[str, ...], kind: str, where: str
) -> None:
    answer = small.send(where, "GET", *fields)
    assert (answer.status, answer.header("x-amzn-ErrorType")) == (403, kind)
    assert (answer.error == MISSING_TOKEN) == (not fields)
    # An unknown verb is the same as an unknown path.
    assert small.send("/stage/a", "POST", *fields).error == answer.error


def test_s1_2_what_fails_before_routing(small: Deployed) -> None:
    for path in ("/", "/unknown/a", "/Stage/a"):
        assert small.send(path).error == FORBIDDEN, path
    assert small.send("/stage/" + "a" * 10_240).error == (414, None, b'{"message":"Request URI too long"}')
    answer = small.send("/stage/a", "GET", "X: " + "a" * 10_240)
    assert answer.error == (431, None, b"HTTP header is larger than 10240 bytes.")
    assert answer.header("Content-Type") == "text/plain"
    coded = small.send("/stage/a", "POST", "Content-Encoding: br", body=b"x")
    assert coded.error == (415, "BadRequestException", b'{"message":"Unsupported Media Type"}')
    for query in ("a=%zz", "a=%%", "a=%1", "%=1"):
        assert small.send(f"/stage/a?{query}").error == (400, "BadRequestException", b'{"message":"Bad Request"}'), (
            query
        )


def test_s3_the_headers_of_every_answer(small: Deployed) -> None:
    for path in ("/stage/a", "/stage/unknown", "/"):
        answer = small.send(path)
        names = [name for name, _ in answer.fields]
        for name in ("x-amzn-RequestId", "x-amz-apigw-id", "Date", "Content-Length", "Content-Type"):
            assert names.count(name) == 1, (path, name)
        assert answer.header("Connection") == "close"
        assert answer.header("Server") is None
        assert answer.header("X-Amzn-Trace-Id") is None
        extended = answer.header("x-amz-apigw-id") or ""
        assert (len(extended), extended[-1]) == (16, "=")
