"""An error does not hide the errors below it: whoever repairs a document sees everything in one go."""

from __future__ import annotations

import pytest

from tests.unit.openapi.documents import openapi
from tests.unit.openapi.imports import Json, errors

RESPONSES = {"200": {"description": "ok"}}
BROKEN = {
    "type": "mock",
    "timeoutInMillis": "soon",
    "requestParameters": {"integration.request.header.A": "nonsense"},
    "responses": {"default": {"statusCode": "404"}},
}
BELOW_BROKEN = [
    ".requestParameters['integration.request.header.A']",
    ".timeoutInMillis",
    ".responses.default.statusCode",
]


def paths(document: Json) -> list[str]:
    return [path for path, _ in errors(document)]


@pytest.mark.parametrize("kind", ["nothing", None])
def test_a_bad_integration_type(kind: str | None) -> None:
    where = "$.paths['/pets'].get.x-amazon-apigateway-integration"
    integration = {**BROKEN, "type": kind}
    found = paths(openapi({"responses": RESPONSES, "x-amazon-apigateway-integration": integration}))
    assert found == [where if kind is None else f"{where}.type", *(where + path for path in BELOW_BROKEN)]


@pytest.mark.parametrize("path", ["pets", "/pets{id}", "/pets//all", "/{all+}/pets"])
def test_a_bad_path(path: str) -> None:
    where = f"$.paths{'.pets' if path == 'pets' else f'[{path!r}]'}"
    found = paths(openapi({"responses": RESPONSES, "x-amazon-apigateway-integration": BROKEN}, path))
    below = f"{where}.get.x-amazon-apigateway-integration"
    assert found == [where, *(below + path for path in BELOW_BROKEN)]


def test_the_variables_of_a_bad_path_are_declared() -> None:
    mapped = {"integration.request.header.A": "method.request.path.id"}
    integration = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://a.example/", "requestParameters": mapped}
    assert paths(openapi({"x-amazon-apigateway-integration": integration}, "/pets{id}")) == ["$.paths['/pets{id}']"]


def test_bad_paths_do_not_meet_each_other() -> None:
    document = openapi({"responses": RESPONSES}, "/{a}")
    document["paths"] |= {"/{b}": document["paths"]["/{a}"], "/{b}/": document["paths"]["/{a}"]}
    assert paths(document) == ["$.paths['/{b}']", "$.paths['/{b}/']"]


def test_a_bad_authorizer_type() -> None:
    where = "$.components.securitySchemes.a.x-amazon-apigateway-authorizer"
    authorizer = {
        "type": "nothing",
        "authorizerResultTtlInSeconds": -1,
        "identitySource": 5,
        "authorizerCredentials": 5,
    }
    scheme = {"type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authorizer": authorizer}
    document = openapi({"responses": RESPONSES}, components={"securitySchemes": {"a": scheme}})
    members = ("type", "authorizerResultTtlInSeconds", "identitySource", "authorizerCredentials")
    assert paths(document) == [f"{where}.{member}" for member in members]


def test_a_bad_status_code() -> None:
    where = "$.paths['/pets'].get.responses['999']"
    response = {"description": "ok", "headers": {"a b": {}}, "content": {"nonsense": {}}}
    assert paths(openapi({"responses": {"999": response}})) == [
        where,
        f"{where}.content.nonsense",
        f"{where}.headers['a b']",
    ]
