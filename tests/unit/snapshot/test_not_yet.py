"""What is stored but not enforced is refused where it would be served, with every path named."""

from __future__ import annotations

from typing import Any

import pytest

from apigw.domain.rest_api import RequestValidator
from tests.unit.control.management import REGION, Management

LAMBDA = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:f/invocations"
)
INTEGRATION = "$.resources['/'].GET.methodIntegration"


def assert_deploy_refuses(management: Management, api_id: str, *offences: str) -> None:
    """CreateDeployment names exactly ``offences``; without any it succeeds."""
    if offences:
        expected = ("BadRequest", "apigw cannot enforce these yet: " + "; ".join(offences))
        assert management.refused("CreateDeployment", rest_api_id=api_id, stage_name="prod") == expected
    else:
        management("CreateDeployment", rest_api_id=api_id, stage_name="prod")


@pytest.mark.parametrize(
    ("given", "offence"),
    [
        ({"minimum_compression_size": 0}, None),
        ({"policy": '{"Statement":[]}'}, "$.policy = a resource policy"),
        ({"endpoint_configuration": {"types": ["PRIVATE"]}}, "$.endpointConfiguration.types = PRIVATE"),
        ({"endpoint_access_mode": "STRICT"}, "$.endpointAccessMode = STRICT"),
        (
            {"security_policy": "SecurityPolicy_TLS13_1_3_2025_09", "endpoint_access_mode": "BASIC"},
            "$.securityPolicy = SecurityPolicy_TLS13_1_3_2025_09",
        ),
        ({"endpoint_configuration": {"types": ["REGIONAL"]}, "security_policy": "TLS_1_2"}, None),
        ({"api_key_source": "AUTHORIZER", "disable_execute_api_endpoint": True, "version": "1"}, None),
        ({"binary_media_types": ["*/*"]}, None),
    ],
)
def test_the_api(management: Management, given: dict[str, Any], offence: str | None) -> None:
    api_id, root = management.api(**given)
    management.mock(api_id, root)
    management.proxy(api_id, root, "PUT")
    management.proxy(api_id, root, "POST", type="HTTP")
    assert_deploy_refuses(management, api_id, *([offence] if offence else []))


@pytest.mark.parametrize(
    ("given", "offence"),
    [
        ({"authorization_type": "AWS_IAM"}, "$.resources['/'].GET.authorizationType = AWS_IAM"),
        ({"api_key_required": True}, "$.resources['/'].GET.apiKeyRequired = true"),
        ({"request_validator_id": "params"}, None),
        ({"request_parameters": {"method.request.header.a": True}, "request_models": {"application/json": "Error"}}, None),
        ({"operation_name": "x", "authorization_scopes": ["a"]}, None),
    ],
)  # fmt: skip
def test_methods(management: Management, given: dict[str, Any], offence: str | None) -> None:
    api_id, root = management.api()
    validator = RequestValidator(id="params", name="params", validate_request_parameters=True)
    management.store.put("request_validator", REGION, api_id, validator.id, validator)
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    management("PutMethod", **{**names, "authorization_type": "NONE", **given})
    management("PutIntegration", **names, type="MOCK")
    assert_deploy_refuses(management, api_id, *([offence] if offence else []))


def test_a_validator_that_is_gone_does_not_open_its_method(management: Management) -> None:
    api_id, root = management.api()
    validator = management("CreateRequestValidator", rest_api_id=api_id, name="a", validate_request_body=True)["id"]
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    management("PutMethod", **names, authorization_type="NONE", request_validator_id=validator)
    management("PutIntegration", **names, type="MOCK")
    management.store.delete("request_validator", REGION, api_id, validator)
    assert_deploy_refuses(management, api_id, f"$.resources['/'].GET.requestValidatorId = {validator}")


HTTP = {"type": "HTTP", "integration_http_method": "POST", "uri": "http://localhost/"}
PROXY = {**HTTP, "type": "HTTP_PROXY"}
BODY = {"integration.request.header.a": "method.request.body.pet.name"}


