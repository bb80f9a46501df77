"""The release wheel in an empty environment, as a user has it. Run by ``make wheel-test``: it builds the wheel first, and
installs what it needs from a package registry; so it is no part of the ordinary suite (no file name of pytest's).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT
from tests.packaging.distributions import build, check_sdist, check_wheel, unpack

PETSTORE = ROOT / "examples/petstore/openapi.yaml"
# No debugging symbols of ours: beyond that, somebody shipped something else.
LARGEST = 8 * 1024 * 1024


@pytest.fixture(scope="session")
def wheel() -> Path:
    """The newest wheel of ``make wheel``."""
    return max((ROOT / "dist").glob("apigw-*.whl"), key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and what it requires, and nothing else."""
    directory = tmp_path_factory.mktemp("environment")
    # As the image and the systemd unit have it.
    subprocess.run(["make", "--silent", "install", f"PREFIX={directory}"], cwd=ROOT, check=True)
    return directory / "bin"


def environment(directory: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(directory), "TMPDIR": str(directory)}


def run(directory: Path, *command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=directory, env=environment(directory), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_it_holds_what_it_should(wheel: Path) -> None:
    check_wheel(wheel)
    assert wheel.stat().st_size < LARGEST


def test_nothing_else_is_needed(installed: Path, tmp_path: Path) -> None:
    assert run(tmp_path, installed / "python", "-m", "pip", "check") == "No broken requirements found.\n"
    there = {
        each["name"]
        for each in json.loads(
            run(tmp_path, installed / "python", "-m", "pip", "list", "--disable-pip-version-check", "--format=json")
        )
    }
    assert not there & {"botocore", "boto3", "pytest", "maturin"}
    said = run(
        tmp_path, installed / "python", "-IW", "error", "-c", "import apigw.engine; print(apigw.engine.__file__)"
    )
    assert said.startswith(str(installed.parent))


def test_the_python_api(installed: Path, tmp_path: Path) -> None:
    program = (
        "import apigw, httpx\n"
        f"with apigw.Gateway.from_file({str(PETSTORE)!r}) as gateway:\n"
        "    print(httpx.get(gateway.url('/pets')).json()[0]['type'])\n"
    )
    assert run(tmp_path, installed / "python", "-IW", "error", "-c", program) == "dog\n"


def test_the_commands(installed: Path, tmp_path: Path) -> None:
    assert run(tmp_path, installed / "apigw", "--version").startswith("apigw ")
    assert "can be imported" in run_with_notes(tmp_path, installed / "apigw", "validate", PETSTORE)
    data = tmp_path / "data"
    arguments = ["serve", PETSTORE, "--data-dir", data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    serving = subprocess.Popen([installed / "apigw", *arguments], cwd=tmp_path, env=environment(tmp_path))
    try:
        deadline = time.monotonic() + 60
        while not (listening := _listening(data)):
            assert serving.poll() is None
            assert time.monotonic() < deadline
        shown = run(tmp_path, installed / "apigw", "list", "--json", "--data-dir", data)
        url = json.loads(shown)[0]["stages"][0]["url"]
        assert listening[0] in url
        assert httpx.get(f"{url}/pets").json()[0]["type"] == "dog"
    finally:
        serving.send_signal(signal.SIGTERM)
        code = serving.wait(60)
    assert code == 0


def run_with_notes(directory: Path, *command: str | Path) -> str:
    """As ``run``; warnings about the document are welcome."""
    done = subprocess.run(
        command, cwd=directory, env=environment(directory), capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def _listening(data: Path) -> list[str]:
    """Where the gateway serves, when it is ready."""
    try:
        found = json.loads((data / "running.json").read_bytes())
        httpx.get(f"http://{found['admin_listen'][0]}/ready").raise_for_status()
    except (OSError, httpx.HTTPError):
        return []
    listen: list[str] = found["listen"]
    return listen


@pytest.mark.timeout(1200)
def test_a_source_distribution_makes_the_same_wheel_without_botocore(wheel: Path, tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path)
    check_sdist(sdist)
    tree = unpack(sdist, tmp_path / "tree")
    # pip brings what the tree asks for, in an environment of its own: there is no botocore in it.
    again = tmp_path / "again"
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", again, tree]
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    kept = {**os.environ, "MATURIN_PEP517_ARGS": "--profile dev --locked", "CARGO_TARGET_DIR": target}
    subprocess.run(command, cwd=tmp_path, env=kept, check=True, timeout=1100)
    (second,) = again.iterdir()
    assert second.name == wheel.name
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(second) as theirs:
        assert set(ours.namelist()) == set(theirs.namelist())
