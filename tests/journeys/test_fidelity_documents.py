"""APIs as AWS's guide writes them: one document with every extension of the data plane, imported, deployed, asked."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.caching import replace
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed

DOCUMENT = r"""
swagger: "2.0"
info: {title: PetShop, version: "2016-12-08"}
basePath: /v1
schemes: [https]
x-amazon-apigateway-binary-media-types: [image/png]
x-amazon-apigateway-minimum-compression-size: 64
x-amazon-apigateway-request-validators:
  all: {validateRequestBody: true, validateRequestParameters: true}
  params-only: {validateRequestBody: false, validateRequestParameters: true}
x-amazon-apigateway-request-validator: params-only
x-amazon-apigateway-gateway-responses:
  DEFAULT_4XX:
    responseParameters:
      gatewayresponse.header.Access-Control-Allow-Origin: "'*'"
  BAD_REQUEST_BODY:
    statusCode: 422
    responseTemplates:
      application/json: '{"why": $context.error.messageString, "what": "$context.error.validationErrorString"}'
definitions:
  Pet:
    type: object
    required: [type, price]
    properties:
      type: {type: string, enum: [dog, cat, fish]}
      price: {type: number, minimum: 25, maximum: 500}
      owner: {$ref: '#/definitions/Owner'}
  Owner:
    type: object
    properties:
      pets: {type: array, items: {$ref: '#/definitions/Pet'}}
