"""A backend that misbehaves as told: each path has a script, a function that gets the accepted socket and the request.

It reads a request, runs the script and closes, unless the script says that the connection goes on; ``served`` holds the
number of the connection and the path of every request, so that a test sees which connections were used again.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Script = Callable[["Conversation"], bool | None]


class Conversation:
    """One accepted connection after a request came in whole."""

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self._connection = connection
        self.request = request

    def send(self, data: bytes) -> None:
        """Send bytes; whoever went away is not missed."""
        with contextlib.suppress(OSError):
            self._connection.sendall(data)

    def reset(self) -> None:
        """End with RST instead of FIN."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def until_left(self) -> bool:
        """Wait until the other side ends the connection; false when it does not within 20 s."""
        self._connection.settimeout(20)
        try:
            while self._connection.recv(65536):
                pass
        except TimeoutError:
            return False
        except OSError:
            pass
        return True


class Scripted:
    """Use as a context manager; ``scripts`` maps the path below the root to what happens there."""

    def __init__(self, scripts: dict[str, Script], tls: ssl.SSLContext | None = None) -> None:
        self.scripts = scripts
        self.served: list[tuple[int, str]] = []
        self.problems: list[str] = []
        self._tls = tls

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._accepted = 0
        self._acceptor = threading.Thread(target=self._accept, name="scripted backend")
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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

    def asked(self, path: str) -> int:
        """How many requests came to ``path``."""
        with self._lock:
            return sum(each == path for _, each in self.served)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            self._accepted += 1
            thread = threading.Thread(target=self._serve, args=(connection, self._accepted), name="scripted connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, accepted: socket.socket, number: int) -> None:
        connection = accepted
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(accepted, server_side=True)
            while request := _read_request(connection):
                path = request.split(b" ", 2)[1].decode("latin-1").partition("?")[0]
                with self._lock:
                    self.served.append((number, path))
                if not self.scripts[path](Conversation(connection, request)):
                    return
        except OSError:
            # The gateway may end a connection whenever it likes; tests look at its answers.
            pass
        except Exception as error:
            self.problems.append(repr(error))
        finally:
            with self._lock:
                self._open.discard(accepted)
                connection.close()


def _read_request(connection: socket.socket) -> bytes:
    """Head and body of one request; nothing when the connection ends first."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    while length is not None and len(body) < int(length[1]):
        if not (more := connection.recv(65536)):
            return b""
        body += more
    return head + b"\r\n\r\n" + body


def says(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
