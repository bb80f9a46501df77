"""Gateway responses.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

from __future__ import annotations

import pytest

from apigw.aws.service_model import service_model
from apigw.domain import gateway_response_rules as rules
from tests.unit.control.management import Management

TEMPLATES = {"application/json": '{"message":$context.error.messageString}'}
PREFIX = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
ORIGIN = "gatewayresponse.header.Access-Control-Allow-Origin"


@pytest.fixture
def api_id(management: Management) -> str:
    return management.api()[0]


def test_the_types_are_those_of_the_service_model() -> None:
    assert set(service_model("apigateway").shapes["GatewayResponseType"].enum) == set(rules.STATUSES)


def test_all_types_are_listed_in_order_with_aws_own_values(management: Management, api_id: str) -> None:
    items = management("GetGatewayResponses", rest_api_id=api_id)["item"]
    assert [one["responseType"] for one in items] == sorted(rules.STATUSES)
    assert len(items) == 21
    for one in items:
        expected = {
            "defaultResponse": True,
            "responseParameters": {},
            "responseTemplates": TEMPLATES,
            "responseType": one["responseType"],
        }
        if one["responseType"] not in ("DEFAULT_4XX", "DEFAULT_5XX"):
            expected["statusCode"] = rules.STATUSES[one["responseType"]]
        assert one == expected
        assert management("GetGatewayResponse", rest_api_id=api_id, response_type=one["responseType"]) == one


def test_a_listing_in_pages(management: Management, api_id: str) -> None:
    first = management("GetGatewayResponses", rest_api_id=api_id, limit=20)
    assert len(first["item"]) == 20
    rest = management("GetGatewayResponses", rest_api_id=api_id, limit=20, position=first["position"])
    assert [one["responseType"] for one in rest["item"]] == ["WAF_FILTERED"]
    assert "position" not in rest
    for limit in (0, 501):
        assert management.refused("GetGatewayResponses", rest_api_id=api_id, limit=limit)[0] == "BadRequest"


def test_what_is_not_given_is_the_types_own_and_a_class_shows_through(management: Management, api_id: str) -> None:
    management(
        "PutGatewayResponse",
        rest_api_id=api_id,
        response_type="DEFAULT_5XX",
        status_code="599",
        response_templates={"text/plain": "x"},
    )
    put = management(
        "PutGatewayResponse",
        rest_api_id=api_id,
        response_type="AUTHORIZER_FAILURE",
        response_parameters={ORIGIN: "'*'"},
    )
    assert put == {
        "defaultResponse": False,
        "responseParameters": {ORIGIN: "'*'"},
        "responseTemplates": TEMPLATES,
        "responseType": "AUTHORIZER_FAILURE",
        "statusCode": "500",
    }
    inherited = management("GetGatewayResponse", rest_api_id=api_id, response_type="INTEGRATION_FAILURE")
    assert (inherited["statusCode"], inherited["responseTemplates"]) == ("599", {"text/plain": "x"})
    assert inherited["defaultResponse"] is True
    other = management("GetGatewayResponse", rest_api_id=api_id, response_type="THROTTLED")
    assert (other["statusCode"], other["responseTemplates"]) == ("429", TEMPLATES)


def test_update_and_delete(management: Management, api_id: str) -> None:
    names = {"rest_api_id": api_id, "response_type": "DEFAULT_4XX"}
    before = management("GetGatewayResponse", **names)
    assert management("UpdateGatewayResponse", **names) == before
    assert management.refused("DeleteGatewayResponse", **names) == (
        "NotFound",
        "Gateway response type not defined on api",
    )
    updated = management.update(
        "UpdateGatewayResponse",
        ("replace", "/statusCode", "418"),
        ("add", f"/responseParameters/{ORIGIN}", "method.request.header.Origin"),
        ("replace", "/responseTemplates/application~1json", "{}"),
        ("add", "/responseTemplates/text~1plain", "x"),
        **names,
    )
    assert updated == {
        "defaultResponse": False,
        "responseParameters": {ORIGIN: "method.request.header.Origin"},
        "responseTemplates": {"application/json": "{}", "text/plain": "x"},
        "responseType": "DEFAULT_4XX",
        "statusCode": "418",
    }
    assert management("GetGatewayResponse", **names) == updated
    assert management("GetGatewayResponse", rest_api_id=api_id, response_type="UNAUTHORIZED")["statusCode"] == "418"
    reset = management.update("UpdateGatewayResponse", ("replace", "/statusCode"), **names)
    assert "statusCode" not in reset
    emptied = management.update(
        "UpdateGatewayResponse",
        ("remove", f"/responseParameters/{ORIGIN}"),
        ("remove", "/responseTemplates/application~1json"),
        ("remove", "/responseTemplates/text~1plain"),
        **names,
    )
    assert (emptied["responseParameters"], emptied["responseTemplates"]) == ({}, TEMPLATES)
    assert emptied["defaultResponse"] is False
    management("DeleteGatewayResponse", **names)
    assert management("GetGatewayResponse", **names) == before


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        (("replace", "/statusCode", "99"), ("Invalid", "1 validation error detected: Value '99' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression pattern: [1-5]\\d\\d")),
        (("add", "/statusCode", "400"), ("BadRequest", "Invalid patch path  '/statusCode' specified for op 'add'. Please choose supported operations")),
        (("replace", "/responseType", "x"), ("BadRequest", "Invalid patch path /responseType")),
        (("move", "/statusCode", "x"), ("BadRequest", "Invalid patch operation specified. Must be 'add'|'remove'|'replace'")),
        (("remove", "/responseParameters/gatewayresponse.header.X"), ("NotFound", "Invalid parameter name specified")),
        (("remove", "/responseTemplates/text~1plain"), ("NotFound", "Content-Type specified was not found")),
        (("add", "/responseParameters/gatewayresponse.header.X", ""), ("BadRequest", "Invalid null or empty value in responseParameters")),
        (("add", "/responseTemplates/text~1plain", ""), ("BadRequest", "Invalid null or empty value in responseTemplates")),
        (("add", "/responseTemplates/text", "x"), ("BadRequest", "Validation Result: warnings : [], errors : [Invalid content type specified: text]")),
        (("add", "/responseParameters/method.response.header.X", "'x'"), ("BadRequest", PREFIX + "[Invalid mapping expression specified: method.response.header.X]")),
        (("add", "/responseParameters/gatewayresponse.header.X", "x"), ("BadRequest", PREFIX + "[Invalid mapping expression specified: x]")),
        (("add", "/responseParameters/gatewayresponse.header.X", "method.request.body"), ("BadRequest", PREFIX + "[Invalid mapping expression specified: method.request.body]")),
    ],
)  # fmt: skip
def test_update_refuses(
    management: Management, api_id: str, operation: tuple[str, ...], error: tuple[str, str]
) -> None:
    names = {"rest_api_id": api_id, "response_type": "THROTTLED"}
    assert management.update_refused("UpdateGatewayResponse", operation, **names) == error


def test_an_unknown_api(management: Management) -> None:
    names = {"rest_api_id": "nothing", "response_type": "THROTTLED"}
    expected = ("NotFound", "Invalid API identifier specified 123456789012:nothing")
    for name in ("PutGatewayResponse", "GetGatewayResponse", "UpdateGatewayResponse", "DeleteGatewayResponse"):
        assert management.refused(name, **names) == expected
    assert management.refused("GetGatewayResponses", rest_api_id="nothing") == expected


def test_a_deployment_freezes_them(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    management(
        "PutGatewayResponse",
        rest_api_id=api_id,
        response_type="THROTTLED",
        status_code="430",
        response_parameters={
            "gatewayresponse.header.X": "method.request.path.id",
            "gatewayresponse.path.ignored": "'x'",
        },
        response_templates={"text/plain": "slow down"},
    )
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    management("DeleteGatewayResponse", rest_api_id=api_id, response_type="THROTTLED")
    ((_, unit), _) = management.units.items()
    (response,) = unit.gateway_responses
    assert (response.response_type, response.status_code) == ("THROTTLED", "430")
    assert [(one.name, one.source.name) for one in response.headers] == [("X", "id")]
    assert [(one.content_type, one.text) for one in response.templates] == [("text/plain", "slow down")]
