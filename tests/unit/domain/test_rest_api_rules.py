"""Settings of an API. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html"""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from apigw.domain import rest_api_rules as rules
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import EndpointConfiguration, RestApi

API = RestApi(id="a" * 10, name="pets", root_resource_id="r", created_date=0)
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abc"


def test_policies_are_compact_and_expanded() -> None:
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Resource": "execute-api:/prod/GET/*", "NotResource": ["execute-api:/a", "*"]}
            ],
        },
        indent=1,
    )  # fmt: skip
    statement = json.loads(rules.policy(text, ARN))["Statement"][0]
    assert statement["Resource"] == f"{ARN}/prod/GET/*"
    assert statement["NotResource"] == [f"{ARN}/a", "*"]
    assert " " not in rules.policy(text, ARN)
    # What was expanded once stays as it is, and what is shown can be handed back.
    assert rules.policy(rules.policy(text, ARN), "other") == rules.policy(text, ARN)
    assert rules.policy(rules.escaped(rules.policy(text, ARN)), ARN) == rules.policy(text, ARN)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"Statement": ["x"]}', "[" * 4000, '{"Statement": "' + "x" * 8192 + '"}']
)
def test_policies_that_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="Invalid policy document"):
        rules.policy(text, ARN)


def test_security_policies_fit_the_endpoint() -> None:
    edge = replace(API, endpoint_access_mode="BASIC", security_policy="SecurityPolicy_TLS13_2025_EDGE")
    rules.check(edge)
    with pytest.raises(BadRequest, match="only for EDGE"):
        rules.check(replace(edge, endpoint_configuration=EndpointConfiguration(types=("REGIONAL",))))
    with pytest.raises(BadRequest, match="Endpoint access mode must be specified"):
        rules.check(replace(edge, endpoint_access_mode=None))
    with pytest.raises(BadRequest, match="cannot be changed"):
        rules.check(replace(API, security_policy="TLS_1_2"), replace(API, security_policy="TLS_1_0"))


def test_a_strict_api_keeps_its_endpoint_type() -> None:
    strict = replace(API, endpoint_access_mode="STRICT")
    regional = EndpointConfiguration(types=("REGIONAL",))
    with pytest.raises(BadRequest, match="while the endpoint access mode is STRICT"):
        rules.check(replace(strict, endpoint_configuration=regional), strict)
    rules.check(replace(strict, endpoint_configuration=regional, endpoint_access_mode="BASIC"), strict)


def test_vpc_endpoints_are_for_private_apis() -> None:
    with pytest.raises(BadRequest, match="vpcEndpointIds"):
        rules.check(replace(API, endpoint_configuration=EndpointConfiguration(vpc_endpoint_ids=("vpce-1",))))
