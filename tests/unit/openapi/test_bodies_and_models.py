"""Request bodies, responses and schemas: models by content type.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
"""

from __future__ import annotations

import orjson
import pytest

from tests.unit.openapi.documents import method, openapi, swagger
from tests.unit.openapi.imports import Json, definition, errors


def test_a_body_of_swagger_has_a_model_per_consumed_type() -> None:
    body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}
    more: Json = {"definitions": {"Pet": {"type": "object"}}}
    own = {"consumes": ["text/json", "application/pet"], "parameters": [body]}
    document = swagger(own, verb="post", consumes=["application/xml"], **more)
    assert method(document).request_models == {"text/json": "Pet", "application/pet": "Pet"}
    del own["consumes"]
    assert method(document).request_models == {"application/xml": "Pet"}
    del document["consumes"]
    assert method(document).request_models == {"application/json": "Pet"}


def test_a_body_of_openapi_has_a_model_per_content_type() -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}, "text/plain": {}}
    document = openapi({"requestBody": {"content": content}}, components={"schemas": {"Pet": {"type": "object"}}})
    assert method(document).request_models == {"application/json": "Pet"}


def test_responses_of_swagger() -> None:
    responses = {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}, "headers": {"X-A": {}}}, "404": {}}
    document = swagger({"responses": responses, "produces": ["a/b"]}, definitions={"Pet": {"type": "object"}})
    found = method(document).method_responses or {}
    assert found["200"].response_models == {"a/b": "Pet"}
    assert found["200"].response_parameters == {"method.response.header.X-A": False}
    assert (found["404"].response_models, found["404"].response_parameters) == (None, None)


def test_responses_of_openapi() -> None:
    content = {"a/b": {"schema": {"$ref": "#/components/schemas/Pet"}}, "c/d": {"schema": {"type": "string"}}}
    document = openapi({"responses": {"200": {"content": content}}}, components={"schemas": {"Pet": {}}})
    models = (method(document).method_responses or {})["200"].response_models or {}
    assert models["a/b"] == "Pet"
    assert models["c/d"].startswith("MODEL")


def test_definitions_become_models() -> None:
    schema = {"type": "object", "description": "d", "properties": {"a": {"$ref": "#/definitions/B"}}}
    made, _ = definition(swagger({}, definitions={"A": schema, "B": {"type": "string"}}))
    first, second = made.models
    assert (first.name, first.description, first.content_type) == ("A", "d", "application/json")
    assert orjson.loads(first.schema or "")["properties"]["a"] == {
        "$ref": "https://apigateway.amazonaws.com/restapis/abcdefghij/models/B"
    }
    assert (second.name, second.description) == ("B", None)


@pytest.mark.parametrize("name", ["a_b", "a-b", "a.b", "ä", ""])
def test_model_names_are_alphanumeric(name: str) -> None:
    ((_, message),) = errors(openapi({}, components={"schemas": {name: {}}}))
    assert message == f"Unable to create model for '{name}': Model name must be alphanumeric: {name}"


@pytest.mark.parametrize(
    "keyword",
    ["default", "deprecated", "discriminator", "example", "readOnly", "nullable", "exclusiveMinimum", "xml", "x-own"],
)
def test_keywords_that_models_do_not_have(keyword: str) -> None:
    schema = {"type": "object", keyword: True, "properties": {keyword: {"type": "string", keyword: True}}}
    made, warnings = definition(openapi({}, components={"schemas": {"A": schema}}))
    assert orjson.loads(made.models[0].schema or "") == {"type": "object", "properties": {keyword: {"type": "string"}}}
    place = "$.components.schemas.A" + (f".{keyword}")
    assert warnings == [f"The keyword '{keyword}' is not part of models and was left out (2 places) (at {place})"]


def test_min_items_and_formats_stay() -> None:
    """AWS: a model with minItems and format byte reads back with both, and is not judged by the first."""
    schema = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "byte", "enum": [None, 1.0, "x"]}}
    made, warnings = definition(openapi({}, components={"schemas": {"A": schema}}))
    assert orjson.loads(made.models[0].schema or "") == schema
    told = "The keyword 'minItems' is kept, and judged by once the model is updated, as on AWS"
    assert (made.models[0].imported, warnings) == (True, [f"{told} (at $.components.schemas.A.minItems)"])


def test_one_of_in_swagger_is_kept_and_told() -> None:
    made, warnings = definition(swagger({}, definitions={"A": {"oneOf": [{"type": "null"}]}}))
    assert orjson.loads(made.models[0].schema or "") == {"oneOf": [{"type": "null"}]}
    assert warnings[0].startswith("The keyword 'oneOf' is not part of Swagger 2.0")


def test_a_generated_name_is_the_same_every_time_and_never_one_of_the_document() -> None:
    content = {"a/b": {"schema": {"type": "integer"}}}
    document = openapi({"requestBody": {"content": content}})
    name = (method(document).request_models or {})["a/b"]
    assert (method(document).request_models or {})["a/b"] == name
    document["components"] = {"schemas": {name: {"type": "object"}}}
    assert (method(document).request_models or {})["a/b"] not in ("", name)


@pytest.mark.parametrize(
    ("api", "model", "refused"), [("abcdefghij", "A", 0), ("other12345", "A", 1), ("abcdefghij", "B", 1)]
)
def test_canonical_references(api: str, model: str, refused: int) -> None:
    reference = {"$ref": f"https://apigateway.amazonaws.com/restapis/{api}/models/{model}"}
    found = errors(swagger({}, definitions={"A": {"items": reference}}))
    assert len(found) == refused
