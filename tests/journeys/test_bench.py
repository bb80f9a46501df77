"""The bench runs: all answers are right, and log lines, metric and answers of the gateway are the same number."""

import sys
from pathlib import Path

import pytest

from bench.run import main
from bench.scenarios import SCENARIOS

APIGW = Path(sys.executable).with_name("apigw")
PLAIN = [one.name for one in SCENARIOS if not one.secure]


@pytest.mark.nginx
@pytest.mark.haproxy
@pytest.mark.wrk
@pytest.mark.h2load
@pytest.mark.openssl
@pytest.mark.timeout(300)
def test_a_quick_run_finds_every_answer_right(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    words = ["--quick", "--apigw", str(APIGW), "--results", str(tmp_path)]
    for name in [*PLAIN, "latency", "hostile"]:
        words += ["--only", name]
    assert main(words) == 0
    output = capfd.readouterr().out
    for name in PLAIN:
        assert f"{name} round 1/1: " in output
    for row in ("added p50", "added p99", "p99 of good requests"):
        assert f"| {row}" in output
    assert list(tmp_path.iterdir()) == []
