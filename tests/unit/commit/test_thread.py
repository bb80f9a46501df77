"""The control thread: it wakes, works in batches, answers inside callers and stops in good order."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from apigw.control.commit import Pulled
from apigw.control.thread import ControlThread
from tests.unit.commit.fakes import World


class Calls:
    """What the engine's queue holds."""

    def __init__(self) -> None:
        self.batches: list[list[Pulled]] = []
        self.answered = threading.Semaphore(0)

    def take(self) -> list[Pulled]:
        return self.batches.pop(0) if self.batches else []

    def add(self, *heads: str, first: int = 1) -> None:
        self.batches.append([(number, "control", head.encode(), b"") for number, head in enumerate(heads, first)])


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def thread(world: World, calls: Calls) -> Iterator[ControlThread]:
    made = ControlThread(world.wiring, calls.take)
    made.start()
    yield made
    made.stop()


def test_it_takes_every_batch_the_engine_has(world: World, calls: Calls, thread: ControlThread) -> None:
    calls.add("put a", "put b")
    calls.add("put c", first=3)
    thread.wake()
    thread.stop()
    assert sorted(world.answers) == [1, 2, 3]
    assert world.names() == ["a", "b", "c"]


def test_a_request_from_inside_is_a_call_like_any_other(world: World, thread: ControlThread) -> None:
    assert thread.request(b"put a", b"").result() == (b"201", b"a")
    assert thread.request(b"get a", b"").result() == (b"200", b"a")
    assert thread.request(b"put-and-refuse b", b"").result() == (b"404", b"no such thing")
    assert world.answers == {}


def test_requests_made_while_it_works_share_one_commit(world: World, thread: ControlThread) -> None:
    working, go_on = threading.Event(), threading.Event()

    def work() -> str:
        working.set()
        go_on.wait()
        return "done"

    worked = thread.run(work)
    working.wait()
    futures = [thread.request(f"put {name}".encode(), b"") for name in "abc"]
    assert not any(future.cancel() for future in futures)
    go_on.set()
    assert worked.result() == "done"
    assert [future.result()[0] for future in futures] == [b"201"] * 3
    assert [event for event in world.events if event in ("commit", "activate a b c")] == ["commit", "activate a b c"]


def test_work_that_fails_says_so_and_the_thread_goes_on(thread: ControlThread) -> None:
    with pytest.raises(ZeroDivisionError):
        thread.run(lambda: 1 / 0).result()
    assert thread.request(b"get a", b"").result() == (b"200", b"none")


def test_stopping_completes_what_is_there_and_admits_nothing_more(
    world: World, calls: Calls, thread: ControlThread
) -> None:
    future = thread.request(b"put a", b"")
    calls.add("put b")
    thread.stop()
    thread.stop()
    assert future.result() == (b"201", b"a")
    assert world.answers == {1: (b"201", b"b")}
    with pytest.raises(RuntimeError, match="stopped"):
        thread.request(b"get a", b"")
    with pytest.raises(RuntimeError, match="stopped"):
        thread.run(lambda: None)
