"""boto3 makes an API by hand and by import, deploys it, and the URL answers through a real backend.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/create-api-resources-methods.html
"""

from __future__ import annotations

from typing import Any

import httpx
import orjson

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.mock_api import document as saying


def test_by_hand(gateway: ServedGateway, apigateway: Any, backend: Backend) -> None:
    api = apigateway.create_rest_api(name="by hand", description="made by boto3")["id"]
    root = apigateway.get_resources(restApiId=api)["items"][0]["id"]
    pets = apigateway.create_resource(restApiId=api, parentId=root, pathPart="pets")["id"]
    proxy = apigateway.create_resource(restApiId=api, parentId=pets, pathPart="{proxy+}")["id"]
    apigateway.put_method(
        restApiId=api,
        resourceId=proxy,
        httpMethod="ANY",
        authorizationType="NONE",
        requestParameters={"method.request.path.proxy": True},
    )
    apigateway.put_integration(
        restApiId=api,
        resourceId=proxy,
        httpMethod="ANY",
        type="HTTP_PROXY",
        integrationHttpMethod="ANY",
        uri="http://${stageVariables.backend}/store/{proxy}",
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
    )
    deployment = apigateway.create_deployment(restApiId=api)["id"]
    apigateway.create_stage(
        restApiId=api, stageName="prod", deploymentId=deployment, variables={"backend": f"127.0.0.1:{backend.port}"}
    )
    answer = httpx.post(
        gateway.url(api, "prod", "/pets/dogs/7?colour=brown"), content=b'{"name":"Rex"}', headers={"X-Trace": "1"}
    )
    assert answer.status_code == 200, answer.text
    seen = backend.requests[0]
    assert (seen.method, seen.target, seen.body) == ("POST", "/store/dogs/7?colour=brown", b'{"name":"Rex"}')
    assert seen.header("x-trace") == "1"
    assert answer.json()["target"] == "/store/dogs/7?colour=brown"
    assert answer.headers["x-amzn-requestid"]
    by_host = httpx.get(
        f"http://{gateway.listen}/prod/pets/x", headers={"Host": f"{api}.execute-api.us-east-1.amazonaws.com"}
    )
    assert by_host.json()["target"] == "/store/x"


def test_by_import(gateway: ServedGateway, apigateway: Any, backend: Backend) -> None:
    document = {
        "openapi": "3.0.1",
        "info": {"title": "by import", "version": "1"},
        "paths": {
            "/status/{code}": {
                "get": {
                    "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": {"200": {"description": "all is well"}, "404": {"description": "gone"}},
                    "x-amazon-apigateway-integration": {
                        "type": "http",
                        "httpMethod": "GET",
                        "uri": f"{backend.url}/status/{{code}}",
                        "requestParameters": {"integration.request.path.code": "method.request.path.code"},
                        "responses": {
                            "default": {"statusCode": "200"},
                            "404": {
                                "statusCode": "404",
                                "responseTemplates": {"application/json": '{"message": "gone"}'},
                            },
                        },
                    },
                }
            },
            "/mock": {
                "get": {
                    "responses": {"202": {"description": "taken"}},
                    "x-amazon-apigateway-integration": {
                        "type": "mock",
                        "requestTemplates": {"application/json": '{"statusCode": 202}'},
                        "responses": {
                            "default": {
                                "statusCode": "202",
                                "responseTemplates": {"application/json": '{"taken": true}'},
                            }
                        },
                    },
                }
            },
        },
    }
    imported = apigateway.import_rest_api(body=orjson.dumps(document))
    assert imported["name"] == "by import"
    apigateway.create_deployment(restApiId=imported["id"], stageName="dev")
    mock = httpx.get(gateway.url(imported["id"], "dev", "/mock"))
    assert (mock.status_code, mock.json()) == (202, {"taken": True})
    well = httpx.get(gateway.url(imported["id"], "dev", "/status/200"))
    assert (well.status_code, well.text) == (200, "status 200")
    gone = httpx.get(gateway.url(imported["id"], "dev", "/status/404"))
    assert (gone.status_code, gone.json()) == (404, {"message": "gone"})
    assert httpx.get(gateway.url(imported["id"], "dev", "/nowhere")).status_code == 403


def test_an_edit_is_served_only_after_a_deployment(gateway: ServedGateway, apigateway: Any) -> None:
    api = apigateway.import_rest_api(body=saying("edits", "first"))["id"]
    first = apigateway.create_deployment(restApiId=api, stageName="dev")["id"]
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=saying("edits", "second"))
    assert httpx.get(gateway.url(api, "dev")).text == "first"
    apigateway.create_deployment(restApiId=api, stageName="dev")
    assert httpx.get(gateway.url(api, "dev")).text == "second"
    apigateway.update_stage(
        restApiId=api, stageName="dev", patchOperations=[{"op": "replace", "path": "/deploymentId", "value": first}]
    )
    assert httpx.get(gateway.url(api, "dev")).text == "first"
    apigateway.delete_stage(restApiId=api, stageName="dev")
    assert httpx.get(gateway.url(api, "dev")).status_code == 403
