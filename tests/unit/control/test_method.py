"""Method and method response. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html"""

from __future__ import annotations

from typing import Any

import pytest

from apigw.domain.rest_api import Authorizer, RequestValidator
from tests.unit.control.management import REGION, Management

PREFIX = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "


@pytest.fixture
def names(management: Management) -> dict[str, str]:
    api_id, root = management.api()
    return {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}


def test_the_minimal_answer(management: Management, names: dict[str, str]) -> None:
    minimal = {"apiKeyRequired": False, "authorizationType": "NONE", "httpMethod": "ANY"}
    answer = management(
        "PutMethod", **{**names, "http_method": "ANY"}, authorization_type="NONE", request_parameters={}
    )
    assert answer == minimal


def test_a_method_is_not_replaced(management: Management, names: dict[str, str]) -> None:
    management("PutMethod", **names, authorization_type="NONE")
    refused = management.refused("PutMethod", **names, authorization_type="NONE")
    assert refused == ("Conflict", "Method already exists for this resource")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"http_method": "get"}, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"),
        ({"authorization_type": "CUSTOM"}, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."),
        ({"authorization_type": "COGNITO_USER_POOLS", "authorizer_id": "nothing"}, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."),
        ({"authorization_type": "WRONG"}, "Invalid authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS"),
        ({"request_validator_id": "nothing"}, "Invalid Request Validator identifier specified"),
        ({"request_models": {"application/json": "Nothing"}}, "Invalid model identifier specified: Nothing"),
        ({"request_parameters": {"method.request.path.a": True, "method.request.header.a": True}}, "Parameter names must be unique across querystring, header and path"),
        ({"request_parameters": {"method.request.multivalueheader.a": True}}, PREFIX + "[Invalid mapping expression specified: method.request.multivalueheader.a]"),
        ({"request_parameters": {"method.request.header.a b": True}}, PREFIX + "[Invalid mapping expression specified: method.request.header.a b]"),
    ],
)  # fmt: skip
def test_put_refuses(management: Management, names: dict[str, str], given: dict[str, Any], message: str) -> None:
    assert management.refused("PutMethod", **{**names, "authorization_type": "NONE", **given}) == (
        "BadRequest",
        message,
    )


def test_authorizers_fit_the_type_and_go_with_it(management: Management, names: dict[str, str]) -> None:
    for authorizer_id, kind in (("token1", "TOKEN"), ("pool01", "COGNITO_USER_POOLS")):
        record = Authorizer(id=authorizer_id, name=kind, type=kind)
        management.store.put("authorizer", REGION, names["rest_api_id"], authorizer_id, record)
    wrong = {"authorization_type": "COGNITO_USER_POOLS", "authorizer_id": "token1"}
    assert management.refused("PutMethod", **names, **wrong)[0] == "BadRequest"
    made = management("PutMethod", **names, authorization_type="CUSTOM", authorizer_id="token1")
    assert made["authorizerId"] == "token1"
    # Terraform and the console send the two in either order.
    both = [("replace", "/authorizerId", "pool01"), ("replace", "/authorizationType", "COGNITO_USER_POOLS")]
    for operations in (both, both[::-1]):
        assert management.update("UpdateMethod", *operations, **names)["authorizerId"] == "pool01"
    left = management.update("UpdateMethod", ("replace", "/authorizationType", "NONE"), **names)
    assert "authorizerId" not in left


@pytest.mark.parametrize(
    ("operation", "member", "expected"),
    [
        (("replace", "/apiKeyRequired", "true"), "apiKeyRequired", True),
        (("replace", "/apiKeyRequired", "what"), "apiKeyRequired", False),
        (("replace", "/operationName", "getPets"), "operationName", "getPets"),
        (("replace", "/requestValidatorId", "valid1"), "requestValidatorId", "valid1"),
        (("replace", "/authorizationType", "AWS_IAM"), "authorizationType", "AWS_IAM"),
        (("add", "/authorizationScopes", "pets/read"), "authorizationScopes", ["pets/read"]),
        (("add", "/requestParameters/method.request.header.b", "true"), "requestParameters", {"method.request.header.a": False, "method.request.header.b": True}),
        (("replace", "/requestParameters/method.request.header.a", "true"), "requestParameters", {"method.request.header.a": True}),
        (("remove", "/requestParameters/method.request.header.a"), "requestParameters", None),
        (("add", "/requestModels/text~1plain", "Error"), "requestModels", {"application/json": "Empty", "text/plain": "Error"}),
        (("remove", "/requestModels/application~1json"), "requestModels", None),
    ],
)  # fmt: skip
def test_update(
    management: Management, names: dict[str, str], operation: tuple[str, ...], member: str, expected: Any
) -> None:
    validator = RequestValidator(id="valid1", name="all")
    management.store.put("request_validator", REGION, names["rest_api_id"], "valid1", validator)
    management(
        "PutMethod",
        **names,
        authorization_type="NONE",
        request_parameters={"method.request.header.a": False},
        request_models={"application/json": "Empty"},
    )
    answer = management.update("UpdateMethod", operation, **names)
    assert answer.get(member) == expected
    assert management("GetMethod", **names) == answer


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (("replace", "/nothing", "x"), ("BadRequest", "Invalid patch path /nothing")),
        (("replace", "/httpMethod", "PUT"), ("BadRequest", "Invalid patch path /httpMethod")),
        (("add", "/apiKeyRequired", "true"), ("BadRequest", "Invalid patch path  '/apiKeyRequired' specified for op 'add'. Please choose supported operations")),
        (("move", "/apiKeyRequired", "true"), ("BadRequest", "Invalid patch operation specified. Must be 'add'|'remove'|'replace'")),
        (("remove", "/requestParameters/method.request.header.x"), ("NotFound", "Invalid parameter name specified")),
        (("replace", "/requestParameters/method.request.header.x", "true"), ("NotFound", "Invalid parameter name specified")),
        (("remove", "/requestModels/text~1plain"), ("NotFound", "Content-Type specified was not found")),
        (("add", "/requestModels/text~1plain", "Nothing"), ("BadRequest", "Invalid model identifier specified: Nothing")),
        (("add", "/requestModels/text", "Empty"), ("BadRequest", "Validation Result: warnings : [], errors : [Invalid content type specified: text]")),
        (("add", "/requestParameters/header.x", "true"), ("BadRequest", PREFIX + "[Invalid mapping expression specified: header.x]")),
        (("replace", "/authorizationType", "CUSTOM"), ("BadRequest", "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")),
    ],
)  # fmt: skip
def test_update_refuses(
    management: Management, names: dict[str, str], operation: tuple[str, ...], error: tuple[str, str]
) -> None:
    management("PutMethod", **names, authorization_type="NONE")
    assert management.update_refused("UpdateMethod", ("replace", "/operationName", "x"), operation, **names) == error


