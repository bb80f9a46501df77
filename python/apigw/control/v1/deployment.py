"""CreateDeployment, GetDeployment, GetDeployments, UpdateDeployment, DeleteDeployment.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict, replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables
from apigw.control.v1 import stage as stages
from apigw.domain import deployment_rules, stage_rules
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Deployment, Stage
from apigw.snapshot import frozen, not_yet, publish

_CONTENT = "Invalid deployment content specified."


@operation("CreateDeployment")
def create_deployment(call: Call, given: Input) -> Deployment:
    """201; with ``stageName`` the stage serves it when the call returns."""
    api = lookup.rest_api(call, given["rest_api_id"])
    stage_name = given.get("stage_name")
    before = _stage_before(call, api.id, stage_name, given)
    records = frozen.read(call.store, call.account, call.region, api)
    deployment_rules.check(records.methods)
    deployment = Deployment(
        id=lookup.new_id(call, "deployment", api.id), created_date=call.now, description=given.get("description")
    )
    offences = not_yet.of_deployment(records)
    stage = None
    if stage_name:
        stage = _stage_after(call, stage_name, before, deployment.id, given)
        stage_rules.check(stage)
        offences += not_yet.of_stage(stage)
    not_yet.refuse(offences)
    publish.put_deployment(call.store, records, deployment)
    if stage is not None:
        stages.put(call, api.id, stage)
    return deployment


def _stage_before(call: Call, api_id: str, name: str | None, given: Input) -> Stage | None:
    if given.get("canary_settings") is not None and not name:
        shown = "null" if name is None else name
        raise BadRequest(
            f"{_CONTENT}Non null and non empty stageName must be provided for canary deployment. "
            f"Provided value is {shown}"
        )
    if not name:
        return None
    stage_rules.check_name(name)
    found = call.store.get(Stage, "stage", call.region, api_id, name)
    if found is None and given.get("canary_settings") is not None:
        raise BadRequest(f"{_CONTENT}Stage {name} must already be created before making a canary release deployment")
    return found


def _stage_after(call: Call, name: str, before: Stage | None, deployment_id: str, given: Input) -> Stage:
    if before is None:
        new = {**given, "description": given.get("stage_description"), "tags": None}
        return stages.started(call, name, deployment_id, new)
    stage = stages.with_shared(replace(before, last_updated_date=call.now), given)
    if given.get("stage_description") is not None:
        stage = replace(stage, description=given["stage_description"])
    if given.get("canary_settings") is not None:
        return replace(stage, canary_settings=stages.canary_settings(given["canary_settings"], deployment_id))
    if stage.canary_settings is not None:
        # AWS: a deployment to a stage with a canary goes to the canary.
        return replace(stage, canary_settings=replace(stage.canary_settings, deployment_id=deployment_id))
    return replace(stage, deployment_id=deployment_id)


@operation("GetDeployment")
def get_deployment(call: Call, given: Input) -> dict[str, Any]:
    """200; ``embed=apisummary`` adds what it froze, path by path."""
    api_id = given["rest_api_id"]
    lookup.rest_api(call, api_id)
    deployment = lookup.deployment(call, api_id, given["deployment_id"])
    summary = _summary(call, api_id, deployment.id) if "apisummary" in (given.get("embed") or ()) else None
    return {**asdict(deployment), "api_summary": summary}


def _summary(call: Call, api_id: str, deployment_id: str) -> dict[str, dict[str, Any]]:
    records = frozen.load(call.store, api_id, deployment_id)
    if records is None:
        raise LookupError(f"deployment {deployment_id} of API {api_id} has no frozen records")
    paths = {resource.id: resource.path for resource in records.resources}
    summary: dict[str, dict[str, Any]] = {}
    for method in records.methods:
        summary.setdefault(paths[method.resource_id], {})[method.http_method] = {
            "authorization_type": method.authorization_type,
            "api_key_required": method.api_key_required,
        }
    return summary


@operation("GetDeployments")
def get_deployments(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    api = lookup.rest_api(call, given["rest_api_id"])
    deployments, position = lookup.page(call, Deployment, "deployment", api.id, given)
    return lookup.listing(deployments, position)


@operation("UpdateDeployment")
def update_deployment(call: Call, given: Input) -> Deployment:
    """200; what was frozen never changes."""
    lookup.rest_api(call, given["rest_api_id"])
    before = lookup.deployment(call, given["rest_api_id"], given["deployment_id"])
    deployment = patch.apply(patch_tables.DEPLOYMENT, before, given.get("patch_operations"))
    if deployment is not before:
        call.store.put("deployment", call.region, given["rest_api_id"], deployment.id, deployment)
    return deployment


@operation("DeleteDeployment")
def delete_deployment(call: Call, given: Input) -> None:
    """202; not while a stage or its canary uses it."""
    api = lookup.rest_api(call, given["rest_api_id"])
    deployment = lookup.deployment(call, api.id, given["deployment_id"])
    for _, stage in call.store.list(Stage, "stage", call.region, api.id):
        canary = stage.canary_settings
        if deployment.id == stage.deployment_id or (canary is not None and deployment.id == canary.deployment_id):
            raise BadRequest("Active stages pointing to this deployment must be moved or deleted")
    publish.forget_deployment(call.store, call.region, api.id, deployment.id)
