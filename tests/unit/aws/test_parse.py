"""Input by the service model: what is kept, what is ignored, and AWS's texts for what is wrong.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html; texts as recorded from live calls.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from apigw.aws import routes
from apigw.aws.parse import parse
from apigw.aws.service_model import service_model
from apigw.domain.errors import BadRequest, Invalid, NotSerializable

ONE = "1 validation error detected: "
METHOD = "/restapis/a1b2c3d4e5/resources/r1/methods/GET"


def call(method: str, path: str, body: Any = None, query: str = "", headers: tuple[tuple[str, str], ...] = ()) -> Any:
    found = routes.find(method, path, query)
    assert found is not None
    model = service_model(found.route.service)
    given = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    return parse(model, found.route.operation, found.labels, found.query, headers, given)


def message_of(kind: type[Exception], *arguments: Any, **named: Any) -> str:
    with pytest.raises(kind) as caught:
        call(*arguments, **named)
    return str(caught.value)


def test_members_come_from_the_path_the_query_and_the_body() -> None:
    assert call("GET", "/restapis/a1b2c3d4e5/resources", query="embed=methods&embed=x&limit=25&position=a%20b") == {
        "rest_api_id": "a1b2c3d4e5",
        "position": "a b",
        "limit": 25,
        "embed": ["methods", "x"],
    }
    assert call("POST", "/restapis", {"name": "pets", "disableExecuteApiEndpoint": False, "tags": {}}) == {
        "name": "pets",
        "disable_execute_api_endpoint": False,
        "tags": {},
    }


def test_a_member_and_a_label_of_the_same_wire_name_are_two() -> None:
    given = call("PUT", f"{METHOD}/integration", {"type": "HTTP", "httpMethod": "POST"})
    assert (given["http_method"], given["integration_http_method"]) == ("GET", "POST")


def test_a_raw_body_arrives_as_bytes_and_a_map_takes_what_no_member_names() -> None:
    given = call("POST", "/restapis", b"openapi: 3.0.1", query="mode=import&failonwarnings=true&basepath=prepend&x=")
    assert given == {
        "body": b"openapi: 3.0.1",
        "fail_on_warnings": True,
        "parameters": {"basepath": "prepend", "x": ""},
    }


def test_a_header_member_is_read() -> None:
    path = "/restapis/a/stages/s/exports/oas30"
    assert call("GET", path, headers=(("accept", "application/yaml"),))["accepts"] == "application/yaml"


def test_unknown_and_null_members_are_ignored() -> None:
    assert call("POST", "/restapis", {"name": "a", "unheardOf": {"deep": [1]}, "description": None}) == {"name": "a"}
    assert call("GET", "/restapis", b"not json at all") == {}


def test_numbers_and_booleans_keep_their_types() -> None:
    stage = {"stageName": "s", "deploymentId": "d", "canarySettings": {"percentTraffic": 10}, "tracingEnabled": True}
    given = call("POST", "/restapis/a/stages", stage)
    assert repr(given["canary_settings"]["percent_traffic"]) == "10.0"
    assert given["tracing_enabled"] is True
    assert call("POST", "/restapis", {"name": "a", "minimumCompressionSize": 5.0})["minimum_compression_size"] == 5


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ("PUT", f"{METHOD}/integration", {"type": "HTTPS_PROXY"}),
            ONE + "Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: "
            "Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
        ),
        (
            ("POST", "/restapis", {"name": "a", "endpointConfiguration": {"ipAddressType": "wrong"}}),
            ONE + "Value 'wrong' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed "
            "to satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]",
        ),
        (
            ("POST", "/restapis", {"name": "a", "endpointConfiguration": {"types": ["wrong"]}}),
            ONE + "Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to "
            "satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: "
            "[PRIVATE, EDGE, REGIONAL]]",
        ),
        (
            ("PUT", f"{METHOD}/responses/wrong", {}),
            ONE + "Value 'wrong' at 'statusCode' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [1-5]\d\d",
        ),
        (
            ("POST", "/restapis/a/models", {"contentType": "application/json"}),
            ONE + "Value null at 'createModelInput.name' failed to satisfy constraint: Member must not be null",
        ),
        (
            ("PATCH", "/restapis/a", {"patchOperations": [{"op": "wrong", "path": "/name"}]}),
            ONE + "Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed to "
            "satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]",
        ),
        (
            ("POST", "/restapis/a/documentation/parts", {"location": {"type": "INVALID"}, "properties": "{}"}),
            ONE + "Value 'INVALID' at 'createDocumentationPartInput.location.type' failed to "
            "satisfy constraint: Member must satisfy enum value set: [RESPONSE_BODY, RESPONSE, METHOD, MODEL, "
            "AUTHORIZER, "
            "RESPONSE_HEADER, RESOURCE, PATH_PARAMETER, REQUEST_BODY, QUERY_PARAMETER, API, REQUEST_HEADER]",
        ),
        (
            ("GET", "/restapis/a/gatewayresponses/X"),
            ONE + "Value 'X' at 'responseType' failed to satisfy constraint: Member must satisfy "
            "enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, AUTHORIZER_CONFIGURATION_ERROR, "
            "MISSING_AUTHENTICATION_TOKEN, BAD_REQUEST_BODY, INVALID_SIGNATURE, INVALID_API_KEY, "
            "BAD_REQUEST_PARAMETERS, "
            "AUTHORIZER_FAILURE, UNAUTHORIZED, INTEGRATION_TIMEOUT, ACCESS_DENIED, DEFAULT_4XX, DEFAULT_5XX, "
            "WAF_FILTERED, QUOTA_EXCEEDED, THROTTLED, API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE, "
            "INTEGRATION_FAILURE, EXPIRED_TOKEN]",
        ),
        (
            ("POST", "/restapis/a/stages", {"cacheClusterSize": "7"}),
            "3 validation errors detected: "
            "Value null at 'createStageInput.stageName' failed to satisfy constraint: "
            "Member must not be null; Value null at 'createStageInput.deploymentId' failed to satisfy constraint: "
            "Member must not be null; Value '7' at 'createStageInput.cacheClusterSize' failed to satisfy constraint: "
            "Member must satisfy enum value set: [0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237]",
        ),
        (
            ("POST", "/restapis", {"name": "a", "binaryMediaTypes": ["a/b", None]}),
            ONE + "Value '[a/b, null]' at 'createRestApiInput.binaryMediaTypes' failed to satisfy "
            "constraint: Member must satisfy constraint: [Member must not be null]",
        ),
        (
            ("POST", "/restapis", {"name": "a", "tags": {"k": None}}),
            ONE + "Value '{k=null}' at 'createRestApiInput.tags' failed to satisfy constraint: "
            "Map value must satisfy constraint: [Member must not be null]",
        ),
    ],
)
def test_a_broken_constraint_has_awss_text(arguments: tuple[Any, ...], expected: str) -> None:
    assert message_of(Invalid, *arguments) == expected


@pytest.mark.parametrize("status", ["20", "2000", "200%0A", "2%D9%A0%D9%A0", "600"])
def test_a_pattern_is_met_by_the_whole_value_and_by_ascii_digits(status: str) -> None:
    assert "regular expression pattern" in message_of(Invalid, "PUT", f"{METHOD}/responses/{status}", {})


def test_lengths_and_ranges_of_the_v2_model_have_texts() -> None:
    path = "/v2/domainnames/d/routingrules"
    rule = {"actions": [], "conditions": [], "priority": 0}
    assert message_of(Invalid, "POST", path, rule) == (
        ONE + "Value '0' at 'createRoutingRuleInput.Priority' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    assert (
        "Value '101' at 'MaxResults' failed to satisfy constraint: Member must have value less than or equal to 100"
        in (message_of(Invalid, "GET", path, query="maxResults=101"))
    )
    assert "Member must have length greater than or equal to 1" in message_of(
        Invalid, "PATCH", "/v2/portalproducts/p", {"displayName": ""}
    )


def test_a_null_template_passes_through_and_is_kept() -> None:
    templates = {"application/json": None, "text/xml": "x"}
    given = call("PUT", f"{METHOD}/integration", {"type": "MOCK", "requestTemplates": templates})
    assert given["request_templates"] == templates


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"patchOperations": [{"value": True}]}, "class java.lang.Boolean can not be converted to an String"),
        (
            {"patchOperations": [{"value": 5}]},
            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
        ),
        ({"patchOperations": [{"value": {}}]}, "Start of structure or map found where not expected."),
        ({"patchOperations": [{"value": []}]}, "Start of list found where not expected"),
        ({"patchOperations": {}}, "Start of structure or map found where not expected."),
        ({"patchOperations": "x"}, "Expected list or null"),
        ({"patchOperations": [["x"]]}, "Start of list found where not expected"),
        ([], "Start of list found where not expected"),
        ("x", "Expected map or null"),
    ],
)
def test_a_wrong_json_type_has_awss_text(body: Any, expected: str) -> None:
    assert message_of(NotSerializable, "PATCH", "/restapis/a", body) == expected


@pytest.mark.parametrize("size", ['"5"', "true", "1.5", "2147483648", "-1099511627776", "1" + "0" * 30, "1e300"])
def test_an_integer_is_an_integer_in_range(size: str) -> None:
    body = b'{"name":"a","minimumCompressionSize":' + size.encode() + b"}"
    assert "can not be converted to an Integer" in message_of(NotSerializable, "POST", "/restapis", body)


@pytest.mark.parametrize("text", ["x", "1.0", "", "99999999999999999999999999", "²"])
def test_an_integer_in_the_query_is_an_integer(text: str) -> None:
    assert "can not be converted to an Integer" in message_of(
        NotSerializable, "GET", "/restapis", query=f"limit={text}"
    )


@pytest.mark.parametrize("body", [b"{", b'{"name":"\xff"}', b'{"name":"\\ud800"}', b"[" * 100_000, b'{"a":1}x', b"NaN"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert message_of(NotSerializable, "POST", "/restapis", body).startswith("Could not parse request body into json: ")


def test_json_nested_deeply_in_an_unknown_member_is_ignored() -> None:
    assert call("POST", "/restapis", b'{"name":"a","x":' + b"[" * 200 + b"]" * 200 + b"}") == {"name": "a"}


@pytest.mark.parametrize(("path", "query"), [("/restapis/%FF", ""), ("/restapis", "position=%FF")])
def test_what_is_no_utf8_is_refused(path: str, query: str) -> None:
    with pytest.raises(BadRequest):
        routes.find("GET", path, query)
