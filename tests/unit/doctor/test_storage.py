"""What the doctor says of data directories: modes, locks, credentials, damaged files, file systems."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw import data_dir
from apigw.data_dir import Running
from apigw.doctor import storage
from apigw.doctor.finding import Finding
from apigw.store.lock import lock_directory
from apigw.store.sqlite import open_sqlite


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A data directory as a gateway leaves it."""
    made = tmp_path / "data"
    lock_directory(made).release()
    data_dir.credentials(made, {}, make=True)
    open_sqlite(made / data_dir.DATABASE).close()
    yield made
    made.chmod(0o700)


def said(directory: Path, **environment: str) -> dict[str, Finding]:
    return {each.check: each for each in storage.examine(directory, environment)}


def tree(directory: Path) -> set[tuple[str, int, bytes]]:
    return {(each.name, each.stat().st_mode, each.read_bytes()) for each in directory.iterdir()}


def test_a_good_directory_is_fine_and_not_touched(directory: Path) -> None:
    before = tree(directory)
    found = said(directory)
    checks = ["data directory", "lock", "permissions", "credentials", "database", "disk space", "durable writes"]
    assert list(found) == checks
    assert {found[name].state for name in checks[:5]} == {"ok"}  # the disk is not ours
    assert tree(directory) == before


def test_a_directory_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = said(tmp_path / "a" / "b")
    assert "will be made" in found["data directory"].message
    assert "lock" not in found
    assert not (tmp_path / "a").exists()


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    found = said(tmp_path / "data" / "below")
    assert found["data directory"].state == "failure"
    assert len(found) == 1


def test_a_directory_of_somebody_else(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, who may run the tests, may write everywhere
    found = said(directory)
    assert list(found) == ["data directory"]
    assert found["data directory"].state == "failure"
    assert "cannot be written by user" in found["data directory"].message


@pytest.mark.parametrize("name", ["", "credentials.json", "apigw.db"])
def test_others_may_not_look(directory: Path, name: str) -> None:
    (directory / name).chmod(0o755 if not name else 0o644)
    found = said(directory)["permissions"]
    assert found.state == "warning"
    assert (name or str(directory)) in found.message
    assert found.advice == f"chmod -R go= {directory}"


def test_who_holds_the_lock(directory: Path) -> None:
    assert said(directory)["lock"].message == "free: no gateway runs on it"
    lock = lock_directory(directory)
    try:
        silent = said(directory)["lock"]
        assert (silent.state, f"process {os.getpid()} holds it" in silent.message) == ("warning", True)
        with data_dir.announced(directory, Running(os.getpid(), ["127.0.0.1:1"], ["127.0.0.1:2"])):
            assert said(directory)["lock"].message == f"held by the gateway that runs on it (pid {os.getpid()})"
    finally:
        lock.release()


def test_credentials(directory: Path) -> None:
    assert (
        "the environment"
        in said(directory, APIGW_ACCESS_KEY_ID="k", APIGW_SECRET_ACCESS_KEY="s")["credentials"].message
    )
    assert said(directory, APIGW_ACCESS_KEY_ID="k")["credentials"].state == "failure"
    (directory / "credentials.json").write_text("{")
    damaged = said(directory)["credentials"]
    assert (damaged.state, "damaged" in damaged.message) == ("failure", True)
    (directory / "credentials.json").unlink()
    assert said(directory)["credentials"].message == "will be made at the first start"


def test_secrets_are_not_told(directory: Path) -> None:
    secret = data_dir.credentials(directory, {}).secret_access_key
    assert secret not in str(said(directory))


def test_a_damaged_database(directory: Path) -> None:
    (directory / "apigw.db").write_bytes(b"this is no database" * 100)
    found = said(directory)["database"]
    assert (found.state, "restore it" in found.advice) == ("failure", True)


@pytest.mark.parametrize(("free", "state"), [(64 * 1024**2 - 1, "failure"), (64 * 1024**2, "warning"), (1024**3, "ok")])
def test_disk_space(free: int, state: str) -> None:
    assert storage.space(free, Path("/x")).state == state


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [("tmpfs", "warning", "nothing survives"), ("nfs4", "failure", "SQLite"), ("ext4", "ok", "on ext4")],
)
def test_file_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, state: str, words: str) -> None:
    monkeypatch.setattr(storage, "_mounts", lambda: f"disk / {kind} rw 0 0\n")
    monkeypatch.setattr(storage, "_SLOW", float("inf"))
    found = said(tmp_path)["durable writes"]
    assert (found.state, words in found.message) == (state, True)
    assert list(tmp_path.iterdir()) == []


def test_a_slow_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_mounts", lambda: "")
    monkeypatch.setattr(storage, "_SLOW", -1.0)
    assert said(tmp_path)["durable writes"].state == "warning"


def test_the_innermost_mount_counts(tmp_path: Path) -> None:
    mounts = f"a / ext4 rw 0 0\nb {tmp_path}/x\\040y xfs rw 0 0\nc {tmp_path} nfs rw 0 0\nd {tmp_path} tmpfs rw 0 0\n"
    assert storage.kind_of_file_system(tmp_path / "x y" / "z", mounts) == "xfs"
    assert storage.kind_of_file_system(tmp_path / "other", mounts) == "tmpfs"
    assert storage.kind_of_file_system(Path("/"), mounts) == "ext4"
    assert storage.kind_of_file_system(Path("/"), "") == ""
