"""PutRestApi: overwrite rebuilds the API, merge keeps what the document does not mention; ids and live things stay.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html
"""

from __future__ import annotations

import pytest

from apigw.domain.rest_api import (
    Authorizer,
    DocumentationPart,
    GatewayResponse,
    Model,
    RequestValidator,
    RestApi,
    Stage,
)
from tests.unit.openapi.imports import REGION, Imports, Json

LAMBDA = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"
)


def document(**changes: Json) -> Json:
    return {"openapi": "3.0.1", "info": {"title": "After"}, "paths": {}, **changes}


def authorizer(ttl: int) -> Json:
    extension = {"type": "token", "authorizerUri": LAMBDA, "authorizerResultTtlInSeconds": ttl}
    return {"type": "apiKey", "name": "Auth", "in": "header", "x-amazon-apigateway-authorizer": extension}


FULL: Json = {
    "openapi": "3.0.1",
    "info": {"title": "Before", "description": "old", "version": "1"},
    "tags": [{"name": "team", "x-amazon-apigateway-tag-value": "a"}],
    "paths": {
        "/pets": {"get": {"operationId": "Old", "description": "old"}, "post": {}},
        "/pets/{id}": {"get": {}},
        "/gone/away": {"get": {}},
    },
    "components": {
        "schemas": {"Pet": {"type": "object"}, "Gone": {"type": "object"}},
        "securitySchemes": {"a": authorizer(1), "gone": authorizer(1)},
    },
    "x-amazon-apigateway-request-validators": {"v": {}, "gone": {}},
    "x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 420}, "EXPIRED_TOKEN": {"statusCode": 410}},
    "x-amazon-apigateway-binary-media-types": ["image/heif"],
    "x-amazon-apigateway-minimum-compression-size": 10,
    "x-amazon-apigateway-api-key-source": "AUTHORIZER",
    "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True},
    "x-amazon-apigateway-policy": {"Statement": []},
}
LATER: Json = {
    "openapi": "3.0.1",
    "info": {"title": "After"},
    "paths": {"/pets": {"get": {"operationId": "New"}}, "/new": {"get": {}}},
    "components": {
        "schemas": {"Pet": {"type": "array"}, "New": {"type": "object"}},
        "securitySchemes": {"a": authorizer(2)},
    },
    "x-amazon-apigateway-request-validators": {"v": {"validateRequestBody": True}},
    "x-amazon-apigateway-gateway-responses": {"THROTTLED": {"statusCode": 421}},
    "x-amazon-apigateway-binary-media-types": ["image/png", "image/heif"],
}


@pytest.fixture
def api_id(imports: Imports) -> str:
    made = imports.new(FULL, parameters={"endpointConfigurationTypes": "REGIONAL"})
    stage = Stage(stage_name="live", deployment_id="dddddd", created_date=1, last_updated_date=1)
    imports.store.put("stage", REGION, made["id"], "live", stage)
    return str(made["id"])


def named(imports: Imports, kind: type[Json], family: str, api_id: str) -> dict[str, Json]:
    return {getattr(one, "name", None) or name: one for name, one in imports.store.list(kind, family, REGION, api_id)}


def stored(imports: Imports, api_id: str) -> RestApi:
    found = imports.store.get(RestApi, "rest_api", REGION, "", api_id)
    assert found is not None
    return found


def test_overwrite_rebuilds_the_api(imports: Imports, api_id: str) -> None:
    imports.put(api_id, LATER, mode="overwrite")
    assert list(imports.resources(api_id)) == ["/", "/pets", "/new"]
    assert list(imports.methods(api_id)) == ["GET /pets", "GET /new"]
    assert imports.methods(api_id)["GET /pets"].operation_name == "New"
    assert list(named(imports, Model, "model", api_id)) == ["Pet", "New"]
    assert list(named(imports, Authorizer, "authorizer", api_id)) == ["a"]
    assert list(named(imports, RequestValidator, "request_validator", api_id)) == ["v"]
    assert list(named(imports, GatewayResponse, "gateway_response", api_id)) == ["THROTTLED"]
    assert named(imports, DocumentationPart, "documentation_part", api_id) == {}


