"""``cloneFrom``: a new API with copies of another's parts, under ids of its own.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from apigw.control.operation import Call
from apigw.domain.rest_api import (
    Authorizer,
    DocumentationPart,
    GatewayResponse,
    Integration,
    Method,
    Model,
    RequestValidator,
    Resource,
    RestApi,
)


def into(call: Call, source: RestApi, api: RestApi) -> None:
    """Copy everything below ``source`` (not stages, deployments, keys, tags) below ``api``."""
    store, region = call.store, call.region
    resources = store.list(Resource, "resource", region, source.id)
    validators = store.list(RequestValidator, "request_validator", region, source.id)
    authorizers = store.list(Authorizer, "authorizer", region, source.id)
    ids = _fresh_ids(call, [old for old, _ in [*resources, *validators, *authorizers]])
    ids[source.root_resource_id] = api.root_resource_id

    copies = [
        replace(one, id=ids[old], parent_id=ids[one.parent_id] if one.parent_id else None) for old, one in resources
    ]
    store.put_many("resource", region, api.id, [(one.id, one) for one in copies])
    methods = [_method(one, ids) for _, one in store.list(Method, "method", region, source.id)]
    store.put_many("method", region, api.id, [(f"{one.resource_id}/{one.http_method}", one) for one in methods])
    store.put_many(
        "request_validator", region, api.id, [(ids[old], replace(one, id=ids[old])) for old, one in validators]
    )
    store.put_many("authorizer", region, api.id, [(ids[old], replace(one, id=ids[old])) for old, one in authorizers])

    models = [
        _model(one, source.id, api.id, call.ids.short()) for _, one in store.list(Model, "model", region, source.id)
    ]
    store.put_many("model", region, api.id, [(one.name, one) for one in models])
    store.put_many(
        "gateway_response", region, api.id, store.list(GatewayResponse, "gateway_response", region, source.id)
    )
    parts = store.list(DocumentationPart, "documentation_part", region, source.id)
    part_ids = _fresh_ids(call, [old for old, _ in parts])
    store.put_many(
        "documentation_part", region, api.id, [(part_ids[old], replace(one, id=part_ids[old])) for old, one in parts]
    )


def _fresh_ids(call: Call, old: Iterable[str]) -> dict[str, str]:
    taken: set[str] = set()
    fresh: dict[str, str] = {}
    for known in old:
        new = call.ids.short()
        while new in taken:
            new = call.ids.short()
        taken.add(new)
        fresh[known] = new
    return fresh


def _method(method: Method, ids: dict[str, str]) -> Method:
    integration = method.method_integration
    return replace(
        method,
        resource_id=ids[method.resource_id],
        request_validator_id=ids.get(method.request_validator_id or "", method.request_validator_id),
        authorizer_id=ids.get(method.authorizer_id or "", method.authorizer_id),
        method_integration=None if integration is None else _integration(integration, ids),
    )


def _integration(integration: Integration, ids: dict[str, str]) -> Integration:
    # The default cache namespace is the resource's id; one that was chosen stays.
    return replace(integration, cache_namespace=ids.get(integration.cache_namespace, integration.cache_namespace))


def _model(model: Model, source: str, target: str, id: str) -> Model:
    schema = model.schema
    if schema is not None:
        schema = schema.replace(f"/restapis/{source}/models/", f"/restapis/{target}/models/")
    return replace(model, id=id, schema=schema)
