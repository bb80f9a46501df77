"""The examples of docs/python.md do what the page says: each runs in a process of its own, beside the page's files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PROGRAMS = [text for kind, text in BLOCKS if kind == "python" and not text.startswith("# test_")]


def lay_out(directory: Path) -> None:
    """The page's document, as its readers have it."""
    (document,) = [text for kind, text in BLOCKS if kind == "yaml"]
    (directory / "api.yaml").write_text(document)


def environment(directory: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(directory), "TMPDIR": str(directory)}


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_an_example(program: str, tmp_path: Path) -> None:
    lay_out(tmp_path)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_the_page_says_what_the_defaults_are() -> None:
    from apigw.gateway.gateway import _DEFAULTS

    table = PAGE.partition("Some have other defaults")[2].partition("Neither")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == {*_DEFAULTS, "data_dir"}