def test_overwrite_takes_settings_from_the_document_or_the_defaults(imports: Imports, api_id: str) -> None:
    before = stored(imports, api_id)
    answer = imports.put(api_id, LATER, mode="overwrite")
    api = stored(imports, api_id)
    assert (api.name, api.description, api.version) == ("After", None, None)
    assert api.binary_media_types == ("image/png", "image/heif")
    assert (api.minimum_compression_size, api.api_key_source, api.policy) == (None, "HEADER", None)
    assert api.disable_execute_api_endpoint is False
    assert api.endpoint_configuration.types == ("REGIONAL",)
    assert (api.id, api.root_resource_id, api.created_date) == (before.id, before.root_resource_id, before.created_date)
    assert answer["tags"] == api.tags == {"team": "a"}
    assert [name for name, _ in imports.store.list(Stage, "stage", REGION, api_id)] == ["live"]


def test_overwrite_without_a_title(imports: Imports, api_id: str) -> None:
    imports.put(api_id, {"openapi": "3.0.1", "info": {}, "paths": {}}, mode="overwrite")
    assert stored(imports, api_id).name == "Imported on 2023-11-14T22:13:20Z"


@pytest.mark.parametrize("mode", ["overwrite", "merge"])
def test_ids_of_what_stays_are_kept(imports: Imports, api_id: str, mode: str) -> None:
    families = ((Model, "model"), (Authorizer, "authorizer"), (RequestValidator, "request_validator"))
    before = {family: named(imports, kind, family, api_id) for kind, family in families}
    resources = imports.resources(api_id)
    imports.put(api_id, LATER, mode=mode)
    for path in ("/", "/pets"):
        assert imports.resources(api_id)[path] == resources[path]
    for (kind, family), name in zip(families, ("Pet", "a", "v"), strict=True):
        after = named(imports, kind, family, api_id)[name]
        assert after.id == before[family][name].id
        assert after != before[family][name]


def test_merge_keeps_what_the_document_does_not_mention(imports: Imports, api_id: str) -> None:
    resources = imports.resources(api_id)
    answer = imports.put(api_id, LATER)
    assert list(imports.resources(api_id)) == [*resources, "/new"]
    assert set(imports.methods(api_id)) == {"GET /pets", "POST /pets", "GET /pets/{id}", "GET /gone/away", "GET /new"}
    assert imports.methods(api_id)["GET /pets"].operation_name == "New"
    assert list(named(imports, Model, "model", api_id)) == ["Pet", "Gone", "New"]
    assert list(named(imports, Authorizer, "authorizer", api_id)) == ["a", "gone"]
    assert list(named(imports, RequestValidator, "request_validator", api_id)) == ["v", "gone"]
    responses = named(imports, GatewayResponse, "gateway_response", api_id)
    assert {name: one.status_code for name, one in responses.items()} == {"THROTTLED": "421", "EXPIRED_TOKEN": "410"}
    api = stored(imports, api_id)
    assert (api.name, api.description, api.version) == ("After", "old", "1")
    assert api.binary_media_types == ("image/heif", "image/png")
    assert (api.minimum_compression_size, api.api_key_source) == (10, "AUTHORIZER")
    assert api.policy is not None
    assert api.disable_execute_api_endpoint is True
    assert answer["tags"] == {"team": "a"}
    assert named(imports, DocumentationPart, "documentation_part", api_id)


def test_merge_replaces_a_method_whole(imports: Imports, api_id: str) -> None:
    imports.put(api_id, document(paths={"/pets": {"get": {"parameters": [{"name": "q", "in": "query"}]}}}))
    method = imports.methods(api_id)["GET /pets"]
    assert method.operation_name is None
    assert method.request_parameters == {"method.request.querystring.q": False}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/pets/{name}", "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"),
        ("/pets/{rest+}", "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"),
    ],
)
def test_merge_is_held_against_what_exists(imports: Imports, api_id: str, path: str, message: str) -> None:
    assert message in imports.refused("PutRestApi", document(paths={path: {"get": {}}}), rest_api_id=api_id)
    imports.put(api_id, document(paths={path: {"get": {}}}), mode="overwrite")


