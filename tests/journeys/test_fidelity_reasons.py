"""Why a request failed, as its execution log says in AWS's words: rest-api §7.2, §7.4, §7.13, §7.14, §8.1, §9.3 and §11."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.backends.recording import Backend
from tests.journeys.fidelity import Document, mock

FAILED = "Execution failed due to configuration error: "
BYTES = b"\xff\x00\x89PNG"


def reasons(client: Any, integration: Document, body: str = "", **responses: str) -> list[str]:
    """The failures that TestInvokeMethod tells of an integration; its ``default`` answers 200."""
    document = {
        "openapi": "3.0.1",
        "info": {"title": "reasons", "version": "1"},
        "paths": {"/": {"post": {"responses": {"200": {"description": ""}}}}},
        "x-amazon-apigateway-binary-media-types": ["image/png"],
    }
    whole = {"responses": {"default": {"statusCode": "200", **responses}}, **integration}
    document["paths"]["/"]["post"]["x-amazon-apigateway-integration"] = whole  # type: ignore[index]
    api = client.import_rest_api(body=orjson.dumps(document))
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "POST"}
    answer = client.test_invoke_method(**names, body=body)
    assert (answer["status"], answer["body"]) == (500, '{"message":"Internal server error"}')
    lines = [line.partition(" : ")[2] for line in answer["log"].splitlines()]
    assert lines[-1] == "Method completed with status: 500"
    assert not any(line.startswith("Method response") for line in lines)
    return [line.removeprefix(FAILED) for line in lines if line.startswith("Execution failed")]


def http(uri: str, **members: Any) -> Document:
    return {"type": "http", "httpMethod": "POST", "uri": uri, **members}


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id"])
@pytest.mark.parametrize("how", ["mapped", "overridden"])
def test_s7_4_a_header_that_only_the_gateway_may_set_is_named(
    shared_apigateway: Any, backend: Backend, name: str, how: str
) -> None:
    """A forbidden header fails the request, mapped or overridden by a template, and the log names it."""
    override = f"#set($context.requestOverride.header['{name}'] = '1')"
    members: Document = (
        {"requestParameters": {f"integration.request.header.{name}": "'1'"}}
        if how == "mapped"
        else {"requestTemplates": {"application/json": override}}
    )
    assert reasons(shared_apigateway, http(backend.url, **members)) == [f"{name} header already present"]
    assert not backend.requests


def test_s7_2_an_endpoint_that_is_none_is_said(shared_apigateway: Any, backend: Backend) -> None:
    for uri in (f"{backend.url}/{{unmapped}}", "http://nowhere.invalid/"):
        assert reasons(shared_apigateway, http(uri)) == ["Invalid endpoint address"]
    assert not backend.requests


def test_s7_13_a_mock_without_an_integer_status_code_is_said(shared_apigateway: Any) -> None:
    why = "Unable to parse statusCode. It should be an integer that is defined in the request template."
    for template in ('{"statusCode": "200"}', "{}", "no JSON", '{"statusCode: 200}'):
        assert reasons(shared_apigateway, mock("", template)) == [why]


def test_s7_14_a_template_that_fails_is_said_with_its_side(shared_apigateway: Any, backend: Backend) -> None:
    """Unable to transform request, or response."""
    override = "#set($context.responseOverride.status = 201)"
    templates = {"application/json": override * 2}
    assert reasons(shared_apigateway, http(backend.url, requestTemplates=templates)) == ["Unable to transform request"]
    assert not backend.requests
    answered = {"responses": {"default": {"statusCode": "200", "responseTemplates": templates}}}
    assert reasons(shared_apigateway, http(backend.url, **answered)) == ["Unable to transform response"]
    assert len(backend.requests) == 1


def test_s8_1_a_status_that_no_response_takes_is_said(shared_apigateway: Any, backend: Backend) -> None:
    why = "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 404"
    answered = {"responses": {"200": {"statusCode": "200"}, "40": {"statusCode": "200"}}}
    assert reasons(shared_apigateway, http(f"{backend.url}/status/404", **answered)) == [why]


def test_s9_3_what_is_no_base64_is_said(shared_apigateway: Any, backend: Backend) -> None:
    why = "Unable to base64 decode the body."
    converted = {"contentHandling": "CONVERT_TO_BINARY"}
    assert reasons(shared_apigateway, http(backend.url, **converted), "no base64!") == [why]
    assert not backend.requests
    assert reasons(shared_apigateway, http(f"{backend.url}/status/200"), **converted) == [why]
    assert len(backend.requests) == 1
