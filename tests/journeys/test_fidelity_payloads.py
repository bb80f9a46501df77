"""Payload conversion without ``contentHandling``, row by row: rest-api §9.1–9.3, over the wire."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, operation

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
