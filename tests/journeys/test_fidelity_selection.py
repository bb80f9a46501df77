"""``selectionPattern``: rest-api §8.1, by boto3 and plain HTTP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Document, deploy, differs


def answering(status: int, *patterns: str) -> Document:
    """A MOCK of this status; the patterns answer 201, 202 …, the default 200."""
    responses = {pattern: {"statusCode": str(201 + number)} for number, pattern in enumerate(patterns)}
    return {
        "responses": {str(200 + number): {"description": ""} for number in range(len(patterns) + 1)},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": f'{{"statusCode": {status}}}'},
            "responses": {**responses, "default": {"statusCode": "200"}},
        },
    }


def test_s8_1_patterns_are_javas_and_match_the_whole_status(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    rows = (
        (404, ("40", r"4\d{2}"), 202),
        (404, ("404", r"4\d{2}"), 201),
        (404, (r"(?!2)\d++",), 201),
        (204, (r"(?!2)\d++",), 200),
        (444, (r"(\d)\1\1",), 201),
        (445, (r"(\d)\1\1",), 200),
        (503, ("(?<=^)5(?>03|0)",), 201),
        (404, ("[0-9&&[^4]]+", r"\Q404\E"), 202),
        (404, ("(?x) 4 0 4 # missing",), 201),
        (404, (".*",), 201),
    )
    paths = {f"/{number}": {"get": answering(status, *patterns)} for number, (status, patterns, _) in enumerate(rows)}
    api = deploy(shared_gateway, shared_apigateway, paths)
    answered = [api.send(f"/stage/{number}").status for number in range(len(rows))]
    assert answered == [wanted for _, _, wanted in rows]


def mocked(client: Any) -> dict[str, str]:
    """A MOCK that has a method response, and no integration response yet: what names its method."""
    api = client.create_rest_api(name="patterns")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    client.put_method(**names, authorizationType="NONE")
    client.put_method_response(**names, statusCode="200")
    client.put_integration(**names, type="MOCK")
    return names


def test_s8_1_what_is_no_pattern_is_refused_with_its_position(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    names = mocked(shared_apigateway)
    shared_apigateway.put_integration_response(**names, statusCode="200", selectionPattern="200")
    operation = {"op": "replace", "path": "/selectionPattern", "value": "4**"}
    for call, given in (
        (shared_apigateway.put_integration_response, {"selectionPattern": "4**"}),
        (shared_apigateway.update_integration_response, {"patchOperations": [operation]}),
    ):
        with pytest.raises(ClientError) as refused:
            call(**names, statusCode="200", **given)
        error = refused.value.response["Error"]
        assert error["Code"] == "BadRequestException"
        assert error["Message"].endswith("'*' has nothing to repeat at position 2 of \"4**\"")
    found = shared_apigateway.get_integration_response(**names, statusCode="200")
    assert found["selectionPattern"] == "200"
    paths = {"/": {"get": answering(200, "4**")}}
    with pytest.raises(ClientError, match="nothing to repeat at position 2"):
        deploy(shared_gateway, shared_apigateway, paths)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"4\X", r"the escape \X is not known or not supported at position 2 of"),
        (r"4\b{g}", r"boundaries of grapheme clusters are not supported at position 1 of"),
        (r"\p{javaMirrored}", r'the property "javaMirrored" is not known or not supported at position 2 of'),
        (r"\N{DIGIT FOUR}", r"the escape \N is not known or not supported at position 1 of"),
    ],
)
@differs(
    "AWS takes whatever Java reads; the few patterns that are not matched exactly here are refused when they are put"
)
def test_s8_1_what_java_reads_and_we_cannot_match_exactly_is_refused_with_its_position(
    shared_apigateway: Any, pattern: str, why: str
) -> None:
    """Clusters of graphemes, Java's own properties, and characters by their names, in a pattern."""
    names = mocked(shared_apigateway)
    with pytest.raises(ClientError) as refused:
        shared_apigateway.put_integration_response(**names, statusCode="200", selectionPattern=pattern)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    assert why in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [("4**", "nothing to repeat at position 2"), ("(?<!x)Bearer (\\w++)", None), ("(", "position"), ("", None)],
)
def test_an_authorizers_expression_is_refused_with_its_position(
    shared_apigateway: Any, expression: str, complaint: str | None
) -> None:
    """``identityValidationExpression`` takes Java's regular expressions, and refuses what is none when it is imported."""
    function = "arn:aws:lambda:us-east-1:123456789012:function:f"
    authorizer = {
        "type": "token",
        "authorizerUri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations",
        "identityValidationExpression": expression,
    }
    scheme = {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer,
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": "authorized", "version": "1"},
        "paths": {"/": {"get": {"security": [{"own": []}], **answering(200)}}},
        "components": {"securitySchemes": {"own": scheme}},
    }
    if complaint is None:
        assert "warnings" not in shared_apigateway.import_rest_api(body=orjson.dumps(document))
    else:
        with pytest.raises(ClientError, match=complaint) as refused:
            shared_apigateway.import_rest_api(body=orjson.dumps(document))
        assert "Invalid identity validation expression specified" in refused.value.response["Error"]["Message"]
