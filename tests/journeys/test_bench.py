"""The bench runs: all answers are right, and log lines, metric and answers of the gateway are the same number."""

import sys
from pathlib import Path

import pytest

from bench.run import main

APIGW = Path(sys.executable).with_name("apigw")


@pytest.mark.nginx
@pytest.mark.haproxy
@pytest.mark.wrk
@pytest.mark.timeout(300)
def test_a_quick_run_finds_every_answer_right(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--quick", "--apigw", str(APIGW), "--results", str(tmp_path)]) == 0
    output = capfd.readouterr().out
    for scenario in ("http_proxy_200", "http_proxy_64k", "mock_200"):
        assert f"{scenario} round 1/1: " in output
    assert list(tmp_path.iterdir()) == []
