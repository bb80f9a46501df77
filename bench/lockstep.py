"""A client that asks on every connection, then reads every answer: slow, exact, the same every time.

wrk cuts requests off when its time is over; where a count must be exact (log lines, metrics, instructions) this asks.
"""

import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice

from bench import api
from bench.contenders.process import Server
from bench.load.handshakes import context


class WrongAnswerError(Exception):
    """An answer that is not a 200 with the expected body, with its beginning."""


class Lockstep:
    """Keep-alive connections to one server, asked in step; a context manager."""

    def __init__(self, server: Server, connections: int, answers: api.Answers) -> None:
        self._server = server
        self._answers = answers
        self._expected = api.body(answers.bytes).encode()
        self._tls = context() if server.secure else None
        self._wanted = connections
        self._sockets: list[socket.socket] = []
        self._open = ExitStack()

    def __enter__(self) -> "Lockstep":
        for _ in range(self._wanted):
            one = socket.create_connection(("127.0.0.1", self._server.port), timeout=120)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                one = self._tls.wrap_socket(one)
            self._sockets.append(self._open.enter_context(one))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, targets: Iterable[str]) -> int:
        """Asks for all targets, a step of one a connection at a time, checks every answer; how many there were."""
        asked = 0
        for step in steps(targets, len(self._sockets)):
            busy = list(zip(self._sockets, step, strict=False))
            for connection, target in busy:
                self._send(connection, target)
            for connection, target in busy:
                self._read(connection, target)
            asked += len(busy)
        return asked

    def ask_in_turn(self, targets: Iterable[str]) -> None:
        """Asks for one target a connection, the next one only when the answer is there."""
        for connection, target in zip(self._sockets, targets, strict=True):
            self._send(connection, target)
            self._read(connection, target)

    def ask_last(self, target: str) -> None:
        """Asks on the connection that was opened last."""
        self._send(self._sockets[-1], target)
        self._read(self._sockets[-1], target)

    def _send(self, connection: socket.socket, target: str) -> None:
        length = self._answers.request_bytes
        head = f"{self._answers.method} {target} HTTP/1.1\r\nHost: {self._server.host}\r\n"
        framing = f"Content-Length: {length}\r\n" if length else ""
        head += f"User-Agent: bench\r\nAccept: */*\r\n{framing}\r\n"
        connection.sendall(head.encode() + b"x" * length)

    def _read(self, connection: socket.socket, target: str) -> None:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more(connection, target)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = content_length(head)
        if not head.startswith(b"HTTP/1.1 200 ") or length is None:
            raise WrongAnswerError(f"{target}: {answer[:300]!r}")
        while len(body) < length:
            body += self._more(connection, target)
        if body != self._expected:
            raise WrongAnswerError(f"{target}: {len(body)} bytes, {body[:80]!r}")

    def _more(self, connection: socket.socket, target: str) -> bytes:
        got = connection.recv(131_072)
        if not got:
            raise WrongAnswerError(f"{target}: the connection was closed before the answer was complete")
        return got


def steps(targets: Iterable[str], width: int) -> Iterator[list[str]]:
    """Cuts ``targets`` into lists of ``width``."""
    rest = iter(targets)
    while step := list(islice(rest, width)):
        yield step


def content_length(head: bytes) -> int | None:
    """The Content-Length of an answer's head."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return None
