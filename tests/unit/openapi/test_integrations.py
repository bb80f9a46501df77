"""``x-amazon-apigateway-integration``.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-integration.html
"""

from __future__ import annotations

import pytest

from apigw.domain.rest_api import Integration
from tests.unit.openapi.documents import LAMBDA, method, openapi
from tests.unit.openapi.imports import Json, definition, errors


def integration(**given: Json) -> Integration:
    operation = {
        "parameters": [{"name": "q", "in": "query"}],
        "responses": {"200": {"description": "", "headers": {"X": {}}}, "404": {"description": ""}},
        "x-amazon-apigateway-integration": given,
    }
    found = method(openapi(operation)).method_integration
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["mock", "MOCK", "Mock"])
def test_types_in_any_case(kind: str) -> None:
    assert integration(type=kind).type == "MOCK"


def test_a_mock_keeps_neither_verb_nor_uri() -> None:
    """AWS: httpMethod of a mock integration is not read back."""
    found = integration(type="mock", httpMethod="POST", uri="http://x.example")
    assert (found.http_method, found.uri, found.connection_type) == (None, None, None)


def test_everything_of_an_integration() -> None:
    found = integration(
        type="http",
        httpMethod="post",
        uri="http://backend.example/{q}",
        credentials="arn:aws:iam::123456789012:role/r",
        connectionType="vpc_link",
        connectionId="${stageVariables.link}",
        integrationTarget="arn:aws:elasticloadbalancing:x",
        passthroughBehavior="when_no_templates",
        contentHandling="convert_to_text",
        timeoutInMillis=50,
        cacheNamespace="n",
        cacheKeyParameters=["method.request.querystring.q", "integration.request.path.q"],
        tlsConfig={"insecureSkipVerification": True},
        responseTransferMode="buffered",
        requestParameters={"integration.request.path.q": "method.request.multivaluequerystring.q"},
        requestTemplates={"application/json": "{}", "text/plain": "", "a/b": None},
    )
    assert (found.type, found.http_method, found.uri) == ("HTTP", "POST", "http://backend.example/{q}")
    assert found.credentials == "arn:aws:iam::123456789012:role/r"
    assert (found.connection_type, found.connection_id) == ("VPC_LINK", "${stageVariables.link}")
    assert found.integration_target == "arn:aws:elasticloadbalancing:x"
    assert (found.passthrough_behavior, found.content_handling) == ("WHEN_NO_TEMPLATES", "CONVERT_TO_TEXT")
    assert (found.timeout_in_millis, found.cache_namespace) == (50, "n")
    assert found.cache_key_parameters == ("method.request.querystring.q", "integration.request.path.q")
    assert found.tls_config is not None
    assert found.tls_config.insecure_skip_verification is True
    assert found.response_transfer_mode == "BUFFERED"
    assert found.request_parameters == {"integration.request.path.q": "method.request.multivaluequerystring.q"}
    assert found.request_templates == {"application/json": "{}", "text/plain": None, "a/b": None}


def test_defaults_of_an_integration() -> None:
    document = openapi(
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "ANY", "uri": "http://a"}}
    )
    found = method(document)
    backend = found.method_integration
    assert backend is not None
    assert (backend.passthrough_behavior, backend.timeout_in_millis) == ("WHEN_NO_MATCH", 29_000)
    assert (backend.connection_type, backend.cache_namespace) == ("INTERNET", found.resource_id)
    assert (backend.cache_key_parameters, backend.integration_responses) == ((), None)


def test_lambda_keeps_no_connection_type() -> None:
    assert (
        integration(type="aws_proxy", httpMethod="POST", uri=LAMBDA, connectionType="INTERNET").connection_type is None
    )


def test_responses_are_keyed_by_pattern() -> None:
    responses = {
        "default": {"statusCode": 200, "contentHandling": "CONVERT_TO_BINARY", "responseTemplates": {"a/b": "x"}},
        "4\\d\\d": {"statusCode": "404", "responseParameters": {}},
    }
    found = integration(type="mock", responses=responses).integration_responses or {}
    assert (found["200"].selection_pattern, found["404"].selection_pattern) == (None, "4\\d\\d")
    assert found["200"].content_handling == "CONVERT_TO_BINARY"
    assert found["200"].response_templates == {"a/b": "x"}


def test_a_pattern_that_the_engine_cannot_match_is_refused_at_its_place() -> None:
    document = openapi(
        {
            "responses": {"200": {"description": ""}},
            "x-amazon-apigateway-integration": {"type": "mock", "responses": {"(": {"statusCode": "200"}}},
        }
    )
    ((path, message),) = errors(document)
    assert path.endswith("responses['(']"), path
    assert "Invalid selection pattern specified: an unclosed group at position 1 of '('" in message


