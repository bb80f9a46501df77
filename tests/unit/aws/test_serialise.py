"""Results to JSON: presence, doubles, times, names, Structs and dicts."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Struct

from apigw.aws.serialise import serialise
from apigw.aws.service_model import service_model


class Throttle(Struct):
    burst_limit: int
    rate_limit: float


def body_of(operation: str, result: Any, service: str = "apigateway") -> bytes:
    model = service_model(service)
    return serialise(model, model.operations[operation], result)[1]


def test_none_is_left_out_and_empty_is_kept() -> None:
    stage: dict[str, Any] = {
        "stage_name": "s",
        "description": None,
        "method_settings": {},
        "variables": None,
        "not_a_member": 1,
    }
    assert body_of("GetStage", stage) == b'{"stageName":"s","methodSettings":{}}'


def test_structs_and_dicts_may_be_mixed_and_doubles_have_a_fraction() -> None:
    result = {"throttle_settings": Throttle(5000, 10000), "features": ("UsagePlans",), "api_key_version": "4"}
    assert body_of("GetAccount", result) == (
        b'{"throttleSettings":{"burstLimit":5000,"rateLimit":10000.0},"features":["UsagePlans"],"apiKeyVersion":"4"}'
    )


def test_lists_are_called_item_and_usage_values() -> None:
    assert body_of("GetRestApis", {"items": [{"id": "a"}]}) == b'{"items":[{"id":"a"}]}'.replace(b"items", b"item")
    assert body_of("GetUsage", {"items": {"k": [[1, 2]]}}) == b'{"values":{"k":[[1,2]]}}'


def test_times_are_whole_seconds_and_iso_in_v2() -> None:
    assert body_of("GetDeployment", {"id": "d", "created_date": 1511380879}) == b'{"id":"d","createdDate":1511380879}'
    assert body_of("GetDeployment", {"created_date": 1511380879, "deployment_id": "d"}, "apigatewayv2") == (
        b'{"createdDate":"2017-11-22T20:01:19Z","deploymentId":"d"}'
    )


def test_a_null_template_is_shown() -> None:
    assert body_of("GetIntegration", {"request_templates": {"application/json": None}}) == (
        b'{"requestTemplates":{"application/json":null}}'
    )


def test_a_deletion_has_no_body() -> None:
    model = service_model("apigateway")
    assert serialise(model, model.operations["DeleteRestApi"], None) == ([], b"")


def test_a_payload_goes_out_raw_with_its_headers() -> None:
    model = service_model("apigateway")
    result = {"body": b"openapi: x", "content_type": "application/yaml"}
    assert serialise(model, model.operations["GetExport"], result) == (
        [("Content-Type", "application/yaml")],
        b"openapi: x",
    )


@pytest.mark.parametrize("wrong", [{"name": 5}, {"created_date": "now"}, {"tags": []}, {"binary_media_types": "x"}, 5])
def test_a_result_that_does_not_fit_is_a_bug(wrong: Any) -> None:
    with pytest.raises(TypeError):
        body_of("GetRestApi", wrong)
