"""Gateway responses, row by row: rest-api §5, made with boto3 and seen over the wire."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from tests.journeys.caching import replace
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, mock, operation, proxy

EVERYTHING = (
    "$context.error.message|$context.error.messageString|$context.error.responseType|"
    "$context.error.validationErrorString|$context.stage|$stageVariables.shop|method.request.header.X-In|"
    "$method.request.querystring.q|#set($a = 1)$context.no.such"
)


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any) -> Deployed:
    """``GET /pets`` is mocked."""
    return deploy(shared_gateway, shared_apigateway, {"/pets": {"get": operation(mock("pets"))}})


def customise(api: Deployed, apigateway: Any, response_type: str, **members: Any) -> None:
    """Put a gateway response and deploy."""
    apigateway.put_gateway_response(restApiId=api.api_id, responseType=response_type, **members)
    apigateway.create_deployment(restApiId=api.api_id, stageName="stage", variables={"shop": "here"})


def test_s5_1_every_type_is_listed_with_its_default_template(api: Deployed, shared_apigateway: Any) -> None:
    items = shared_apigateway.get_gateway_responses(restApiId=api.api_id)["items"]
    assert len(items) == 21
    assert {one["responseTemplates"]["application/json"] for one in items} == {
        '{"message":$context.error.messageString}'
    }
    assert all(one["defaultResponse"] for one in items)


def test_s5_3_a_class_answers_for_every_type_that_is_not_customised(api: Deployed, shared_apigateway: Any) -> None:
    headers = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    customise(api, shared_apigateway, "DEFAULT_4XX", responseParameters=headers)
    refused = api.send("/stage/nothing")
    assert refused.error == (
        403,
        "MissingAuthenticationTokenException",
        b'{"message":"Missing Authentication Token"}',
    )
    assert refused.header("Access-Control-Allow-Origin") == "*"
    shared_apigateway.update_gateway_response(
        restApiId=api.api_id,
        responseType="DEFAULT_4XX",
        patchOperations=[{"op": "replace", "path": "/statusCode", "value": "404"}],
    )
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage/nothing").status == 404
    # Reset to null it reverts.
    shown = shared_apigateway.update_gateway_response(
        restApiId=api.api_id,
        responseType="DEFAULT_4XX",
        patchOperations=[{"op": "replace", "path": "/statusCode", "value": ""}],
    )
    assert ("statusCode" in shown, shown["defaultResponse"]) == (False, False)
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    refused = api.send("/stage/nothing")
    assert (refused.status, refused.header("Access-Control-Allow-Origin")) == (403, "*")
    # Without a status of its own each type keeps its own again.
    customise(api, shared_apigateway, "DEFAULT_4XX", responseParameters=headers)
    assert api.send("/stage/nothing").status == 403
    shared_apigateway.delete_gateway_response(restApiId=api.api_id, responseType="DEFAULT_4XX")
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    refused = api.send("/stage/nothing")
    assert (refused.status, refused.header("Access-Control-Allow-Origin")) == (403, None)


def test_s5_4_headers_are_mapped_from_request_context_and_stage(api: Deployed, shared_apigateway: Any) -> None:
    headers = {
        "gatewayresponse.header.X-Header": "method.request.header.X-In",
        "gatewayresponse.header.X-Other-Case": "method.request.header.x-in",
        "gatewayresponse.header.X-Query": "method.request.querystring.q",
        "gatewayresponse.header.X-Path": "method.request.path.none",
        "gatewayresponse.header.X-Context": "context.error.responseType",
        "gatewayresponse.header.X-Stage": "stageVariables.shop",
        "gatewayresponse.querystring.X-Nowhere": "'x'",
    }
    customise(api, shared_apigateway, "MISSING_AUTHENTICATION_TOKEN", statusCode="418", responseParameters=headers)
    answer = api.send("/stage/nothing?q=a%20b", "GET", "X-In: in")
    found = {name: answer.header(f"X-{name}") for name in ("Header", "Other-Case", "Query", "Path", "Context", "Stage")}
    assert answer.status == 418
    assert found == {
        "Header": "in",
        "Other-Case": None,
        "Query": "a b",
        "Path": None,
        "Context": "MISSING_AUTHENTICATION_TOKEN",
        "Stage": "here",
    }
    assert answer.header("X-Nowhere") is None


def test_s5_5_templates_replace_references_and_nothing_else(api: Deployed, shared_apigateway: Any) -> None:
    templates = {"text/plain": EVERYTHING, "application/xml": "<error/>", "application/json": "{}"}
    customise(api, shared_apigateway, "MISSING_AUTHENTICATION_TOKEN", responseTemplates=templates)
    plain = api.send("/stage/nothing?q=7", "GET", "Accept: text/plain", "X-In: in")
    assert plain.header("Content-Type") == "text/plain"
    assert plain.body == (
        b'Missing Authentication Token|"Missing Authentication Token"|MISSING_AUTHENTICATION_TOKEN|'
        b"|stage|here|in|7|#set($a = 1)"
    )
    chosen = api.send("/stage/nothing", "GET", "Accept: image/png, application/xml;q=0.5, text/plain")
    assert (chosen.header("Content-Type"), chosen.body) == ("application/xml", b"<error/>")
    other = api.send("/stage/nothing", "GET", "Accept: image/png")
    assert (other.header("Content-Type"), other.body) == ("application/json", b"{}")
    assert api.send("/stage/pets").body == b"pets"


def test_s5_2_what_fails_before_routing_cannot_be_customised(api: Deployed, shared_apigateway: Any) -> None:
    customise(api, shared_apigateway, "DEFAULT_4XX", statusCode="499")
    customise(api, shared_apigateway, "REQUEST_TOO_LARGE", statusCode="498")
    too_long = api.send("/stage/pets", "POST", "Content-Length: 10485761")
    assert (too_long.status, too_long.body) == (413, b"HTTP content length exceeded 10485760 bytes.")


STATUSES = {
    "ACCESS_DENIED": "403", "API_CONFIGURATION_ERROR": "500", "AUTHORIZER_CONFIGURATION_ERROR": "500",
    "AUTHORIZER_FAILURE": "500", "BAD_REQUEST_BODY": "400", "BAD_REQUEST_PARAMETERS": "400", "DEFAULT_4XX": None,
    "DEFAULT_5XX": None, "EXPIRED_TOKEN": "403", "INTEGRATION_FAILURE": "504", "INTEGRATION_TIMEOUT": "504",
    "INVALID_API_KEY": "403", "INVALID_SIGNATURE": "403", "MISSING_AUTHENTICATION_TOKEN": "403",
    "QUOTA_EXCEEDED": "429", "REQUEST_TOO_LARGE": "413", "RESOURCE_NOT_FOUND": "404", "THROTTLED": "429",
    "UNAUTHORIZED": "401", "UNSUPPORTED_MEDIA_TYPE": "415", "WAF_FILTERED": "403",
}  # fmt: skip


def test_s5_2_the_default_status_of_every_type(api: Deployed, shared_apigateway: Any) -> None:
    items = shared_apigateway.get_gateway_responses(restApiId=api.api_id)["items"]
    assert {one["responseType"]: one.get("statusCode") for one in items} == STATUSES


def test_s5_3_what_a_customised_type_does_not_say_is_its_own_default(api: Deployed, shared_apigateway: Any) -> None:
    """A type with a header alone keeps its own status and template beside a customised class; the rest inherits."""
    class_template = {"application/json": '{"class": true}'}
    put = shared_apigateway.put_gateway_response
    put(restApiId=api.api_id, responseType="DEFAULT_4XX", statusCode="499", responseTemplates=class_template)
    header = {"gatewayresponse.header.X-Own": "'yes'"}
    customise(api, shared_apigateway, "UNSUPPORTED_MEDIA_TYPE", responseParameters=header)
    own = api.send("/stage/pets", "POST", "Content-Encoding: br", body=b"x")
    assert (own.status, own.header("X-Own"), own.body) == (415, "yes", b'{"message":"Unsupported Media Type"}')
    inherited = api.send("/stage/nothing")
    assert (inherited.status, inherited.header("X-Own"), inherited.body) == (499, None, b'{"class": true}')
    shown = {one["responseType"]: one for one in shared_apigateway.get_gateway_responses(restApiId=api.api_id)["items"]}
    assert (shown["UNSUPPORTED_MEDIA_TYPE"]["statusCode"], shown["UNSUPPORTED_MEDIA_TYPE"]["defaultResponse"]) == (
        "415", False,
    )  # fmt: skip
    assert shown["UNSUPPORTED_MEDIA_TYPE"]["responseTemplates"] == {
        "application/json": '{"message":$context.error.messageString}'
    }
    missing = shown["MISSING_AUTHENTICATION_TOKEN"]
    assert (missing["statusCode"], missing["responseTemplates"], missing["defaultResponse"]) == (
        "499", class_template, True,
    )  # fmt: skip


def test_s12_what_fails_before_routing_has_no_cors_headers(api: Deployed, shared_apigateway: Any) -> None:
    """An unknown stage, an over-long body and the like carry no headers of the API's own."""
    headers = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
    customise(api, shared_apigateway, "DEFAULT_4XX", responseParameters=headers)
    for path, *fields in (("/other/pets",), ("/stage/pets", "Content-Length: 10485761"), ("/stage/" + "a" * 9000,)):
        answer = api.send(path, "POST", *fields)
        assert answer.status in (403, 413, 414)
        assert answer.header("Access-Control-Allow-Origin") is None, path[:20]
    assert api.send("/stage/pets?%zz").header("Access-Control-Allow-Origin") == "*"


