"""A backend that records what reaches it, byte by byte, and answers as the path asks.

``/status/{code}``, ``/bytes/{n}``, ``/chunked/{n}``, ``/gzip``, ``/slow`` (answers when ``release`` is set), ``/reset``
(RST instead of an answer), ``/close`` (FIN instead of one), ``/raw/{name}`` (bytes given to ``raw``); all else echoes
the request as JSON. It reads strictly: a message it cannot frame is recorded in ``violations`` and cut.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import BinaryIO

from tests.backends.accepting import Accepting

_STATUS = re.compile(r"/status/(\d{3})")
_SIZED = re.compile(r"/(bytes|chunked)/(\d+)")


class Violation(Exception):
    """The peer broke the framing."""


@dataclass(frozen=True)
class Received:
    """One request as it came; ``fields`` in order, names as written."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes
    head: bytes
    connection: int

    def header(self, name: str) -> str | None:
        """The value of the one field ``name`` (any letter case), or ``None``; several are an error."""
        values = [value for key, value in self.fields if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None


@dataclass
class Backend(Accepting):
    """Records what it reads; a context manager."""

    requests: list[Received] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    raw: dict[str, bytes] = field(default_factory=dict)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def wait(self, timeout: float = 20) -> Received:
        """Wait until a request has come in whole that was not waited for; the latest one."""
        assert self.arrived.acquire(timeout=timeout), "no request reached the backend"
        return self.requests[-1]

    def reader(self, connection: socket.socket, number: int) -> BinaryIO:
        """What a connection's requests are read from."""
        del number
        return connection.makefile("rb")

    def serve(self, connection: socket.socket, number: int) -> None:
        """Read strictly, record, answer."""
        with self.reader(connection, number) as reader:
            try:
                while (request := _read_request(reader, connection, number)) is not None:
                    with self._lock:
                        self.requests.append(request)
                    self.arrived.release()
                    if not self._answer(connection, request):
                        return
            except Violation as error:
                self.violations.append(str(error))

    def _answer(self, connection: socket.socket, request: Received) -> bool:
        """Answer; says whether the connection goes on."""
        path = request.target.partition("?")[0]
        if path == "/reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if path == "/close":
            return False
        if path.startswith("/raw/"):
            connection.sendall(self.raw[path.removeprefix("/raw/")])
            return False
        if path == "/slow":
            self.release.wait()
        if match := _STATUS.fullmatch(path):
            body = f"status {match[1]}".encode()
            connection.sendall(_response(int(match[1]), [("Content-Type", "text/plain")], body, request.method))
        elif (match := _SIZED.fullmatch(path)) and match[1] == "chunked":
            _send_chunked(connection, int(match[2]))
        elif match:
            connection.sendall(
                _response(200, [("Content-Type", "application/octet-stream")], b"x" * int(match[2]), request.method)
            )
        elif path == "/gzip":
            packed = gzip.compress(b'{"packed": true}', mtime=0)
            connection.sendall(
                _response(
                    200, [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], packed, request.method
                )
            )
        else:
            connection.sendall(_response(200, [("Content-Type", "application/json")], _echo(request), request.method))
        return True


def _read_request(reader: object, connection: socket.socket, number: int) -> Received | None:
    read_line, read = reader.readline, reader.read  # type: ignore[attr-defined]
    head = b""
    while True:
        line = read_line(65537)
        if line == b"" and head == b"":
            return None
        if not line.endswith(b"\r\n"):
            raise Violation(f"a head's line does not end with CRLF: {line!r}")
        head += line
        if line == b"\r\n":
            break
    lines = head.decode("latin-1").split("\r\n")[:-2]
    parts = lines[0].split(" ")
    if len(parts) != 3 or parts[2] != "HTTP/1.1":
        raise Violation(f"no request line: {lines[0]!r}")
    fields: list[tuple[str, str]] = []
    for each in lines[1:]:
        name, colon, value = each.partition(":")
        if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\0\r\n]", value):
            raise Violation(f"no field: {each!r}")
        fields.append((name, value.strip(" \t")))
    of = {name.lower(): value for name, value in fields}
    if sum(name.lower() == "host" for name, _ in fields) != 1:
        raise Violation("there must be one Host")
    if of.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    framing = [name for name, _ in fields if name.lower() in ("content-length", "transfer-encoding")]
    if len(framing) > 1:
        raise Violation(f"framed twice: {framing}")
    if "transfer-encoding" in of:
        if of["transfer-encoding"] != "chunked":
            raise Violation(f"Transfer-Encoding: {of['transfer-encoding']}")
        body = _read_chunks(read_line, read)
    else:
        length = of.get("content-length", "0")
        if not re.fullmatch(r"\d+", length):
            raise Violation(f"Content-Length: {length}")
        body = read(int(length))
        if len(body) != int(length):
            raise Violation("the body is cut")
    return Received(parts[0], parts[1], fields, body, head, number)


def _read_chunks(read_line: object, read: object) -> bytes:
    body = b""
    while True:
        line = read_line(1024)  # type: ignore[operator]
        if not re.fullmatch(rb"[0-9A-Fa-f]+\r\n", line):
            raise Violation(f"no chunk size: {line!r}")
        size = int(line, 16)
        if size == 0:
            if read_line(1024) != b"\r\n":  # type: ignore[operator]
                raise Violation("trailers")
            return body
        body += read(size)  # type: ignore[operator]
        if read(2) != b"\r\n":  # type: ignore[operator]
            raise Violation("a chunk does not end with CRLF")


def _response(status: int, fields: list[tuple[str, str]], body: bytes, method: str) -> bytes:
    bodiless = status in (204, 304) or status < 200
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in fields)]
    if not bodiless:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return head if bodiless or method == "HEAD" else head + body


def _send_chunked(connection: socket.socket, size: int) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    left = size
    while left:
        part = min(left, 16384)
        connection.sendall(b"%x\r\n%s\r\n" % (part, b"x" * part))
        left -= part
    connection.sendall(b"0\r\n\r\n")


def _echo(request: Received) -> bytes:
    return json.dumps(
        {
            "method": request.method,
            "target": request.target,
            "headers": request.fields,
            "body": request.body.decode("latin-1"),
        }
    ).encode()
