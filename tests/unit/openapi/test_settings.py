"""The settings of the API, validators, gateway responses and documentation.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import orjson
import pytest

from tests.unit.openapi.documents import openapi, swagger
from tests.unit.openapi.imports import Json, definition, errors


def test_request_validators() -> None:
    more: Json = {
        "x-amazon-apigateway-request-validators": {"a": {"validateRequestBody": True}, "b": {}},
        "x-amazon-apigateway-request-validator": "a",
    }
    made, _ = definition(openapi({}, **more))
    ids = {one.name: one.id for one in made.request_validators}
    assert [(one.validate_request_body, one.validate_request_parameters) for one in made.request_validators] == [
        (True, False),
        (False, False),
    ]
    assert made.methods[0].request_validator_id == ids["a"]
    made, _ = definition(openapi({"x-amazon-apigateway-request-validator": "b"}, **more))
    assert made.methods[0].request_validator_id == made.request_validators[1].id


def test_settings_of_the_api() -> None:
    document = openapi({})
    document["x-amazon-apigateway-security-policy"] = "TLS_1_2"
    document["x-amazon-apigateway-endpoint-access-mode"] = "basic"
    document["servers"] = [
        {
            "url": "/",
            "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-1"], "ipAddressType": "dualstack"},
        }
    ]
    api = definition(document, endpoint_type="PRIVATE")[0].rest_api
    assert (api.security_policy, api.endpoint_access_mode) == ("TLS_1_2", "BASIC")
    assert (api.endpoint_configuration.types, api.endpoint_configuration.vpc_endpoint_ids) == (
        ("PRIVATE",),
        ("vpce-1",),
    )
    found = [message for _, message in errors(document, endpoint_type="EDGE")]
    assert found == ["vpcEndpointIds can only be specified for Private APIs."]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("api-key-source", "COOKIE", "Invalid value 'COOKIE'"),
        ("security-policy", "TLS_9", "Invalid security policy specified. Valid options are TLS_1_0,TLS_1_2,"),
        ("binary-media-types", ["a/b", 1], "Expected type string but got '1'"),
        ("minimum-compression-size", 10_485_761, "Invalid minimum compression size, must be between 0 and 10485760"),
        ("minimum-compression-size", True, "Expected type integer but got 'true'"),
        ("policy", {"Statement": ["x"]}, "Invalid policy document"),
        ("endpoint-configuration", {"disableExecuteApiEndpoint": "yes"}, "Expected type boolean but got 'yes'"),
        ("request-validator", "nothing", "Invalid Request Validator identifier specified"),
        ("security-policy", "SecurityPolicy_TLS13_2025_EDGE", "Endpoint access mode must be specified"),
    ],
)
def test_settings_that_are_refused(name: str, value: Json, message: str) -> None:
    ((_, found),) = errors({**swagger({}), f"x-amazon-apigateway-{name}": value})
    assert found.startswith(message)


def test_gateway_responses() -> None:
    given = {"THROTTLED": {"statusCode": 420, "responseTemplates": {"a/b": "x"}}, "DEFAULT_5XX": {}}
    found = definition({**swagger({}), "x-amazon-apigateway-gateway-responses": given})[0].gateway_responses
    assert [(one.response_type, one.status_code, one.response_templates) for one in found] == [
        ("THROTTLED", "420", {"a/b": "x"}),
        ("DEFAULT_5XX", None, None),
    ]


def test_documentation_of_everything() -> None:
    operation = {
        "summary": "s",
        "description": "d",
        "parameters": [
            {"name": "q", "in": "query", "description": "q"},
            {"name": "h", "in": "header", "description": "h"},
        ],
        "requestBody": {"description": "b", "content": {}},
        "responses": {"200": {"description": "r", "headers": {"X": {"description": "x"}}}},
    }
    document = openapi(operation, path="/{p}", verb="put", externalDocs={"url": "u"})
    document["paths"]["/{p}"]["description"] = "path"
    document["paths"]["/{p}"]["parameters"] = [{"name": "p", "in": "path", "description": "p"}]
    document["info"] |= {"description": "i", "license": {"name": "l"}}
    parts = definition(document)[0].documentation_parts
    found = {
        (one.location.type, one.location.path, one.location.method, one.location.status_code, one.location.name):
        orjson.loads(one.properties)
        for one in parts
    }  # fmt: skip
    assert found == {
        ("API", None, None, None, None): {
            "externalDocs": {"url": "u"},
            "info": {"description": "i", "license": {"name": "l"}},
        },
        ("RESOURCE", "/{p}", None, None, None): {"description": "path"},
        ("METHOD", "/{p}", "PUT", None, None): {"summary": "s", "description": "d"},
        ("PATH_PARAMETER", "/{p}", "PUT", None, "p"): {"description": "p"},
        ("QUERY_PARAMETER", "/{p}", "PUT", None, "q"): {"description": "q"},
        ("REQUEST_HEADER", "/{p}", "PUT", None, "h"): {"description": "h"},
        ("REQUEST_BODY", "/{p}", "PUT", None, None): {"description": "b"},
        ("RESPONSE", "/{p}", "PUT", "200", None): {"description": "r"},
        ("RESPONSE_HEADER", "/{p}", "PUT", "200", "X"): {"description": "x"},
    }


def test_listed_documentation_wins_and_gets_the_defaults_of_its_location() -> None:
    document = openapi({"description": "derived", "summary": "kept"}, path="/")
    part = {"location": {"type": "METHOD", "method": "GET"}, "properties": '{"description": "listed"}'}
    other = {"location": {"type": "RESPONSE"}, "properties": {"description": "all"}}
    document["x-amazon-apigateway-documentation"] = {"version": "1", "documentationParts": [part, other]}
    first, second = definition(document)[0].documentation_parts
    assert orjson.loads(first.properties) == {"summary": "kept", "description": "listed"}
    location = second.location
    assert (location.path, location.method, location.status_code) == ("/", "*", "*")


def test_a_gateway_response_has_no_body_to_map() -> None:
    given = {"THROTTLED": {"responseParameters": {"gatewayresponse.header.A": "method.request.body.a"}}}
    ((_, message),) = errors({**swagger({}), "x-amazon-apigateway-gateway-responses": given})
    assert "Invalid mapping expression specified: method.request.body.a" in message


def test_unknown_components_are_told() -> None:
    (found,) = definition(openapi({}, components={"things": {}}))[1]
    assert found.startswith("The field 'things' of components is not supported")


def test_of_several_endpoint_configurations_the_first_is_used_and_the_others_are_told() -> None:
    extension = "x-amazon-apigateway-endpoint-configuration"
    servers = [{"url": "https://a.example", "x-own": 1, extension: {"disableExecuteApiEndpoint": True}}]
    made, warnings = definition(openapi({}, servers=servers, **{extension: {"disableExecuteApiEndpoint": False}}))
    assert not made.rest_api.disable_execute_api_endpoint
    assert warnings == [
        "The extension 'x-own' of a server is not supported and was left out (at $.servers[0].x-own)",
        f"An API has one '{extension}'; the first one is used (at $.servers[0])",
    ]
