"""What an account may have, row by row: rest-api §19, with ``quotas = "aws"``, and as many as come without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from tests.journeys.conftest import ServedGateway, boto3_client, gateways
from tests.journeys.fidelity import Deployed, differs, mock, operation

PETS: dict[str, Any] = {"/pets": {"get": operation(mock("x"))}}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    """A gateway that keeps AWS's quotas."""
    with gateways(tmp_path_factory.mktemp("quotas")) as start:
        yield start(environment={"APIGW_QUOTAS": "aws"})


@pytest.fixture(scope="module")
def client(limited: ServedGateway) -> Iterator[Any]:
    """A boto3 client of ``limited``."""
    made = boto3_client(limited)
    yield made
    made.close()


def document(paths: dict[str, Any], length: int = 0) -> bytes:
    made = {"openapi": "3.0.1", "info": {"title": "counted", "version": "1"}, "paths": paths}
    return orjson.dumps(made).ljust(length)


def refused(call: Any, **given: Any) -> str:
    """The message of a LimitExceededException."""
    with pytest.raises(ClientError) as raised:
        call(**given)
    error = raised.value.response
    assert (error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"]) == (429, "LimitExceededException")
    assert "retry-after" not in error["ResponseMetadata"]["HTTPHeaders"]
    message: str = error["Error"]["Message"]
    return message


def reached(things: str, owner: str = "API") -> str:
    return (
        f"Maximum number of {things} for this {owner} has been reached.  "
        f"Please contact AWS if you need additional {things}."
    )


def test_s19_ten_stages_an_api(limited: ServedGateway, client: Any) -> None:
    """With quotas = "aws": ten stages of an API, however they are made; an eleventh is refused and nothing changes."""
    api = {"restApiId": client.import_rest_api(body=document(PETS))["id"]}
    deployment = client.create_deployment(**api, stageName="stage0")["id"]
    for number in range(1, 10):
        client.create_stage(**api, stageName=f"stage{number}", deploymentId=deployment)
    deployments = len(client.get_deployments(**api)["items"])
    assert refused(client.create_stage, **api, stageName="more", deploymentId=deployment) == reached("Stages")
    assert refused(client.create_deployment, **api, stageName="more") == reached("Stages")
    assert len(client.get_deployments(**api)["items"]) == deployments
    assert len(client.get_stages(**api)["item"]) == 10
    client.create_deployment(**api, stageName="stage9")
    assert Deployed(limited, api["restApiId"]).send("/stage9/pets").status == 200
    client.delete_stage(**api, stageName="stage0")
    client.create_stage(**api, stageName="more", deploymentId=deployment)


def test_s19_three_hundred_resources_an_api(client: Any) -> None:
    """With quotas = "aws": 300 resources of an API, the root among them, made one by one or by a document."""
    paths = {f"/r{number}": PETS["/pets"] for number in range(299)}
    api = {"restApiId": client.import_rest_api(body=document(paths))["id"]}
    root = client.get_rest_api(**api)["rootResourceId"]
    assert refused(client.create_resource, **api, parentId=root, pathPart="more") == reached("Resources")
    more = document({**paths, "/more": PETS["/pets"]})
    apis = len(client.get_rest_apis(limit=500)["items"])
    assert refused(client.import_rest_api, body=more) == reached("Resources")
    assert len(client.get_rest_apis(limit=500)["items"]) == apis
    for mode in ("merge", "overwrite"):
        assert refused(client.put_rest_api, **api, mode=mode, body=more) == reached("Resources")
    assert len(client.get_resources(**api, limit=500)["items"]) == 300
    assert client.put_rest_api(**api, mode="overwrite", body=document(paths))["id"] == api["restApiId"]


def test_s19_ten_authorizers_an_api(client: Any) -> None:
    """With quotas = "aws": ten authorizers of an API."""

    def with_authorizers(count: int) -> bytes:
        pool = {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"]}
        scheme = {"type": "apiKey", "name": "Authorization", "in": "header"}
        scheme |= {"x-amazon-apigateway-authtype": "cognito_user_pools", "x-amazon-apigateway-authorizer": pool}  # type: ignore[dict-item]
        tree = orjson.loads(document(PETS))
        tree["components"] = {"securitySchemes": {f"pool{number}": scheme for number in range(count)}}
        return orjson.dumps(tree)

    assert client.import_rest_api(body=with_authorizers(10))["id"]
    assert refused(client.import_rest_api, body=with_authorizers(11)) == reached("Authorizers")


def test_s19_apis_of_each_endpoint_type(client: Any) -> None:
    """With quotas = "aws": 120 edge-optimized APIs in a region, counted beside the regional ones."""
    before = sum(one["endpointConfiguration"]["types"] == ["EDGE"] for one in client.get_rest_apis(limit=500)["items"])
    for number in range(before, 120):
        client.create_rest_api(name=f"edge{number}")
    assert refused(client.create_rest_api, name="more") == reached("EDGE APIs", "account")
    assert refused(client.import_rest_api, body=document(PETS)) == reached("EDGE APIs", "account")
    api = client.create_rest_api(name="regional", endpointConfiguration={"types": ["REGIONAL"]})["id"]
    change = [{"op": "replace", "path": "/endpointConfiguration/types/REGIONAL", "value": "EDGE"}]
    assert refused(client.update_rest_api, restApiId=api, patchOperations=change) == reached("EDGE APIs", "account")
    assert client.get_rest_api(restApiId=api)["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_s19_a_definition_of_six_megabytes(limited: ServedGateway) -> None:
    """With quotas = "aws": a document of 6 MB is imported, one byte more is refused."""
    client = boto3_client(limited, "eu-west-1")
    size = 6 * 1024 * 1024
    api = client.import_rest_api(body=document(PETS, size))
    assert api["name"] == "counted"
    longer = document(PETS, size + 1)
    assert refused(client.import_rest_api, body=longer) == "The definition file may have 6 MB"
    assert refused(client.put_rest_api, restApiId=api["id"], body=longer) == "The definition file may have 6 MB"


@differs('quotas are off unless they are asked for with quotas = "aws": then the rows above hold')
def test_s19_nothing_is_counted(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """Without quotas = "aws" only the machine limits stages, resources, APIs and the length of a document."""
    paths = {f"/r{number}": PETS["/pets"] for number in range(301)}
    api = {"restApiId": shared_apigateway.import_rest_api(body=document(paths, 7 * 1024 * 1024))["id"]}
    deployment = shared_apigateway.create_deployment(**api, stageName="stage")["id"]
    for number in range(11):
        shared_apigateway.create_stage(**api, stageName=f"stage{number}", deploymentId=deployment)
    assert Deployed(shared_gateway, api["restApiId"]).send("/stage10/r300").status == 200
