"""Models and request validators, row by row: rest-api §6, made with boto3 and seen over the wire."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Answer, Deployed, mock, operation

INVALID = (400, "BadRequestException", b'{"message":"Invalid request body"}')
PET = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "kind": {"enum": ["dog", "cat"]},
        "friends": {"type": "array", "items": {"$ref": "MODELS/Pet"}},
        "owner": {"oneOf": [{"type": "null"}, {"$ref": "MODELS/Owner"}]},
    },
}
OWNER = {"type": "object", "properties": {"pets": {"type": "array", "items": {"$ref": "MODELS/Pet"}}}}
DETAIL = {"application/json": '{"why": "see below"}\n$context.error.validationErrorString'}


@pytest.fixture
def pets(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``POST /{shop}`` goes to the backend, and validates parameters and the bodies of two models."""
    client = shared_apigateway
    api = client.create_rest_api(name="pets")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    shop = client.create_resource(restApiId=api, parentId=root, pathPart="{shop}")["id"]
    models = f"https://apigateway.amazonaws.com/restapis/{api}/models"
    for name, schema in (("Owner", OWNER), ("Pet", PET)):
        text = json.dumps(schema).replace("MODELS", models)
        client.create_model(restApiId=api, name=name, contentType="application/json", schema=text)
    validator = client.create_request_validator(
        restApiId=api, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    names = {"restApiId": api, "resourceId": shop, "httpMethod": "POST"}
    client.put_method(
        **names,
        authorizationType="NONE",
        requestValidatorId=validator,
        requestParameters={
            "method.request.querystring.qs1": True,
            "method.request.querystring.free": False,
            "method.request.path.issuer": False,
            "method.request.header.X-Header": True,
        },
        requestModels={"application/json": "Pet", "application/vnd.owner+json": "Owner"},
    )
    client.put_integration(**names, type="HTTP_PROXY", integrationHttpMethod="POST", uri=backend.url)
    client.put_gateway_response(restApiId=api, responseType="BAD_REQUEST_BODY", responseTemplates=DETAIL)
    client.create_deployment(restApiId=api, stageName="stage")
    return Deployed(shared_gateway, api)


def post(pets: Deployed, body: Any, *fields: str) -> Answer:
    """Send a body with all parameters."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return pets.send("/stage/shop?qs1=1", "POST", "X-Header: 1", *fields, body=text)


def why(answer: Answer) -> str:
    assert answer.status == 400, answer
    return answer.body.decode().split("\n", 1)[1]


def test_s6_2_missing_parameters_are_named_in_one_list_by_place(
    pets: Deployed, shared_apigateway: Any, backend: Backend
) -> None:
    resource = next(
        one["id"] for one in shared_apigateway.get_resources(restApiId=pets.api_id)["items"] if one["path"] == "/{shop}"
    )
    refused = pets.send("/stage/shop?qs1=%20", "POST", "x-header: 1", body=b"no JSON")
    assert refused.body == b'{"message":"Missing required request parameters: [X-Header, qs1]"}'
    # Blank is missing, and so is a name in another letter case; of several values the last one counts.
    for query, fields, missing in (
        ("qs1=1", ("X-Header:  ",), "X-Header"),
        ("QS1=1", ("X-Header: 1",), "qs1"),
        ("qs1=1&qs1=", ("X-Header: 1",), "qs1"),
        ("qs1=", ("X-Header: ", "x-header: 1"), "X-Header, qs1"),
    ):
        refused = pets.send(f"/stage/shop?{query}", "POST", *fields, body=b'{"name": "Rex", "kind": "dog"}')
        assert refused.body == f'{{"message":"Missing required request parameters: [{missing}]"}}'.encode()
    # A path parameter that is declared but not in the path is missing in every request.
    shared_apigateway.update_method(
        restApiId=pets.api_id,
        resourceId=resource,
        httpMethod="POST",
        patchOperations=[{"op": "replace", "path": "/requestParameters/method.request.path.issuer", "value": "true"}],
    )
    shared_apigateway.create_deployment(restApiId=pets.api_id, stageName="stage")
    refused = pets.send("/stage/shop", "POST")
    assert refused.body == b'{"message":"Missing required request parameters: [X-Header, issuer, qs1]"}'
    assert not backend.requests


def test_s6_2_a_body_is_judged_by_the_model_of_its_media_type(pets: Deployed, backend: Backend) -> None:
    good = {"name": "Rex", "kind": "dog", "friends": [{"name": "Tom", "kind": "cat"}], "owner": None}
    assert post(pets, good).status == 200
    assert json.loads(backend.requests[-1].body) == good
    assert post(pets, good, "Content-Type: application/json; charset=utf-8").status == 200
    sent = len(backend.requests)
    assert why(post(pets, {})) == '[object has missing required properties (["kind","name"])]'
    assert why(post(pets, {"name": 1, "kind": "cow"})) == (
        '[instance value ("cow") not found in enum (possible values: ["dog","cat"]), '
        'instance type (integer) does not match any allowed primitive type (allowed: ["string"])]'
    )
    assert why(post(pets, {**good, "friends": [{"name": "", "kind": "cat"}]})) == (
        '[string "" is too short (length: 0, required minimum: 1)]'
    )
    for body in (b"no JSON", b'{"name": "\xff"}', b'{"name": "\\ud800"}', b"[" * 100_000, b'{"name": 1e999999999}'):
        assert post(pets, body).status == 400, body[:20]
    assert len(backend.requests) == sent
    # Another media type has another model, and none where there is none.
    assert post(pets, {"pets": []}, "Content-Type: application/vnd.owner+json").status == 200
    assert post(pets, {"pets": [{}]}, "Content-Type: application/vnd.owner+json").status == 400
    assert post(pets, b"no JSON", "Content-Type: text/plain").status == 200


def test_s6_2_long_chunked_and_coded_bodies_are_judged_whole(pets: Deployed, backend: Backend) -> None:
    long = {"name": "x" * 300_000, "kind": "dog"}
    assert post(pets, long).status == 200
    assert len(backend.requests[-1].body) > 300_000
    assert why(post(pets, {**long, "kind": "x"})).startswith('[instance value ("x") not found in enum')
    coded = gzip.compress(json.dumps({"name": "Rex"}).encode())
    assert why(post(pets, coded, "Content-Encoding: gzip")) == '[object has missing required properties (["kind"])]'
    text = json.dumps({"name": "Rex"}).encode()
    host, _, port = pets.gateway.listen.rpartition(":")
    head = f"POST /stage/shop?qs1=1 HTTP/1.1\r\nHost: {pets.api_id}.execute-api.us-east-1.amazonaws.com\r\n"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
    answer = exchange(host, int(port), head.encode() + b"X-Header: 1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)
    assert b'(["kind"])]' in answer
    too_long = pets.send("/stage/shop?qs1=1", "POST", "X-Header: 1", "Content-Length: 10485761")
    assert too_long.status == 413


def exchange(host: str, port: int, message: bytes) -> bytes:
    """Send bytes, close the sending side, and read all there is."""
    import socket

    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def test_s6_3_models_refer_to_each_other_in_circles(pets: Deployed) -> None:
    deep: dict[str, Any] = {"name": "a", "kind": "dog"}
    for _ in range(20):
        deep = {"name": "a", "kind": "dog", "owner": {"pets": [deep]}}
    assert post(pets, deep).status == 200
    broken: dict[str, Any] = {"name": "a"}
    for _ in range(20):
        broken = {"name": "a", "kind": "dog", "owner": {"pets": [broken]}}
    assert why(post(pets, broken)) == "[instance failed to match exactly one schema (matched 0 out of 2)]"


def test_s6_2_a_validator_that_checks_nothing_lets_everything_pass(
    pets: Deployed, shared_apigateway: Any, backend: Backend
) -> None:
    (validator,) = shared_apigateway.get_request_validators(restApiId=pets.api_id)["items"]
    shared_apigateway.update_request_validator(
        restApiId=pets.api_id,
        requestValidatorId=validator["id"],
        patchOperations=[
            {"op": "replace", "path": f"/validateRequest{what}", "value": "false"} for what in ("Body", "Parameters")
        ],
    )
    assert pets.send("/stage/shop", "POST", body=b"no JSON").status == 400
    shared_apigateway.create_deployment(restApiId=pets.api_id, stageName="stage")
    assert pets.send("/stage/shop", "POST", body=b"no JSON").status == 200


def test_s6_3_a_model_that_cannot_be_used_is_refused_when_deployed(pets: Deployed, shared_apigateway: Any) -> None:
    shared_apigateway.update_model(
        restApiId=pets.api_id,
        modelName="Owner",
        patchOperations=[{"op": "replace", "path": "/schema", "value": '{"properties": {"a": {"type": "file"}}}'}],
    )
    with pytest.raises(shared_apigateway.exceptions.BadRequestException) as refused:
        shared_apigateway.create_deployment(restApiId=pets.api_id, stageName="stage")
    assert "$.models['Owner'].schema" in refused.value.response["Error"]["Message"]
    assert '#/properties/a/type: "file" is no type' in refused.value.response["Error"]["Message"]


def test_s6_2_a_default_model_judges_every_other_media_type(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """``$default`` is the model of media types that have none; ``Empty`` takes any object, ``Error`` a text message."""
    client = shared_apigateway
    made = client.create_rest_api(name="defaults")
    validator = client.create_request_validator(restApiId=made["id"], name="bodies", validateRequestBody=True)["id"]
    names = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "POST"}
    models = {"$default": "Error", "a/b": "Empty"}
    client.put_method(**names, authorizationType="NONE", requestValidatorId=validator, requestModels=models)
    client.put_integration(**names, type="HTTP_PROXY", integrationHttpMethod="POST", uri=backend.url)
    client.create_deployment(restApiId=made["id"], stageName="stage")
    api = Deployed(shared_gateway, made["id"])
    for content_type, body, status in (
        (None, b'{"message": "text"}', 200),
        (None, b'{"message": 1}', 400),
        ("c/d", b'{"message": 1}', 400),
        ("c/d; charset=utf-8", b'{ "message" :  "text" }', 200),
        ("a/b", b'{"message": 1}', 200),
        ("a/b", b"[]", 400),
        ("a/b", b"no JSON", 400),
    ):
        fields = [f"Content-Type: {content_type}"] if content_type else []
        answer = api.send("/stage", "POST", *fields, body=body)
        assert answer.status == status, (content_type, body)
        if status == 200:
            # A model never changes what it judges.
            assert backend.requests[-1].body == body
        else:
            assert answer.error == INVALID


def test_s6_1_declared_names_and_models(shared_apigateway: Any) -> None:
    """Names are AWS's characters, unique over the three places; models exist and are named by letters and digits."""
    client = shared_apigateway
    made = client.create_rest_api(name="declared")
    names = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "POST"}
    for parameters, models in (
        ({"method.request.header.a b": True}, {}),
        ({"method.request.body.a": True}, {}),
        ({"method.request.multivalueheader.a": True}, {}),
        ({"method.request.header.a": True, "method.request.querystring.a": True}, {}),
        ({}, {"application/json": "None"}),
    ):
        with pytest.raises(client.exceptions.BadRequestException):
            client.put_method(**names, authorizationType="NONE", requestParameters=parameters, requestModels=models)
    client.put_method(**names, authorizationType="NONE", requestParameters={"method.request.header.a-Z_0.$": True})
    for name in ("a-b", "a b", "", "é"):
        with pytest.raises(client.exceptions.ClientError):
            client.create_model(restApiId=made["id"], name=name, contentType="application/json", schema="{}")
    shown = {one["name"]: json.loads(one["schema"]) for one in client.get_models(restApiId=made["id"])["items"]}
    schema = "http://json-schema.org/draft-04/schema#"
    assert shown["Empty"] == {"$schema": schema, "title": "Empty Schema", "type": "object"}
    assert shown["Error"]["properties"] == {"message": {"type": "string"}}


