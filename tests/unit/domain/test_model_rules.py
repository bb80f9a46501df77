"""Which schema bodies are judged by."""

from __future__ import annotations

import orjson

from apigw.domain.model_rules import judged
from apigw.domain.rest_api import Model

SCHEMA = {
    "minItems": 1,
    "properties": {"minItems": {"maxItems": 2, "type": "array"}, "list": {"items": [{"maxItems": 3}]}},
    "definitions": {"maxItems": {"items": {"minItems": 4}, "additionalItems": False}},
    "oneOf": [{"not": {"additionalProperties": {"minItems": 5}}}],
    "enum": [{"minItems": 6}],
    "dependencies": {"a": ["minItems"]},
}
WITHOUT = {
    "properties": {"minItems": {"type": "array"}, "list": {"items": [{}]}},
    "definitions": {"maxItems": {"items": {}, "additionalItems": False}},
    "oneOf": [{"not": {"additionalProperties": {}}}],
    "enum": [{"minItems": 6}],
    "dependencies": {"a": ["minItems"]},
}


def model(schema: str | None, *, imported: bool) -> Model:
    return Model(id="m", name="M", content_type="application/json", schema=schema, imported=imported)


def test_lengths_of_arrays_do_not_count_while_a_schema_is_the_imported_one() -> None:
    text = orjson.dumps(SCHEMA).decode()
    assert orjson.loads(judged(model(text, imported=True))) == WITHOUT
    assert judged(model(text, imported=False)) == text


def test_a_model_without_a_schema_allows_everything() -> None:
    assert [judged(model(None, imported=one)) for one in (True, False)] == ["{}", "{}"]
