"""The specification's list of edge cases (rest-api §20) that are about mapping, each by its number."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import deploy, mock, operation

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')


def test_15_only_an_xml_template_and_no_content_type_is_415(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    members = {"requestTemplates": {"application/xml": "<a/>"}, "passthroughBehavior": "when_no_templates"}
    answered = {"default": {"statusCode": "200"}}
    http = {"type": "http", "httpMethod": "POST", "uri": backend.url, "responses": answered, **members}
    paths = {"/http": {"post": operation(http)}, "/mock": {"post": operation({**mock(""), **members})}}
    api = deploy(shared_gateway, shared_apigateway, paths)
    unsupported = (415, "BadRequestException", b'{"message":"Unsupported Media Type"}')
    for path in paths:
        assert api.send(f"/stage{path}", "POST", body=b"{}").error == unsupported
    assert not backend.requests
    assert api.send("/stage/http", "POST", "Content-Type: application/xml; charset=utf-8", body=b"<b/>").status == 200
    assert backend.requests[0].body == b"<a/>"


def test_13_an_override_in_the_request_template_of_a_mock_changes_the_final_status(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    template = '#set($context.responseOverride.status = 418){"statusCode": 200}'
    integration = {**mock("", template), "responses": {"default": {"statusCode": "200"}}}
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(integration)}})
    assert api.send("/stage").status == 418


def test_14_lists_render_as_json_maps_as_java_writes_them_and_null_as_nothing(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    template = "$input.path('$.list')|$input.path('$.map')|$input.path('$.map.null')|$input.path('$.none')"
    http = {
        "type": "http",
        "httpMethod": "POST",
        "uri": backend.url,
        "requestTemplates": {"application/json": template},
        "responses": {"default": {"statusCode": "200"}},
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(http)}})
    body = b'{"list": [1, {"a": "b"}, null], "map": {"foo": "bar", "n": 1.5, "nested": [{"x": 1}], "null": null}}'
    assert api.send("/stage", "POST", body=body).status == 200
    assert backend.requests[0].body == b'[1,{"a":"b"},null]|{foo=bar, n=1.5, nested=[{"x":1}], null=null}||'


@pytest.mark.parametrize("side", ["request", "answer"])
def test_16_convert_to_binary_with_text_that_is_not_base64_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, side: str
) -> None:
    backend.raw["text"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ntext!"
    converted = {"contentHandling": "CONVERT_TO_BINARY"}
    default = {"statusCode": "200", **(converted if side == "answer" else {})}
    integration = {
        "type": "http",
        "httpMethod": "POST",
        "uri": f"{backend.url}/raw/text",
        "responses": {"default": default},
        **(converted if side == "request" else {}),
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    assert api.send("/stage", "POST", "Content-Type: text/plain", body=b"no base64!").error == ERROR
    assert len(backend.requests) == (1 if side == "answer" else 0)


def test_20_a_canary_of_all_traffic_shows_overridden_and_inherited_variables_together(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    said = mock("said")
    said["responses"]["default"]["responseParameters"] = {
        f"method.response.header.{name}": f"stageVariables.{name}" for name in ("own", "inherited")
    }
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(said, headers=("own", "inherited"))}})
    add = [{"op": "add", "path": f"/variables/{name}", "value": "stage"} for name in ("own", "inherited")]
    shared_apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    canary = {"percentTraffic": 100.0, "stageVariableOverrides": {"own": "canary"}}
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage", canarySettings=canary)
    answer = api.send("/stage")
    assert (answer.header("own"), answer.header("inherited")) == ("canary", "stage")
