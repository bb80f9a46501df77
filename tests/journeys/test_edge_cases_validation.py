"""The specification's list of edge cases (rest-api §20), each by its number: gateway responses and request validation."""

from __future__ import annotations

from typing import Any

from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import deploy, operation, proxy

STOCK = b'{"message":"Network error communicating with endpoint"}'


def test_5_a_customised_type_keeps_its_own_status_beside_a_customised_class(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """A customised type keeps its own status and body, whatever its class says."""
    paths = {
        "/gone": {"get": operation(proxy("http://127.0.0.1:1/"))},
        "/broken": {"get": operation(proxy("http://127.0.0.1:1/", **{"header.Content-Length": "'1'"}))},
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
