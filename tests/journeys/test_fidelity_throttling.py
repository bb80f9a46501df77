"""Throttles as their users see them: set with boto3, met by a real client.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fidelity import deploy, mock, operation
from tests.journeys.mock_api import document
from tests.journeys.observed import metric

REFUSED = {"message": "Too Many Requests"}
# A token takes eleven days: nothing here depends on how fast the test runs.
SLOW = "0.000001"


def deployed(client: Any) -> str:
    api: str = client.import_rest_api(body=document("throttled", '"hello"'))["id"]
    client.create_deployment(restApiId=api, stageName="prod")
    return api


def throttle(client: Any, api: str, key: str, rate: str, burst: str) -> dict[str, Any]:
    values = {"rateLimit": rate, "burstLimit": burst}
    operations = [
        {"op": "replace", "path": f"/{key}/throttling/{name}", "value": value} for name, value in values.items()
    ]
    stage: dict[str, Any] = client.update_stage(restApiId=api, stageName="prod", patchOperations=operations)
    return stage


def statuses(gateway: ServedGateway, api: str, count: int) -> list[int]:
    with httpx.Client() as client:
        return [client.get(gateway.url(api, "prod")).status_code for _ in range(count)]


def test_s14_a_stages_throttle_is_live_at_once_and_exact(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    client = boto3_client(gateway)
    api = deployed(client)
    assert statuses(gateway, api, 10) == [200] * 10
    shown = throttle(client, api, "*/*", SLOW, "3")["methodSettings"]["*/*"]
    assert (shown["throttlingRateLimit"], shown["throttlingBurstLimit"]) == (0.000001, 3)
    assert statuses(gateway, api, 5) == [200, 200, 200, 429, 429]
    refused = httpx.get(gateway.url(api, "prod"))
    assert (refused.status_code, refused.json()) == (429, REFUSED)
    assert refused.headers["x-amzn-errortype"] == "TooManyRequestsException"
    assert "retry-after" not in refused.headers
    # Counters survive a redeploy.
    client.create_deployment(restApiId=api, stageName="prod")
    assert statuses(gateway, api, 1) == [429]
    assert metric(gateway, "apigw_throttled_total") == 4


@pytest.mark.parametrize("key", ["~1/GET", "/GET"])
def test_s14_an_exact_key_replaces_that_of_all_methods(start_gateway: StartGateway, key: str) -> None:
    gateway = start_gateway()
    client = boto3_client(gateway)
    api = deployed(client)
    throttle(client, api, "*/*", SLOW, "1")
    throttle(client, api, key, SLOW, "4")
    assert statuses(gateway, api, 6) == [200] * 4 + [429] * 2
    # Without a limit of its own nothing is left of the one of all.
    throttle(client, api, key, "-1", "-1")
    assert statuses(gateway, api, 10) == [200] * 10
    client.update_stage(restApiId=api, stageName="prod", patchOperations=[{"op": "remove", "path": f"/{key}"}])
    assert 429 in statuses(gateway, api, 2)


def test_s14_a_rate_of_nothing_blocks_everything(start_gateway: StartGateway) -> None:
    gateway = start_gateway()
    client = boto3_client(gateway)
    api = deployed(client)
    throttle(client, api, "*/*", "0", "10")
    assert statuses(gateway, api, 3) == [429] * 3


def test_s14_the_accounts_limits_are_settings(start_gateway: StartGateway) -> None:
    limits = {"APIGW_ACCOUNT_RATE_LIMIT": SLOW, "APIGW_ACCOUNT_BURST_LIMIT": "4"}
    gateway = start_gateway(environment=limits)
    client = boto3_client(gateway)
    first, second = deployed(client), deployed(client)
    assert statuses(gateway, first, 3) == [200] * 3
    assert statuses(gateway, second, 3) == [200, 429, 429], "one bucket for all APIs of a region"
    # Management calls are none of its requests.
    assert client.get_rest_api(restApiId=first)["name"] == "throttled"


def test_s14_the_setting_of_all_methods_gives_each_of_them_a_bucket_of_its_own(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    any_method = "x-amazon-apigateway-any-method"
    paths = {
        "/a": {"get": operation(mock("x")), "post": operation(mock("x"))},
        "/b": {any_method: operation(mock("x"))},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    limits = [
        {"op": "replace", "path": f"/*/*/throttling/{name}", "value": value}
        for name, value in (("rateLimit", SLOW), ("burstLimit", "1"))
    ]
    shared_apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=limits)
    for verb, path in (("GET", "/a"), ("POST", "/a"), ("GET", "/b")):
        assert [api.send(f"/stage{path}", verb).status for _ in range(2)] == [200, 429], (verb, path)
    # One method, one bucket: ANY is one, whatever its requests say.
    assert api.send("/stage/b", "POST").status == 429
    # What matches no method has no bucket to be empty.
    assert api.send("/stage/none").status == 403


def test_s14_stages_do_not_share_buckets(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("x"))}})
    names = {"restApiId": api.api_id}
    deployment = shared_apigateway.get_stage(**names, stageName="stage")["deploymentId"]
    shared_apigateway.create_stage(**names, stageName="other", deploymentId=deployment)
    for stage in ("stage", "other"):
        limits = [
            {"op": "replace", "path": f"/*/*/throttling/{name}", "value": value}
            for name, value in (("rateLimit", SLOW), ("burstLimit", "1"))
        ]
        shared_apigateway.update_stage(**names, stageName=stage, patchOperations=limits)
    assert [api.send(f"/{stage}").status for stage in ("stage", "other", "stage", "other")] == [200, 200, 429, 429]


@pytest.mark.parametrize("value", ["1_0", "\uff11", "nan", "inf", "-2", "", "0x1"])
def test_s14_a_rate_is_a_number(shared_gateway: ServedGateway, shared_apigateway: Any, value: str) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("x"))}})
    operation_ = {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": value}
    with pytest.raises(shared_apigateway.exceptions.BadRequestException):
        shared_apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=[operation_])
    assert api.send("/stage").status == 200