paths:
  /pets:
    get:
      parameters:
        - {name: type, in: query, required: false, type: string}
        - {name: page, in: query, required: true, type: string}
      responses:
        "200": {description: ok, headers: {Access-Control-Allow-Origin: {type: string}}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: BACKEND/pets
        passthroughBehavior: when_no_match
        requestParameters:
          integration.request.querystring.page: method.request.querystring.page
          integration.request.querystring.type: method.request.querystring.type
        cacheNamespace: pets
        cacheKeyParameters: [method.request.querystring.page]
        responses:
          '2\d{2}':
            statusCode: "200"
            responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}
            responseTemplates:
              application/json: |
                #set($root = $input.path('$'))
                {"asked": "$root.target", "filler": "#foreach($i in [1..99])x#end"}
    post:
      x-amazon-apigateway-request-validator: all
      parameters:
        - {in: body, name: Pet, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses:
        "200": {description: ok}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: PUT
        uri: BACKEND/pets
        passthroughBehavior: never
        requestTemplates:
          application/json: >-
            { "kind": "$input.path('$.type')", "all": $input.json('$') }
        responses:
          default: {statusCode: "200"}
    options:
      responses:
        "200":
          description: ok
          headers:
            Access-Control-Allow-Origin: {type: string}
            Access-Control-Allow-Methods: {type: string}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default:
            statusCode: "200"
            responseParameters:
              method.response.header.Access-Control-Allow-Methods: "'POST,GET,OPTIONS'"
              method.response.header.Access-Control-Allow-Origin: "'*'"
  /pets/{petId}:
    get:
      parameters: [{name: petId, in: path, required: true, type: string}]
      responses:
        "200": {description: ok}
        "404": {description: not found}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: BACKEND/status/{petId}
        requestParameters: {integration.request.path.petId: method.request.path.petId}
        responses:
          '4\d{2}': {statusCode: "404"}
          default: {statusCode: "200"}
  /pets/{petId}/photo:
    get:
      parameters: [{name: petId, in: path, required: true, type: string}]
      responses:
        "200": {description: ok}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: BACKEND/raw/photo
        responses:
          default: {statusCode: "200", contentHandling: CONVERT_TO_TEXT}
"""
PHOTO = b"\x89PNG\xff"


@pytest.fixture
def shop(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """The document behind ``stage``."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(PHOTO)
    backend.raw["photo"] = head + PHOTO
    api = shared_apigateway.import_rest_api(body=DOCUMENT.replace("BACKEND", backend.url).encode())
    assert "warnings" not in api, api["warnings"]
    shared_apigateway.create_deployment(restApiId=api["id"], stageName="stage")
    return Deployed(shared_gateway, api["id"])


def test_an_imported_document_does_all_that_it_says(shop: Deployed, backend: Backend) -> None:
    missing = shop.send("/stage/pets")
    assert missing.body == b'{"message":"Missing required request parameters: [page]"}'
    assert missing.header("Access-Control-Allow-Origin") == "*"
    listed = shop.send("/stage/pets?type=dog&page=2", "GET", "Accept-Encoding: gzip")
    assert (listed.status, listed.header("Content-Encoding")) == (200, "gzip")
    assert listed.header("Access-Control-Allow-Origin") == "*"
    asked = json.loads(gzip.decompress(listed.body))["asked"]
    assert sorted(asked.removeprefix("/pets?").split("&")) == ["page=2", "type=dog"]

    pet = b'{"type": "dog", "price": 30, "owner": {"pets": [{"type": "cat", "price": 25}]}}'
    assert shop.send("/stage/pets", "POST", body=pet).status == 200
    assert backend.requests[-1].method == "PUT"
    assert json.loads(backend.requests[-1].body) == {"kind": "dog", "all": json.loads(pet)}
    sent = len(backend.requests)
    refused = shop.send("/stage/pets", "POST", body=pet.replace(b"25", b"24"))
    assert refused.status == 422
    assert b"24" in refused.body
    # Its own type is customised as a whole: nothing of its class is inherited.
    assert refused.header("Access-Control-Allow-Origin") is None
    assert shop.send("/stage/pets", "POST", "Content-Type: text/plain", body=b"x").status == 415
    assert len(backend.requests) == sent

    preflight = shop.send("/stage/pets", "OPTIONS", "Origin: https://page", "Access-Control-Request-Method: POST")
    assert (preflight.status, preflight.body) == (200, b"")
    assert preflight.header("Access-Control-Allow-Methods") == "POST,GET,OPTIONS"
    assert [shop.send(f"/stage/pets/{status}").status for status in (200, 404, 418, 500)] == [200, 404, 404, 200]
    assert shop.send("/stage/pets/1/photo", "GET", "Accept: image/png").body == base64.b64encode(PHOTO)


def test_what_is_imported_is_shown_as_it_was_written(shop: Deployed, shared_apigateway: Any, backend: Backend) -> None:
    client, names = shared_apigateway, {"restApiId": shop.api_id}
    resources = {one["path"]: one["id"] for one in client.get_resources(**names)["items"]}
    shown = client.get_integration(**names, resourceId=resources["/pets"], httpMethod="GET")
    wanted = {
        "type": "HTTP", "httpMethod": "GET", "uri": f"{backend.url}/pets", "passthroughBehavior": "WHEN_NO_MATCH",
        "cacheNamespace": "pets", "cacheKeyParameters": ["method.request.querystring.page"], "timeoutInMillis": 29000,
    }  # fmt: skip
    assert {name: shown[name] for name in wanted} == wanted
    assert shown["integrationResponses"]["200"]["selectionPattern"] == "2\\d{2}"
    method = client.get_method(**names, resourceId=resources["/pets"], httpMethod="POST")
    validators = {one["id"]: one["name"] for one in client.get_request_validators(**names)["items"]}
    assert validators[method["requestValidatorId"]] == "all"
    assert method["requestModels"] == {"application/json": "Pet"}
    schema = json.loads(client.get_model(**names, modelName="Pet")["schema"])
    assert schema["properties"]["owner"]["$ref"].endswith(f"/restapis/{shop.api_id}/models/Owner")
    api = client.get_rest_api(**names)
    assert (api["binaryMediaTypes"], api["minimumCompressionSize"]) == (["image/png"], 64)


def test_a_document_that_is_put_again_keeps_what_its_stages_are_told(
    shop: Deployed, shared_apigateway: Any, backend: Backend
) -> None:
    """``put_rest_api`` in both modes changes what the next deployment serves; caches and throttles of a stage stay."""
    client, names = shared_apigateway, {"restApiId": shop.api_id}
    replace(client, shop, **{"/cacheClusterEnabled": "true", "/~1pets/GET/caching/enabled": "true"})
    merged = {
        "swagger": "2.0",
        "info": {"title": "PetShop", "version": "2"},
        "x-amazon-apigateway-gateway-responses": {"MISSING_AUTHENTICATION_TOKEN": {"statusCode": 404}},
        "paths": {},
    }
    client.put_rest_api(**names, mode="merge", body=json.dumps(merged).encode())
    assert shop.send("/stage/none").status == 403
    client.create_deployment(**names, stageName="stage")
    assert shop.send("/stage/none").status == 404
    assert [shop.send("/stage/pets?page=1").status for _ in range(3)] == [200] * 3
    assert len(backend.requests) == 1
    client.put_rest_api(**names, mode="overwrite", body=DOCUMENT.replace("BACKEND", backend.url).encode())
    client.create_deployment(**names, stageName="stage")
    assert shop.send("/stage/none").status == 403
    assert shop.send("/stage/pets?page=1").status == 200


def test_a_clone_serves_what_its_source_would(shop: Deployed, shared_apigateway: Any, backend: Backend) -> None:
    """``cloneFrom`` copies all of it: validators, models that refer to each other, gateway responses, binary types, sizes."""
    copy = shared_apigateway.create_rest_api(name="copy", cloneFrom=shop.api_id)["id"]
    shared_apigateway.create_deployment(restApiId=copy, stageName="stage")
    clone = Deployed(shop.gateway, copy)
    pet = b'{"type": "dog", "price": 30, "owner": {"pets": [{"type": "cat", "price": 24}]}}'
    requests: list[tuple[tuple[str, ...], bytes]] = [
        (("/stage/pets", "GET"), b""),
        (("/stage/pets?page=2", "GET", "Accept-Encoding: gzip"), b""),
        (("/stage/pets", "POST"), pet),
        (("/stage/pets", "POST"), pet.replace(b"24", b"25")),
        (("/stage/pets", "POST", "Content-Type: text/plain"), b"x"),
        (("/stage/pets", "OPTIONS"), b""),
        (("/stage/pets/404", "GET"), b""),
        (("/stage/pets/1/photo", "GET", "Accept: image/png"), b""),
        (("/stage/none", "GET"), b""),
    ]
    own = {"x-amzn-requestid", "x-amz-apigw-id", "date", "x-amzn-trace-id", "content-length"}
    for arguments, body in requests:
        answers = [api.send(*arguments, body=body) for api in (shop, clone)]
        first, second = ([field for field in one.fields if field[0].lower() not in own] for one in answers)
        assert (answers[0].status, first) == (answers[1].status, second), arguments
        # An echo says which API asked.
        bodies = [one.body.replace(shop.api_id.encode(), copy.encode()) for one in answers]
        if arguments != ("/stage/pets", "POST") or answers[0].status != 200:
            assert bodies[0] == bodies[1], arguments
    assert clone.send("/stage/pets", "POST", body=pet).status == 422
    assert clone.send("/stage/none").header("Access-Control-Allow-Origin") == "*"
