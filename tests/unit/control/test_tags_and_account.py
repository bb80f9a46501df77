"""Tags and account. AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging.html"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from apigw.control.operation import AccountThrottle
from tests.unit.control.management import ACCOUNT, Management

ARN = "arn:aws:apigateway:eu-west-1::/restapis/"


def test_tags_of_an_api_and_of_a_stage(management: Management) -> None:
    api_id, root = management.api(tags={"a": "1"})
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    for arn in (ARN + api_id, f"{ARN}{api_id}/stages/prod"):
        management("TagResource", resource_arn=arn, tags={"a": "2", "b": "3"})
        assert management("GetTags", resource_arn=arn) == {"tags": {"a": "2", "b": "3"}}
        management("UntagResource", resource_arn=arn, tag_keys=["a", "nothing"])
        assert management("GetTags", resource_arn=arn) == {"tags": {"b": "3"}}
    assert management("GetStage", rest_api_id=api_id, stage_name="prod")["tags"] == {"b": "3"}
    management("UntagResource", resource_arn=ARN + api_id, tag_keys=["b"])
    assert management("GetTags", resource_arn=ARN + api_id) == {"tags": {}}


@pytest.mark.parametrize(
    ("arn", "error"),
    [
        ("nothing", ("BadRequest", "Invalid ARN specified in the request")),
        ("arn:aws:apigateway:us-east-1::/restapis/{id}", ("BadRequest", "Invalid ARN specified in the request")),
        ("arn:aws:apigateway:eu-west-1::/restapis/{id}/resources/x", ("BadRequest", "Invalid ARN specified in the request")),
        ("arn:aws:apigateway:eu-west-1::/restapis/unknown", ("NotFound", f"Invalid API identifier specified {ACCOUNT}:unknown")),
        ("arn:aws:apigateway:eu-west-1::/restapis/{id}/stages/x", ("NotFound", "Invalid stage identifier specified")),
        ("arn:aws:apigateway:eu-west-1::/apikeys/x", ("NotYet", "apigw does not have the resources of arn:aws:apigateway:eu-west-1::/apikeys/x yet")),
    ],
)  # fmt: skip
def test_arns_that_are_refused(management: Management, arn: str, error: tuple[str, str]) -> None:
    api_id, _ = management.api()
    arn = arn.replace("{id}", api_id)
    assert management.refused("TagResource", resource_arn=arn, tags={"a": "1"}) == error
    assert management.refused("GetTags", resource_arn=arn) == error


def test_tags_are_limited(management: Management) -> None:
    api_id, _ = management.api(tags={f"k{number}": "" for number in range(50)})
    arn = ARN + api_id
    for tags in (
        {"one more": ""},
        {"k" * 129: ""},
        {"": ""},
        {"k1": "v" * 257},
        {"AWS:x": ""},
        {"_custom_id_": "abcdefghij"},
    ):
        assert management.refused("TagResource", resource_arn=arn, tags=tags)[0] == "BadRequest"
    management("TagResource", resource_arn=arn, tags={"k1": "v" * 256})


def test_an_account_shows_the_throttle_that_is_kept(management: Management) -> None:
    throttle = AccountThrottle(rate_limit=2500.0, burst_limit=1250)
    management.call = replace(management.call, account_throttle=throttle)
    assert management("GetAccount")["throttleSettings"] == {"burstLimit": 1250, "rateLimit": 2500.0}


def test_account(management: Management) -> None:
    fresh = {"features": ["UsagePlans"], "apiKeyVersion": "4"}
    assert management("GetAccount") == fresh
    role = f"arn:aws:iam::{ACCOUNT}:role/logs"
    changed = management.update("UpdateAccount", ("replace", "/cloudwatchRoleArn", role))
    assert changed == {**fresh, "cloudwatchRoleArn": role} == management("GetAccount")
    for clearing in (("replace", "/cloudwatchRoleArn", ""), ("remove", "/cloudwatchRoleArn")):
        management.update("UpdateAccount", ("replace", "/cloudwatchRoleArn", role))
        assert management.update("UpdateAccount", clearing) == fresh
    assert management.update("UpdateAccount", ("add", "/features", "UsagePlans")) == fresh


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/cloudwatchRoleArn", "x"), "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."),
        (("remove", "/features", "UsagePlans"), "Usage Plans cannot be disabled once enabled"),
        (("add", "/features", "x"), "Invalid feature specified. Valid options are UsagePlans"),
        (("replace", "/throttleSettings/burstLimit", "1"), "Invalid patch path /throttleSettings/burstLimit"),
        (("replace", "/features", "x"), "Invalid patch path  '/features' specified for op 'replace'. Please choose supported operations"),
    ],
)  # fmt: skip
def test_update_account_refuses(management: Management, operation: tuple[str, ...], message: str) -> None:
    assert management.update_refused("UpdateAccount", operation) == ("BadRequest", message)
