"""Request validators.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from __future__ import annotations

import pytest

from tests.unit.control.management import Management

PATHS = "[/name, /validateRequestParameters, /validateRequestBody]"


@pytest.fixture
def api_id(management: Management) -> str:
    return management.api()[0]


def test_create_get_list_update_and_delete(management: Management, api_id: str) -> None:
    made = management("CreateRequestValidator", rest_api_id=api_id, name="body", validate_request_body=True)
    assert made == {
        "id": made["id"],
        "name": "body",
        "validateRequestBody": True,
        "validateRequestParameters": False,
    }
    names = {"rest_api_id": api_id, "request_validator_id": made["id"]}
    assert management("GetRequestValidator", **names) == made
    assert management("GetRequestValidators", rest_api_id=api_id)["item"] == [made]
    assert management("UpdateRequestValidator", **names) == made
    operations = (
        ("replace", "/name", "all"),
        ("replace", "/validateRequestParameters", "true"),
        ("replace", "/validateRequestBody", "no"),
    )
    updated = management.update("UpdateRequestValidator", *operations, **names)
    assert updated == {**made, "name": "all", "validateRequestBody": False, "validateRequestParameters": True}
    management("DeleteRequestValidator", **names)
    gone = ("NotFound", "Invalid Request Validator identifier specified")
    for name in ("GetRequestValidator", "UpdateRequestValidator", "DeleteRequestValidator"):
        assert management.refused(name, **names) == gone


def test_names_are_not_blank_and_apis_are_known(management: Management, api_id: str) -> None:
    blank = ("BadRequest", "Request Validator name cannot be blank")
    assert management.refused("CreateRequestValidator", rest_api_id=api_id) == blank
    assert management.refused("CreateRequestValidator", rest_api_id=api_id, name=" ") == blank
    unknown = ("BadRequest", "Invalid REST API identifier specified")
    assert management.refused("CreateRequestValidator", rest_api_id="nothing", name="a") == unknown
    unknown = ("NotFound", "Invalid API identifier specified 123456789012:nothing")
    assert management.refused("GetRequestValidators", rest_api_id="nothing") == unknown


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/id", "x"), f"Invalid patch path  '/id' specified for op 'replace'. Must be one of: {PATHS}"),
        (("add", "/name", "x"), "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations"),
        (("replace", "/name", ""), "Request Validator name cannot be blank"),
    ],
)  # fmt: skip
def test_update_refuses(management: Management, api_id: str, operation: tuple[str, ...], message: str) -> None:
    made = management("CreateRequestValidator", rest_api_id=api_id, name="a")
    names = {"rest_api_id": api_id, "request_validator_id": made["id"]}
    assert management.update_refused("UpdateRequestValidator", operation, **names) == ("BadRequest", message)


def test_a_validator_in_use_is_not_deleted(management: Management) -> None:
    api_id, root = management.api()
    made = management("CreateRequestValidator", rest_api_id=api_id, name="a")
    method = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    management("PutMethod", **method, authorization_type="NONE", request_validator_id=made["id"])
    names = {"rest_api_id": api_id, "request_validator_id": made["id"]}
    message = f"Cannot delete request validator '{made['id']}', is referenced in method: //GET"
    assert management.refused("DeleteRequestValidator", **names) == ("Conflict", message)
    management("DeleteMethod", **method)
    management("DeleteRequestValidator", **names)