def test_merge_may_use_validators_and_models_that_exist(imports: Imports, api_id: str) -> None:
    reference = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/Gone"
    body = {"content": {"application/json": {"schema": {"$ref": reference}}}}
    using = document(paths={"/pets": {"put": {"x-amazon-apigateway-request-validator": "gone", "requestBody": body}}})
    imports.put(api_id, using)
    method = imports.methods(api_id)["PUT /pets"]
    assert method.request_models == {"application/json": "Gone"}
    assert method.request_validator_id == named(imports, RequestValidator, "request_validator", api_id)["gone"].id
    refused = imports.refused("PutRestApi", using, rest_api_id=api_id, mode="overwrite")
    assert "Invalid Request Validator identifier specified" in refused
    assert "is no model of this API" in refused


def test_tags_of_the_document_join_those_of_the_api(imports: Imports, api_id: str) -> None:
    tags = [{"name": "pets", "description": "a group"}, {"name": "team", "x-amazon-apigateway-tag-value": "b"}]
    assert imports.put(api_id, document(tags=tags), mode="overwrite")["tags"] == {"team": "b", "pets": ""}


def test_an_api_without_tags_answers_an_empty_map(imports: Imports) -> None:
    made = imports.new(document())
    assert made["tags"] is None
    assert imports.put(made["id"], document())["tags"] == {}


def test_the_endpoint_type_is_not_changed(imports: Imports, api_id: str) -> None:
    answer = imports.put(api_id, document(), parameters={"endpointConfigurationTypes": "EDGE"}, mode="overwrite")
    assert answer["endpoint_configuration"].types == ("REGIONAL",)
    assert answer["warnings"] == ["An import does not change the endpoint type; it stays REGIONAL"]


def test_an_unknown_api(imports: Imports) -> None:
    message = imports.refused("PutRestApi", document(), rest_api_id="nothing")
    assert message == "NotFound: Invalid API identifier specified 123456789012:nothing"


@pytest.mark.parametrize("mode", ["overwrite", "merge"])
def test_an_error_changes_nothing(imports: Imports, api_id: str, mode: str) -> None:
    bad = {**LATER, "paths": {**LATER["paths"], "/a b": {}}}
    assert "Errors found during import" in imports.refused("PutRestApi", bad, rest_api_id=api_id, mode=mode)


@pytest.mark.parametrize("mode", ["overwrite", "merge"])
def test_the_same_document_twice_changes_no_record(imports: Imports, api_id: str, mode: str) -> None:
    before = {each[:4]: each[4:] for each in map(tuple, imports.everything())}
    imports.put(api_id, FULL, mode=mode)
    after = {each[:4]: each[4:] for each in map(tuple, imports.everything())}
    assert {key: bytes(value[0]) for key, value in after.items()} == {
        key: bytes(value[0]) for key, value in before.items()
    }


def test_a_tag_does_not_change_the_id_of_an_api_that_exists(imports: Imports, api_id: str) -> None:
    tag = {"name": "_custom_id_", "x-amazon-apigateway-tag-value": "petspetsaa"}
    answer = imports.put(api_id, document(tags=[tag]))
    assert answer["id"] == api_id
    assert answer["tags"] == {"team": "a"}
    assert answer["warnings"] is not None
    tag["x-amazon-apigateway-tag-value"] = api_id
    assert imports.put(api_id, document(tags=[tag]))["warnings"] is None


def test_the_models_of_an_api_have_400_kb_together(imports: Imports) -> None:
    """What a merge keeps counts, what an overwrite drops does not; models that shrink are let through."""

    def models(**titles: int) -> Json:
        schemas = {name: {"title": "t" * size} for name, size in titles.items()}
        return document(components={"schemas": schemas})

    message = "BadRequest: Errors found during import:\n\tThe schemas of an API's models may have 400 KB together"
    place = " (at $.components.schemas)"
    assert imports.refused("ImportRestApi", models(A=200_000, B=210_000)) == message + place
    api_id = imports.new(models(A=200_000, B=200_000))["id"]
    assert imports.refused("PutRestApi", models(C=10_000), rest_api_id=api_id, mode="merge") == message + place
    imports.put(api_id, models(A=190_000, C=10_000), mode="merge")
    imports.put(api_id, models(D=400_000), mode="overwrite")
