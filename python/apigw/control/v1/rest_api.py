"""CreateRestApi, GetRestApi, GetRestApis, UpdateRestApi, DeleteRestApi.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import clone, lookup, patch_tables, tagging
from apigw.domain import quotas
from apigw.domain import rest_api_rules as rules
from apigw.domain.rest_api import Deployment, Model, Resource, RestApi, Stage
from apigw.snapshot import publish

CHILDREN = (
    "resource",
    "method",
    "model",
    "request_validator",
    "authorizer",
    "gateway_response",
    "documentation_part",
)


@operation("CreateRestApi")
def create_rest_api(call: Call, given: Input) -> RestApi:
    """201; the new API has its root resource and the models ``Empty`` and ``Error``."""
    source = lookup.rest_api(call, given["clone_from"]) if given.get("clone_from") else None
    tags = tagging.checked(given.get("tags"))
    api_id = tagging.api_id(call, tags)
    fields: dict[str, Any] = {
        "name": given["name"],
        "created_date": call.now,
        "id": api_id,
        "root_resource_id": call.ids.short(),
        "tags": tags,
        "endpoint_configuration": rules.endpoint_configuration(given.get("endpoint_configuration")),
    }
    for name in (
        "description",
        "version",
        "api_key_source",
        "minimum_compression_size",
        "disable_execute_api_endpoint",
        "security_policy",
        "endpoint_access_mode",
    ):
        if given.get(name) is not None:
            fields[name] = given[name]
        elif source is not None:
            fields[name] = getattr(source, name)
    if given.get("binary_media_types"):
        fields["binary_media_types"] = tuple(dict.fromkeys(given["binary_media_types"]))
    elif source is not None:
        fields["binary_media_types"] = source.binary_media_types
    if given.get("policy"):
        fields["policy"] = rules.policy(given["policy"], execute_api_arn(call, api_id))
    elif source is not None and source.policy is not None:
        # A copy must not be open to more people than what it was made of.
        fields["policy"] = source.policy.replace(execute_api_arn(call, source.id), execute_api_arn(call, api_id))
    api = RestApi(**fields)
    rules.check(api)
    check_quota(call, api)
    if source is not None:
        clone.into(call, source, api)
    else:
        add_built_ins(call, api)
    call.store.put("rest_api", call.region, "", api_id, api)
    return shown(api)


def check_quota(call: Call, api: RestApi, before: RestApi | None = None) -> None:
    """Refuse an API that is one too many of its endpoint type; ``before`` is what it was."""
    endpoint_type = api.endpoint_configuration.types[0]
    most = call.quotas.apis.get(endpoint_type)
    if most is None or (before is not None and before.endpoint_configuration.types[0] == endpoint_type):
        return
    apis = [one for _, one in call.store.list(RestApi, "rest_api", call.region, "")]
    count = sum(one.endpoint_configuration.types[0] == endpoint_type for one in apis)
    quotas.check_count(most, count + 1, f"{endpoint_type} APIs", "account")


def add_built_ins(call: Call, api: RestApi) -> None:
    """What every new API has: its root resource and two models."""
    call.store.put("resource", call.region, api.id, api.root_resource_id, Resource(id=api.root_resource_id, path="/"))
    call.store.put_many("model", call.region, api.id, [(model.name, model) for model in built_in_models(call)])


def built_in_models(call: Call) -> list[Model]:
    """``Empty`` and ``Error``."""
    return [
        Model(id=call.ids.short(), name=name, content_type="application/json", description=description, schema=schema)
        for name, description, schema in rules.BUILT_IN_MODELS
    ]


def execute_api_arn(call: Call, api_id: str) -> str:
    """What ``execute-api:`` at the start of a policy's resource stands for."""
    return f"arn:{call.partition}:execute-api:{call.region}:{call.account}:{api_id}"


def shown(api: RestApi) -> RestApi:
    """An API as AWS shows it: the policy is text with its quotes escaped."""
    return api if api.policy is None else replace(api, policy=rules.escaped(api.policy))


@operation("GetRestApi")
def get_rest_api(call: Call, given: Input) -> RestApi:
    """200; ``tags`` is always there."""
    api = lookup.rest_api(call, given["rest_api_id"])
    return replace(shown(api), tags=api.tags or {})


@operation("GetRestApis")
def get_rest_apis(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    apis, position = lookup.page(call, RestApi, "rest_api", "", given)
    return lookup.listing([shown(api) for api in apis], position)


@operation("UpdateRestApi")
def update_rest_api(call: Call, given: Input) -> RestApi:
    """200; takes effect with the next deployment."""
    before = lookup.rest_api(call, given["rest_api_id"])
    api = patch.apply(patch_tables.REST_API, before, given.get("patch_operations"))
    if api.policy is not None and api.policy != before.policy:
        api = replace(api, policy=rules.policy(api.policy, execute_api_arn(call, api.id)))
    if api is not before:
        rules.check(api, before)
        check_quota(call, api, before)
        call.store.put("rest_api", call.region, "", api.id, api)
    return replace(shown(api), tags=api.tags or {})


@operation("DeleteRestApi")
def delete_rest_api(call: Call, given: Input) -> None:
    """202; everything below goes too."""
    api = lookup.rest_api(call, given["rest_api_id"])
    store, region = call.store, call.region
    for name, _ in store.list(Stage, "stage", region, api.id):
        store.delete("stage", region, api.id, name)
    for deployment_id, _ in store.list(Deployment, "deployment", region, api.id):
        publish.forget_deployment(store, region, api.id, deployment_id)
    for family in CHILDREN:
        store.delete_children(family, region, api.id)
    store.delete("rest_api", region, "", api.id)
