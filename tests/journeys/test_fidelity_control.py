"""The management API over the wire: what only shows beside a real engine (control-plane §1, §3, §25)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.journeys.conftest import KEY, SECRET, ServedGateway, StartGateway, boto3_client
from tests.journeys.fidelity import differs


def signed(
    gateway: ServedGateway, method: str, path: str, body: bytes = b"", accept: str = "application/json"
) -> httpx.Response:
    request = AWSRequest(method=method, url=gateway.admin + path, data=body, headers={"Accept": accept})
    SigV4Auth(Credentials(KEY, SECRET), "apigateway", "us-east-1").add_auth(request)
    return httpx.request(method, gateway.admin + path, content=body, headers=dict(request.headers))


@differs("every client asks for JSON, and the links AWS adds to HAL are published nowhere: ours would be invented")
def test_s1_who_asks_for_hal_is_answered_json(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """An Accept of application/hal+json is answered with _links and _embedded."""
    api = shared_apigateway.create_rest_api(name="hal")
    for path in ("/account", f"/restapis/{api['id']}", f"/restapis/{api['id']}/resources"):
        plain = signed(shared_gateway, "GET", path)
        for accept in ("application/hal+json", "application/json", "*/*"):
            answer = signed(shared_gateway, "GET", path, accept=accept)
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.json() == plain.json()
        assert not {"_links", "_embedded"} & plain.json().keys()


def test_s3_every_answer_has_one_request_id(shared_gateway: ServedGateway) -> None:
    for method, path, status in (
        ("GET", "/account", 200),
        ("GET", "/restapis/unknown", 404),
        ("GET", "/unknown", 403),
        ("POST", "/restapis", 400),
    ):
        answer = signed(shared_gateway, method, path)
        assert answer.status_code == status
        assert len(answer.headers.get_list("x-amzn-RequestId")) == 1, path
        assert len(answer.headers.get_list("Content-Type")) == 1, path


def test_s25_stage_variables_travel_through_json_pointers(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    api = shared_apigateway.create_rest_api(name="variables")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    shared_apigateway.put_method(
        **names, authorizationType="NONE", requestParameters={"method.request.header.a": False}
    )
    shared_apigateway.put_method_response(
        **names, statusCode="200", responseParameters={"method.response.header.V": False}
    )
    shared_apigateway.put_integration(**names, type="MOCK", requestTemplates={"application/json": "{statusCode: 200}"})
    shared_apigateway.put_integration_response(
        **names, statusCode="200", responseParameters={"method.response.header.V": "stageVariables.v"}
    )
    shared_apigateway.create_deployment(restApiId=api["id"], stageName="prod", variables={"v": "first"})
    url = shared_gateway.url(api["id"], "prod")
    assert httpx.get(url).headers["V"] == "first"
    value = "https://a.example:8080/~x?y=1&z=2#f,g-h_i."
    operation = {"op": "replace", "path": "/variables/v", "value": value}
    shared_apigateway.update_stage(restApiId=api["id"], stageName="prod", patchOperations=[operation])
    assert httpx.get(url).headers["V"] == value
    for path in ("/variables/a~1b", "/variables/a~0b", "/variables/a b"):
        with pytest.raises(ClientError, match="Stage variable name only allows"):
            shared_apigateway.update_stage(
                restApiId=api["id"], stageName="prod", patchOperations=[{**operation, "path": path}]
            )
    shared_apigateway.update_stage(
        restApiId=api["id"], stageName="prod", patchOperations=[{"op": "remove", "path": "/variables/v"}]
    )
    assert "V" not in httpx.get(url).headers


def test_s6_an_account_shows_its_throttle(start_gateway: StartGateway) -> None:
    """GetAccount shows the throttle that is kept: AWS's where quotas = "aws", smaller in AWS's smaller regions."""
    gateway = start_gateway(environment={"APIGW_QUOTAS": "aws"})
    aws = {"burstLimit": 5000, "rateLimit": 10000.0}
    for region, expected in (("us-east-1", aws), ("eu-south-1", {"burstLimit": 1250, "rateLimit": 2500.0})):
        account = boto3_client(gateway, region).get_account()
        del account["ResponseMetadata"]
        assert account == {"throttleSettings": expected, "features": ["UsagePlans"], "apiKeyVersion": "4"}


@differs("quotas are off unless they are asked for, and a limit that nobody keeps is not shown")
def test_s6_an_account_without_limits_shows_none(shared_apigateway: Any) -> None:
    """GetAccount shows AWS's throttle though nobody set one."""
    assert "throttleSettings" not in shared_apigateway.get_account()


def test_s8_pages_with_embedded_methods_hold_every_resource_once(shared_apigateway: Any) -> None:
    api = shared_apigateway.create_rest_api(name="pages")
    root = api["rootResourceId"]
    made = [root]
    for number in range(12):
        resource = shared_apigateway.create_resource(restApiId=api["id"], parentId=root, pathPart=f"r{number}")
        made.append(resource["id"])
    names = {"restApiId": api["id"], "resourceId": made[7], "httpMethod": "ANY"}
    shared_apigateway.put_method(**names, authorizationType="NONE")
    shared_apigateway.put_integration(**names, type="MOCK")
    pages = list(
        shared_apigateway.get_paginator("get_resources").paginate(
            restApiId=api["id"], embed=["methods"], PaginationConfig={"PageSize": 5}
        )
    )
    assert [len(page["items"]) for page in pages] == [5, 5, 3]
    found = [resource for page in pages for resource in page["items"]]
    assert [resource["id"] for resource in found] == made
    assert found[7]["resourceMethods"]["ANY"]["methodIntegration"]["cacheNamespace"] == made[7]
    plain = shared_apigateway.get_resources(restApiId=api["id"], limit=500)
    assert "position" not in plain
    assert plain["items"][7]["resourceMethods"] == {"ANY": {}}
