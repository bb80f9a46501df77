"""Group commit: the order of prepare, commit, activate and answer, and what each failure leaves behind."""

from __future__ import annotations

import resource
import sqlite3
from pathlib import Path

import pytest
from msgspec import structs

from apigw.control.commit import Batch
from tests.unit.commit.fakes import World

UNCHANGED = b"The disk of the store is full. Nothing was changed"


def test_writers_share_one_commit_and_one_activation_and_are_answered_last(world: World) -> None:
    assert world.run("put a", "put b") == {1: (b"201", b"a"), 2: (b"201", b"b")}
    assert world.events == ["prepare a", "prepare b", "commit", "activate a b", "answer 1", "answer 2"]
    assert world.names() == ["a", "b"]


def test_a_change_that_touches_nothing_served_is_not_prepared(world: World) -> None:
    assert world.run("put silent")[1] == (b"201", b"silent")
    assert world.events == ["commit", "answer 1"]


def test_a_refused_call_is_undone_and_the_others_are_not(world: World) -> None:
    answers = world.run("put a", "put-and-refuse b", "put c")
    assert answers == {1: (b"201", b"a"), 2: (b"404", b"no such thing"), 3: (b"201", b"c")}
    assert world.names() == ["a", "c"]
    assert world.events[-4:] == ["activate a c", "answer 1", "answer 2", "answer 3"]


def test_a_bug_is_undone_too_and_shows_nothing(world: World) -> None:
    answers = world.run("put-and-break a", "put b")
    assert answers == {1: (b"500", b"Internal server error"), 2: (b"201", b"b")}
    assert world.names() == ["b"]


def test_what_the_engine_cannot_compile_is_undone_and_named_by_path(world: World) -> None:
    answers = world.run("put unprepared", "put b")
    assert answers[1] == (b"400", b"put[0].uri: no such scheme; put[1]: twice")
    assert world.names() == ["b"]
    assert world.events == ["answer 1", "prepare b", "commit", "activate b", "answer 2"]


def test_a_commit_that_fails_is_503_for_all_and_nothing_is_served(world: World) -> None:
    world.commit_fails = True
    answers = world.run("put a", "put-and-refuse b", "get a", "put c")
    assert answers == dict.fromkeys(range(1, 5), (b"503", UNCHANGED))
    assert [ticket() for ticket in world.tickets] == [None, None]
    assert not any(event.startswith("activate") for event in world.events)
    assert world.names() == []
    world.commit_fails = False
    assert world.run("put d")[1] == (b"201", b"d")


def test_what_takes_its_time_keeps_nobody_waiting_and_is_answered_when_it_is_there(world: World) -> None:
    answers = world.run("later a", "put b", "later refused")
    assert (answers, world.events[-2:]) == ({2: (b"201", b"b")}, ["activate b", "answer 2"])
    for work in world.later:
        work()
    assert answers == {1: (b"200", b"slow a"), 2: (b"201", b"b"), 3: (b"404", b"no such thing")}


def test_reading_waits_for_no_commit_until_something_was_written(world: World) -> None:
    answers = world.run("get a", "nothing x", "get a", "put a", "get a")
    assert [answers[number][1] for number in (1, 3, 5)] == [b"none", b"none", b"a"]
    assert world.events == [
        "answer 1",
        "answer 3",
        "prepare a",
        "commit",
        "activate a",
        "answer 2",
        "answer 4",
        "answer 5",
    ]


def test_only_readers_open_no_transaction_for_writing(world: World) -> None:
    assert world.run("get a", "get b") == {1: (b"200", b"none"), 2: (b"200", b"none")}
    assert world.events == ["answer 1", "answer 2"]


def test_a_locked_store_refuses_writers_and_serves_readers(world: World, path: Path) -> None:
    world.run("put a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = world.run("put b", "get a", "put c")
    locked = (b"503", b"The store is locked by another program. Nothing was changed")
    assert answers == {1: locked, 2: (b"200", b"a"), 3: locked}
    other.execute("ROLLBACK")
    other.close()
    assert world.run("put b")[1] == (b"201", b"b")


def test_a_disk_that_fills_up_loses_what_was_before_and_not_what_comes_after(world: World) -> None:
    world.run("put z")
    connection = world.inner._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    answers = world.run("put a", "fill blob", "put b")
    assert answers == {1: (b"503", UNCHANGED), 2: (b"503", UNCHANGED), 3: (b"201", b"b")}
    assert world.names() == ["z", "b"]
    assert world.events[-2:] == ["activate b", "answer 3"]


def test_a_disk_that_refuses_the_commit_itself(world: World, path: Path) -> None:
    world.run("put z")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name("apigw.db-wal").stat().st_size, limits[1]))
    try:
        answers = world.run("put a", "put b")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [status for status, _ in answers.values()] == [b"503", b"503"]
    assert not any(event.startswith("activate") for event in world.events)
    assert world.names() == ["z"]
    assert world.run("put c")[1] == (b"201", b"c")
    assert world.names() == ["z", "c"]


def test_a_cancelled_call_is_completed_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    Batch(world.wiring, [(1, "control", b"put a", b""), (1, "cancelled", b"", b"")]).run()
    assert world.answers == {1: (b"201", b"a")}
    assert world.names() == ["a"]
    assert caplog.records == []


def test_an_activation_that_fails_is_no_success(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.activate_fails = True
    assert world.run("put a") == {1: (b"500", b"Internal server error")}
    assert "not served before the next start" in caplog.text


def test_a_wire_that_breaks_leaves_nobody_without_an_answer(world: World) -> None:
    world.inner.close()
    broken = world.run("get unrefusable", "put a")
    assert broken == dict.fromkeys((1, 2), (b'{"status":500,"headers":[]}', b""))


def test_what_broke_off_is_rolled_back(world: World) -> None:
    def broken(head: bytes) -> bool:
        if head == b"put b":
            raise RuntimeError
        return False

    world.wiring = structs.replace(world.wiring, is_read_only=broken)
    answers = world.run("put a", "put b")
    assert answers == dict.fromkeys((1, 2), (b'{"status":500,"headers":[]}', b""))
    assert [ticket() for ticket in world.tickets] == [None]
    assert world.names() == []
