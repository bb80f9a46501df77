"""What clients are told when a backend or a mapping fails, and which check comes first: rest-api §4, §5.2 and §7.14."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.caching import replace
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, mock, operation, proxy

INTERNAL = b'{"message":"Internal server error"}'
ERROR = (500, "InternalServerErrorException", INTERNAL)
VALIDATORS = {
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-request-validator": "all",
}


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """A path for every way to fail that this gateway has, and gateway responses that tell their type."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    model = {"type": "object", "required": ["a"]}
    validated = {
        **operation(mock("fine")),
        "parameters": [{"in": "query", "name": "wanted", "required": True, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": model}}},
    }
    http = {"type": "http", "httpMethod": "POST", "responses": {"default": {"statusCode": "200"}}}
    late = {**proxy(f"{backend.url}/slow"), "timeoutInMillis": 50}
    paths: Document = {
        "/nobody": {"post": operation(proxy(nobody))},
        "/reset": {"post": operation(proxy(f"{backend.url}/reset"))},
        "/late": {"post": operation(late)},
        "/nowhere": {"post": operation(proxy("http://nowhere.invalid/"))},
        "/address": {"post": operation(proxy(f"{backend.url}/{{none}}"))},
        "/refusing": {"post": operation({**http, "uri": backend.url, "passthroughBehavior": "never"})},
        "/template": {
            "post": operation(mock("#set($x = $util.parseJson('{'))$x.a.b.c.d()#foreach($i in [1..2000])x#end"))
        },
        "/mapping": {"post": operation({**http, "uri": backend.url, "responses": {"404": {"statusCode": "200"}}})},
        "/validated": {"post": validated},
        "/limited": {"post": validated},
    }
    return deploy(shared_gateway, shared_apigateway, paths, **VALIDATORS)


ROWS = [
    ("/nobody", "", b"", "INTEGRATION_FAILURE", 504, "InternalServerErrorException", "Network error communicating with endpoint"),
    ("/reset", "", b"", "INTEGRATION_FAILURE", 504, "InternalServerErrorException", "Network error communicating with endpoint"),
    ("/late", "", b"", "INTEGRATION_TIMEOUT", 504, "InternalServerErrorException", "Endpoint request timed out"),
    ("/nowhere", "", b"", "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error"),
    ("/address", "", b"", "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error"),
    ("/refusing", "", b"", "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type"),
    ("/template", "", b"", "DEFAULT_5XX", 500, "InternalServerErrorException", "Internal server error"),
    ("/mapping", "", b"", "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error"),
    ("/validated", "", b"{}", "BAD_REQUEST_PARAMETERS", 400, "BadRequestException", "Missing required request parameters: [wanted]"),
    ("/validated", "?wanted=1", b"{}", "BAD_REQUEST_BODY", 400, "BadRequestException", "Invalid request body"),
    ("/unknown", "", b"", "MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    ("/validated", "?%zz", b"", "DEFAULT_4XX", 400, "BadRequestException", "Bad Request"),
    ("/limited", "", b"", "THROTTLED", 429, "TooManyRequestsException", "Too Many Requests"),
]  # fmt: skip


def test_s5_2_every_failure_has_its_type_status_and_message(api: Deployed, shared_apigateway: Any) -> None:
    """Each failure's gateway response type, status, ``x-amzn-ErrorType`` and body, as AWS gives them and customised."""
    throttle = {f"/~1limited/POST/throttling/{name}": "0" for name in ("rateLimit", "burstLimit")}
    replace(shared_apigateway, api, **throttle)
    for path, query, body, _, status, kind, message in ROWS:
        said = json.dumps({"message": message}, separators=(",", ":")).encode()
        assert api.send(f"/stage{path}{query}", "POST", body=body).error == (status, kind, said), path
    told = {"application/json": '{"type": "$context.error.responseType", "said": $context.error.messageString}'}
    for response_type in ("DEFAULT_4XX", "DEFAULT_5XX"):
        shared_apigateway.put_gateway_response(restApiId=api.api_id, responseType=response_type, responseTemplates=told)
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    for path, query, body, response_type, status, kind, message in ROWS:
        answer = api.send(f"/stage{path}{query}", "POST", body=body)
        assert (answer.status, answer.header("x-amzn-ErrorType")) == (status, kind), path
        assert json.loads(answer.body) == {"type": response_type, "said": message}, path


def test_s4_limits_come_before_parameters_those_before_bodies_and_all_before_the_cache(
    api: Deployed, shared_apigateway: Any
) -> None:
    """429 before 400, parameters before the body, both before what the cache holds."""
    replace(shared_apigateway, api, **{"/cacheClusterEnabled": "true", "/~1validated/POST/caching/enabled": "true"})
    assert api.send("/stage/validated?wanted=1", "POST", body=b'{"a": 1}').body == b"fine"
    assert b"[wanted]" in api.send("/stage/validated", "POST", body=b"{}").body
    assert api.send("/stage/validated?wanted=1", "POST", body=b"{}").body == b'{"message":"Invalid request body"}'
    throttle = {f"/~1validated/POST/throttling/{name}": "0" for name in ("rateLimit", "burstLimit")}
    replace(shared_apigateway, api, **throttle)
    assert api.send("/stage/validated", "POST", body=b"{}").status == 429


def test_s4_matching_comes_before_every_other_check(api: Deployed, shared_apigateway: Any) -> None:
    """What matches nothing is refused as such, whatever else is wrong with it; an unknown stage before that."""
    throttle = {f"/*/*/throttling/{name}": "0" for name in ("rateLimit", "burstLimit")}
    replace(shared_apigateway, api, **throttle)
    assert api.send("/stage/unknown", "POST", body=b"{").status == 403
    assert api.send("/stage/nobody", "POST").status == 429
    assert api.send("/other/unknown", "POST").body == b'{"message":"Forbidden"}'


def test_s7_14_an_answer_over_the_limit_and_a_head_over_its_limit(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A body over 10 MB is 500; a head over 64 KB, or of more than 256 fields, is 502."""
    backend.raw["large"] = b"HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n"
    backend.raw["head"] = b"HTTP/1.1 200 OK\r\nA: " + b"a" * 65_536 + b"\r\nContent-Length: 0\r\n\r\n"
    backend.raw["fields"] = b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 257 + b"Content-Length: 0\r\n\r\n"
    http = {"type": "http", "httpMethod": "GET", "responses": {"default": {"statusCode": "200"}}}
    paths: Document = {}
    for name in backend.raw:
        uri = f"{backend.url}/raw/{name}"
        paths[f"/proxy/{name}"] = {"get": operation(proxy(uri))}
        paths[f"/http/{name}"] = {"get": operation({**http, "uri": uri})}
    api = deploy(shared_gateway, shared_apigateway, paths)
    for path in paths:
        status = 500 if path.endswith("large") else 502
        assert api.send(f"/stage{path}").error == (status, "InternalServerErrorException", INTERNAL), path
