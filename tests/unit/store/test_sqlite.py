"""The store's promises: order, savepoints, changes, blobs, and what happens when the disk says no."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from apigw.store import sqlite
from apigw.store.protocol import Change, Store, StoreError, Transaction
from apigw.store.sqlite import SqliteStore, open_sqlite
from tests.unit.store.records import Pet, Strict

KEY = ("pet", "us-east-1", "shop")


def put(store: SqliteStore, *names: str) -> None:
    transaction = store.begin()
    for name in names:
        transaction.put(*KEY, name, Pet(name))
    transaction.commit()


def names(store: SqliteStore) -> list[str]:
    with store.read() as view:
        return [name for name, _ in view.list(Pet, *KEY)]


def test_it_is_a_store(store: SqliteStore) -> None:
    protocol: Store = store
    transaction: Transaction = protocol.begin()
    transaction.put(*KEY, "rex", Pet("Rex", 3))
    assert transaction.get(Pet, *KEY, "rex") == Pet("Rex", 3)
    assert transaction.get(Pet, "pet", "eu-west-1", "shop", "rex") is None
    transaction.rollback()
    assert names(store) == []


def test_what_was_committed_is_there_after_opening_again(store: SqliteStore, path: Path) -> None:
    put(store, "rex")
    store.close()
    again = open_sqlite(path)
    assert names(again) == ["rex"]
    again.close()


def test_records_stand_in_creation_order_and_keep_their_place(store: SqliteStore) -> None:
    put(store, "c", "a", "b")
    transaction = store.begin()
    transaction.put(*KEY, "c", Pet("C", 9))
    transaction.put_many(*KEY, [("d", Pet("d")), ("a", Pet("A"))])
    assert [name for name, _ in transaction.list(Pet, *KEY)] == ["c", "a", "b", "d"]
    assert transaction.list(Pet, *KEY, after="c", limit=2) == [("a", Pet("A")), ("b", Pet("b"))]
    assert transaction.list(Pet, *KEY, after="d") == []
    assert transaction.list(Pet, *KEY, after="nobody") == []
    assert transaction.list(Pet, "pet", "us-east-1", "other") == []
    transaction.delete(*KEY, "d")
    transaction.put(*KEY, "d", Pet("d"))
    transaction.put(*KEY, "e", Pet("e"))
    assert [name for name, _ in transaction.list(Pet, *KEY, after="b")] == ["d", "e"]


def test_deleting_says_what_was_there(store: SqliteStore) -> None:
    put(store, "a", "b", "c")
    transaction = store.begin()
    assert transaction.delete(*KEY, "b") is True
    assert transaction.delete(*KEY, "b") is False
    assert transaction.delete_children(*KEY) == 2
    assert transaction.list(Pet, *KEY) == []
    assert [change.id for change in transaction.changes()] == ["b", "a", "c"]
    assert all(change.deleted for change in transaction.changes())


def test_a_savepoint_undoes_what_raised_in_it_and_nothing_else(store: SqliteStore) -> None:
    transaction = store.begin()
    with transaction.savepoint():
        transaction.put(*KEY, "a", Pet("a"))
        transaction.put_blob("deployment/a/1", 1, b"{}")
    with contextlib.suppress(KeyError), transaction.savepoint():
        transaction.put(*KEY, "b", Pet("b"))
        transaction.put_blob("deployment/a/2", 1, b"{}")
        transaction.delete(*KEY, "a")
        raise KeyError
    with transaction.savepoint():
        transaction.put(*KEY, "c", Pet("c"))
    transaction.commit()
    assert names(store) == ["a", "c"]
    assert [key for key, _, _ in store.blobs("")] == ["deployment/a/1"]


def test_changes_are_those_of_the_current_savepoint(store: SqliteStore) -> None:
    transaction = store.begin()
    transaction.put(*KEY, "a", Pet("a"))
    with transaction.savepoint():
        assert transaction.changes() == []
        transaction.put(*KEY, "b", Pet("b"))
        with transaction.savepoint():
            transaction.delete(*KEY, "b")
        with contextlib.suppress(KeyError), transaction.savepoint():
            transaction.put(*KEY, "undone", Pet("x"))
            raise KeyError
        assert transaction.changes() == [Change(*KEY, "b", False), Change(*KEY, "b", True)]
    assert [change.id for change in transaction.changes()] == ["a", "b", "b"]


def test_the_log_of_changes_keeps_all_that_was_committed(store: SqliteStore, path: Path) -> None:
    put(store, "a")
    transaction = store.begin()
    transaction.delete(*KEY, "a")
    transaction.commit()
    rolled_back = store.begin()
    rolled_back.put(*KEY, "b", Pet("b"))
    rolled_back.rollback()
    other = sqlite3.connect(path)
    assert other.execute("SELECT id, deleted FROM changes ORDER BY sequence").fetchall() == [("a", 0), ("a", 1)]
    other.close()


def test_the_log_of_changes_keeps_the_latest(store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "KEPT_CHANGES", 3)
    put(store, "a", "b")
    put(store, "c")
    other = sqlite3.connect(path)
    kept = "SELECT sequence, id FROM changes ORDER BY sequence"
    assert other.execute(kept).fetchall() == [(1, "a"), (2, "b"), (3, "c")]
    put(store, "d", "e")
    assert other.execute(kept).fetchall() == [(3, "c"), (4, "d"), (5, "e")]
    # More than is kept, in one transaction; the numbers go on.
    put(store, "f", "g", "h", "i")
    assert other.execute(kept).fetchall() == [(7, "g"), (8, "h"), (9, "i")]
    other.close()
    assert names(store) == list("abcdefghi")


def test_a_replaced_record_counts_its_version_up(store: SqliteStore, path: Path) -> None:
    put(store, "a")
    put(store, "a")
    other = sqlite3.connect(path)
    assert other.execute("SELECT version FROM records").fetchall() == [(2,)]
    other.close()


def test_a_rest_api_is_found_in_any_region_and_its_id_is_unique(store: SqliteStore) -> None:
    transaction = store.begin()
    transaction.put("rest_api", "eu-west-1", "", "a1", Pet("api"))
    assert transaction.find_rest_api("a1") == "eu-west-1"
    assert transaction.find_rest_api("a2") is None
    with pytest.raises(StoreError), transaction.savepoint():
        transaction.put("rest_api", "us-east-1", "", "a1", Pet("api"))
    assert transaction.find_rest_api("a1") == "eu-west-1"


def test_scanning_meets_every_region_and_parent(store: SqliteStore) -> None:
    transaction = store.begin()
    transaction.put("pet", "r2", "p1", "a", Pet("a"))
    transaction.put("pet", "r1", "p2", "b", Pet("b"))
    transaction.put("plant", "r1", "p2", "c", Pet("c"))
    assert list(transaction.scan(Pet, "pet")) == [("r2", "p1", "a", Pet("a")), ("r1", "p2", "b", Pet("b"))]


def test_blobs_are_listed_by_prefix_and_replaced(store: SqliteStore) -> None:
    transaction = store.begin()
    for key in ("deployment/b/1", "deployment/a/1", "deployments", "frozen/a/1", "deployment0"):
        transaction.put_blob(key, 1, key.encode())
    transaction.put_blob("deployment/a/1", 2, b"again")
    transaction.delete_blob("frozen/a/1")
    assert transaction.get_blob("deployment/a/1") == (2, b"again")
    assert transaction.get_blob("frozen/a/1") is None
    transaction.commit()
    assert store.blob_compilers("deployment/") == [("deployment/a/1", 2), ("deployment/b/1", 1)]
    assert list(store.blobs("deployment/")) == [
        ("deployment/a/1", 2, b"again"),
        ("deployment/b/1", 1, b"deployment/b/1"),
    ]


def test_a_read_only_view_refuses_to_write_and_writing_goes_on_after_it(store: SqliteStore) -> None:
    with store.read() as view, pytest.raises(StoreError):
        view.put(*KEY, "a", Pet("a"))
    put(store, "b")
    assert names(store) == ["b"]


def test_a_locked_store_reads_on_and_says_so_when_written(store: SqliteStore, path: Path) -> None:
    put(store, "a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another program"):
        store.begin()
    assert names(store) == ["a"]
    other.execute("ROLLBACK")
    other.close()
    put(store, "b")
    assert names(store) == ["a", "b"]


def test_a_full_disk_changes_nothing_and_the_store_stays_usable(store: SqliteStore) -> None:
    put(store, "a")
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    transaction = store.begin()
    with transaction.savepoint():
        transaction.put(*KEY, "b", Pet("b"))
    with pytest.raises(StoreError, match="full"), transaction.savepoint():
        transaction.put_blob("deployment/a/1", 1, bytes(1_000_000))
    # SQLite undid all of it; nothing more may become durable by way of this transaction.
    assert not transaction.is_open()
    assert transaction.changes() == []
    with pytest.raises(StoreError, match="undo"):
        transaction.put(*KEY, "late", Pet("late"))
    with pytest.raises(StoreError, match="undo"), transaction.savepoint():
        raise AssertionError
    with pytest.raises(StoreError, match="undo"):
        transaction.commit()
    assert names(store) == ["a"]
    store._connection.execute("PRAGMA max_page_count = 1000000")
    put(store, "c")
    assert names(store)[-1] == "c"
    assert list(store.blobs("")) == []


def test_a_commit_that_fails_rolls_back_and_the_store_stays_usable(store: SqliteStore, path: Path) -> None:
    transaction = store.begin()
    transaction.put(*KEY, "a", Pet("a"))
    transaction._connection.execute("ROLLBACK")  # what SQLite does by itself after some errors
    assert not transaction.is_open()
    with pytest.raises(StoreError):
        transaction.commit()
    put(store, "b")
    assert names(store) == ["b"]


def test_a_closed_store_says_so(store: SqliteStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.begin()


def test_a_record_of_another_shape_is_named(store: SqliteStore) -> None:
    put(store, "a")
    with store.read() as view:
        with pytest.raises(StoreError, match="stored pet a cannot be read"):
            view.get(Strict, *KEY, "a")
        with pytest.raises(StoreError, match="stored pet a cannot be read"):
            view.list(Strict, *KEY)


def test_ten_thousand_records_are_written_and_read_as_they_are(store: SqliteStore) -> None:
    pets = [(f"p{number}", Pet(f"p{number}", number)) for number in range(10_000)]
    transaction = store.begin()
    transaction.put_many(*KEY, pets)
    transaction.commit()
    with store.read() as view:
        assert view.list(Pet, *KEY) == pets
        assert view.list(Pet, *KEY, after="p5000", limit=1) == [("p5001", Pet("p5001", 5001))]


def test_the_store_is_durable_by_its_settings(store: SqliteStore, path: Path) -> None:
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert path.stat().st_mode & 0o777 == 0o600
