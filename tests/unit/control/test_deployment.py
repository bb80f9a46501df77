"""Deployment. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html"""

from __future__ import annotations

from typing import Any

import pytest

from apigw.snapshot import units
from tests.unit.control.management import Management


def test_a_deployment_needs_methods_and_integrations(management: Management) -> None:
    api_id, root = management.api()
    refused = management.refused("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    assert refused == ("BadRequest", "The REST API doesn't contain any methods")
    names = management.mock(api_id, root)
    management("PutMethod", **{**names, "http_method": "PUT"}, authorization_type="NONE")
    refused = management.refused("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    assert refused == ("BadRequest", "No integration defined for method")


def test_an_integration_response_needs_its_method_response(management: Management) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    management("DeleteMethodResponse", **names, status_code="200")
    assert management.refused("CreateDeployment", rest_api_id=api_id) == (
        "BadRequest",
        "Invalid mapping expression specified: Validation Result: warnings : [], "
        "errors : [No method response exists for method.]",
    )
    # A proxy integration has no use for its integration responses.
    proxy = {"type": "HTTP_PROXY", "integration_http_method": "GET", "uri": "http://localhost/"}
    management("PutIntegration", **names, **proxy)
    management("PutIntegrationResponse", **names, status_code="200")
    management("CreateDeployment", rest_api_id=api_id)


def test_a_header_that_is_no_longer_declared_is_not_deployed(management: Management) -> None:
    """A method response that is deleted and put again may declare less than integration responses map."""
    api_id, root = management.api()
    names = {**management.mock(api_id, root), "status_code": "200"}
    header = "method.response.header.X"
    management.update("UpdateMethodResponse", ("add", f"/responseParameters/{header}", "true"), **names)
    management("PutIntegrationResponse", **names, response_parameters={header: "'x'"})
    management("CreateDeployment", rest_api_id=api_id)
    management("DeleteMethodResponse", **names)
    assert management("GetIntegrationResponse", **names)["responseParameters"] == {header: "'x'"}
    management("PutMethodResponse", **names)
    undeclared = (
        "BadRequest",
        "Invalid mapping expression specified: Validation Result: warnings : [], "
        f"errors : [Invalid mapping expression parameter specified: {header}]",
    )
    assert management.refused("CreateDeployment", rest_api_id=api_id) == undeclared
    assert management.refused("TestInvokeMethod", **{**names, "http_method": "GET"}) == undeclared
    management.update("UpdateIntegrationResponse", ("remove", f"/responseParameters/{header}"), **names)
    management("CreateDeployment", rest_api_id=api_id)


def test_a_deployment_freezes_the_api(management: Management) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    made = management("CreateDeployment", rest_api_id=api_id, description="")
    assert made == {"id": made["id"], "createdDate": 1_700_000_000, "description": ""}
    key = f"deployment/{api_id}/{made['id']}"
    (unit,) = management.units.values()
    assert isinstance(unit, units.Deployment)
    assert [(one.path, [m.http_method for m in one.methods]) for one in unit.resources] == [("/", ["GET"])]
    management("DeleteMethod", **names)
    management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="later")
    summary = management("GetDeployment", rest_api_id=api_id, deployment_id=made["id"], embed=["apisummary"])
    assert summary["apiSummary"] == {"/": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    assert "apiSummary" not in management("GetDeployment", rest_api_id=api_id, deployment_id=made["id"])
    assert management.units == {key: unit}


def test_stage_name_creates_the_stage_or_moves_it(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    first = management(
        "CreateDeployment", rest_api_id=api_id, stage_name="prod", stage_description="live", variables={"a": "1"}
    )
    stage = management("GetStage", rest_api_id=api_id, stage_name="prod")
    assert stage == {
        "stageName": "prod",
        "deploymentId": first["id"],
        "description": "live",
        "variables": {"a": "1"},
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "tracingEnabled": False,
        "createdDate": 1_700_000_000,
        "lastUpdatedDate": 1_700_000_000,
    }
    second = management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    assert management("GetStage", rest_api_id=api_id, stage_name="prod") == {**stage, "deploymentId": second["id"]}
    unit = management.units[f"stage/{api_id}/prod"]
    assert isinstance(unit, units.Stage)
    assert unit.deployment_id == second["id"]
    assert unit.variables == [units.StageVariable(name="a", value="1")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Non null and non empty stageName must be provided for canary deployment. Provided value is null"),
        ({"stage_name": ""}, "Non null and non empty stageName must be provided for canary deployment. Provided value is "),
        ({"stage_name": "prod"}, "Stage prod must already be created before making a canary release deployment"),
    ],
)  # fmt: skip
def test_canary_deployments_need_a_stage(management: Management, given: dict[str, Any], message: str) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    refused = management.refused("CreateDeployment", rest_api_id=api_id, canary_settings={}, **given)
    assert refused == ("BadRequest", f"Invalid deployment content specified.{message}")


def test_a_canary_deployment_and_those_that_follow_it(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    names = {"rest_api_id": api_id, "stage_name": "prod"}
    first = management("CreateDeployment", **names, variables={"a": "1", "b": "1"})["id"]
    settings = {"percent_traffic": 10.0, "stage_variable_overrides": {"b": "2"}, "use_stage_cache": True}
    second = management("CreateDeployment", **names, canary_settings=settings)["id"]
    stage = management("GetStage", **names)
    assert stage["deploymentId"] == first
    assert stage["canarySettings"] == {
        "percentTraffic": 10.0,
        "deploymentId": second,
        "stageVariableOverrides": {"b": "2"},
        "useStageCache": True,
    }
    unit = management.units[f"stage/{api_id}/prod"]
    assert isinstance(unit, units.Stage)
    assert unit.deployment_id == first
    assert unit.canary == units.Canary(
        percent_traffic=10.0,
        deployment_id=second,
        variables=[units.StageVariable(name="a", value="1"), units.StageVariable(name="b", value="2")],
        use_stage_cache=True,
    )
    third = management("CreateDeployment", **names)["id"]
    stage = management("GetStage", **names)
    assert (stage["deploymentId"], stage["canarySettings"]["deploymentId"]) == (first, third)
    assert stage["canarySettings"]["stageVariableOverrides"] == {"b": "2"}
    in_use = ("BadRequest", "Active stages pointing to this deployment must be moved or deleted")
    assert management.refused("DeleteDeployment", rest_api_id=api_id, deployment_id=third) == in_use
    refused = management.refused("CreateDeployment", **names, canary_settings={"percent_traffic": 100.5})
    assert refused == ("BadRequest", "Invalid percentTraffic specified. Must be between 0.0 and 100.0")


def test_update_and_delete(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    names = {"rest_api_id": api_id}
    deployment_id = management("CreateDeployment", **names, stage_name="prod")["id"]
    names["deployment_id"] = deployment_id
    changed = management.update("UpdateDeployment", ("replace", "/description", "d"), **names)
    assert changed["description"] == "d"
    assert management("GetDeployments", rest_api_id=api_id)["item"] == [changed]
    for operation, message in (
        (("replace", "/x", "d"), "Invalid patch path /x"),
        (("add", "/description", "d"), "Invalid patch operation specified. Must be one of: [replace]"),
    ):
        assert management.update_refused("UpdateDeployment", operation, **names) == ("BadRequest", message)
    in_use = ("BadRequest", "Active stages pointing to this deployment must be moved or deleted")
    assert management.refused("DeleteDeployment", **names) == in_use
    management("DeleteStage", rest_api_id=api_id, stage_name="prod")
    management("DeleteDeployment", **names)
    assert management.units == {}
    gone = ("NotFound", "Invalid Deployment identifier specified")
    for name in ("GetDeployment", "UpdateDeployment", "DeleteDeployment"):
        assert management.refused(name, **names) == gone
    assert management.store.get_blob(f"deployment/{api_id}/{deployment_id}") is None
    assert management.store.get_blob(f"frozen/{api_id}/{deployment_id}") is None
