"""The rules of models: names, schemas as text, references to other models, and the mapping template that re-emits one.

Says nothing of what a schema means: the engine compiles it with the deployment.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Model

CANONICAL: Final = "https://apigateway.amazonaws.com/restapis/"
NO_NAME: Final = "Model name must be non-empty"
EMPTY_SCHEMA: Final = "Model schema must have at least 1 property or array items defined"
BAD_SCHEMA: Final = (
    "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]"
)
MOST_BYTES: Final = 400 * 1024
TOO_LARGE: Final = "The schemas of an API's models may have 400 KB together"
LENGTHS: Final = frozenset({"minItems", "maxItems"})
"""Keywords that AWS does not judge by while a model's schema is the one that was imported."""
SCHEMA: Final = frozenset({"additionalItems", "additionalProperties", "items", "not"})
SCHEMA_MAP: Final = frozenset({"properties", "patternProperties", "definitions", "dependencies"})
SCHEMA_LIST: Final = frozenset({"allOf", "anyOf", "oneOf", "items"})
"""The keywords below which there is a schema, schemas by name, and schemas in a list."""
_NAME: Final = re.compile(r"[a-zA-Z0-9]+")


def check_name(name: str) -> None:
    """Names are alphanumeric."""
    if not name:
        raise BadRequest(NO_NAME)
    if _NAME.fullmatch(name) is None:
        raise BadRequest(f"Model name must be alphanumeric: {name}")


def check_schema(text: str | None) -> None:
    """A schema that is given is an object with something in it."""
    if text is None:
        return
    if not text.strip():
        raise BadRequest(EMPTY_SCHEMA)
    try:
        tree = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(BAD_SCHEMA) from error
    if type(tree) is not dict:
        raise BadRequest(BAD_SCHEMA)
    if not tree:
        raise BadRequest(EMPTY_SCHEMA)


def too_large(after: Iterable[Model], before: Iterable[Model]) -> bool:
    """Whether the models of an API would have more text than AWS keeps, and not less than ``before``."""
    size = _size(after)
    return size > MOST_BYTES and size > _size(before)


def _size(models: Iterable[Model]) -> int:
    return sum(len((model.schema or "").encode()) for model in models)


def url(api_id: str, name: str) -> str:
    """By which other models refer to one."""
    return f"{CANONICAL}{api_id}/models/{name}"


def references(api_id: str, schema: str | None) -> set[str]:
    """The models of the API that a schema refers to."""
    prefix = url(api_id, "")
    if schema is None or prefix not in schema:
        return set()
    try:
        tree = orjson.loads(schema)
    except orjson.JSONDecodeError:
        return set()
    found = {one.removeprefix(prefix).partition("#")[0] for one in _references(tree) if one.startswith(prefix)}
    return found - {""}


def _references(tree: Any) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                yield reference
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def closure(api_id: str, names: set[str], models: Mapping[str, Model]) -> list[Model]:
    """The models of these names and all that they refer to, in the order of ``models``."""
    wanted, waiting = set(names), list(names)
    while waiting:
        model = models.get(waiting.pop())
        for name in references(api_id, model.schema) if model is not None else ():
            if name not in wanted:
                wanted.add(name)
                waiting.append(name)
    return [model for name, model in models.items() if name in wanted]


def judged(model: Model) -> str:
    """The schema by which bodies are judged; AWS lets everything pass where there is none."""
    text = model.schema or "{}"
    if not model.imported or not any(keyword in text for keyword in LENGTHS):
        return text
    return orjson.dumps(_without_lengths(orjson.loads(text))).decode()


def _without_lengths(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in SCHEMA_MAP and isinstance(value, dict):
            kept[key] = {name: _without_lengths(child) for name, child in value.items()}
        elif key in SCHEMA_LIST and isinstance(value, list):
            kept[key] = [_without_lengths(child) for child in value]
        elif key in SCHEMA:
            kept[key] = _without_lengths(value)
        elif key not in LENGTHS:
            kept[key] = value
    return kept


def flattened(api_id: str, model: Model, models: Mapping[str, Model]) -> str | None:
    """The schema with every model it refers to below ``definitions``; itself is ``#``."""
    others = closure(api_id, references(api_id, model.schema), models)
    if model.schema is None or not others:
        return model.schema
    prefix = url(api_id, "")
    places = {one.name: "#" if one.name == model.name else f"#/definitions/{one.name}" for one in others}
    tree = _local(orjson.loads(model.schema), prefix, places, "#")
    definitions = {
        one.name: _local(orjson.loads(one.schema or "{}"), prefix, places, places[one.name])
        for one in others
        if one.name != model.name
    }
    if definitions:
        tree["definitions"] = {**tree.get("definitions", {}), **definitions}
    text: str = orjson.dumps(tree, option=orjson.OPT_INDENT_2).decode()
    return text


def _local(tree: Any, prefix: str, places: Mapping[str, str], root: str) -> Any:
    """A schema that now lies at ``root``: its references lead to the ``places`` of models, and below itself."""
    if isinstance(tree, list):
        return [_local(value, prefix, places, root) for value in tree]
    if not isinstance(tree, dict):
        return tree
    moved = {name: _local(value, prefix, places, root) for name, value in tree.items()}
    reference = tree.get("$ref")
    if isinstance(reference, str):
        name, hash_, fragment = reference.removeprefix(prefix).partition("#")
        if reference.startswith(prefix) and name in places:
            moved["$ref"] = places[name] + fragment
        elif hash_ and not name:
            moved["$ref"] = root + fragment
    return moved
