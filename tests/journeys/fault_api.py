"""APIs for the journeys with faults: one path for each thing a backend may do, and clients that speak raw bytes."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from apigw.engine import Engine
from tests.journeys.conftest import KEY, SECRET, ServedGateway, boto3_client


def http_proxy(uri: str, **members: Any) -> dict[str, Any]:
    """An HTTP_PROXY integration that asks ``uri`` with any verb."""
    return {"type": "http_proxy", "httpMethod": "ANY", "uri": uri, **members}


def http(uri: str, **members: Any) -> dict[str, Any]:
    """An HTTP integration whose answer passes unmapped."""
    return {
        "type": "http",
        "httpMethod": "GET",
        "uri": uri,
        "passthroughBehavior": "when_no_match",
        "responses": {"default": {"statusCode": "200"}},
        **members,
    }


def mock(said: str) -> dict[str, Any]:
    """A MOCK integration that says ``said``."""
    return {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": said}}},
    }


def document(integrations: Mapping[str, dict[str, Any]], title: str = "faults") -> bytes:
    """An OpenAPI document with one integration a path, for any verb."""
    paths = {
        path: {
            "x-amazon-apigateway-any-method": {
                "responses": {"200": {"description": "x"}, "504": {"description": "y"}},
                "x-amazon-apigateway-integration": integration,
            }
        }
        for path, integration in integrations.items()
    }
    return orjson.dumps({"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": paths})


def deployed(gateway: ServedGateway, integrations: Mapping[str, dict[str, Any]], title: str = "faults") -> str:
    """The id of a new API with these integrations, on stage ``dev``."""
    client = boto3_client(gateway)
    try:
        api = str(client.import_rest_api(body=document(integrations, title))["id"])
        client.create_deployment(restApiId=api, stageName="dev")
        return api
    finally:
        client.close()


# httpx reads the trust store for every client otherwise, which takes longer than most requests here.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def request(method: str, url: str, **arguments: Any) -> httpx.Response:
    """One request over a connection of its own."""
    with httpx.Client(verify=NO_TLS, timeout=60) as client:
        return client.request(method, url, **arguments)


get = functools.partial(request, "GET")
post = functools.partial(request, "POST")


def address(listener: str) -> tuple[str, int]:
    """``host:port`` as a socket wants it."""
    host, _, port = listener.rpartition(":")
    return host, int(port)


def spoken(listener: str, *parts: bytes) -> bytes:
    """All that comes back for ``parts`` until the connection ends."""
    with socket.create_connection(address(listener), timeout=30) as connection:
        # Whoever refuses early does not read the rest.
        with contextlib.suppress(ConnectionError):
            for part in parts:
                connection.sendall(part)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                answer += more
        return answer


def signed(
    gateway: ServedGateway,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    secret: str = SECRET,
    late: int = 0,
    service: str = "apigateway",
    key: str = KEY,
) -> list[tuple[str, str]]:
    """The headers of a signed management call, made ``late`` seconds ago."""
    headers = [("host", gateway.admin_listen), ("content-type", "application/json")]
    more = Engine.sign(
        method, gateway.admin + path, headers, body, key, secret, "us-east-1", service, int(time.time()) - late
    )
    return [*headers, *more]


def call(gateway: ServedGateway, method: str, path: str, body: bytes = b"", **signing: Any) -> httpx.Response:
    """A management call signed as ``signing`` says."""
    headers = signed(gateway, method, path, body, **signing)
    return request(method, gateway.admin + path, headers=headers, content=body)
