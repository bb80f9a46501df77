"""The API of the bench: 200 operations, the same as a document and as a snapshot; targets reach all of them."""

import re

import msgspec
import orjson
import pytest

from apigw.snapshot.units import SnapshotPatch
from bench import api

MOCK = api.Answers(bytes=200, backend_port=None)
PROXY = api.Answers(bytes=65_536, backend_port=8081)


@pytest.mark.parametrize("answers", [MOCK, PROXY])
def test_document_and_snapshot_hold_the_same_200_operations(answers: api.Answers) -> None:
    document = api.document(answers, "bench")
    deployment = api.snapshot(answers, "abcdefghij")["put"][0]
    assert len(document["paths"]) == 200
    assert list(document["paths"]) == [resource["path"] for resource in deployment["resources"]]


@pytest.mark.parametrize("answers", [MOCK, PROXY])
def test_the_snapshot_is_one_that_the_engine_reads(answers: api.Answers) -> None:
    patch = msgspec.json.decode(orjson.dumps(api.snapshot(answers, "abcdefghij")), type=SnapshotPatch)
    assert len(patch.put) == 2


def test_targets_reach_every_operation_and_nothing_else() -> None:
    paths = api.resource_paths(MOCK)
    patterns = {path: re.compile("/b" + re.sub(r"\{\w+\}", "[^/]+", path)) for path in paths}
    reached = set()
    for target in api.targets(MOCK, 5_000, seed=1):
        found = [path for path, pattern in patterns.items() if pattern.fullmatch(target)]
        assert len(found) == 1, target
        reached.update(found)
    assert reached == set(paths)


def test_a_body_has_exactly_its_length() -> None:
    for length in (30, 200, 65_536):
        assert orjson.loads(api.body(length))["bytes"] == length == len(api.body(length))
