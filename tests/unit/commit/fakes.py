"""A fake engine and a fake wire around a real store; everything that happens is written into one list."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from apigw.aws.errors import fault
from apigw.control.commit import Answer, Batch, Pulled, Wiring
from apigw.domain.errors import NotFound
from apigw.store.protocol import Change, Store, StoreError, Transaction
from apigw.store.sqlite import SqliteStore, SqliteTransaction
from tests.unit.store.records import Pet

KEY = ("pet", "us-east-1", "shop")


class PrepareError(Exception):
    """As the engine's."""


class Ticket:
    """A prepared patch."""

    def __init__(self, patch: bytes) -> None:
        self.patch = patch


class Recorded(SqliteTransaction):
    """A transaction that writes down its commit, and fails it when told."""

    def __init__(self, inner: SqliteTransaction, world: World) -> None:
        super().__init__(inner._connection)
        self._world = world

    def commit(self) -> None:
        if self._world.commit_fails:
            self.rollback()
            raise StoreError("The disk of the store is full")
        super().commit()
        self._world.events.append("commit")


class World:
    """Store, engine and wire of one test. A call's head is ``put NAME``, ``get NAME``, … (see ``perform``)."""

    def __init__(self, store: SqliteStore) -> None:
        self.inner = store
        self.events: list[str] = []
        self.answers: dict[int, tuple[bytes, bytes]] = {}
        self.tickets: list[weakref.ref[Ticket]] = []
        self.later: list[Callable[[], None]] = []
        self.commit_fails = False
        self.activate_fails = False
        self.wiring = Wiring(
            store=self,
            answer=self.answer,
            prepare=self.prepare,
            activate=self.activate,
            prepare_error=PrepareError,
            affected=affected,
            perform=perform,
            later=self.later.append,
            refuse=refuse,
            is_read_only=lambda head: head.startswith(b"get"),
        )

    def begin(self) -> Transaction:
        return Recorded(self.inner.begin(), self)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self.inner.read() as view:
            yield view

    def blob_compilers(self, prefix: str) -> list[tuple[str, int]]:
        return self.inner.blob_compilers(prefix)

    def blobs(self, prefix: str) -> Iterator[tuple[str, int, bytes]]:
        return self.inner.blobs(prefix)

    def close(self) -> None:
        self.inner.close()

    def answer(self, number: int, head: bytes, body: bytes) -> None:
        assert number not in self.answers
        self.answers[number] = (head, body)
        self.events.append(f"answer {number}")

    def prepare(self, patch: bytes) -> Ticket:
        if b"unprepared" in patch:
            raise PrepareError([("put[0].uri", "no such scheme"), ("put[1]", "twice")])
        self.events.append(f"prepare {patch.decode()}")
        ticket = Ticket(patch)
        self.tickets.append(weakref.ref(ticket))
        return ticket

    def activate(self, tickets: list[Any]) -> None:
        if self.activate_fails:
            raise RuntimeError("secret")
        self.events.append(f"activate {b' '.join(ticket.patch for ticket in tickets).decode()}")

    def run(self, *heads: str) -> dict[int, tuple[bytes, bytes]]:
        """One batch; call numbers count from 1."""
        calls: list[Pulled] = [(number, "control", head.encode(), b"") for number, head in enumerate(heads, 1)]
        self.answers.clear()
        self.events.clear()
        Batch(self.wiring, calls).run()
        return self.answers

    def names(self) -> list[str]:
        with self.inner.read() as view:
            return [name for name, _ in view.list(Pet, *KEY)]


def affected(transaction: Transaction, changes: list[Change]) -> bytes | None:
    shown = [change.id for change in changes if not change.id.startswith("silent")]
    return ",".join(shown).encode() or None


def _slow(name: str) -> tuple[bytes, bytes]:
    if name == "refused":
        raise NotFound("no such thing")
    return b"200", b"slow " + name.encode()


def perform(head: bytes, body: bytes, transaction: Transaction) -> Answer:
    verb, _, name = head.decode().partition(" ")
    match verb:
        case "later":
            return lambda: _slow(name)
        case "get":
            found = transaction.get(Pet, *KEY, name)
            return b"200", b"none" if found is None else found.name.encode()
        case "put":
            transaction.put(*KEY, name, Pet(name))
        case "put-and-refuse":
            transaction.put(*KEY, name, Pet(name))
            raise NotFound("no such thing")
        case "put-and-break":
            transaction.put(*KEY, name, Pet(name))
            raise KeyError("secret")
        case "fill":
            transaction.put_blob(name, 1, bytes(1_000_000))
        case "nothing":
            pass
        case _:
            raise AssertionError(verb)
    return b"201", name.encode()


def refuse(head: bytes, error: BaseException) -> tuple[bytes, bytes]:
    if head == b"get unrefusable":
        raise RuntimeError("the wire broke")
    found = fault(error)
    return str(found.status).encode(), found.message.encode()


def is_a_store(world: World) -> Store:
    return world