def test_s5_2_a_signature_that_cannot_be_read_is_of_a_type_of_its_own(api: Deployed, shared_apigateway: Any) -> None:
    """INVALID_SIGNATURE answers for an Authorization header that is no signature, whatever is customised beside it."""
    told = {"text/plain": "$context.error.responseType: $context.error.message"}
    customise(api, shared_apigateway, "MISSING_AUTHENTICATION_TOKEN", statusCode="404")
    customise(api, shared_apigateway, "INVALID_SIGNATURE", statusCode="418", responseTemplates=told)
    answer = api.send("/stage/nothing", "GET", "Authorization: Bearer x")
    assert (answer.status, answer.header("x-amzn-ErrorType")) == (418, "IncompleteSignatureException")
    assert answer.body.startswith(b"INVALID_SIGNATURE: ")
    assert api.send("/stage/nothing").status == 404


def test_s5_2_who_may_not_refresh_a_cache_is_denied_access(api: Deployed, shared_apigateway: Any) -> None:
    customise(api, shared_apigateway, "ACCESS_DENIED", statusCode="418")
    settings = {
        "/cacheClusterEnabled": "true",
        "/*/*/caching/enabled": "true",
        "/*/*/caching/unauthorizedCacheControlHeaderStrategy": "FAIL_WITH_403",
    }
    replace(shared_apigateway, api, **settings)
    assert api.send("/stage/pets").status == 200
    answer = api.send("/stage/pets", "GET", "Cache-Control: max-age=0")
    assert (answer.status, answer.header("x-amzn-ErrorType")) == (418, "AccessDeniedException")


