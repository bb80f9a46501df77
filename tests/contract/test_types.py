"""What type checkers are told agrees with what is there: the extension's stub, and the Python API as a user's mypy sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

USER = """\
from apigw import Change, DocumentError, Gateway
from apigw.pytest_plugin import StartGateway


def right(apigw_start: StartGateway) -> list[str]:
    with Gateway.from_file("api.yaml", stage="dev", grace="3 s", workers=2) as gateway:
        change: Change = gateway.load({"openapi": "3.0.1"})
    try:
        apigw_start("api.yaml").start()
    except DocumentError as error:
        return [f"{each.file}:{each.line}" for each in error.problems]
    return [change.api.url("/pets"), *change.methods.added]


Gateway.from_file("api.yaml", lisen="0")
Gateway.from_settings(7)
Gateway.from_documents([]).nonsense()
"""


def mypy(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_stub_is_that_of_the_extension(tmp_path: Path) -> None:
    checked = mypy("mypy.stubtest", "apigw._engine", directory=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_python_api_is_typed_for_its_users(tmp_path: Path) -> None:
    (tmp_path / "user.py").write_text(USER)
    checked = mypy("mypy", "--strict", "--no-incremental", "user.py", directory=tmp_path)
    wrong = [line.split(": ", 2)[0] for line in checked.stdout.splitlines() if ": error: " in line]
    first = USER[: USER.index('Gateway.from_file("api.yaml", lisen')].count("\n") + 1
    assert wrong == [f"user.py:{first + each}" for each in range(3)], checked.stdout + checked.stderr
    assert (ROOT / "python/apigw/py.typed").exists()
