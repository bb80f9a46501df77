"""The specification's list of edge cases (rest-api §20), each by its number: gateway responses and request validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import deploy, operation, proxy

ALL = {
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-request-validator": "all",
}
STOCK = b'{"message":"Network error communicating with endpoint"}'


def test_5_a_customised_type_keeps_its_own_status_beside_a_customised_class(
    shared_gateway: ServedGateway, shared_apigateway: Any, free_port: Callable[[], int]
) -> None:
    """A customised type keeps its own status and body, whatever its class says."""
    nobody = f"http://127.0.0.1:{free_port()}/"
    paths = {
        "/gone": {"get": operation(proxy(nobody))},
        "/broken": {"get": operation(proxy(nobody, **{"header.Content-Length": "'1'"}))},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    names = {"restApiId": api.api_id}
    shared_apigateway.put_gateway_response(
        **names, responseType="DEFAULT_5XX", statusCode="599", responseTemplates={"text/plain": "class"}
    )
    shared_apigateway.put_gateway_response(
        **names, responseType="INTEGRATION_FAILURE", responseParameters={"gatewayresponse.header.X-Own": "'yes'"}
    )
    assert api.send("/stage/gone").header("X-Own") is None, "what is not deployed is not served"
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    own = api.send("/stage/gone")
    assert (own.status, own.header("X-Own"), own.body) == (504, "yes", STOCK)
    inherited = api.send("/stage/broken")
    assert (inherited.status, inherited.header("X-Own"), inherited.body) == (599, None, b"class")


def test_17_a_required_header_in_other_letter_case_is_missing(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A required header sent in another letter case is reported as missing."""
    method = operation(proxy(backend.url))
    method["parameters"] = [{"in": "header", "name": "X-Wanted", "required": True, "schema": {"type": "string"}}]
    api = deploy(shared_gateway, shared_apigateway, {"/pets": {"get": method}}, **ALL)
    refused = api.send("/stage/pets", "GET", "x-wanted: 1")
    assert refused.error == (
        400,
        "BadRequestException",
        b'{"message":"Missing required request parameters: [X-Wanted]"}',
    )
    assert not backend.requests
    assert api.send("/stage/pets", "GET", "X-Wanted: 1").status == 200


def test_18_an_empty_get_body_does_not_have_required_properties(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A GET without a body is refused by a model that requires properties."""
    method = operation(proxy(backend.url))
    schema = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    method["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    api = deploy(shared_gateway, shared_apigateway, {"/pets": {"get": method, "post": method}}, **ALL)
    assert api.send("/stage/pets").error == (400, "BadRequestException", b'{"message":"Invalid request body"}')
    assert not backend.requests
    assert api.send("/stage/pets", "POST", body=b'{"name": "Rex"}').status == 200
