"""The control thread: runs management calls in batches, so that no disk's sync and no long import stalls the loop.

``wake`` when the engine has calls; ``request`` for calls from inside the process (documents loaded at start). It pulls
the next batch only when the last one is done, which is what makes the engine's bounded queue a bound.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

import msgspec

from apigw.control.commit import Batch, Pulled, Reply, Wiring
from apigw.errors import GatewayError

T = TypeVar("T")
_WAKE = "wake"
_STOP = "stop"


class Stopped(GatewayError, RuntimeError):
    """A call from inside the process that came too late."""


class ControlThread:
    """One thread and its inbox; start it once, stop it once."""

    def __init__(self, wiring: Wiring, take: Callable[[], list[Pulled]]) -> None:
        self._answer = wiring.answer
        self._wiring = msgspec.structs.replace(wiring, answer=self._answered)
        self._take = take
        self._inbox: queue.SimpleQueue[Pulled | Callable[[], None] | str] = queue.SimpleQueue()
        self._ids = itertools.count(-1, -1)
        self._local: dict[int, Future[Reply]] = {}
        self._admission = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="apigw-control", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def wake(self) -> None:
        """The engine has calls; safe from any thread."""
        self._inbox.put(_WAKE)

    def request(self, head: bytes, body: bytes) -> Future[Reply]:
        """A management call from inside the process; its answer is served when the future is done."""
        future: Future[Reply] = Future()
        future.set_running_or_notify_cancel()
        with self._admission:
            self._admit()
            number = next(self._ids)
            self._local[number] = future
            self._inbox.put((number, "control", head, body))
        return future

    def run(self, work: Callable[[], T]) -> Future[T]:
        """Run ``work`` between two batches: the store has no other user meanwhile."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

        with self._admission:
            self._admit()
            self._inbox.put(run)
        return future

    def stop(self) -> None:
        """Complete what is there, the engine's waiting calls included, and end; idempotent."""
        with self._admission:
            if not self._stopped:
                self._stopped = True
                self._inbox.put(_STOP)
        if self._thread.is_alive():
            self._thread.join()

    def _admit(self) -> None:
        if self._stopped:
            raise Stopped("the gateway has stopped")

    def _run(self) -> None:
        while True:
            items = [self._inbox.get()]
            while not self._inbox.empty():
                items.append(self._inbox.get())
            Batch(self._wiring, [*(item for item in items if isinstance(item, tuple)), *self._take()]).run()
            while calls := self._take():
                Batch(self._wiring, calls).run()
            for item in items:
                if callable(item):
                    item()
            if _STOP in items:
                return

    def _answered(self, id: int, head: bytes, body: bytes) -> None:
        future = self._local.pop(id, None)
        if future is not None:
            future.set_result((head, body))
        else:
            self._answer(id, head, body)
