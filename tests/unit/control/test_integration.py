"""Integration and integration response. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutIntegration.html"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.control.management import Management

PREFIX = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
HTTP = {"type": "HTTP", "integration_http_method": "GET", "uri": "http://localhost:8000/pets"}
LAMBDA = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations"
)


@pytest.fixture
def names(management: Management) -> dict[str, str]:
    api_id, root = management.api()
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    declared = {"method.request.header.a": False, "method.request.path.p": True}
    management("PutMethod", **names, authorization_type="NONE", request_parameters=declared)
    return names


def test_answers(management: Management, names: dict[str, str]) -> None:
    defaults = {
        "cacheKeyParameters": [],
        "cacheNamespace": names["resource_id"],
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000,
    }
    templates = {"application/json": "", "text/plain": None}
    assert management(
        "PutIntegration", **names, type="MOCK", request_templates=templates, connection_type="INTERNET"
    ) == {
        **defaults,
        "type": "MOCK",
        "requestTemplates": {"application/json": None, "text/plain": None},
    }
    expected = {
        **defaults,
        "type": "HTTP",
        "httpMethod": "GET",
        "uri": "http://localhost:8000/pets",
        "connectionType": "INTERNET",
        "tlsConfig": {"insecureSkipVerification": True},
    }
    answer = management("PutIntegration", **names, **HTTP, tls_config={"insecure_skip_verification": True})
    assert answer == expected == management("GetIntegration", **names)
    management("DeleteIntegration", **names)
    assert management.refused("GetIntegration", **names) == ("NotFound", "Invalid Integration identifier specified")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({**HTTP, "integration_http_method": ""}, "Enumeration value for HttpMethod must be non-empty"),
        ({"type": "HTTP_PROXY", "uri": "http://localhost/"}, "Enumeration value for HttpMethod must be non-empty"),
        ({**HTTP, "integration_http_method": "what"}, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"),
        ({**HTTP, "uri": "localhost/pets"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "ftp://localhost/pets"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http:///x"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a b/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a/\r\nX: y"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a:99999/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a:b/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a:/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a:0/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a:81/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "https://[::1]:1023/"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "https://${stageVariables.host}:444?x"}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": "http://a/" + "x" * 10_240}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "uri": None}, "Invalid HTTP endpoint specified for URI"),
        ({**HTTP, "type": "AWS", "uri": "x"}, "Invalid ARN specified in the request"),
        ({**HTTP, "type": "AWS_PROXY", "uri": "arn:aws:lambda:eu-west-1:1:function:f"}, "Invalid ARN specified in the request"),
        ({**HTTP, "type": "AWS", "uri": "arn:aws:apigateway:eu-west-1:sqs:queue/x"}, "AWS ARN for integration must contain path or action"),
        ({**HTTP, "type": "AWS_PROXY", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/x"}, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations."),
        ({**HTTP, "type": "AWS", "uri": "arn:aws:apigateway:eu-west-1:sqs:path/x"}, "Role ARN must be specified for AWS integrations"),
        ({**HTTP, "timeout_in_millis": 49}, "Timeout should be between 50 ms and 29000 ms"),
        ({**HTTP, "timeout_in_millis": 29001}, "Timeout should be between 50 ms and 29000 ms"),
        ({**HTTP, "type": "HTTP_PROXY", "response_transfer_mode": "STREAM", "timeout_in_millis": 900001}, "Timeout should be between 50 ms and 900000 ms"),
        ({**HTTP, "response_transfer_mode": "STREAM"}, "Response transfer mode STREAM is supported only for HTTP_PROXY and AWS_PROXY integrations"),
        ({**HTTP, "passthrough_behavior": "x"}, "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER"),
        ({**HTTP, "connection_type": "VPC_LINK"}, "Connection id must be specified for connection type VPC_LINK"),
        ({"type": "MOCK", "tls_config": {}}, "TLS configuration is supported only for HTTP and HTTP_PROXY integrations"),
        ({**HTTP, "request_templates": {"json": "x"}}, "Validation Result: warnings : [], errors : [Invalid content type specified: json]"),
        ({**HTTP, "request_parameters": {"integration.request.header.a": "nothing"}}, PREFIX + "[Invalid mapping expression specified: nothing]"),
        ({**HTTP, "request_parameters": {"integration.request.header.a": ""}}, PREFIX + "[Invalid mapping expression specified: ]"),
        ({**HTTP, "request_parameters": {"integration.request.body.a": "'x'"}}, PREFIX + "[Invalid mapping expression specified: integration.request.body.a]"),
        ({**HTTP, "request_parameters": {"integration.request.header.a": "method.request.header.undeclared"}}, PREFIX + "[Invalid mapping expression parameter specified: method.request.header.undeclared]"),
        ({**HTTP, "request_parameters": {"integration.request.header.a": "method.request.querystring.a"}}, PREFIX + "[Invalid mapping expression parameter specified: method.request.querystring.a]"),
    ],
)  # fmt: skip
def test_put_refuses(management: Management, names: dict[str, str], given: dict[str, Any], message: str) -> None:
    assert management.refused("PutIntegration", **names, **given) == ("BadRequest", message)


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com",
        "HTTPS://example.com:8443/a?b=c",
        "http://${stageVariables.host}/x/{proxy}",
        "http://${stageVariables.host}:${stageVariables.port}/x",
        "http://a.{tenant}.example.com/{p}",
        "http://[::1]:8000/",
        "http://a:80/",
        "http://a:443",
        "https://a:1024/",
        "https://a:65535",
        "http://a:1${stageVariables.digit}/",
        "http://localhost:8000?x=${stageVariables.y}",
    ],
)
def test_uris(management: Management, names: dict[str, str], uri: str) -> None:
    assert management("PutIntegration", **names, **{**HTTP, "uri": uri})["uri"] == uri


def test_aws_integrations_are_stored(management: Management, names: dict[str, str]) -> None:
    for kind in ("AWS", "AWS_PROXY"):
        answer = management("PutIntegration", **names, type=kind, integration_http_method="POST", uri=LAMBDA)
        assert answer["uri"] == LAMBDA
        assert "connectionType" not in answer


def test_a_put_replaces_the_responses_too(management: Management, names: dict[str, str]) -> None:
    management("PutMethodResponse", **names, status_code="200")
    management("PutIntegration", **names, type="MOCK")
    management("PutIntegrationResponse", **names, status_code="200")
    assert management("GetIntegration", **names)["integrationResponses"] == {"200": {"statusCode": "200"}}
    assert "integrationResponses" not in management("PutIntegration", **names, type="MOCK")
    assert "integrationResponses" not in management("GetIntegration", **names)


@pytest.mark.parametrize(
    ("operation", "member", "expected"),
    [
        (("add", "/requestParameters/integration.request.header.b", "method.request.header.a"), "requestParameters", {"integration.request.header.a": "'1'", "integration.request.header.b": "method.request.header.a"}),
        (("replace", "/requestParameters/integration.request.header.a", "context.apiId"), "requestParameters", {"integration.request.header.a": "context.apiId"}),
        (("remove", "/requestParameters/integration.request.header.a"), "requestParameters", None),
        (("remove", "/requestParameters/integration.request.header.a"), "cacheKeyParameters", ["method.request.path.p"]),
        (("add", "/cacheKeyParameters/method.request.header.a"), "cacheKeyParameters", ["integration.request.header.a", "method.request.path.p", "method.request.header.a"]),
        (("remove", "/cacheKeyParameters/method.request.path.p"), "cacheKeyParameters", ["integration.request.header.a"]),
        (("add", "/requestTemplates/text~1plain", "hello"), "requestTemplates", {"application/json": "{}", "text/plain": "hello"}),
        (("add", "/requestTemplates/text~1plain"), "requestTemplates", {"application/json": "{}", "text/plain": None}),
        (("remove", "/requestTemplates/application~1json"), "requestTemplates", None),
        (("replace", "/cacheNamespace", "shared"), "cacheNamespace", "shared"),
        (("replace", "/connectionType", "INTERNET"), "connectionType", "INTERNET"),
        (("replace", "/contentHandling", "CONVERT_TO_TEXT"), "contentHandling", "CONVERT_TO_TEXT"),
        (("replace", "/contentHandling", ""), "contentHandling", None),
        (("replace", "/credentials", "arn:aws:iam::123456789012:role/r"), "credentials", "arn:aws:iam::123456789012:role/r"),
        (("replace", "/httpMethod", "POST"), "httpMethod", "POST"),
        (("replace", "/uri", "https://example.com/{a}"), "uri", "https://example.com/{a}"),
        (("replace", "/passthroughBehavior", "NEVER"), "passthroughBehavior", "NEVER"),
        (("replace", "/responseTransferMode", "BUFFERED"), "responseTransferMode", "BUFFERED"),
        (("replace", "/timeoutInMillis", "100"), "timeoutInMillis", 100),
        (("replace", "/tlsConfig/insecureSkipVerification", "true"), "tlsConfig", {"insecureSkipVerification": True}),
    ],
)  # fmt: skip
def test_update(
    management: Management, names: dict[str, str], operation: tuple[str, ...], member: str, expected: Any
) -> None:
    management(
        "PutIntegration",
        **names,
        **HTTP,
        request_parameters={"integration.request.header.a": "'1'"},
        request_templates={"application/json": "{}"},
        cache_key_parameters=["integration.request.header.a", "method.request.path.p"],
    )
    answer = management.update("UpdateIntegration", operation, **names)
    assert answer.get(member) == expected
    assert management("GetIntegration", **names) == answer


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (("replace", "/type", "MOCK"), ("BadRequest", "Invalid patch path  '/type' specified for op 'replace'. Please choose supported operations")),
        (("replace", "/x", "y"), ("BadRequest", "Invalid patch path /x")),
        (("replace", "/timeoutInMillis", "1"), ("BadRequest", "Timeout should be between 50 ms and 29000 ms")),
        (("replace", "/timeoutInMillis", "x"), ("BadRequest", "Timeout should be between 50 ms and 29000 ms")),
        (("replace", "/uri", "x"), ("BadRequest", "Invalid HTTP endpoint specified for URI")),
        (("replace", "/uri", "http://a:81/"), ("BadRequest", "Invalid HTTP endpoint specified for URI")),
        (("replace", "/httpMethod", ""), ("BadRequest", "Enumeration value for HttpMethod must be non-empty")),
        (("remove", "/requestTemplates/a~1b"), ("NotFound", "Content-Type specified was not found")),
        (("remove", "/requestParameters/integration.request.header.b"), ("NotFound", "Invalid parameter name specified")),
        (("add", "/requestParameters/integration.request.header.b", "method.request.header.b"), ("BadRequest", PREFIX + "[Invalid mapping expression parameter specified: method.request.header.b]")),
        (("copy", "/uri", "x"), ("BadRequest", "Invalid patch operation specified. Must be 'add'|'remove'|'replace'")),
    ],
)  # fmt: skip
def test_update_refuses(
    management: Management, names: dict[str, str], operation: tuple[str, ...], error: tuple[str, str]
) -> None:
    management("PutIntegration", **names, **HTTP)
    first = ("replace", "/cacheNamespace", "x")
    assert management.update_refused("UpdateIntegration", first, operation, **names) == error


def test_a_mock_has_no_backend_to_change(management: Management, names: dict[str, str]) -> None:
    management("PutIntegration", **names, type="MOCK")
    for path in ("/uri", "/httpMethod"):
        refused = management.update_refused("UpdateIntegration", ("replace", path, "GET"), **names)
        assert refused == ("BadRequest", f"Invalid patch path {path}")


def test_only_http_backends_have_a_connection_type(management: Management, names: dict[str, str]) -> None:
    message = "Connection type VPC_LINK is supported only for HTTP and HTTP_PROXY integrations"
    link = {"connection_type": "VPC_LINK", "connection_id": "abc"}
    assert management.refused("PutIntegration", **names, type="MOCK", **link) == ("BadRequest", message)
    management("PutIntegration", **names, type="MOCK")
    answer = management.update("UpdateIntegration", ("replace", "/connectionType", "INTERNET"), **names)
    assert "connectionType" not in answer
    operations = (("replace", "/connectionType", "VPC_LINK"), ("replace", "/connectionId", "abc"))
    assert management.update_refused("UpdateIntegration", *operations, **names) == ("BadRequest", message)


def test_integration_responses(management: Management, names: dict[str, str]) -> None:
    code = {"status_code": "200"}
    absent = management.refused("PutIntegrationResponse", **names, **code)
    assert absent == ("NotFound", "Invalid Integration identifier specified")
    management("PutIntegration", **names, **HTTP)
    # Without mapped headers a method response is needed at deployment only.
    assert management("PutIntegrationResponse", **names, **code, selection_pattern="", response_parameters={}) == {
        "statusCode": "200",
        "selectionPattern": "",
        "responseParameters": {},
    }
    mapping = {"method.response.header.X": "integration.response.header.Y"}
    assert management.refused("PutIntegrationResponse", **names, **code, response_parameters=mapping) == (
        "BadRequest",
        PREFIX + "[No method response exists for method.]",
    )
    management("PutMethodResponse", **names, **code)
    assert management.refused("PutIntegrationResponse", **names, **code, response_parameters=mapping) == (
        "BadRequest",
        PREFIX + "[Invalid mapping expression parameter specified: method.response.header.X]",
    )
    declare = ("add", "/responseParameters/method.response.header.X", "false")
    management.update("UpdateMethodResponse", declare, **names, **code)
    templates = {"application/json": ""}
    answer = management(
        "PutIntegrationResponse", **names, **code, response_parameters=mapping, response_templates=templates
    )
    assert answer == {
        "statusCode": "200",
        "responseParameters": mapping,
        "responseTemplates": {"application/json": None},
    }
    answer = management.update(
        "UpdateIntegrationResponse",
        ("replace", "/selectionPattern", "2\\d\\d"),
        ("replace", "/contentHandling", "CONVERT_TO_TEXT"),
        ("replace", "/responseTemplates/application~1json", "{}"),
        ("replace", "/responseParameters/method.response.header.X", "'x'"),
        **names,
        **code,
    )
    assert answer == {
        "statusCode": "200",
        "selectionPattern": "2\\d\\d",
        "contentHandling": "CONVERT_TO_TEXT",
        "responseParameters": {"method.response.header.X": "'x'"},
        "responseTemplates": {"application/json": "{}"},
    }
    wrong = ("BadRequest", "Invalid selection pattern specified: unclosed at position 1")
    assert management.refused("PutIntegrationResponse", **names, **code, selection_pattern="(") == wrong
    replaced = management.update_refused(
        "UpdateIntegrationResponse", ("replace", "/selectionPattern", "("), **names, **code
    )
    assert replaced == wrong
    broken = ("BadRequest", "Invalid mapping template for content type a/b: unclosed at position 1")
    templates = {"a/b": "#if("}
    assert management.refused("PutIntegrationResponse", **names, **code, response_templates=templates) == broken
    add = ("add", "/responseTemplates/a~1b", "#if(")
    assert management.update_refused("UpdateIntegrationResponse", add, **names, **code) == broken
    assert management.refused("PutIntegration", **names, type="MOCK", request_templates=templates) == broken
    add = ("add", "/requestTemplates/a~1b", "#if(")
    assert management.update_refused("UpdateIntegration", add, **names) == broken
    mapping = {"method.response.header.X": "integration.response.body.a["}
    complaint = "[Invalid mapping expression specified: integration.response.body.a[: unclosed at position 1]"
    wrong = ("BadRequest", PREFIX + complaint)
    assert management.refused("PutIntegrationResponse", **names, **code, response_parameters=mapping) == wrong
    one = ("replace", "/responseParameters/method.response.header.X", "integration.response.body.a[")
    assert management.update_refused("UpdateIntegrationResponse", one, **names, **code) == wrong
    mapping = {"integration.request.header.a": "method.request.body.a["}
    wrong = ("BadRequest", wrong[1].replace("integration.response", "method.request"))
    assert management.refused("PutIntegration", **names, type="MOCK", request_parameters=mapping) == wrong
    add = ("add", "/requestParameters/integration.request.header.a", "method.request.body.a[")
    assert management.update_refused("UpdateIntegration", add, **names) == wrong
    assert management("GetIntegrationResponse", **names, **code) == answer
    management("DeleteIntegrationResponse", **names, **code)
    for name in ("GetIntegrationResponse", "UpdateIntegrationResponse", "DeleteIntegrationResponse"):
        assert management.refused(name, **names, **code) == ("NotFound", "Invalid Response status code specified")


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (("add", "/responseParameters/method.response.header.X"), ("BadRequest", "Invalid null or empty value in responseParameters")),
        (("replace", "/responseParameters/method.response.header.X", ""), ("BadRequest", "Invalid null or empty value in responseParameters")),
        (("add", "/responseTemplates/text~1plain", ""), ("BadRequest", "Invalid null or empty value in responseTemplates")),
        (("add", "/responseTemplates/plain", "x"), ("BadRequest", "Validation Result: warnings : [], errors : [Invalid content type specified: plain]")),
        (("remove", "/responseTemplates/text~1plain"), ("NotFound", "Content-Type specified was not found")),
        (("remove", "/responseParameters/method.response.header.Y"), ("NotFound", "Invalid parameter name specified")),
        (("add", "/responseParameters/method.response.header.Y", "'y'"), ("BadRequest", PREFIX + "[Invalid mapping expression parameter specified: method.response.header.Y]")),
        (("add", "/responseParameters/method.response.header.X", "method.request.header.a"), ("BadRequest", PREFIX + "[Invalid mapping expression specified: method.request.header.a]")),
        (("replace", "/statusCode", "201"), ("BadRequest", "Invalid patch path /statusCode")),
        (("add", "/selectionPattern", "x"), ("BadRequest", "Invalid patch path  '/selectionPattern' specified for op 'add'. Please choose supported operations")),
    ],
)  # fmt: skip
def test_update_of_a_response_refuses(
    management: Management, names: dict[str, str], operation: tuple[str, ...], error: tuple[str, str]
) -> None:
    code = {"status_code": "200"}
    management("PutIntegration", **names, **HTTP)
    management("PutMethodResponse", **names, **code, response_parameters={"method.response.header.X": False})
    management("PutIntegrationResponse", **names, **code, response_parameters={"method.response.header.X": "'x'"})
    first = ("replace", "/selectionPattern", "other")
    assert management.update_refused("UpdateIntegrationResponse", first, operation, **names, **code) == error
