"""The bench runs: all answers are right, and log lines, metric and answers of the gateway are the same number."""

import sys
from pathlib import Path

import pytest

from bench.run import SLOW, main
from bench.scenarios import SCENARIOS

APIGW = Path(sys.executable).with_name("apigw")


@pytest.mark.nginx
@pytest.mark.haproxy
@pytest.mark.varnish
@pytest.mark.wrk
@pytest.mark.h2load
@pytest.mark.openssl
@pytest.mark.timeout(600)
def test_a_quick_run_finds_every_answer_right(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "--apigw", str(APIGW), "--results", str(tmp_path)]) == 0
    output = capfd.readouterr().out
    for scenario in SCENARIOS:
        assert f"{scenario.name} round 1/1: " in output
    for row in ("added p50", "added p99", "p99 of good requests", "user memory of an idle TLS connection"):
        assert f"| {row}" in output
    for name in SLOW:
        assert f"bench: {name}\n" not in output
    assert list(tmp_path.iterdir()) == []
