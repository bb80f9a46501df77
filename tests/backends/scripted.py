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
from collections.abc import Callable

from tests.backends.accepting import Accepting

Script = Callable[["Conversation"], bool | None]


class Conversation:
    """One accepted connection after a request came in whole."""

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self._connection = connection
        self.request = request

    def peer_certificate(self) -> bytes | None:
        """What the client showed of itself, if it is TLS and was asked."""
        return self._connection.getpeercert(binary_form=True) if isinstance(self._connection, ssl.SSLSocket) else None

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


class Scripted(Accepting):
    """Use as a context manager; ``scripts`` maps the path below the root to what happens there."""

    def __init__(self, scripts: dict[str, Script], tls: ssl.SSLContext | None = None) -> None:
        self.scripts = scripts
        self.served: list[tuple[int, str]] = []
        self.problems: list[str] = []
        self._tls = tls

    def asked(self, path: str) -> int:
        """How many requests came to ``path``."""
        with self._lock:
            return sum(each == path for _, each in self.served)

    def serve(self, connection: socket.socket, number: int) -> None:
        """Run the script of every request."""
        try:
            if self._tls is None:
                self._converse(connection, number)
            else:
                with self._tls.wrap_socket(connection, server_side=True) as secured:
                    self._converse(secured, number)
        except OSError:
            # The gateway may end a connection whenever it likes; tests look at its answers.
            pass
        except Exception as error:
            self.problems.append(repr(error))

    def _converse(self, connection: socket.socket, number: int) -> None:
        while request := _read_request(connection):
            path = request.split(b" ", 2)[1].decode("latin-1").partition("?")[0]
            with self._lock:
                self.served.append((number, path))
            if not self.scripts[path](Conversation(connection, request)):
                return


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
