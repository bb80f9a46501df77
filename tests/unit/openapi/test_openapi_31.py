"""OpenAPI 3.1: read beyond AWS, with a warning; its schemas and the models made of them accept the same values.

The golden files ``openapi-3.1-*.json`` have a document for each rule. Here an independent validator (jsonschema) is the
judge: JSON Schema 2020-12 for what is written, draft 4 for what became of it.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from apigw.control.openapi.findings import Findings
from apigw.control.openapi.resolve import References
from tests.unit.openapi.imports import Imports, Json, definition, errors

MODELS = "https://apigateway.amazonaws.com/restapis/abcdefghij/models/"
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 2, 3, "", "a", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.integers(0, 3)
TYPES = st.sampled_from(["null", "boolean", "integer", "string", "array", "object"])
NAMES = st.sampled_from(["a", "b", "c"])


def schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A schema of the keywords that are translated, and of the common ones beside them."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "const": VALUES,
            "enum": st.lists(VALUES, max_size=3),
            "minimum": NUMBERS,
            "maximum": NUMBERS,
            "exclusiveMinimum": NUMBERS,
            "exclusiveMaximum": NUMBERS,
            "minLength": NUMBERS,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "additionalProperties": inner,
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
            "dependentSchemas": st.dictionaries(NAMES, inner, max_size=2),
            "$ref": st.just("#/components/schemas/B"),
        },
    )


SCHEMAS = st.recursive(st.booleans() | st.just({"type": "string"}), schemas, max_leaves=8)


def document(schema: Json, other: Json = True) -> Json:
    return {
        "openapi": "3.1.0",
        "info": {"title": "t"},
        "paths": {},
        "components": {"schemas": {"A": schema, "B": other}},
    }


def verdicts(schema: Json, other: Json, value: Json) -> tuple[bool, bool]:
    """Is ``value`` valid by what is written, and by the models that become of it?"""
    written = document(schema, other)
    made, warnings = definition(written)
    ignored = [each for each in warnings if "'then'" in each or "'else'" in each]  # without an 'if' they mean nothing
    assert warnings[1:] == ignored
    texts = {model.name: orjson.loads(model.schema or "") for model in made.models}
    for text in texts.values():
        Draft4Validator.check_schema(text)
    registry: Registry[Any] = Registry().with_resources(
        (MODELS + name, Resource.from_contents(text, DRAFT4)) for name, text in texts.items()
    )
    before = Draft202012Validator({"$ref": "#/components/schemas/A", "components": written["components"]})
    after = Draft4Validator({"$ref": f"{MODELS}A"}, registry=registry)
    return before.is_valid(value), after.is_valid(value)


@given(SCHEMAS, SCHEMAS.filter(lambda schema: "$ref" not in str(schema)), VALUES)
@example({"minimum": 2, "exclusiveMinimum": 1}, True, 2)
@example({"minimum": 1, "exclusiveMinimum": 1}, True, 1)
@example({"maximum": 1, "exclusiveMaximum": 2}, True, 1)
@example({"contains": {"const": 1}}, True, [0, 2])
@example({"contains": {"const": 1}}, True, {"a": 1})
@example({"contains": True}, True, [])
@example({"$ref": "#/components/schemas/B", "minLength": 2}, {"type": "string"}, "a")
@example({"prefixItems": [{"const": 1}], "items": False}, True, [1, 2])
@example({"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"required": ["c"]}}}, True, {"a": 1, "c": 1})
@example({"if": {"const": 1}, "then": False, "else": {"type": "string"}}, True, 2)
@example({"if": {"const": 1}, "then": False, "else": {"type": "string"}}, True, 1)
@example({"const": 1, "enum": [1, 2]}, True, 2)
@example({"enum": [1, 1]}, True, 1)
@example({"enum": []}, True, 1)
def test_a_model_accepts_what_its_schema_accepts(schema: Json, other: Json, value: Json) -> None:
    before, after = verdicts(schema, other, value)
    assert before == after


def test_the_warning_stands_at_the_version() -> None:
    _, (warning,) = definition({"openapi": "3.1.1", "info": {"title": "t"}, "paths": {}})
    assert warning == (
        "AWS refuses OpenAPI 3.1; apigw imports what it shares with 3.0, in the form of 3.0 (at $.openapi)"
    )


@pytest.mark.parametrize("version", ["3.1.0", "3.1.1", "3.1.2", "3.1", "3.1.0-rc1", 3.1])
def test_versions(version: Json) -> None:
    made, warnings = definition({"openapi": version, "info": {"title": "t"}, "paths": {"/": {"get": {}}}})
    assert (len(made.methods), len(warnings)) == (1, 1)


def test_fail_on_warnings_refuses_it_and_changes_nothing(imports: Imports) -> None:
    given: Json = {"openapi": "3.1.0", "info": {"title": "t"}, "paths": {}}
    refused = imports.refused("ImportRestApi", given, fail_on_warnings=True)
    assert "AWS refuses OpenAPI 3.1" in refused
    assert imports.new(given)["warnings"] == [
        "AWS refuses OpenAPI 3.1; apigw imports what it shares with 3.0, in the form of 3.0 (at $.openapi)"
    ]
    api = imports.new(given)["id"]
    assert "AWS refuses OpenAPI 3.1" in imports.refused("PutRestApi", given, rest_api_id=api, fail_on_warnings=True)


def test_a_document_of_30_keeps_its_rules() -> None:
    """The same schema in 3.0 loses what AWS does not import, and its boolean is an error."""
    given = document({"exclusiveMinimum": 1, "const": 1})
    given["components"]["schemas"]["B"] = {}
    made, warnings = definition({**given, "openapi": "3.0.1"})
    assert orjson.loads(made.models[0].schema or "") == {"const": 1}
    assert len(warnings) == 1
    ((place, _),) = errors({**document({}), "openapi": "3.0.1"})
    assert place == "$.components.schemas.B"


@pytest.mark.parametrize(
    ("schema", "path", "message"),
    [
        ({"prefixItems": {}}, ".prefixItems", "Expected type array but got an object"),
        ({"dependentSchemas": []}, ".dependentSchemas", "Expected type object but got a list"),
        ({"dependentRequired": 1}, ".dependentRequired", "Expected type object but got '1'"),
        ({"allOf": {}, "const": 1, "enum": [1]}, ".allOf", "Expected type array but got an object"),
        ({"properties": {"a": 1}}, ".properties.a", "Expected type object but got '1'"),
        ({"if": 1, "then": {}}, ".if", "Expected type object but got '1'"),
        ({"$ref": 1, "minLength": 1}, "['$ref']", "Expected type string but got '1'"),
        (
            {"then": {"if": {"const": 1}, "then": {"$ref": "#/nowhere"}}, "if": {}},
            ".then.then['$ref']",
            "Unable to resolve",
        ),
    ],
)
def test_wrong_schemas_are_errors_where_they_are_written(schema: Json, path: str, message: str) -> None:
    found = errors(document(schema, {}))
    assert [place for place, _ in found] == [f"$.components.schemas.A{path}"]
    assert found[0][1].startswith(message)


def nested(depth: int, **beside: Json) -> Json:
    schema: Json = {"const": 1}
    for _ in range(depth):
        schema = {"if": schema, **beside}
    return schema


def test_conditions_in_conditions_are_bounded() -> None:
    """They double at every level; an import gives up long before they fill the memory."""
    assert errors(document(nested(8, then={}, **{"else": {}}), {})) == []
    ((_, message),) = errors(document(nested(16, then={}, **{"else": {}}), {}))
    assert message == "The document's references make it expand beyond what an import handles"


def test_a_schema_that_grows_too_deep_is_refused() -> None:
    assert errors(document(nested(20, then={}), {})) == []
    ((place, message),) = errors(document(nested(190, then={}), {}))
    assert (place, message) == ("$.components.schemas.A", "The schema is nested too deeply")


def test_what_a_reference_becomes_is_one_object_for_ever() -> None:
    """Others remember nodes by their identity."""
    reference = {"$ref": "#/a", "description": "own"}
    references = References({"a": {"description": "common", "x": 1}}, Findings(), overlays=True)
    first = references.object(reference, None)
    assert first is not None
    assert first[0] == {"description": "own", "x": 1}
    again = references.object(reference, None)
    assert again is not None
    assert again[0] is first[0]


def test_the_summary_beside_a_path_items_reference_is_the_paths_own() -> None:
    given = {
        "openapi": "3.1.0",
        "info": {"title": "t"},
        "paths": {
            "/a": {"$ref": "#/components/pathItems/P", "parameters": [{"name": "q", "in": "query"}]},
            "/b": {"$ref": "#/components/pathItems/P"},
        },
        "components": {"pathItems": {"P": {"get": {}}}},
    }
    made, _ = definition(given)
    assert [method.request_parameters for method in made.methods] == [{"method.request.querystring.q": False}, None]
    made, warnings = definition({**given, "openapi": "3.0.1"})
    assert [method.request_parameters for method in made.methods] == [None, None]
    assert any("beside '$ref'" in warning for warning in warnings)


def test_what_stands_beside_references_on_the_way_counts_too() -> None:
    tree = {
        "a": {"$ref": "#/b", "description": "a", "x": 1},
        "b": {"$ref": "#/c", "description": "b", "y": 2},
        "c": {"description": "c", "y": 3, "z": 4},
    }
    findings = Findings()
    references = References(tree, findings, overlays=True)
    whole = references.object({"$ref": "#/a"}, None, whole=True)
    assert whole is not None
    assert whole[0] == {"description": "a", "x": 1, "y": 2, "z": 4}
    assert [found.path for found in findings.warnings()] == ["$.b.description", "$.b.y", "$.a.description"]
    described = References(tree, findings, overlays=True).object({"$ref": "#/a"}, None)
    assert described is not None
    assert described[0] == {"description": "a", "y": 3, "z": 4}
    plain = References(tree, findings).object({"$ref": "#/a"}, None)
    assert plain is not None
    assert plain[0] is tree["c"]
