"""The units survive their own JSON, and the strategies meet every member of every union."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from apigw.snapshot import units
from tests import strategies


@given(strategies.PATCHES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_round_trip(patch: units.SnapshotPatch) -> None:
    text = msgspec.json.encode(patch)
    again = msgspec.json.decode(text, type=units.SnapshotPatch)
    assert again == patch
    assert msgspec.json.encode(again) == text


def test_the_strategies_meet_every_union_member() -> None:
    met: set[type] = set()

    @given(strategies.PATCHES)
    @settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def collect(patch: units.SnapshotPatch) -> None:
        met.update(strategies.structs(patch))

    collect()
    assert met >= strategies.UNION_MEMBERS


def test_every_union_member_is_tagged() -> None:
    tags = {kind.__struct_config__.tag for kind in strategies.UNION_MEMBERS}
    assert len(tags) == 9 + 3 + 2
    assert tags >= {"MOCK", "HTTP", "HTTP_PROXY", "deployment", "stage"}


def test_unknown_and_missing_members_are_refused() -> None:
    stage = {
        "kind": "stage",
        "api_id": "a",
        "stage_name": "s",
        "deployment_id": "d",
        "variables": [],
        "canary": None,
        "access_log": None,
        "method_settings": [],
        "cache_bytes": 0,
        "client_certificate": None,
    }
    msgspec.convert(stage, units.Unit)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**stage, "more": 1}, units.Unit)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({name: value for name, value in stage.items() if name != "variables"}, units.Unit)
