"""Canary releases from the first deployment to promotion and back: rest-api §15.3, by boto3 and plain HTTP.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html
"""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import ServedGateway
from tests.journeys.observed import ARN, written

HEADERS = ("own", "shared", "canary", "deployment")
FORMAT = '{"id":"$context.requestId","canary":"$context.isCanaryRequest","deployment":"$context.deploymentId"}'


def document(said: str) -> bytes:
    """``GET /`` says ``said``, both variables and which side it is."""
    sources = ("stageVariables.own", "stageVariables.shared", "context.isCanaryRequest", "context.deploymentId")
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {
            "default": {
                "statusCode": "200",
                "responseTemplates": {"application/json": said},
                "responseParameters": {
                    f"method.response.header.{name}": source for name, source in zip(HEADERS, sources, strict=True)
                },
            }
        },
    }
    headers = {name: {"schema": {"type": "string"}} for name in HEADERS}
    operation = {
        "responses": {"200": {"description": "ok", "headers": headers}},
        "x-amazon-apigateway-integration": integration,
    }
    return json.dumps(
        {"openapi": "3.0.1", "info": {"title": "canary", "version": "1"}, "paths": {"/": {"get": operation}}}
    ).encode()


def seen(gateway: ServedGateway, api: str) -> tuple[str | None, ...]:
    """Body and headers of one answer."""
    answer = httpx.get(gateway.url(api, "prod"))
    assert answer.status_code == 200, answer.text
    return (answer.text, *(answer.headers.get(name) for name in HEADERS))


def patch(client: Any, api: str, *operations: tuple[str, ...]) -> Any:
    """UpdateStage of ``prod``."""
    members = ("op", "path", "value", "from")
    given = [dict(zip(members, operation, strict=False)) for operation in operations]
    return client.update_stage(restApiId=api, stageName="prod", patchOperations=given)


@pytest.fixture
def released(gateway: ServedGateway, apigateway: Any) -> tuple[str, str, str]:
    """An API whose ``prod`` has a deployment that says ``old`` and a canary of all traffic that says ``new``."""
    api = apigateway.import_rest_api(body=document("old"))["id"]
    old = apigateway.create_deployment(restApiId=api, stageName="prod", variables={"own": "1", "shared": "1"})["id"]
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=document("new"))
    canary = {"percentTraffic": 100.0, "stageVariableOverrides": {"own": "2"}}
    new = apigateway.create_deployment(restApiId=api, stageName="prod", canarySettings=canary)["id"]
    return api, old, new


def test_s15_3_a_canary_of_all_traffic_shows_overridden_and_inherited_variables(
    gateway: ServedGateway, released: tuple[str, str, str]
) -> None:
    api, _, new = released
    assert seen(gateway, api) == ("new", "2", "1", "true", new)


def test_s15_3_a_canary_takes_its_share_is_promoted_and_removed(
    gateway: ServedGateway, apigateway: Any, released: tuple[str, str, str]
) -> None:
    api, old, new = released
    patch(apigateway, api, ("replace", "/canarySettings/percentTraffic", "0.0"))
    assert seen(gateway, api) == ("old", "1", "1", "false", old)
    patch(apigateway, api, ("replace", "/canarySettings/percentTraffic", "50.0"))
    # Nobody stays on a side: that 200 fair draws all end on one is less likely than 1 in 10 to the 59.
    met: set[str] = set()
    for _ in range(200):
        met.add(seen(gateway, api)[0])
        if met == {"old", "new"}:
            break
    assert met == {"old", "new"}
    with pytest.raises(ClientError, match="cannot be replaced while the stage has a canary") as refused:
        patch(apigateway, api, ("replace", "/deploymentId", new))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    promoted = patch(
        apigateway,
        api,
        ("replace", "/canarySettings/percentTraffic", "0.0"),
        ("copy", "/deploymentId", "", "/canarySettings/deploymentId"),
        ("copy", "/variables", "", "/canarySettings/stageVariableOverrides"),
    )
    assert (promoted["deploymentId"], promoted["variables"]) == (new, {"own": "2", "shared": "1"})
    assert seen(gateway, api) == ("new", "2", "1", "false", new)
    patch(apigateway, api, ("remove", "/canarySettings"))
    assert "canarySettings" not in apigateway.get_stage(restApiId=api, stageName="prod")
    assert seen(gateway, api) == ("new", "2", "1", None, new)
    patch(apigateway, api, ("replace", "/deploymentId", old))
    assert seen(gateway, api)[0] == "old"


def test_s15_3_a_deployment_to_a_stage_with_a_canary_goes_to_the_canary(
    gateway: ServedGateway, apigateway: Any, released: tuple[str, str, str]
) -> None:
    api, old, _ = released
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=document("newest"))
    newest = apigateway.create_deployment(restApiId=api, stageName="prod")["id"]
    assert seen(gateway, api) == ("newest", "2", "1", "true", newest)
    assert apigateway.get_stage(restApiId=api, stageName="prod")["deploymentId"] == old
    with pytest.raises(ClientError, match="Active stages pointing to this deployment"):
        apigateway.delete_deployment(restApiId=api, deploymentId=newest)


def test_s15_3_a_canarys_requests_stand_in_both_logs_and_are_counted_twice(
    gateway: ServedGateway, apigateway: Any, released: tuple[str, str, str]
) -> None:
    api, old, new = released
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
    apigateway.update_account(patchOperations=[role])
    patch(
        apigateway,
        api,
        ("replace", "/accessLogSettings/destinationArn", f"{ARN}/aws/canary"),
        ("replace", "/accessLogSettings/format", FORMAT),
        ("replace", "/*/*/logging/loglevel", "INFO"),
    )
    seen(gateway, api)
    patch(apigateway, api, ("replace", "/canarySettings/percentTraffic", "0.0"))
    seen(gateway, api)
    both = [json.loads(line) for line in written(gateway, "/aws/canary", 2)]
    assert [(line["canary"], line["deployment"]) for line in both] == [("true", new), ("false", old)]
    (own,) = [json.loads(line) for line in written(gateway, "/aws/canary/Canary", 1)]
    assert own == both[0]
    group = f"API-Gateway-Execution-Logs_{api}/prod"
    own_events = written(gateway, f"{group}/Canary", 1)
    events = written(gateway, group, len(own_events) + 1)
    assert events[: len(own_events)] == own_events
    assert all(own["id"] in event for event in own_events)
    text = httpx.get(f"{gateway.admin}/metrics").text
    counted = re.findall(r'^apigw_requests_total{.*stage="([^"]+)".*} (\d+)$', text, re.MULTILINE)
    assert [one for one in counted if one[1] != "0"] == [("prod", "2"), ("prod/Canary", "1")]
