"""The data directory: credentials are made once and kept from others' eyes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from apigw import data_dir
from apigw.data_dir import Credentials, DataDirError, Running


def test_credentials_are_made_once(tmp_path: Path) -> None:
    directory = tmp_path / "new"
    data_dir.prepare(directory)
    with pytest.raises(DataDirError, match="holds no credentials yet"):
        data_dir.credentials(directory, {})
    made = data_dir.credentials(directory, {}, make=True)
    assert len(made.access_key_id) == 20
    assert len(made.secret_access_key) == 40
    assert data_dir.credentials(directory, {}, make=True) == made
    assert data_dir.credentials(directory, {}) == made
    assert (directory / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert directory.stat().st_mode & 0o777 == 0o700
    assert made.secret_access_key not in repr(made)


def test_the_environment_wins_and_must_be_whole(tmp_path: Path) -> None:
    pair = {"APIGW_ACCESS_KEY_ID": "key", "APIGW_SECRET_ACCESS_KEY": "secret"}
    assert data_dir.credentials(tmp_path, pair) == Credentials("key", "secret")
    for name in pair:
        with pytest.raises(DataDirError, match="must be set together"):
            data_dir.credentials(tmp_path, {name: "x"})


def test_damaged_credentials_are_refused(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text('{"access_key_id": 1}')
    with pytest.raises(DataDirError, match=r"credentials\.json is damaged"):
        data_dir.credentials(tmp_path, {}, make=True)


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError, match="cannot be made: Not a directory"):
        data_dir.prepare(tmp_path / "file" / "below")


def test_where_a_gateway_runs_is_known_while_it_does(tmp_path: Path) -> None:
    here = Running(os.getpid(), ["127.0.0.1:1"], ["127.0.0.1:2"])
    assert data_dir.running(tmp_path) is None
    with data_dir.announced(tmp_path, here):
        assert data_dir.running(tmp_path) == here
    assert data_dir.running(tmp_path) is None


def test_a_gateway_that_was_killed_runs_no_longer(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with data_dir.announced(tmp_path, Running(gone.pid, [], [])):
        assert data_dir.running(tmp_path) is None
