"""The lists of what a wheel and a source distribution hold. The wheel is of the development build that the tests use anyway;
``make wheel-test`` installs and runs the release build.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.distributions import build, check_sdist, check_wheel, unpack


@pytest.mark.timeout(900)
def test_the_wheel(tmp_path: Path) -> None:
    check_wheel(build("wheel", tmp_path, MATURIN_PEP517_ARGS="--profile dev --locked"))


def test_the_source_distribution(tmp_path: Path) -> None:
    sdist = build("sdist", tmp_path)
    check_sdist(sdist)
    # A tree that has the models asks for no botocore.
    tree = unpack(sdist, tmp_path / "unpacked")
    asked = subprocess.run(
        [sys.executable, "-c", "import build_backend; print(build_backend.get_requires_for_build_wheel())"],
        cwd=tree,
        env={"PYTHONPATH": str(tree / "tools")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "botocore" not in asked.stdout
