"""The Python API: a gateway inside this process, for tests and scripts.

with Gateway.from_file("openapi.yaml", stage="dev") as gateway:
    httpx.get(gateway.url("/pets"))
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvloop

from apigw import config, documents
from apigw.app import App, started
from apigw.documents import Deployed


class Gateway:
    """A gateway with one document's API, on free ports of loopback; its data directory goes with it."""

    def __init__(self, file: Path, stage: str, settings: dict[str, Any]) -> None:
        self._file = file
        self._stage = stage
        self._settings = settings
        self._thread: threading.Thread | None = None

    @classmethod
    def from_file(cls, path: str | Path, *, stage: str = "dev", **settings: Any) -> Self:
        """A gateway for the document at ``path``; ``settings`` as in docs/settings.md. Start it with ``with``."""
        return cls(Path(path), stage, settings)

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="apigw-")
        given = {
            "data_dir": self._temporary.name,
            "listen": "127.0.0.1:0",
            "listen_tls": "127.0.0.1:0",
            "admin_listen": "127.0.0.1:0",
            "access_log": "off",
            "workers": 1,
            "grace": 5,
            **self._settings,
        }
        loaded = config.load(given, {})
        up: Future[tuple[App, Deployed, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def run() -> None:
            ending = asyncio.Event()
            try:
                async with started(loaded, {}) as app:
                    deployed = (await app.deploy([self._file], self._stage))[0]
                    app.set_ready(True)
                    up.set_result((app, deployed, asyncio.get_running_loop(), ending))
                    await ending.wait()
                    await app.stop()
            except BaseException as error:
                if up.done():
                    raise
                up.set_exception(error)

        def main() -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(run())

        self._thread = threading.Thread(target=main, name="apigw")
        self._thread.start()
        try:
            self.app, self.deployed, self._loop, self._ending = up.result()
        except BaseException:
            self._thread.join()
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join()
        self._temporary.cleanup()

    @property
    def api_id(self) -> str:
        """The API's id."""
        return self.deployed.api_id

    def url(self, path: str = "/") -> str:
        """The URL of a path of the API."""
        return documents.invoke_url(self.app.running.listen[0], self.api_id, self._stage) + path
