"""One ``App`` on a loop of its own in a thread of its own, begun once and ended once.

So a gateway does not depend on its user's event loop: there may be none, or one that is busy. No signal handlers.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress

import uvloop

from apigw.app import App, started
from apigw.config import Settings


class Background:
    """``up`` is done when documents are loaded and the gateway is ready, ``down`` when all is closed after that.

    A start that fails gives its error to ``up``, when everything that it had opened is closed again.
    """

    def __init__(self, settings: Settings, load: Callable[[App], None]) -> None:
        self._settings = settings
        self._load = load
        self._ending = asyncio.Event()
        self.up: Future[App] = Future()
        self.down: Future[None] = Future()
        for future in (self.up, self.down):
            # Who stops waiting does not stop what is waited for.
            future.set_running_or_notify_cancel()
        self._loop = uvloop.new_event_loop()
        # The end of the interpreter does not wait for a gateway that nobody stopped.
        self._thread = threading.Thread(target=self._main, name="apigw", daemon=True)
        try:
            self._thread.start()
        except BaseException:
            self._loop.close()
            raise

    def end(self) -> None:
        """Have it stop as its settings say, as soon as it is up; returns at once; any thread may say it, repeatedly."""
        # The loop is closed when it has ended already.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ending.set)

    def join(self) -> None:
        """Wait until nothing of it is left."""
        self._thread.join()

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._run())
        except BaseException as error:
            if self.up.done():
                self.down.set_exception(error)
                return
            self.up.set_exception(error)
        self.down.set_result(None)

    async def _run(self) -> None:
        async with started(self._settings, {}) as app:
            await asyncio.to_thread(self._load, app)
            app.set_ready(True)
            self.up.set_result(app)
            await self._ending.wait()
            await app.stop()
