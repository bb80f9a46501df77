"""What all backends of the tests share: a port of their own, a thread for every connection, and an end for all of them.

It knows no protocol: a backend says in ``serve`` what it does with a connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Accepting(ABC):
    """Use as a context manager; leaving it ends every connection and waits for its thread."""

    connections: int = 0

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        # What a connection may wait for; set by the test, or at the end.
        self.release = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, name="backend")
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """``http://127.0.0.1:port``."""
        return f"http://127.0.0.1:{self.port}"

    @abstractmethod
    def serve(self, connection: socket.socket, number: int) -> None:
        """Serve an accepted connection (the first one is number 1) until it should be closed.

        An ``OSError`` is no failure: the gateway may end a connection whenever it likes.
        """

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
                self.connections += 1
            thread = threading.Thread(target=self._run, args=(connection, self.connections), name="backend connection")
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: socket.socket, number: int) -> None:
        try:
            with contextlib.suppress(OSError):
                self.serve(connection, number)
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()
