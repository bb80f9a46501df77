"""A client that says exactly the bytes it is given, and reads answers strictly: one framing or an error."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

# What is unread when the gateway refuses: closing at once would reset the connection and destroy the answer.
UNREAD = b"x" * 48 * 1024


@dataclass(frozen=True)
class Answer:
    """One whole answer."""

    status: int
    fields: dict[str, str]
    body: bytes


@dataclass
class Peer:
    """A connection to the gateway; use as a context manager."""

    port: int
    buffer: bytes = b""
    socket: socket.socket = field(init=False)

    def __enter__(self) -> Peer:
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, *parts: bytes) -> None:
        """Send each part by itself."""
        for part in parts:
            if part:
                self.socket.sendall(part)

    def end(self) -> None:
        """Say that nothing more comes (the gateway may have closed before)."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def _more(self) -> bool:
        data = self.socket.recv(65536)
        self.buffer += data
        return data != b""

    def answer(self, *, to_head: bool = False) -> Answer | None:
        """The next answer, interim ones passed over; nothing when the connection ended between two."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                assert self.buffer == b"", f"the connection ended inside of a head: {self.buffer!r}"
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) [ -~]*", lines[0])
        assert match, f"no status line: {lines[0]!r}"
        fields: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            assert colon, f"no field: {line!r}"
            assert re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name), f"no field: {line!r}"
            assert not re.search(r"[\0\r\n]", value), f"no value: {line!r}"
            assert name.lower() not in ("content-length", "transfer-encoding") or name.lower() not in fields, (
                "framed twice"
            )
            fields[name.lower()] = value.strip(" \t")
        status = int(match[1])
        if status < 200:
            return self.answer(to_head=to_head)
        if to_head or status in (204, 304):
            return Answer(status, fields, b"")
        assert not ("content-length" in fields and "transfer-encoding" in fields), "framed twice"
        if fields.get("transfer-encoding") == "chunked":
            return Answer(status, fields, b"".join(self._chunks()))
        return Answer(status, fields, self._exactly(int(fields["content-length"])))

    def _exactly(self, length: int) -> bytes:
        while len(self.buffer) < length:
            assert self._more(), f"the body was cut {length - len(self.buffer)} bytes early"
        data, self.buffer = self.buffer[:length], self.buffer[length:]
        return data

    def _chunks(self) -> Iterator[bytes]:
        while True:
            while b"\r\n" not in self.buffer:
                assert self._more(), "the body was cut"
            line, _, self.buffer = self.buffer.partition(b"\r\n")
            assert re.fullmatch(rb"[0-9a-f]+", line), f"no chunk size: {line!r}"
            size = int(line, 16)
            chunk = self._exactly(size)
            assert self._exactly(2) == b"\r\n"
            if size == 0:
                return
            yield chunk

    def answers(self) -> list[Answer]:
        """All answers up to the end of the connection, which must be an orderly one."""
        found = []
        while (answer := self.answer()) is not None:
            found.append(answer)
        return found


def talk(port: int, *parts: bytes) -> list[Answer]:
    """What a new connection answers to ``parts`` and the end."""
    with Peer(port) as peer:
        peer.say(*parts)
        peer.end()
        return peer.answers()