def test_s5_4_path_variables_of_a_routed_request_are_there(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """Headers and templates read the path of a request that was routed before it failed, single parts and greedy ones."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        nobody = proxy(f"http://127.0.0.1:{free.getsockname()[1]}/")
    paths = {
        "/{shop}/pets": {"get": operation(nobody, ("path", "shop"))},
        "/all/{rest+}": {"get": operation(nobody, ("path", "rest"))},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    headers = {
        "gatewayresponse.header.X-Shop": "method.request.path.shop",
        "gatewayresponse.header.X-Rest": "method.request.path.rest",
        "gatewayresponse.header.X-Resource": "context.resourcePath",
    }
    said = {"application/json": "[$method.request.path.shop][method.request.path.rest]"}
    members = {"responseParameters": headers, "responseTemplates": said}
    customise(api, shared_apigateway, "INTEGRATION_FAILURE", **members)
    names = ("X-Shop", "X-Rest", "X-Resource")
    answer = api.send("/stage/a%20b/pets")
    assert answer.status == 504
    assert ([answer.header(name) for name in names], answer.body) == (["a%20b", None, "/{shop}/pets"], b"[a%20b][]")
    answer = api.send("/stage/all/a//b")
    assert ([answer.header(name) for name in names], answer.body) == ([None, "a//b", "/all/{rest+}"], b"[][a//b]")
