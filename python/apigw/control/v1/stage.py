"""CreateStage, GetStage, GetStages, UpdateStage, DeleteStage.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html
"""

from __future__ import annotations

import logging
from typing import Any

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, stage_patch, tagging
from apigw.domain import log_rules, quotas, stage_rules
from apigw.domain.errors import BadRequest, Conflict, NotFound
from apigw.domain.rest_api import Account, CanarySettings, Deployment, Stage
from apigw.snapshot import not_yet

_LOG = logging.getLogger("apigw.control")


@operation("CreateStage")
def create_stage(call: Call, given: Input) -> Stage:
    """201; served when the call returns."""
    api = lookup.rest_api(call, given["rest_api_id"])
    name = stage_rules.check_name(given["stage_name"])
    if call.store.get(Stage, "stage", call.region, api.id, name) is not None:
        raise Conflict("Stage already exists")
    stage = started(call, name, given["deployment_id"], given)
    canary = given.get("canary_settings")
    if canary is not None:
        stage = replace(
            stage, canary_settings=canary_settings(canary, canary.get("deployment_id") or stage.deployment_id)
        )
    check_deployments(call, api.id, stage)
    _check_documentation(stage)
    stage_rules.check(stage)
    not_yet.refuse(not_yet.of_stage(stage))
    put(call, api.id, stage)
    return stage


def put(call: Call, api_id: str, stage: Stage) -> None:
    """Store a stage; one whose cache could not be had as a whole is said, and served."""
    if call.quotas.stages is not None and call.store.get(Stage, "stage", call.region, api_id, stage.stage_name) is None:
        others = call.store.list(Stage, "stage", call.region, api_id)
        quotas.check_count(call.quotas.stages, len(others) + 1, "Stages")
    call.store.put("stage", call.region, api_id, stage.stage_name, stage)
    if stage_rules.cache_bytes(stage) > call.cache_memory:
        _LOG.warning(
            "the cache of stage %s of API %s may have %s GB, but cache.memory is %s bytes for all stages",
            *(stage.stage_name, api_id, stage.cache_cluster_size, call.cache_memory),
        )


def started(call: Call, name: str, deployment_id: str, given: Input) -> Stage:
    """A new stage with the members that CreateStage and CreateDeployment share."""
    stage = Stage(
        stage_name=name,
        deployment_id=deployment_id,
        created_date=call.now,
        last_updated_date=call.now,
        description=given.get("description"),
        documentation_version=given.get("documentation_version") or None,
        tags=tagging.checked(given.get("tags")),
    )
    return with_shared(stage, given)


def with_shared(stage: Stage, given: Input) -> Stage:
    """``stage`` with the cache, variables and tracing that were given; what was not given stays."""
    changes: dict[str, Any] = {}
    if given.get("variables") is not None:
        changes["variables"] = stage_rules.variables(given["variables"])
    if given.get("tracing_enabled") is not None:
        changes["tracing_enabled"] = given["tracing_enabled"]
    if given.get("cache_cluster_size") is not None:
        changes["cache_cluster_size"] = given["cache_cluster_size"]
    if given.get("cache_cluster_enabled") is not None:
        changes["cache_cluster_enabled"] = given["cache_cluster_enabled"]
    return stage_rules.with_cache(replace(stage, **changes))


def canary_settings(given: Input, deployment_id: str) -> CanarySettings:
    """``canarySettings`` of a request."""
    return CanarySettings(
        percent_traffic=float(given.get("percent_traffic") or 0.0),
        deployment_id=deployment_id,
        stage_variable_overrides=stage_rules.variables(given.get("stage_variable_overrides")),
        use_stage_cache=bool(given.get("use_stage_cache")),
    )


def check_deployments(call: Call, api_id: str, stage: Stage) -> None:
    """The deployments that a stage names must exist."""
    wanted = {stage.deployment_id}
    if stage.canary_settings is not None:
        wanted.add(stage.canary_settings.deployment_id)
    for deployment_id in wanted:
        if call.store.get(Deployment, "deployment", call.region, api_id, deployment_id) is None:
            raise BadRequest("Deployment id does not exist")


@operation("GetStage")
def get_stage(call: Call, given: Input) -> Stage:
    """200."""
    lookup.rest_api(call, given["rest_api_id"])
    return lookup.stage(call, given["rest_api_id"], given["stage_name"])


@operation("GetStages")
def get_stages(call: Call, given: Input) -> dict[str, Any]:
    """200; not paged. AWS calls the member ``item`` in this answer alone."""
    api = lookup.rest_api(call, given["rest_api_id"])
    wanted = given.get("deployment_id")
    stages = [stage for _, stage in call.store.list(Stage, "stage", call.region, api.id)]
    return {"item": [stage for stage in stages if wanted is None or stage.deployment_id == wanted]}


@operation("UpdateStage")
def update_stage(call: Call, given: Input) -> Stage:
    """200; live at once."""
    api = lookup.rest_api(call, given["rest_api_id"])
    before = lookup.stage(call, api.id, given["stage_name"])
    stage = patch.apply(stage_patch.STAGE, before, given.get("patch_operations"))
    if stage is before:
        return stage
    stage = stage_rules.with_cache(stage)
    check_deployments(call, api.id, stage)
    if stage.client_certificate_id is not None:
        lookup.client_certificate(call, stage.client_certificate_id)
    if stage.documentation_version != before.documentation_version:
        _check_documentation(stage)
    stage_rules.check(stage)
    _check_logging(call, stage)
    not_yet.refuse(not_yet.of_stage(stage))
    stage = replace(stage, last_updated_date=call.now)
    put(call, api.id, stage)
    return stage


def _check_documentation(stage: Stage) -> None:
    # The version must exist, and while nothing makes documentation versions, none does.
    if stage.documentation_version is not None:
        raise NotFound("Invalid Documentation version specified")


def _check_logging(call: Call, stage: Stage) -> None:
    is_logging = any(setting.logging_level not in (None, "OFF") for setting in stage.method_settings.values())
    if not is_logging and not log_rules.needs_role(stage.access_log_settings):
        return
    account = call.store.get(Account, "account", call.region, "", "account")
    if account is None or account.cloudwatch_role_arn is None:
        raise BadRequest("CloudWatch Logs role ARN must be set in account settings to enable logging")


@operation("FlushStageCache")
def flush_stage_cache(call: Call, given: Input) -> None:
    """202; no error where there is no cache."""
    api = lookup.rest_api(call, given["rest_api_id"])
    stage = lookup.stage(call, api.id, given["stage_name"])
    call.flush_cache(api.id, stage.stage_name)


@operation("DeleteStage")
def delete_stage(call: Call, given: Input) -> None:
    """202."""
    api = lookup.rest_api(call, given["rest_api_id"])
    stage = lookup.stage(call, api.id, given["stage_name"])
    call.store.delete("stage", call.region, api.id, stage.stage_name)
