"""What the README tells a newcomer to do, done: its Python and its walk are run against a gateway."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.journeys.command import environment
from tests.journeys.conftest import ServedGateway, boto3_client

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_api(shared_gateway: ServedGateway) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert "127.0.0.1:8080" in block
    done = subprocess.run(
        [sys.executable, "-c", block.replace("127.0.0.1:8080", shared_gateway.listen)],
        env=shared_gateway.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '{"message": "hello"}\n'), done.stderr


@pytest.mark.aws
def test_the_walk(gateway: ServedGateway, tmp_path: Path) -> None:
    (block,) = [each for each in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "test-invoke-method" in each]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block],
        cwd=ROOT,
        env={**environment(gateway, tmp_path), "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Method completed with status: 200" in done.stdout
    client = boto3_client(gateway)
    (api,) = client.get_rest_apis()["items"]
    stage = client.get_stage(restApiId=api["id"], stageName="live")
    assert (stage["cacheClusterSize"], stage["canarySettings"]["percentTraffic"]) == ("0.5", 10.0)
    assert stage["methodSettings"]["*/*"]["throttlingRateLimit"] == 50.0
    assert (
        stage["methodSettings"]["~1pets/GET"]["cachingEnabled"],
        stage["methodSettings"]["~1pets/GET"]["cacheTtlInSeconds"],
    ) == (True, 60)
    url = gateway.url(api["id"], "live", "/pets")
    assert httpx.options(url).headers["Access-Control-Allow-Origin"] == "*"
    assert httpx.get(url).status_code == 200
