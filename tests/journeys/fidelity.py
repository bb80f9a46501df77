"""For the tests that go through the specification row by row: small documents, their deployment, and plain requests."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from tests.journeys.conftest import ServedGateway

Document = dict[str, Any]
Test = TypeVar("Test", bound=Callable[..., None])


def differs(reason: str) -> Callable[[Test], Test]:
    """Marks a test of what is answered differently from AWS on purpose; ``reason`` stands in docs/compatibility.md."""
    assert reason
    return lambda test: test


@dataclass(frozen=True)
class Answer:
    """An answer as it came; ``fields`` in order, names as written."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of the one field ``name`` in any letter case, or ``None``; several are an error."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def error(self) -> tuple[int, str | None, bytes]:
        """Status, ``x-amzn-ErrorType`` and body."""
        return self.status, self.header("x-amzn-ErrorType"), self.body


@dataclass(frozen=True)
class Deployed:
    """An API behind a stage called ``stage``."""

    gateway: ServedGateway
    api_id: str

    def send(self, path: str, method: str = "GET", *fields: str, body: bytes = b"") -> Answer:
        """Send ``path`` (with the stage) as it is to the API's own host, without any client's help."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.api_id}.execute-api.us-east-1.amazonaws.com"]
        lines += [*fields, "Connection: close"]
        if body and not any(field.startswith("Transfer-Encoding:") for field in fields):
            lines.append(f"Content-Length: {len(body)}")
        host, _, port = self.gateway.listen.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            received = b""
            while part := connection.recv(65536):
                received += part
        head, _, payload = received.partition(b"\r\n\r\n")
        status, *rest = head.decode("latin-1").split("\r\n")
        parsed = [(name, value.strip()) for name, _, value in (line.partition(":") for line in rest)]
        return Answer(int(status.split(" ")[1]), parsed, payload)


def deploy(gateway: ServedGateway, apigateway: Any, paths: Document, **members: Any) -> Deployed:
    """Import ``paths`` as an OpenAPI document and deploy it to ``stage``."""
    document = {"openapi": "3.0.1", "info": {"title": "fidelity", "version": "1"}, "paths": paths, **members}
    api = apigateway.import_rest_api(body=orjson.dumps(document))
    assert "warnings" not in api, api["warnings"]
    apigateway.create_deployment(restApiId=api["id"], stageName="stage")
    return Deployed(gateway, api["id"])


def operation(integration: Document, *parameters: tuple[str, str], headers: tuple[str, ...] = ()) -> Document:
    """An operation with ``(in, name)`` parameters and a 200 response that declares ``headers``."""
    response: Document = {"description": "ok"}
    if headers:
        response["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return {
        "parameters": [
            {"in": where, "name": name, "required": where == "path", "schema": {"type": "string"}}
            for where, name in parameters
        ],
        "responses": {"200": response},
        "x-amazon-apigateway-integration": integration,
    }


def mock(said: str, request: str = '{"statusCode": 200}') -> Document:
    """A MOCK integration that says a literal."""
    response = {"statusCode": "200", "responseTemplates": {"application/json": said}}
    return {"type": "mock", "requestTemplates": {"application/json": request}, "responses": {"default": response}}


def proxy(uri: str, **parameters: str) -> Document:
    """An HTTP_PROXY integration; ``querystring_name="…"`` maps ``integration.request.querystring.name``."""
    mapped = {f"integration.request.{name.replace('_', '.', 1)}": source for name, source in parameters.items()}
    return {"type": "http_proxy", "httpMethod": "ANY", "uri": uri, "requestParameters": mapped}


def greedy(uri: str) -> Document:
    """An operation below ``{proxy+}`` that passes the greedy value on."""
    return operation(proxy(f"{uri}/{{proxy}}", path_proxy="method.request.path.proxy"))
