"""Payload conversion, row by row: rest-api §9.1–9.3, over the wire."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, differs, operation

BYTES = b"\xff\x00\x89PNG"
LOSSY = BYTES.decode("utf-8", "replace").encode()
ERROR = b'{"message":"Internal server error"}'


def http(uri: str, **members: Any) -> dict[str, Any]:
    integration = {"type": "http", "httpMethod": "POST", "uri": uri, "responses": {"default": {"statusCode": "200"}}}
    return {"post": operation({**integration, **members}, ("header", "Content-Type"))}


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``POST /echo`` and ``/template`` to the backend, ``/answers/{kind}`` answered with bytes, base64 or text."""
    for kind, content_type, body in (
        ("png", "image/png", BYTES),
        ("text", "text/plain", b"text!"),
        ("base64", "text/plain", base64.b64encode(BYTES)),
        ("bytes", "text/plain", BYTES),
    ):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        backend.raw[kind] = head.encode() + body
    paths = {f"/answers/{kind}": http(f"{backend.url}/raw/{kind}") for kind in backend.raw}
    paths["/echo"] = http(f"{backend.url}/bytes/1")
    paths["/template"] = http(f"{backend.url}/bytes/1", requestTemplates={"image/png": "made"})
    types = ["image/png", "application/*", "image/*"]
    return deploy(shared_gateway, shared_apigateway, paths, **{"x-amazon-apigateway-binary-media-types": types})


@pytest.mark.parametrize(
    ("content_type", "binary"),
    [
        ("image/png", True),
        ("image/png; a=b", True),
        ("IMAGE/PNG", True),
        ("application/anything", True),
        ("text/plain", False),
        ("application", False),
        ("text/plain, image/png", False),
        (None, False),
    ],
)
def test_s9_1_and_s9_2_a_request_body_is_text_unless_its_media_type_is_binary(
    api: Deployed, backend: Backend, content_type: str | None, binary: bool
) -> None:
    fields = [] if content_type is None else [f"Content-Type: {content_type}"]
    assert api.send("/stage/echo", "POST", *fields, body=BYTES).status == 200
    assert backend.requests[0].body == (BYTES if binary else LOSSY)


def test_s9_2_a_template_reads_text_only(api: Deployed, backend: Backend) -> None:
    answer = api.send("/stage/template", "POST", "Content-Type: image/png", body=BYTES)
    assert answer.error == (500, "InternalServerErrorException", ERROR)
    assert not backend.requests
    assert api.send("/stage/template", "POST", "Content-Type: image/png").status == 200
    assert backend.requests[0].body == b"made"


@pytest.mark.parametrize(
    ("kind", "accept", "body"),
    [
        ("text", "text/plain", b"text!"),
        ("bytes", "text/plain", LOSSY),
        ("base64", "image/png", BYTES),
        ("text", "image/png", None),
        ("png", "text/plain", base64.b64encode(BYTES)),
        ("png", None, base64.b64encode(BYTES)),
        ("png", "image/png", BYTES),
        ("png", "image/png;q=0.1, text/plain", BYTES),
        ("png", "text/plain, image/png", base64.b64encode(BYTES)),
        ("png", "*/*", base64.b64encode(BYTES)),
        ("png", "image/*", BYTES),
    ],
)
def test_s9_3_an_answer_is_converted_by_its_media_type_and_the_first_one_accepted(
    api: Deployed, kind: str, accept: str | None, body: bytes | None
) -> None:
    answer = api.send(f"/stage/answers/{kind}", "POST", *([] if accept is None else [f"Accept: {accept}"]))
    assert (answer.status, answer.body) == ((500, ERROR) if body is None else (200, body))


def converting(uri: str, request: str | None, response: str | None) -> dict[str, Any]:
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": uri,
        "responses": {"default": {"statusCode": "200", **({"contentHandling": response} if response else {})}},
        **({"contentHandling": request} if request else {}),
    }
    return {"post": operation(integration, ("header", "Content-Type"))}


HANDLINGS = {"binary": "CONVERT_TO_BINARY", "text": "CONVERT_TO_TEXT"}
BASE64 = base64.b64encode(BYTES)


