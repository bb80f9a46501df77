"""CreateModel, GetModel, GetModels, UpdateModel, DeleteModel, GetModelTemplate.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateModel.html
"""

from __future__ import annotations

from typing import Any

import orjson
from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.domain import model_rules as rules
from apigw.domain import model_template
from apigw.domain.errors import Conflict, LimitExceeded, NotFound
from apigw.domain.integration_rules import check_content_types
from apigw.domain.rest_api import Method, Model, Resource


@operation("CreateModel")
def create_model(call: Call, given: Input) -> Model:
    """201; without a schema it allows everything."""
    api = lookup.rest_api(call, given["rest_api_id"])
    rules.check_name(given["name"])
    check_content_types([given["content_type"]])
    rules.check_schema(given.get("schema"))
    known = _models(call, api.id)
    if given["name"] in known:
        raise Conflict("Model name already exists for this REST API")
    model = Model(
        id=_new_id(call, known),
        name=given["name"],
        content_type=given["content_type"],
        description=given.get("description") or None,
        schema=given.get("schema"),
    )
    _check_size(known, model)
    call.store.put("model", call.region, api.id, model.name, model)
    return model


@operation("GetModel")
def get_model(call: Call, given: Input) -> Model:
    """200; ``flatten`` puts the models it refers to below ``definitions``."""
    model = _model(call, given)
    if given.get("flatten"):
        api_id = given["rest_api_id"]
        return replace(model, schema=rules.flattened(api_id, model, _models(call, api_id)))
    return model


@operation("GetModels")
def get_models(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    api = lookup.rest_api(call, given["rest_api_id"])
    models, position = lookup.page(call, Model, "model", api.id, given)
    return lookup.listing(models, position)


@operation("UpdateModel")
def update_model(call: Call, given: Input) -> Model:
    """200; the name and the content type stay."""
    before = _model(call, given)
    model = patch.apply(patch_tables.MODEL, before, given.get("patch_operations"))
    if model is not before:
        rules.check_schema(model.schema)
        _check_size(_models(call, given["rest_api_id"]), model)
        call.store.put("model", call.region, given["rest_api_id"], model.name, model)
    return model


@operation("DeleteModel")
def delete_model(call: Call, given: Input) -> None:
    """202; not while a method's request or another model refers to it."""
    model = _model(call, given)
    api_id = given["rest_api_id"]
    paths = {one.id: one.path for _, one in call.store.list(Resource, "resource", call.region, api_id)}
    for _, method in call.store.list(Method, "method", call.region, api_id):
        if model.name in (method.request_models or {}).values():
            # AWS: for the root this prints two slashes.
            place = f"{paths[method.resource_id]}/{method.http_method}"
            raise Conflict(f"Cannot delete model '{model.name}', is referenced in method request: {place}")
    for name, other in _models(call, api_id).items():
        if name != model.name and model.name in rules.references(api_id, other.schema):
            raise Conflict(f"Cannot delete model '{model.name}', is referenced in model: {name}")
    call.store.delete("model", call.region, api_id, model.name)


@operation("GetModelTemplate")
def get_model_template(call: Call, given: Input) -> dict[str, str]:
    """200; a mapping template that gives the model back from ``$inputRoot``."""
    model = _model(call, given)
    prefix = rules.url(given["rest_api_id"], "")
    models = _models(call, given["rest_api_id"])
    own = _tree(model)

    def find(reference: str) -> Any:
        if reference.startswith(prefix):
            name = reference.removeprefix(prefix).partition("#")[0]
            return _tree(models[name]) if name in models else None
        definitions = own.get("definitions") if isinstance(own, dict) else None
        name = reference.removeprefix("#/definitions/")
        return definitions.get(name) if isinstance(definitions, dict) else None

    return {"value": model_template.template(own, find)}


def _tree(model: Model) -> Any:
    return orjson.loads(model.schema) if model.schema is not None else {}


def _models(call: Call, api_id: str) -> dict[str, Model]:
    return dict(call.store.list(Model, "model", call.region, api_id))


def _check_size(known: dict[str, Model], model: Model) -> None:
    """Refuse a model with which those of the API are too large."""
    if rules.too_large({**known, model.name: model}.values(), known.values()):
        raise LimitExceeded(rules.TOO_LARGE)


def _new_id(call: Call, known: dict[str, Model]) -> str:
    taken = {model.id for model in known.values()}
    while (fresh := call.ids.short()) in taken:
        pass
    return fresh


def _model(call: Call, given: Input) -> Model:
    lookup.rest_api(call, given["rest_api_id"])
    found = call.store.get(Model, "model", call.region, given["rest_api_id"], given["model_name"])
    if found is None:
        raise NotFound(f"Invalid model name specified: {given['model_name']}")
    return found
