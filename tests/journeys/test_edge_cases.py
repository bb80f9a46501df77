"""The specification's list of edge cases (rest-api §20), each by its number, as far as what they need is there."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, greedy, mock, operation, proxy

MISSING_TOKEN = (403, "MissingAuthenticationTokenException", b'{"message":"Missing Authentication Token"}')
ANY = "x-amazon-apigateway-any-method"


@pytest.fixture
def greedy_api(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``ANY /proxied/{proxy+}`` goes to the backend; ``POST /test`` and ``OPTIONS /{proxy+}`` are mocked."""
    paths = {
        "/proxied/{proxy+}": {ANY: greedy(backend.url)},
        "/test": {"post": operation(mock("test"))},
        "/{proxy+}": {"options": operation(mock("greedy"))},
    }
    return deploy(shared_gateway, shared_apigateway, paths)


def test_1_an_options_miss_on_a_static_node_falls_to_a_greedy_sibling(greedy_api: Deployed) -> None:
    """An OPTIONS that misses on a static node falls to a greedy sibling."""
    assert greedy_api.send("/stage/test", "OPTIONS").body == b"greedy"
    assert greedy_api.send("/stage/test", "POST").body == b"test"
    assert greedy_api.send("/stage/test", "GET").error == MISSING_TOKEN


def test_2_get_on_the_parent_of_a_greedy_resource_is_missing_token(greedy_api: Deployed, backend: Backend) -> None:
    """A GET on the parent of a greedy resource misses its authentication token."""
    for path in ("/stage/proxied", "/stage/proxied/", "/stage", "/stage/"):
        assert greedy_api.send(path).error == MISSING_TOKEN, path
    assert not backend.requests


@pytest.mark.parametrize(
    ("sent", "reached"),
    [
        ("//stage/proxied/x", "/x"),
        ("/stage//proxied/x", "/x"),
        ("/stage/proxied/x/", "/x"),
        ("/stage/proxied/a//b", "/a//b"),
    ],
)
def test_3_slashes_before_after_and_within_the_path(
    greedy_api: Deployed, backend: Backend, sent: str, reached: str
) -> None:
    assert greedy_api.send(sent).status == 200
    assert backend.requests[0].target == reached


def test_4_a_bearer_token_on_an_unknown_path_is_an_incomplete_signature(greedy_api: Deployed) -> None:
    status, kind, body = greedy_api.send("/stage/unknown", "GET", "Authorization: Bearer x").error
    assert (status, kind) == (403, "IncompleteSignatureException")
    assert b"Missing Authentication Token" not in body
    assert b"Authorization header" in body


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id"])
@pytest.mark.parametrize("kind", ["http", "http_proxy"])
def test_9_a_mapping_to_a_framing_header_fails_with_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, name: str
) -> None:
    integration = {
        "type": kind,
        "httpMethod": "POST",
        "uri": backend.url,
        "requestParameters": {f"integration.request.header.{name}": "'7'"},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST", body=b"1234567").error == (
        500,
        "InternalServerErrorException",
        b'{"message":"Internal server error"}',
    )
    assert not backend.requests


def test_10_a_mapped_query_value_is_appended_and_a_mapped_header_replaces(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    mapped = proxy(
        f"{backend.url}/?testVar=uri",
        querystring_testVar="'mapped'",
        header_headerVar="'mapped'",
        header_other="method.request.header.absent",
    )
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mapped, ("header", "absent"))}})
    api.send("/stage?testVar=client&other=1", "GET", "headerVar: client", "other: kept")
    (seen,) = backend.requests
    query = seen.target.partition("?")[2].split("&")
    assert [pair for pair in query if pair.startswith("testVar")].count("testVar=client") == 1
    assert sorted(query) == ["other=1", "testVar=client", "testVar=mapped", "testVar=uri"]
    assert query.index("testVar=mapped") > query.index("testVar=client")
    assert seen.header("headerVar") == "mapped"
    # A source that is missing maps nothing, so that the client's own header stays.
    assert seen.header("other") == "kept"


def test_11_a_request_id_of_the_backend_is_remapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    backend.raw["ids"] = (
        b"HTTP/1.1 200 OK\r\nx-amzn-RequestId: theirs\r\nX-Amzn-Trace-Id: theirs\r\n"
        b"Server: theirs\r\nVia: 1.1 theirs\r\nContent-Length: 2\r\n\r\nok"
    )
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(proxy(f"{backend.url}/raw/ids"))}})
    answer = api.send("/stage")
    assert ("x-amzn-Remapped-x-amzn-RequestId", "theirs") in answer.fields
    assert ("x-amzn-Remapped-Server", "theirs") in answer.fields
    assert answer.header("x-amzn-RequestId") not in (None, "theirs")
    assert "x-amzn-RequestId" in dict(answer.fields), "the casing on the wire"
    assert answer.header("X-Amzn-Trace-Id") == "theirs"
    assert answer.header("Server") is None
    assert answer.header("Via") is None


@pytest.mark.parametrize(
    ("template", "status"),
    [("{statusCode: 200}", 200), ('{"statusCode": 200}', 200), ('{"statusCode": "200"}', 500), ("{}", 500)],
)
def test_12_a_mock_needs_an_integer_status_code_and_reads_it_leniently(
    shared_gateway: ServedGateway, shared_apigateway: Any, template: str, status: int
) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("mocked", template))}})
    answer = api.send("/stage")
    assert answer.status == status
    assert answer.body == (b"mocked" if status == 200 else b'{"message":"Internal server error"}')


def test_21_the_method_override_rules_the_route_and_is_consumed(greedy_api: Deployed, backend: Backend) -> None:
    assert (
        json.loads(greedy_api.send("/stage/proxied/x", "GET", "X-HTTP-Method-Override: DELETE").body)["method"]
        == "DELETE"
    )
    assert backend.requests[0].method == "DELETE"
    assert backend.requests[0].header("X-HTTP-Method-Override") is None
    assert greedy_api.send("/stage/test", "GET", "X-HTTP-Method-Override: POST").body == b"test"
    for verb in ("FOO", "post", "TRACE"):
        assert greedy_api.send("/stage/test", "POST", f"X-HTTP-Method-Override: {verb}").error == MISSING_TOKEN, verb


def test_22_a_coding_is_undone_with_its_header_or_passed_with_it(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    packed = gzip.compress(b"unpacked", mtime=0)
    for coding, payload in (("gzip", packed), ("br", b"\x0b\x03\x80unpacked\x03")):
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(payload)}\r\n\r\n"
        backend.raw[coding] = head.encode() + payload
    paths = {f"/{coding}": {"get": operation(proxy(f"{backend.url}/raw/{coding}"))} for coding in backend.raw}
    api = deploy(shared_gateway, shared_apigateway, paths)
    decoded = api.send("/stage/gzip", "GET", "Accept-Encoding: br, gzip, deflate;q=0.5, zstd")
    assert decoded.header("Content-Encoding") is None
    assert b"unpacked" in decoded.body
    assert packed not in decoded.body
    # Only what we can undo is asked for.
    assert backend.requests[0].header("Accept-Encoding") == "gzip, deflate;q=0.5"
    passed = api.send("/stage/br")
    assert (passed.header("Content-Encoding"), passed.body) == ("br", b"\x0b\x03\x80unpacked\x03")
