"""Models. AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.control.management import Management

UNKNOWN = ("NotFound", "Invalid API identifier specified 123456789012:nothing")
PET = '{"type": "object", "properties": {"name": {"type": "string"}}}'


@pytest.fixture
def api_id(management: Management) -> str:
    return management.api()[0]


def create(management: Management, api_id: str, name: str = "Pet", schema: str | None = PET, **given: Any) -> Any:
    members = {"content_type": "application/json", **({} if schema is None else {"schema": schema}), **given}
    return management("CreateModel", rest_api_id=api_id, name=name, **members)


def refer(api_id: str, name: str) -> dict[str, str]:
    return {"$ref": f"https://apigateway.amazonaws.com/restapis/{api_id}/models/{name}"}


def test_create_get_list_and_delete(management: Management, api_id: str) -> None:
    made = create(management, api_id, description="a pet")
    assert made == {
        "id": made["id"],
        "name": "Pet",
        "contentType": "application/json",
        "description": "a pet",
        "schema": PET,
    }
    assert management("GetModel", rest_api_id=api_id, model_name="Pet") == made
    items = management("GetModels", rest_api_id=api_id)["item"]
    assert [one["name"] for one in items] == ["Empty", "Error", "Pet"]
    page = management("GetModels", rest_api_id=api_id, limit=2)
    assert [one["name"] for one in page["item"]] == ["Empty", "Error"]
    rest = management("GetModels", rest_api_id=api_id, limit=2, position=page["position"])
    assert [one["name"] for one in rest["item"]] == ["Pet"]
    without = create(management, api_id, "Anything", None)
    assert sorted(without) == ["contentType", "id", "name"]
    management("DeleteModel", rest_api_id=api_id, model_name="Pet")
    gone = ("NotFound", "Invalid model name specified: Pet")
    for name in ("GetModel", "UpdateModel", "DeleteModel", "GetModelTemplate"):
        assert management.refused(name, rest_api_id=api_id, model_name="Pet") == gone
        assert management.refused(name, rest_api_id="nothing", model_name="Pet") == UNKNOWN


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": ""}, ("BadRequest", "Model name must be non-empty")),
        ({"name": "a-b"}, ("BadRequest", "Model name must be alphanumeric: a-b")),
        ({"name": "Error"}, ("Conflict", "Model name already exists for this REST API")),
        ({"schema": ""}, ("BadRequest", "Model schema must have at least 1 property or array items defined")),
        ({"schema": " {} "}, ("BadRequest", "Model schema must have at least 1 property or array items defined")),
        ({"schema": "[]"}, ("BadRequest", "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")),
        ({"schema": "{"}, ("BadRequest", "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]")),
        ({"content_type": "json"}, ("BadRequest", "Validation Result: warnings : [], errors : [Invalid content type specified: json]")),
    ],
)  # fmt: skip
def test_create_refuses(management: Management, api_id: str, given: dict[str, Any], error: tuple[str, str]) -> None:
    members = {"name": "Pet", "content_type": "application/json", "schema": PET, **given}
    assert management.refused("CreateModel", rest_api_id=api_id, **members) == error
    assert management.refused("CreateModel", rest_api_id="nothing", **members) == UNKNOWN


def test_update(management: Management, api_id: str) -> None:
    before = create(management, api_id)
    names = {"rest_api_id": api_id, "model_name": "Pet"}
    assert management("UpdateModel", **names) == before
    other = '{"type": "string"}'
    operations = (("replace", "/description", "new"), ("replace", "/schema", other))
    after = management.update("UpdateModel", *operations, **names)
    assert after == {**before, "description": "new", "schema": other}
    assert "description" not in management.update("UpdateModel", ("replace", "/description", ""), **names)


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/name", "x"), "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]"),
        (("add", "/schema", "x"), "Invalid patch path  '/schema' specified for op 'add'. Please choose supported operations"),
        (("remove", "/description"), "Invalid patch path  '/description' specified for op 'remove'. Please choose supported operations"),
        (("replace", "/schema", ""), "Model schema must have at least 1 property or array items defined"),
    ],
)  # fmt: skip
def test_update_refuses(management: Management, api_id: str, operation: tuple[str, ...], message: str) -> None:
    create(management, api_id)
    names = {"rest_api_id": api_id, "model_name": "Pet"}
    assert management.update_refused("UpdateModel", operation, **names) == ("BadRequest", message)


def test_a_model_in_use_is_not_deleted(management: Management) -> None:
    api_id, root = management.api()
    pets = management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="pets")["id"]
    create(management, api_id)
    create(management, api_id, "Pets", json.dumps({"type": "array", "items": refer(api_id, "Pet")}))
    names = {"rest_api_id": api_id, "model_name": "Pet"}
    refused = management.refused("DeleteModel", **names)
    assert refused == ("Conflict", "Cannot delete model 'Pet', is referenced in model: Pets")
    for resource, verb, place in ((root, "ANY", "//ANY"), (pets, "PUT", "/pets/PUT")):
        method = {"rest_api_id": api_id, "resource_id": resource, "http_method": verb}
        management("PutMethod", **method, authorization_type="NONE", request_models={"application/json": "Pet"})
        refused = management.refused("DeleteModel", **names)
        assert refused == ("Conflict", f"Cannot delete model 'Pet', is referenced in method request: {place}")
        management("DeleteMethod", **method)
    management("DeleteModel", rest_api_id=api_id, model_name="Pets")
    management("DeleteModel", **names)


def test_the_models_of_an_api_have_400_kb_together(management: Management, api_id: str) -> None:
    def schema(size: int) -> str:
        return '{"title":"' + "é" * ((size - 30) // 2) + '"}'.ljust(30 - 10 + size % 2)

    assert len(schema(1_001).encode()) == 1_001
    left = 400 * 1024 - sum(len(m["schema"].encode()) for m in management("GetModels", rest_api_id=api_id)["item"])
    large = ("LimitExceeded", "The schemas of an API's models may have 400 KB together")
    new = {"rest_api_id": api_id, "name": "Second", "content_type": "application/json"}
    create(management, api_id, "First", schema(left - 100_000))
    assert management.refused("CreateModel", **new, schema=schema(100_001)) == large
    create(management, api_id, "Second", schema(100_000))
    names = {"rest_api_id": api_id, "model_name": "First"}
    assert management.update_refused("UpdateModel", ("replace", "/schema", schema(left - 99_999)), **names) == large
    assert management.refused("CreateModel", **{**new, "name": "Third"}, schema="[]")[0] == "BadRequest"
    create(management, api_id, "Third", None)
    management.update("UpdateModel", ("replace", "/schema", schema(1_000)), **names)


def test_flatten_brings_what_is_referred_to(management: Management, api_id: str) -> None:
    create(management, api_id, "Toy", json.dumps({"type": "object", "properties": {"pet": refer(api_id, "Pet")}}))
    create(management, api_id, "Pet", json.dumps({"type": "object", "properties": {"toy": refer(api_id, "Toy")}}))
    stored = management("GetModel", rest_api_id=api_id, model_name="Pet")
    assert json.loads(stored["schema"])["properties"]["toy"] == refer(api_id, "Toy")
    flat = management("GetModel", rest_api_id=api_id, model_name="Pet", flatten=True)
    assert json.loads(flat["schema"]) == {
        "type": "object",
        "properties": {"toy": {"$ref": "#/definitions/Toy"}},
        "definitions": {"Toy": {"type": "object", "properties": {"pet": {"$ref": "#"}}}},
    }
    plain = management("GetModel", rest_api_id=api_id, model_name="Error", flatten=True)
    assert plain == management("GetModel", rest_api_id=api_id, model_name="Error")


def test_flatten_changes_references_only(management: Management, api_id: str) -> None:
    """Texts that look like a reference stay; what a model refers to within itself is found where the model now is."""
    own = {"enum": ["#/definitions/Pet"], "properties": {"#/definitions/Pet": {"$ref": "#/definitions/Pet"}}}
    pet = {**own, "definitions": {"Pet": {}}, "items": refer(api_id, "Toy"), "not": refer(api_id, "Pet")}
    there = refer(api_id, "Pet")["$ref"] + "#/definitions/Pet"
    toy = {"definitions": {"Size": {}}, "allOf": [{"$ref": "#/definitions/Size"}, {"$ref": "#"}, {"$ref": there}]}
    create(management, api_id, "Pet", json.dumps(pet))
    create(management, api_id, "Toy", json.dumps(toy))
    flat = management("GetModel", rest_api_id=api_id, model_name="Pet", flatten=True)
    assert json.loads(flat["schema"]) == {
        **own,
        "items": {"$ref": "#/definitions/Toy"},
        "not": {"$ref": "#"},
        "definitions": {
            "Pet": {},
            "Toy": {
                "definitions": {"Size": {}},
                "allOf": [
                    {"$ref": "#/definitions/Toy/definitions/Size"},
                    {"$ref": "#/definitions/Toy"},
                    {"$ref": "#/definitions/Pet"},
                ],
            },
        },
    }


def test_the_template_of_a_model(management: Management, api_id: str) -> None:
    create(management, api_id, "Toy", json.dumps({"type": "object", "properties": {"again": refer(api_id, "Toy")}}))
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": "string"},
            "owner": {"type": "object", "properties": {"mail": {"type": "string"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/definitions/Cell"}}},
        },
        "definitions": {"Cell": {"type": "object", "properties": {"value": {"type": "number"}}}},
    }
    create(management, api_id, "Pet", json.dumps(schema))
    answer = management("GetModelTemplate", rest_api_id=api_id, model_name="Pet")
    assert answer["value"].splitlines() == [
        "#set($inputRoot = $input.path('$'))",
        "{",
        '  "id" : $inputRoot.id,',
        '  "name" : "$inputRoot.name",',
        '  "owner" : {',
        '    "mail" : "$inputRoot.owner.mail"',
        "  },",
        '  "tags" : [',
        "#foreach($elem in $inputRoot.tags)",
        '    "$elem"#if($foreach.hasNext),#end',
        "#end",
        "  ],",
        '  "rows" : [',
        "#foreach($elem in $inputRoot.rows)",
        "    [",
        "#foreach($elem1 in $elem)",
        "      {",
        '        "value" : $elem1.value',
        "      }#if($foreach.hasNext),#end",
        "#end",
        "    ]#if($foreach.hasNext),#end",
        "#end",
        "  ]",
        "}",
    ]
    endless = management("GetModelTemplate", rest_api_id=api_id, model_name="Toy")["value"]
    assert 30 < endless.count('"again"') < 50
    empty = management("GetModelTemplate", rest_api_id=api_id, model_name="Empty")["value"]
    assert empty == "#set($inputRoot = $input.path('$'))\n{ }"
