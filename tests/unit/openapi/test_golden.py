"""Documents and what they become: one file a case in ``tests/golden/openapi`` (rule, document or YAML text, expected).

``APIGW_WRITE_GOLDEN=1`` writes what is found into the files; look at the difference before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import orjson
import pytest

from apigw.control.openapi.build import build
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.importing import Parameters, Target
from apigw.control.openapi.read import read
from apigw.control.openapi.variables import substitute
from tests.unit.openapi.imports import (
    ACCOUNT,
    NOW,
    PARTITION,
    REGION,
    CountedIds,
    Json,
    check_text,
    plain,
    yaml_to_json,
)

# Asked for here: a test sees no variable of ours.
WRITE = os.environ.get("APIGW_WRITE_GOLDEN")
CASES = sorted((Path(__file__).parents[2] / "golden" / "openapi").glob("*.json"))


def outcome(case: Json) -> Json:
    text = case["yaml"].encode() if "yaml" in case else orjson.dumps(case["document"])
    findings = Findings()
    source = read(substitute(text, ACCOUNT, PARTITION, REGION), yaml_to_json, findings)
    target = Target("abcdefghij", "root00", ACCOUNT, REGION, PARTITION, NOW, CountedIds(), check_text)
    made = build(source.tree, target, Parameters(**case.get("parameters", {})), findings)
    found: dict[str, Json] = {
        "errors": [str(each) for each in findings.errors()],
        "warnings": [str(each) for each in findings.warnings()],
    }
    if made is not None and not findings.failed:
        found["records"] = {name: value for name, value in plain(msgspec.structs.asdict(made)).items() if value}
    return found


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_golden(path: Path) -> None:
    case = orjson.loads(path.read_bytes())
    found = outcome(case)
    if WRITE:
        path.write_bytes(orjson.dumps({**case, "expected": found}, option=orjson.OPT_INDENT_2) + b"\n")
    assert found == case.get("expected")


def test_the_engine_reads_yaml_as_the_stand_in_does() -> None:
    engine = pytest.importorskip("apigw.engine").Engine
    for path in CASES:
        text = orjson.loads(path.read_bytes()).get("yaml")
        if text is not None:
            assert orjson.loads(engine.yaml_to_json(text.encode())) == orjson.loads(yaml_to_json(text.encode()))
