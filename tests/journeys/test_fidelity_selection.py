"""``selectionPattern``: rest-api §8.1, by boto3 and plain HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Document, deploy


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


def test_s8_1_what_is_no_pattern_is_refused_with_its_position(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    api = shared_apigateway.create_rest_api(name="patterns")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    shared_apigateway.put_method(**names, authorizationType="NONE")
    shared_apigateway.put_method_response(**names, statusCode="200")
    shared_apigateway.put_integration(**names, type="MOCK")
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