@pytest.mark.parametrize(
    ("given", "offence"),
    [
        ({"type": "AWS", "integration_http_method": "POST", "uri": LAMBDA}, ".type = AWS"),
        ({"type": "AWS_PROXY", "integration_http_method": "POST", "uri": LAMBDA}, ".type = AWS_PROXY"),
        ({**PROXY, "connection_type": "VPC_LINK", "connection_id": "x"}, ".connectionType = VPC_LINK"),
        ({**PROXY, "integration_target": "arn"}, ".integrationTarget = arn"),
        ({**PROXY, "credentials": "arn:aws:iam::*:user/*"}, ".credentials = arn:aws:iam::*:user/*"),
        ({**PROXY, "content_handling": "CONVERT_TO_TEXT"}, ".contentHandling = CONVERT_TO_TEXT"),
        ({**HTTP, "content_handling": "CONVERT_TO_TEXT"}, None),
        ({**HTTP, "request_parameters": BODY}, None),
        ({**PROXY, "request_parameters": BODY}, None),
        ({"type": "MOCK", "request_parameters": BODY}, None),
        ({"type": "MOCK", "request_templates": {"application/json": "$input.body"}}, None),
        ({**HTTP, "request_templates": {"$default": "#set($a = 1)"}}, None),
        ({**HTTP, "request_templates": {"application/json": '{"a": 1}', "text/plain": None}}, None),
        ({**PROXY, "request_templates": {"application/json": "$input.body"}}, None),
        ({**PROXY, "response_transfer_mode": "STREAM"}, None),
        ({**PROXY, "tls_config": {"insecure_skip_verification": True}}, None),
        ({**HTTP, "cache_key_parameters": ["method.request.path.a"], "cache_namespace": "x"}, None),
        ({"type": "MOCK", "request_parameters": BODY, "cache_key_parameters": ["integration.request.header.a"]}, None),
        ({**HTTP, "passthrough_behavior": "NEVER"}, None),
    ],
)  # fmt: skip
def test_integrations(management: Management, given: dict[str, Any], offence: str | None) -> None:
    api_id, root = management.api()
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    management("PutMethod", **names, authorization_type="NONE", request_parameters={"method.request.path.a": True})
    management("PutIntegration", **names, **given)
    assert_deploy_refuses(management, api_id, *([INTEGRATION + offence] if offence else []))


@pytest.mark.parametrize(
    ("given", "offence"),
    [
        ({"content_handling": "CONVERT_TO_BINARY"}, None),
        ({"response_parameters": {"method.response.header.X": "integration.response.body"}}, None),
        ({"response_templates": {"text/plain": "$input.body"}}, None),
        ({"response_templates": {"text/plain": "hello"}}, None),
        ({"selection_pattern": "\\d{3}"}, None),
    ],
)  # fmt: skip
def test_integration_responses(management: Management, given: dict[str, Any], offence: str | None) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    declare = ("add", "/responseParameters/method.response.header.X", "false")
    management.update("UpdateMethodResponse", declare, **names, status_code="200")
    management("PutIntegrationResponse", **names, status_code="200", **given)
    path = f"{INTEGRATION}.integrationResponses['200']"
    assert_deploy_refuses(management, api_id, *([path + offence] if offence else []))
    # A proxy integration has no use for them.
    management("PutIntegration", **names, **PROXY)
    management("PutIntegrationResponse", **names, status_code="200", **given)
    assert_deploy_refuses(management, api_id)


def test_all_offences_of_api_methods_and_stage_at_once(management: Management) -> None:
    api_id, root = management.api(policy='{"Statement":[]}')
    child = management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="pets")["id"]
    management.mock(api_id, root)
    names = management.proxy(api_id, child, "POST", credentials="arn:x")
    management.update("UpdateMethod", ("replace", "/authorizationType", "AWS_IAM"), **names)
    before = management.everything()
    offences = [
        "$.policy = a resource policy",
        "$.resources['/pets'].POST.authorizationType = AWS_IAM",
        "$.resources['/pets'].POST.methodIntegration.credentials = arn:x",
        "$.stages['prod'].tracingEnabled = true",
    ]
    refused = management.refused("CreateDeployment", rest_api_id=api_id, stage_name="prod", tracing_enabled=True)
    assert refused == ("BadRequest", "apigw cannot enforce these yet: " + "; ".join(offences))
    assert management.everything() == before
    assert management.units == {}