def test_a_template_that_the_engine_cannot_render_is_refused_at_its_place() -> None:
    answered = {"default": {"statusCode": "200", "responseTemplates": {"a/b": "#if("}}}
    integration = {"type": "mock", "requestTemplates": {"application/json": "#if("}, "responses": answered}
    document = openapi({"responses": {"200": {"description": ""}}, "x-amazon-apigateway-integration": integration})
    found = errors(document)
    assert len(found) == 2
    complaint = "Invalid mapping template for content type {}: line 1, column 5: a condition is missing"
    assert found[0][0].endswith("requestTemplates['application/json']")
    assert complaint.format("application/json") in found[0][1]
    assert found[1][0].endswith("responseTemplates['a/b']")
    assert complaint.format("a/b") in found[1][1]


def test_a_path_into_a_body_that_the_engine_cannot_read_is_refused_at_its_place() -> None:
    header = "method.response.header.X"
    answered = {"default": {"statusCode": "200", "responseParameters": {header: "integration.response.body.a["}}}
    mapped = {"integration.request.header.a": "method.request.body.a["}
    integration = {"type": "mock", "requestParameters": mapped, "responses": answered}
    responses = {"200": {"description": "", "headers": {"X": {}}}}
    found = errors(openapi({"responses": responses, "x-amazon-apigateway-integration": integration}))
    assert len(found) == 2
    complaint = "Invalid mapping expression specified: {}.body.a[: an unclosed bracket at position 2"
    assert found[0][0].endswith("requestParameters['integration.request.header.a']")
    assert complaint.format("method.request") in found[0][1]
    assert found[1][0].endswith(f"responseParameters['{header}']")
    assert complaint.format("integration.response") in found[1][1]


def test_headers_of_responses() -> None:
    mapped = {"method.response.header.X": "integration.response.header.Y"}
    responses = {"default": {"statusCode": "200", "responseParameters": mapped}}
    found = integration(type="mock", responses=responses).integration_responses or {}
    assert found["200"].response_parameters == mapped


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("method.request.header.no", "Invalid mapping expression parameter specified: method.request.header.no"),
        ("method.request.multivalueheader.no", "expression parameter specified: method.request.multivalueheader.no"),
        ("method.request.path.no", "Invalid mapping expression parameter specified: method.request.path.no"),
        ("nothing", "Invalid mapping expression specified: nothing"),
        ("", "Invalid mapping expression specified: "),
    ],
)
def test_mappings_are_checked(source: str, message: str) -> None:
    given = {"type": "mock", "requestParameters": {"integration.request.header.A": source}}
    ((path, found),) = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert path.endswith("requestParameters['integration.request.header.A']")
    assert found.startswith("Unable to put integration on 'GET' for resource at path '/pets': Invalid mapping expr")
    assert message in found


def test_a_mapping_that_is_no_string_is_left_out_with_the_words_of_aws() -> None:
    given = {"type": "mock", "requestParameters": {"integration.request.header.nothing": True}}
    document = openapi({"x-amazon-apigateway-integration": given}, path="/test")
    assert definition(document)[1] == [
        "Invalid format for 'requestParameters'. Expected type string for property "
        "'integration.request.header.nothing' of resource '/test' and method 'GET' but got 'true'"
    ]


@pytest.mark.parametrize(
    ("source", "count"),
    [("context.stage", 0), (None, 1), ("", 1), ("nothing", 1), (True, 1)],
)
def test_a_cache_key_of_the_backends_request_has_to_be_mapped(source: Json, count: int) -> None:
    """Whatever is wrong with its mapping is said once."""
    key = "integration.request.header.A"
    given = {"type": "mock", "requestParameters": {key: source}, "cacheKeyParameters": [key]}
    found = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert len(found) == count, found
    if source is True:
        ((path, message),) = found
        assert path.endswith("cacheKeyParameters[0]")
        assert message.endswith("Invalid cache key parameter specified")
    given = {"type": "mock", "cacheKeyParameters": [key]}
    ((path, _),) = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert path.endswith("cacheKeyParameters[0]")


def test_an_integration_by_reference() -> None:
    document = openapi({"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/m"}})
    document["components"] = {"x-amazon-apigateway-integrations": {"m": {"type": "mock"}}}
    found = method(document).method_integration
    assert found is not None
    assert found.type == "MOCK"


@pytest.mark.parametrize("kind", ["mock", "http"])
def test_streaming_is_for_proxies(kind: str) -> None:
    given: Json = {"type": kind, "httpMethod": "GET", "uri": "http://a", "responseTransferMode": "STREAM"}
    ((path, _),) = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert path.endswith("responseTransferMode")
    given |= {"type": "http_proxy", "timeoutInMillis": 900_000}
    assert errors(openapi({"x-amazon-apigateway-integration": given})) == []


def test_a_vpc_link_of_a_lambda_is_told() -> None:
    given = {"type": "aws_proxy", "httpMethod": "POST", "uri": LAMBDA, "connectionType": "VPC_LINK"}
    (found,) = definition(openapi({"x-amazon-apigateway-integration": given}))[1]
    assert found.startswith("A VPC link is used by HTTP and HTTP_PROXY integrations only")
