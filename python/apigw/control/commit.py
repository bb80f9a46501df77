"""Group commit: a batch of management calls, each in its savepoint, then one COMMIT, one activation, then the answers.

A call's patch is prepared by the engine inside its savepoint, so nothing durable is refused later; it is activated
after the commit, so nothing is served that is not durable. The wire, the engine and the publishing are handed in.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from apigw.domain.errors import BadRequest, Unavailable
from apigw.snapshot import describe
from apigw.store.protocol import Changes, Store, StoreError, Transaction

_LOG = logging.getLogger("apigw.control")
_LAST_RESORT = b'{"status":500,"headers":[]}'

Pulled = tuple[int, str, bytes, bytes]
Reply = tuple[bytes, bytes]
Answer = Reply | Callable[[], Reply]
"""A reply, or what makes it when the batch is over."""


class Wiring(msgspec.Struct, frozen=True):
    """All that a batch needs; ``app`` puts it together."""

    store: Store
    answer: Callable[[int, bytes, bytes], None]
    """Gives the engine head and body of an answer; an unknown id is ignored."""
    prepare: Callable[[bytes], Any]
    """SnapshotPatch JSON → ticket; raises ``prepare_error`` with a list of ``(path, message)``."""
    activate: Callable[[list[Any]], None]
    """Serves tickets; returns when every core has acknowledged."""
    prepare_error: type[Exception]
    affected: Callable[[Transaction, Changes], bytes | None]
    """The SnapshotPatch JSON that follows from changes, or ``None``."""
    perform: Callable[[bytes, bytes, Transaction], Answer]
    """Runs one call and makes its answer, or raises what refuses it."""
    later: Callable[[Callable[[], None]], object]
    """Runs what takes its time elsewhere: the control thread has other calls."""
    refuse: Callable[[bytes, BaseException], Reply]
    """The answer of a call that an error refused."""
    is_read_only: Callable[[bytes], bool]
    """Whether a call changes nothing, by its head."""


class Batch:
    """The calls of one group commit."""

    def __init__(self, wiring: Wiring, calls: Iterable[Pulled]) -> None:
        # AWS: a call whose client went away is completed all the same, so a cancellation changes nothing here.
        self._calls = [call for call in calls if call[1] == "control"]
        self._open = {call[0] for call in self._calls}
        self._wiring = wiring
        self._transaction: Transaction | None = None
        self._changed = False
        self._tickets: list[Any] = []
        self._waiting: list[tuple[Pulled, Answer]] = []

    def run(self) -> None:
        """Complete every call of the batch; a bug of ours ends in 500 for those without an answer."""
        try:
            for call in self._calls:
                self._one(call)
            self._commit()
        except Exception:
            _LOG.critical("a batch of management calls broke off", exc_info=True)
            self._abandon()

    def _one(self, call: Pulled) -> None:
        head = call[2]
        reply: Answer
        read_only = self._wiring.is_read_only(head)
        try:
            if self._transaction is None and read_only:
                with self._wiring.store.read() as view:
                    reply = self._wiring.perform(head, call[3], view)
                self._answer(call, reply)
                return
            if self._transaction is None:
                self._transaction = self._wiring.store.begin()
            reply = self._written(self._transaction, call)
        except Exception as error:
            if self._transaction is not None and not self._transaction.is_open():
                self._lose(error)
            reply = self._refused(call, error)
            read_only = True
        # Whoever may have seen what is not durable yet waits for the commit.
        if self._changed or not read_only:
            self._waiting.append((call, reply))
        else:
            self._answer(call, reply)

    def _written(self, transaction: Transaction, call: Pulled) -> Answer:
        """Run a call in its savepoint and prepare what follows from it."""
        ticket = None
        with transaction.savepoint():
            reply = self._wiring.perform(call[2], call[3], transaction)
            changes = transaction.changes()
            patch = self._wiring.affected(transaction, changes) if changes else None
            if patch is not None:
                ticket = self._prepared(patch)
        self._changed = self._changed or bool(changes)
        if ticket is not None:
            self._tickets.append(ticket)
        return reply

    def _prepared(self, patch: bytes) -> Any:
        try:
            return self._wiring.prepare(patch)
        except self._wiring.prepare_error as error:
            raise BadRequest(describe.problems(patch, error.args[0])) from error

    def _commit(self) -> None:
        if self._transaction is None:
            return
        try:
            self._transaction.commit()
        except StoreError as error:
            self._lose(error)
            return
        self._transaction = None
        waiting, self._waiting = self._waiting, []
        try:
            if self._tickets:
                self._wiring.activate(self._tickets)
        except Exception as error:
            _LOG.critical("a durable change is not served before the next start", exc_info=True)
            waiting = [(call, self._refused(call, error)) for call, _ in waiting]
        for call, reply in waiting:
            self._answer(call, reply)

    def _lose(self, error: BaseException) -> None:
        """The transaction is gone: nothing of it is durable, nothing of it may be served."""
        self._transaction = None
        self._changed = False
        self._tickets.clear()
        waiting, self._waiting = self._waiting, []
        for call, _ in waiting:
            self._answer(call, self._refused(call, error if isinstance(error, StoreError) else StoreError(str(error))))

    def _refused(self, call: Pulled, error: BaseException) -> Reply:
        if isinstance(error, StoreError):
            _LOG.warning("the store refused a management call: %s", error)
            error = Unavailable(f"{error}. Nothing was changed")
        return self._wiring.refuse(call[2], error)

    def _answer(self, call: Pulled, reply: Answer) -> None:
        self._open.discard(call[0])
        if callable(reply):
            self._wiring.later(functools.partial(self._make, call, reply))
        else:
            self._give(call, reply)

    def _make(self, call: Pulled, make: Callable[[], Reply]) -> None:
        try:
            reply = make()
        except Exception as error:
            reply = self._refused(call, error)
        self._give(call, reply)

    def _give(self, call: Pulled, reply: Reply) -> None:
        try:
            self._wiring.answer(call[0], *reply)
        except Exception:
            _LOG.exception("the answer of a management call could not be given back")

    def _abandon(self) -> None:
        self._tickets.clear()
        if self._transaction is not None:
            try:
                self._transaction.rollback()
            except StoreError:
                _LOG.warning("the store could not undo a broken batch", exc_info=True)
        for call in self._calls:
            if call[0] in self._open:
                self._answer(call, (_LAST_RESORT, b""))
