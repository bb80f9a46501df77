"""``minimumCompressionSize`` and coded requests: rest-api §9.4, over the wire."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Answer, Deployed, deploy, mock, operation, proxy

LEAST = 100
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}
SIZES = {"short": LEAST - 1, "exact": LEAST, "long": 300_000}


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``/{proxy,http}/{short,exact,long}``, ``/coded`` answered by ``br`` and ``/mock``."""
    paths: dict[str, Any] = {"/mock": {"get": operation(mock("m" * LEAST))}}
    for name, size in SIZES.items():
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n"
        backend.raw[name] = head.encode() + b"x" * size
        uri = f"{backend.url}/raw/{name}"
        http = {"type": "http", "httpMethod": "GET", "uri": uri, "responses": {"default": {"statusCode": "200"}}}
        paths[f"/proxy/{name}"] = {"get": operation(proxy(uri))}
        paths[f"/http/{name}"] = {"get": operation(http)}
    backend.raw["br"] = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 200\r\n\r\n" + b"b" * 200
    paths["/coded"] = {"get": operation(proxy(f"{backend.url}/raw/br"))}
    held = {"type": "http", "httpMethod": "POST", "uri": backend.url, "responses": {"default": {"statusCode": "200"}}}
    paths["/held"] = {"post": operation(held)}
    paths["/echo"] = {"post": operation(proxy(f"{backend.url}/bytes/1"))}
    return deploy(shared_gateway, shared_apigateway, paths, **{"x-amazon-apigateway-minimum-compression-size": LEAST})


def plain(answer: Answer) -> bytes:
    """The body behind its coding."""
    assert answer.status == 200
    coding = answer.header("Content-Encoding")
    body = answer.body
    if answer.header("Transfer-Encoding") == "chunked":
        body = b""
        rest = answer.body
        while True:
            size, _, rest = rest.partition(b"\r\n")
            if not int(size, 16):
                break
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    else:
        assert answer.header("Content-Length") == str(len(body))
    return UNPACK[coding](body) if coding else body


@pytest.mark.parametrize("kind", ["proxy", "http"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("deflate;q=0.9, gzip;q=0.8", "deflate"),
        ("gzip, deflate, br", "gzip"),
        ("br, gzip;q=0.9", None),
        ("identity, gzip;q=0.5", None),
        ("*", None),
        (None, None),
    ],
)
def test_s9_4_answers_from_a_size_on_in_the_coding_of_the_highest_weight(
    api: Deployed, kind: str, size: str, accept: str | None, coding: str | None
) -> None:
    fields = [] if accept is None else [f"Accept-Encoding: {accept}"]
    answer = api.send(f"/stage/{kind}/{size}", "GET", *fields)
    assert answer.header("Content-Encoding") == (None if size == "short" else coding)
    assert plain(answer) == b"x" * SIZES[size]


def test_s9_4_a_mock_is_compressed_and_what_is_coded_stays(api: Deployed) -> None:
    answer = api.send("/stage/mock", "GET", "Accept-Encoding: gzip")
    assert (answer.header("Content-Encoding"), plain(answer)) == ("gzip", b"m" * LEAST)
    coded = api.send("/stage/coded", "GET", "Accept-Encoding: gzip")
    assert (coded.header("Content-Encoding"), coded.body) == ("br", b"b" * 200)


def test_s9_4_coded_requests_are_decoded_up_to_the_payload_limit(api: Deployed, backend: Backend) -> None:
    for coding, body in (
        ("gzip", gzip.compress(b"plain")),
        ("deflate", zlib.compress(b"plain")),
        ("identity", b"plain"),
    ):
        assert api.send("/stage/echo", "POST", f"Content-Encoding: {coding}", body=body).status == 200
        assert (backend.requests[-1].body, backend.requests[-1].header("Content-Encoding")) == (b"plain", None)
    for coding, body in (("br", b"x"), ("gzip", b"no gzip")):
        answer = api.send("/stage/echo", "POST", f"Content-Encoding: {coding}", body=body)
        assert answer.error == (415, "BadRequestException", b'{"message":"Unsupported Media Type"}')
    bomb = gzip.compress(bytes(10_485_761))
    assert api.send("/stage/held", "POST", "Content-Encoding: gzip", body=bomb).status == 413
