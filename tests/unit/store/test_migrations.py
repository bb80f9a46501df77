"""Files the store must not touch: other programs', newer, damaged; and what a killed gateway leaves behind."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from apigw.store import migrations
from apigw.store.protocol import Damaged, StoreError
from apigw.store.sqlite import open_sqlite
from tests.unit.store.records import Pet

KEY = ("pet", "us-east-1", "shop")


def contents(directory: Path) -> dict[str, tuple[bytes, int]]:
    """Every file, and when; the directory itself too, which a file that came and went would have touched."""
    return {".": (b"", directory.stat().st_mtime_ns)} | {
        each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in directory.iterdir()
    }


def assert_refused(path: Path, sentence: str) -> None:
    before = contents(path.parent)
    with pytest.raises(Damaged, match=sentence) as caught:
        open_sqlite(path)
    assert "\n" not in str(caught.value)
    assert contents(path.parent) == before


def filled(path: Path, count: int = 2000) -> None:
    store = open_sqlite(path)
    transaction = store.begin()
    transaction.put_many(*KEY, [(f"p{number}", Pet("x" * 100)) for number in range(count)])
    transaction.commit()
    store.close()


def test_another_programs_database_is_refused(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    assert_refused(path, "another program")


def test_another_programs_database_in_use_is_refused(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    assert_refused(path, "another program")
    other.close()


def test_a_newer_version_is_refused(path: Path) -> None:
    filled(path)
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = DELETE")
    other.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    other.close()
    assert_refused(path, "written by a newer apigw")


def test_a_newer_version_that_only_the_log_tells_is_refused(path: Path, tmp_path: Path) -> None:
    filled(path)
    other = sqlite3.connect(path)
    other.execute(f"PRAGMA user_version = {migrations.VERSION + 1}")
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("apigw.db", "apigw.db-wal"):
        shutil.copy(tmp_path / name, killed / name)
    other.close()
    before = contents(killed)
    with pytest.raises(Damaged, match="written by a newer apigw"):
        open_sqlite(killed / "apigw.db")
    after = contents(killed)
    assert {name: after[name] for name in before if name != "."} == {k: v for k, v in before.items() if k != "."}


@pytest.mark.parametrize(
    "text", [b"", b"hello", b"SQLite format 3\x00", bytes(4096)], ids=["empty", "text", "cut", "zero"]
)
def test_what_is_no_database_is_refused(path: Path, text: bytes) -> None:
    path.write_bytes(text)
    assert_refused(path, "not a database of apigw, or it is damaged")


def test_a_truncated_file_is_refused(path: Path) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[:20_000])
    assert_refused(path, "is damaged")


def test_a_file_with_an_overwritten_page_is_refused(path: Path) -> None:
    filled(path)
    text = bytearray(path.read_bytes())
    text[5 * 4096 : 6 * 4096] = b"\xa5" * 4096
    path.write_bytes(text)
    assert_refused(path, "is damaged")


def test_a_log_without_its_file_is_not_played_into_a_new_one(path: Path) -> None:
    path.with_name("apigw.db-wal").write_bytes(b"old")
    assert_refused(path, "is gone but its log")


def test_what_a_killed_gateway_left_in_the_log_is_read(path: Path, tmp_path: Path) -> None:
    store = open_sqlite(path)
    transaction = store.begin()
    transaction.put(*KEY, "rex", Pet("Rex"))
    transaction.commit()
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("apigw.db", "apigw.db-wal"):
        shutil.copy(tmp_path / name, killed / name)
    store.close()
    again = open_sqlite(killed / "apigw.db")
    with again.read() as view:
        assert view.get(Pet, *KEY, "rex") == Pet("Rex")
    again.close()


def test_what_a_killed_creation_left_is_replaced(path: Path) -> None:
    path.with_name("apigw.db.new").write_bytes(b"half")
    filled(path)
    assert sorted(each.name for each in path.parent.iterdir()) == ["apigw.db"]


def test_an_older_version_is_migrated(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, 1)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, "CREATE TABLE later (x);"))
    monkeypatch.setattr(migrations, "VERSION", migrations.VERSION + 1)
    store = open_sqlite(path)
    assert store._connection.execute("SELECT count(*) FROM later").fetchone() == (0,)
    with store.read() as view:
        assert len(view.list(Pet, *KEY)) == 1
    store.close()
    open_sqlite(path).close()


def test_a_migration_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(path, 1)
    with monkeypatch.context() as patched:
        broken = "CREATE TABLE later (x); CREATE TABLE records (x);"
        patched.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
        patched.setattr(migrations, "VERSION", migrations.VERSION + 1)
        with pytest.raises(StoreError, match="already exists"):
            open_sqlite(path)
    store = open_sqlite(path)
    assert store._connection.execute("SELECT name FROM sqlite_master WHERE name = 'later'").fetchall() == []
    store.close()


def test_a_directory_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_sqlite(tmp_path / "nowhere" / "apigw.db")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_sqlite(tmp_path)