@pytest.fixture
def converters(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``/in/{handling}`` converts requests, ``/out/{handling}/{kind}`` answers."""
    paths = {
        f"/in/{name}": converting(f"{backend.url}/bytes/1", handling, None) for name, handling in HANDLINGS.items()
    }
    for kind, content_type, body in (("png", "image/png", BYTES), ("text", "a/b", BYTES), ("base64", "a/b", BASE64)):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        backend.raw[kind] = head.encode() + body
        for name, handling in HANDLINGS.items():
            paths[f"/out/{name}/{kind}"] = converting(f"{backend.url}/raw/{kind}", None, handling)
    return deploy(shared_gateway, shared_apigateway, paths, **{"x-amazon-apigateway-binary-media-types": ["image/png"]})


@pytest.mark.parametrize(
    ("handling", "content_type", "sent", "reached"),
    [
        ("text", "a/b", BYTES, LOSSY),
        ("binary", "a/b", BASE64, BYTES),
        ("binary", "a/b", BYTES, None),
        ("binary", "image/png", BYTES, BYTES),
        ("text", "image/png", BYTES, BASE64),
    ],
)
def test_s9_2_content_handling_of_requests(
    converters: Deployed, backend: Backend, handling: str, content_type: str, sent: bytes, reached: bytes | None
) -> None:
    answer = converters.send(f"/stage/in/{handling}", "POST", f"Content-Type: {content_type}", body=sent)
    if reached is None:
        assert answer.error == (500, "InternalServerErrorException", ERROR)
        assert not backend.requests
    else:
        assert answer.status == 200
        assert backend.requests[0].body == reached


@pytest.mark.parametrize(
    ("handling", "kind", "accept", "body"),
    [
        ("binary", "base64", "a/b", BYTES),
        ("binary", "text", "a/b", None),
        ("text", "text", "image/png", LOSSY),
        ("text", "text", "a/b", LOSSY),
        ("binary", "text", "image/png", None),
        ("binary", "base64", "image/png", BYTES),
        ("binary", "png", "a/b", BYTES),
        ("text", "png", "a/b", BASE64),
        ("binary", "png", "image/png", BYTES),
        ("text", "png", "image/png", BASE64),
    ],
)
def test_s9_3_content_handling_of_answers(
    converters: Deployed, handling: str, kind: str, accept: str, body: bytes | None
) -> None:
    answer = converters.send(f"/stage/out/{handling}/{kind}", "POST", f"Accept: {accept}")
    assert (answer.status, answer.body) == ((500, ERROR) if body is None else (200, body))


def test_s9_3_a_response_template_reads_text_only(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Bytes at a response template are 500; converted to text they are read as base64."""
    backend.raw["png"] = (
        b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
        % (len(BYTES), BYTES)
    )
    templates = {"responseTemplates": {"application/json": "[$input.body]"}}
    paths = {}
    for name, handling in (("bytes", {}), ("text", {"contentHandling": "CONVERT_TO_TEXT"})):
        default = {"statusCode": "200", **templates, **handling}
        paths[f"/{name}"] = http(f"{backend.url}/raw/png", responses={"default": default})
    api = deploy(shared_gateway, shared_apigateway, paths, **{"x-amazon-apigateway-binary-media-types": ["image/png"]})
    answer = api.send("/stage/bytes", "POST", "Accept: image/png")
    assert answer.error == (500, "InternalServerErrorException", ERROR)
    assert api.send("/stage/text", "POST", "Accept: image/png").body == b"[" + BASE64 + b"]"


@pytest.mark.parametrize(
    ("types", "content_type", "binary"),
    [
        (["*/*"], None, True),
        (["*/*"], "text/plain", True),
        (["*/png"], "image/png", False),
        (["image/*"], "image/*", True),
        (["image/png"], "image/*", False),
        ([], "image/png", False),
    ],
)
def test_s9_1_what_media_types_match(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    types: list[str],
    content_type: str | None,
    binary: bool,
) -> None:
    """``*/*`` is everything, also nothing; ``*/png`` is nothing; a wildcard of the client's is itself only."""
    members = {"x-amazon-apigateway-binary-media-types": types}
    api = deploy(shared_gateway, shared_apigateway, {"/": http(f"{backend.url}/bytes/1")}, **members)
    fields = [] if content_type is None else [f"Content-Type: {content_type}"]
    assert api.send("/stage", "POST", *fields, body=BYTES).status == 200
    assert backend.requests[0].body == (BYTES if binary else LOSSY)


@pytest.mark.parametrize("handling", ["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"])
@differs(
    "AWS documents contentHandling for non-proxy integrations only and takes it on proxies too; what it does there is not known, "
    "and a proxied body passes unchanged here"
)
def test_s9_2_content_handling_of_a_proxied_body_is_refused_when_deployed(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, handling: str
) -> None:
    proxied = {"type": "http_proxy", "httpMethod": "POST", "uri": f"{backend.url}/echo", "contentHandling": handling}
    with pytest.raises(ClientError) as refused:
        deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(proxied)}})
    error = refused.value.response["Error"]
    assert error["Code"] == "BadRequestException"
    assert f"$.resources['/'].POST.methodIntegration.contentHandling = {handling}" in error["Message"]


def test_s9_2_a_proxied_body_passes_unchanged_whatever_its_media_type(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    proxied = {"type": "http_proxy", "httpMethod": "POST", "uri": f"{backend.url}/raw/bytes"}
    backend.raw["bytes"] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(BYTES), BYTES)
    types = {"x-amazon-apigateway-binary-media-types": ["image/png"]}
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(proxied)}}, **types)
    for content_type in ("image/png", "text/plain"):
        backend.requests.clear()
        fields = (f"Content-Type: {content_type}", "Accept: image/png")
        assert api.send("/stage/", "POST", *fields, body=BYTES).body == BYTES
        assert backend.requests[0].body == BYTES