def test_a_declaration_in_use_cannot_be_removed(management: Management, names: dict[str, str]) -> None:
    management(
        "PutMethod", **names, authorization_type="NONE", request_parameters={"method.request.querystring.q": False}
    )
    management(
        "PutIntegration",
        **names,
        type="HTTP",
        integration_http_method="GET",
        uri="http://localhost/",
        request_parameters={"integration.request.header.Q": "method.request.multivaluequerystring.q"},
    )
    removal = ("remove", "/requestParameters/method.request.querystring.q")
    message = PREFIX + "[Invalid mapping expression parameter specified: method.request.multivaluequerystring.q]"
    assert management.update_refused("UpdateMethod", removal, **names) == ("BadRequest", message)
    management("PutMethodResponse", **names, status_code="200", response_parameters={"method.response.header.X": True})
    mapping = {"method.response.header.X": "'x'"}
    management("PutIntegrationResponse", **names, status_code="200", response_parameters=mapping)
    removal = ("remove", "/responseParameters/method.response.header.X")
    message = PREFIX + "[Invalid mapping expression parameter specified: method.response.header.X]"
    refused = management.update_refused("UpdateMethodResponse", removal, **names, status_code="200")
    assert refused == ("BadRequest", message)


def test_delete_takes_integration_and_responses(management: Management, names: dict[str, str]) -> None:
    management.mock(names["rest_api_id"], names["resource_id"])
    management("DeleteMethod", **names)
    assert management.refused("GetMethod", **names) == ("NotFound", "Invalid Method identifier specified")
    assert management.refused("GetIntegration", **names) == ("NotFound", "Invalid Method identifier specified")
    management("PutMethod", **names, authorization_type="NONE")
    assert management.refused("GetIntegration", **names) == ("NotFound", "Invalid Integration identifier specified")


def test_method_responses(management: Management, names: dict[str, str]) -> None:
    management("PutMethod", **names, authorization_type="NONE")
    # An empty map that was given is echoed, one that was not is absent.
    echoed = management("PutMethodResponse", **names, status_code="200", response_parameters={})
    assert echoed == {"statusCode": "200", "responseParameters": {}}
    code = {"status_code": "200"}
    assert management("GetMethodResponse", **names, **code) == echoed
    conflict = ("Conflict", "Response already exists for this resource")
    assert management.refused("PutMethodResponse", **names, **code) == conflict
    changed = management.update(
        "UpdateMethodResponse",
        ("add", "/responseParameters/method.response.header.X", "true"),
        ("add", "/responseModels/application~1json", "Error"),
        **names,
        **code,
    )
    assert changed == {
        "statusCode": "200",
        "responseParameters": {"method.response.header.X": True},
        "responseModels": {"application/json": "Error"},
    }
    assert management("GetMethod", **names)["methodResponses"] == {"200": changed}
    management("DeleteMethodResponse", **names, **code)
    assert "methodResponses" not in management("GetMethod", **names)
    gone = ("NotFound", "Invalid Response status code specified")
    for name in ("GetMethodResponse", "UpdateMethodResponse", "DeleteMethodResponse"):
        assert management.refused(name, **names, **code) == gone
    assert management.refused("PutMethodResponse", **names, **code, response_parameters={"X": True}) == (
        "BadRequest",
        PREFIX + "[Invalid mapping expression specified: X]",
    )
    assert management.refused("PutMethodResponse", **names, **code, response_models={"text/plain": "No"}) == (
        "BadRequest",
        "Invalid model identifier specified: No",
    )