def imported(gateway: ServedGateway, client: Any, schema: dict[str, Any]) -> Deployed:
    """A POST whose imported model is ``schema``."""
    paths = {"/": {"post": operation(mock("fine"))}}
    paths["/"]["post"]["requestBody"] = {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Shop"}}}
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": "imported", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Shop": schema}},
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
        "x-amazon-apigateway-request-validator": "all",
    }
    api = client.import_rest_api(body=json.dumps(document).encode())
    client.create_deployment(restApiId=api["id"], stageName="stage")
    return Deployed(gateway, api["id"])


def test_s6_3_keywords_that_are_not_imported(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """``discriminator``, ``example``, ``exclusiveMinimum``, ``readOnly`` and ``default`` are left out of what is imported."""
    number = {"type": "number", "minimum": 5, "exclusiveMinimum": True, "example": 7, "default": 6, "format": "float"}
    schema = {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "properties": {"count": number, "id": {"type": "integer", "format": "int32", "readOnly": True}},
    }
    api = imported(shared_gateway, shared_apigateway, schema)
    model = shared_apigateway.get_model(restApiId=api.api_id, modelName="Shop")
    for keyword in ("discriminator", "example", "exclusiveMinimum", "readOnly", "default"):
        assert keyword not in model["schema"]
    for body, status in (
        (b'{"count": 5, "id": 1}', 200),
        (b'{"count": 4}', 400),
        (b'{"id": "x"}', 400),
        # The formats of numbers say nothing.
        (b'{"count": 1e300, "id": 99999999999}', 200),
    ):
        assert api.send("/stage", "POST", body=body).status == status, body


def test_s6_3_lengths_of_arrays_count_once_a_model_is_updated(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """``minItems`` and ``maxItems`` of an imported model are kept, told of, and judged by once it is updated."""
    schema = {"type": "object", "properties": {"list": {"type": "array", "minItems": 1, "maxItems": 2}}}
    api = imported(shared_gateway, shared_apigateway, schema)
    model = {"restApiId": api.api_id, "modelName": "Shop"}
    written = shared_apigateway.get_model(**model)["schema"]
    assert json.loads(written) == schema

    def statuses() -> list[int]:
        bodies = (b'{"list": []}', b'{"list": [1]}', b'{"list": [1, 2, 3]}', b'{"list": 1}')
        return [api.send("/stage", "POST", body=body).status for body in bodies]

    assert statuses() == [200, 200, 200, 400]
    told = [{"op": "replace", "path": "/description", "value": "of things"}]
    shared_apigateway.update_model(**model, patchOperations=told)
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert statuses() == [200, 200, 200, 400]
    updated = [{"op": "replace", "path": "/schema", "value": written}]
    shared_apigateway.update_model(**model, patchOperations=updated)
    assert statuses() == [200, 200, 200, 400]
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert statuses() == [400, 200, 400, 400]


def test_s6_3_definitions_within_a_model_are_followed(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """``#/definitions/X``: of the schema itself, and in a model that another refers to by way of a third."""
    client = shared_apigateway
    made = client.create_rest_api(name="definitions")
    own = {
        "definitions": {"Name": {"type": "string", "maxLength": 3}},
        "properties": {"a": {"$ref": "#/definitions/Name"}},
    }
    url = f"https://apigateway.amazonaws.com/restapis/{made['id']}/models/Own"
    other = {"type": "object", "properties": {"own": {"$ref": url}}}
    third = {"type": "object", "properties": {"other": {"$ref": url.replace("Own", "Other")}}}
    for name, schema in (("Own", own), ("Other", other), ("Third", third)):
        text = json.dumps(schema)
        client.create_model(restApiId=made["id"], name=name, contentType="application/json", schema=text)
    validator = client.create_request_validator(restApiId=made["id"], name="bodies", validateRequestBody=True)["id"]
    names = {"restApiId": made["id"], "resourceId": made["rootResourceId"], "httpMethod": "POST"}
    models = {"a/own": "Own", "a/third": "Third"}
    client.put_method(**names, authorizationType="NONE", requestValidatorId=validator, requestModels=models)
    client.put_method_response(**names, statusCode="200")
    client.put_integration(**names, type="MOCK", requestTemplates={"$default": "{statusCode: 200}"})
    client.put_integration_response(**names, statusCode="200")
    client.create_deployment(restApiId=made["id"], stageName="stage")
    api = Deployed(shared_gateway, made["id"])
    for content_type, body, status in (
        ("a/own", b'{"a": "abc"}', 200),
        ("a/own", b'{"a": "abcd"}', 400),
        ("a/third", b'{"other": {"own": {"a": "abc"}}}', 200),
        ("a/third", b'{"other": {"own": {"a": "abcd"}}}', 400),
    ):
        assert api.send("/stage", "POST", f"Content-Type: {content_type}", body=body).status == status, body
