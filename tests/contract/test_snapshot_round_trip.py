"""The snapshot's twins agree: what Python writes, the engine reads whole and writes back the same."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from apigw.engine import Engine
from apigw.snapshot import units
from tests import strategies


def test_every_patch_comes_back_the_same() -> None:
    met: set[type] = set()

    @given(strategies.PATCHES)
    @settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def check(patch: units.SnapshotPatch) -> None:
        again = Engine.roundtrip(msgspec.json.encode(patch))
        assert msgspec.json.decode(again, type=units.SnapshotPatch) == patch
        met.update(strategies.structs(patch))

    check()
    assert met >= strategies.UNION_MEMBERS


STAGE = {
    "kind": "stage",
    "api_id": "a",
    "stage_name": "s",
    "deployment_id": "d",
    "variables": [],
    "canary": None,
    "access_log": None,
    "method_settings": [],
    "cache_bytes": 0,
    "client_certificate": {"certificate": "c", "private_key": "k"},
}
BACKEND = {"uri": "http://a/", "http_method": None, "timeout_in_millis": 50, "insecure_skip_verification": False}
PROXY = {"type": "HTTP_PROXY", "backend": BACKEND, "request_parameters": [], "response_transfer_mode": "BUFFERED"}


def deployment(integration: dict[str, Any]) -> dict[str, Any]:
    method = {"http_method": "GET", "validation": None, "method_responses": [], "integration": integration}
    method["cache_key"] = {"namespace": "r", "parameters": []}
    return {
        "kind": "deployment",
        "api_id": "a",
        "api_name": "n",
        "deployment_id": "d",
        "account_id": "1",
        "region": "r",
        "endpoint_type": "EDGE",
        "disable_execute_api_endpoint": False,
        "binary_media_types": [],
        "gateway_responses": [],
        "models": [],
        "minimum_compression_size": None,
        "resources": [{"resource_id": "r", "path": "/", "methods": [method]}],
    }


def without(tree: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key != name}


@pytest.mark.parametrize(
    "unit",
    [
        {**STAGE, "more": 1},
        without(STAGE, "variables"),
        {**STAGE, "kind": "domain"},
        {**STAGE, "variables": {"a": "b"}},
        {**STAGE, "stage_name": None},
        deployment({**PROXY, "more": 1}),
        deployment(without(PROXY, "response_transfer_mode")),
        deployment({**PROXY, "response_transfer_mode": "SLOW"}),
        deployment({**PROXY, "type": "AWS_PROXY"}),
        deployment({**PROXY, "backend": {**BACKEND, "timeout_in_millis": "50"}}),
        deployment({**PROXY, "backend": without(BACKEND, "uri")}),
        deployment({**PROXY, "request_parameters": [{"location": "body", "name": "n", "source": {"from": "path", "name": "p"}}]}),
        deployment({**PROXY, "request_parameters": [{"location": "path", "name": "n", "source": {"from": "nowhere", "name": "p"}}]}),
        deployment({**PROXY, "request_parameters": [{"location": "path", "name": "n", "source": {"from": "path", "name": "p", "more": 1}}]}),
    ],
)  # fmt: skip
def test_both_refuse_what_does_not_fit(unit: dict[str, Any]) -> None:
    text = msgspec.json.encode({"put": [unit], "remove": []})
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=units.SnapshotPatch)
    with pytest.raises(ValueError):
        Engine.roundtrip(text)


@pytest.mark.parametrize("unit", [STAGE, deployment(PROXY)])
def test_both_take_what_fits(unit: dict[str, Any]) -> None:
    text = msgspec.json.encode({"put": [unit], "remove": ["stage/a/s"]})
    msgspec.json.decode(text, type=units.SnapshotPatch)
    assert msgspec.json.decode(Engine.roundtrip(text)) == msgspec.json.decode(text)
