"""One gateway a data directory; a killed one leaves no obstacle."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apigw.store.lock import InUse, lock_directory
from apigw.store.protocol import StoreError

HOLD = "import sys, pathlib; from apigw.store.lock import lock_directory as l; k = l(pathlib.Path(sys.argv[1])); "


def hold(directory: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its standard input closes."""
    code = HOLD + "print('held', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_gateway_is_refused_with_the_firsts_pid_and_a_killed_one_is_not_in_the_way(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    with hold(directory) as process:
        with pytest.raises(InUse, match=rf"in use by another gateway \(pid {process.pid}\)"):
            lock_directory(directory)
        process.kill()
        process.wait()
    lock = lock_directory(directory)
    assert (directory / "apigw.lock").read_text() == f"{os.getpid()}\n"
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    lock = lock_directory(tmp_path)
    with pytest.raises(InUse):
        lock_directory(tmp_path)
    lock.release()
    lock.release()
    lock_directory(tmp_path).release()


def test_the_directory_is_private(tmp_path: Path) -> None:
    lock_directory(tmp_path / "a" / "b").release()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StoreError, match="cannot be used"):
        lock_directory(tmp_path / "data")
