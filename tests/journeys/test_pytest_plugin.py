"""A user's own test files, in a fresh directory, run by ``python -m pytest`` with the plug-in that comes with apigw."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.mock_api import document
from tests.journeys.test_docs import BLOCKS, environment, lay_out

INI = "[pytest]\napigw_document = {document}\napigw_stage = test\nfilterwarnings = error\naddopts = --strict-markers\n"


def run(directory: Path, *arguments: str, passed: int, failed: int = 0, errors: int = 0) -> str:
    """The output of pytest, which must end as expected."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=no", *arguments],
        cwd=directory,
        env=environment(directory),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    said = done.stdout + done.stderr
    counts = {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|error|warning)", said[-200:])}
    expected = {"passed": passed, "failed": failed, "error": errors}
    assert counts == {kind: count for kind, count in expected.items() if count}, said
    assert not list(directory.glob("apigw-*")), "a data directory was left behind"
    return said


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with a document and an ini file."""
    (tmp_path / "api.json").write_bytes(document("mine", '{"said": "hello"}'))
    (tmp_path / "pytest.ini").write_text(INI.format(document="api.json"))
    return tmp_path


EVERYTHING = """
import httpx
import pytest

from apigw import Gateway
from apigw.pytest_plugin import StartGateway

seen = []


def test_what_the_ini_file_says(apigw_gateway: Gateway) -> None:
    assert httpx.get(apigw_gateway.url()).json() == {"said": "hello"}
    assert apigw_gateway.apis[0].stage == "test"
    seen.append(apigw_gateway)


def test_it_is_shared(apigw_gateway: Gateway) -> None:
    assert not seen or seen == [apigw_gateway]


@pytest.mark.apigw("other.json", stage="blue", max_request_target="1 KiB")
def test_what_the_marker_says(apigw_gateway: Gateway) -> None:
    assert httpx.get(apigw_gateway.url()).text == "other"
    assert apigw_gateway.apis[0].stage == "blue"
    assert httpx.get(apigw_gateway.url("/" + "a" * 1500)).status_code == 414


def test_one_of_its_own(apigw_start: StartGateway) -> None:
    first, second = apigw_start("other.json"), apigw_start("other.json", stage="green")
    assert first.apis[0].stage == "test"
    assert httpx.get(second.url()).text == "other"
    assert first.load("tests/other.json").changed is False


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_in_a_loop(apigw_gateway: Gateway) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.get(apigw_gateway.url())).status_code == 200
"""


@pytest.mark.parametrize("processes", [[], ["-n", "2"]], ids=["one process", "xdist"])
def test_a_users_file_passes(project: Path, processes: list[str]) -> None:
    tests = project / "tests"
    tests.mkdir()
    (tests / "test_mine.py").write_text(EVERYTHING)
    (tests / "other.json").write_bytes(document("other", "other"))
    run(project, *processes, passed=5)


def test_a_failure_shows_the_requests_of_its_test(project: Path) -> None:
    (project / "test_mine.py").write_text("""
import httpx

def test_before(apigw_gateway):
    httpx.get(apigw_gateway.url("/before"))

def test_cats(apigw_gateway):
    httpx.get(apigw_gateway.url())
    answer = httpx.get(apigw_gateway.url("/cats"))
    print("REQUEST", answer.headers["x-amzn-requestid"])
    assert answer.status_code == 200, answer.text

def test_after(apigw_gateway, apigw_start):
    gateway = apigw_start("api.json")
    gateway.stop()
    assert httpx.get(apigw_gateway.url()).status_code == 418
""")
    said = run(project, passed=1, failed=2)
    (identity,) = re.findall(r"REQUEST (\S+)", said)
    assert re.search(rf"GET /test/cats → 403, no resource matched, \d+ ms, request id {identity}", said), said
    sections = re.findall(r"-+ requests to <Gateway,? (.*?)>? -+\n(.*?)(?=^[-_=]|\Z)", said, re.MULTILINE | re.DOTALL)
    assert [(gateway.endswith(": mine"), text.count("request id")) for gateway, text in sections] == [
        (True, 2),
        (True, 1),
        (False, 0),
    ]
    assert "/before" not in said.partition("test_cats")[2]


def test_what_is_missing_or_wrong_is_said(project: Path) -> None:
    (project / "test_mine.py").write_text("""
import pytest

def test_it(apigw_gateway):
    pass

@pytest.mark.apigw("missing.yaml")
def test_missing(apigw_gateway):
    pass
""")
    (project / "bad.yaml").write_text("openapi: 3.0.1\ninfo: {title: bad, version: '1'}\npaths: 7\n")
    (project / "pytest.ini").write_text(INI.format(document="bad.yaml"))
    said = run(project, passed=0, errors=2)
    assert f"the gateway did not start: {project / 'bad.yaml'} was refused:\n{project / 'bad.yaml'}:3:" in said
    assert f"{project / 'missing.yaml'}: No such file" in said
    (project / "pytest.ini").write_text(INI.format(document=""))
    said = run(project, "-k", "test_it", passed=0, errors=1)
    assert 'apigw_gateway: which document? Say apigw_document = "api.yaml"' in said
    assert "Traceback" not in said


def test_settings_of_a_file(project: Path) -> None:
    (project / "gateway.toml").write_text('max_request_target = "1 KiB"\n')
    (project / "pytest.ini").write_text(INI.format(document="api.json") + "apigw_settings = gateway.toml\n")
    (project / "test_mine.py").write_text("""
import httpx

def test_it(apigw_gateway):
    assert httpx.get(apigw_gateway.url("/" + "a" * 1500)).status_code == 414
    assert httpx.get(apigw_gateway.url()).status_code == 200
""")
    run(project, passed=1)


def test_it_costs_nothing_where_it_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "test_mine.py").write_text("""
import sys

def test_it():
    assert "apigw.gateway" not in sys.modules and "apigw._engine" not in sys.modules
""")
    run(tmp_path, passed=1)


def test_the_guides_example(tmp_path: Path) -> None:
    lay_out(tmp_path)
    files = [text for kind, text in BLOCKS if text.startswith(("# test_", "# pyproject.toml"))]
    assert len(files) == 2
    for text in files:
        (tmp_path / text.split()[1]).write_text(text)
    said = run(tmp_path, passed=3)
    assert os.fspath(tmp_path) in said
