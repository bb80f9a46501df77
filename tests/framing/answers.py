"""Backends that desynchronise: answers that some parser reads as one message and another as two, or as none.

Public techniques (response splitting, response queue poisoning, RFC 9112 chapters 6 and 11, "HTTP Response Smuggling"); the text is
ours. ``evil`` stands in what must not reach anybody as an answer of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.framing.vectors import CHUNKED, CHUNKS, CODINGS, FINE_CHUNKS, LENGTHS

OK = b"HTTP/1.1 200 OK\r\n"
EVIL = OK + b"Content-Length: 4\r\n\r\nevil"


@dataclass(frozen=True)
class Said:
    """``status``: what the client gets; ``body``: with what, where the backend is believed. ``closes``: the backend closes after it."""

    said: bytes
    status: int = 502
    body: bytes | None = None
    method: bytes = b"GET"
    closes: bool = False


def framings() -> Iterator[Said]:
    """Codings and lengths that only some understand."""
    for coding in CODINGS:
        yield Said(OK + coding + b"\r\n0\r\n\r\n" + EVIL)
        yield Said(OK + b"Content-Length: 5\r\n" + coding + b"\r\n0\r\n\r\n" + EVIL)
    for template in LENGTHS:
        text = template.replace(b"%d", b"5").replace(b"%%", b"%")
        yield Said(OK + text + b"\r\nhello" + EVIL)
    for first, second in ((b"Content-Length: 5\r\n", CHUNKED), (CHUNKED, b"Content-Length: 5\r\n")):
        yield Said(OK + first + second + b"\r\n5\r\nhello\r\n0\r\n\r\n" + EVIL)
    yield Said(b"HTTP/1.0 200 OK\r\n" + CHUNKED + b"\r\n0\r\n\r\n" + EVIL)


def heads() -> Iterator[Said]:
    """Lines that are none."""
    end = b"Content-Length: 5\r\n\r\nhello" + EVIL
    for line in (b"A: b\r\n c\r\n", b"A: b\r\n\tc\r\n", b" A: b\r\n", b"A : b\r\n", b"A\r\n", b": b\r\n", b"A: b\n", b"A: b\rc\r\n", b"A: b\r\r\n", b"A: \x00\r\n",
                 b"A: b\x7f\r\n", b"A: \x1b[0m\r\n", b"A(b): c\r\n", b"\xc3\xa9: b\r\n", b"A B: c\r\n", b"HTTP/1.1 200 OK\r\n", b"\n", b"\r", b"A: b\r\n\r"):  # fmt: skip
        yield Said(OK + line + end)
    for line in (b"HTTP/1.1 200 OK\n", b"HTTP/1.1 200 OK\r", b"HTTP/1.1 200 O\x00K\r\n", b"HTTP/1.1  200 OK\r\n", b" HTTP/1.1 200 OK\r\n", b"\r\nHTTP/1.1 200 OK\r\n",
                 b"HTTP/1.1 20 OK\r\n", b"HTTP/1.1 2000 OK\r\n", b"HTTP/1.1 099 OK\r\n", b"HTTP/1.1 +20 OK\r\n", b"HTTP/1.1 2OO OK\r\n", b"HTTP/1.1 OK\r\n", b"HTTP/1.1\r\n",
                 b"HTTP/0.9 200 OK\r\n", b"HTTP/1.2 200 OK\r\n", b"HTTP/2 200 OK\r\n", b"HTTP/2.0 200 OK\r\n", b"http/1.1 200 OK\r\n", b"ICY 200 OK\r\n", b"<html>evil</html>",
                 b"200 OK\r\n", b"GET /evil HTTP/1.1\r\n", b"\x00\x00\x06\x04\x00\x00\x00\x00\x00"):  # fmt: skip
        yield Said(line + end)
    yield Said(b"evil without a head")
    for line in (b"HTTP/1.1 200\r\n", b"HTTP/1.1 200 \r\n", b"HTTP/1.1 200 evil\t\xe9\r\n"):
        yield Said(line + b"Content-Length: 5\r\n\r\nhello", 200, b"hello")


def interim() -> Iterator[Said]:
    """1xx answers: passed over without bodies, and 101 never asked for."""
    final = OK + b"Content-Length: 5\r\n\r\nhello"
    for status in (b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 Other"):
        start = b"HTTP/1.1 " + status + b"\r\n"
        yield Said(start + b"\r\n" + final, 200, b"hello")
        yield Said(start + b"Link: </a>\r\n\r\n" + start + b"\r\n" + final + EVIL, 200, b"hello")
        yield Said(start + b"Content-Length: 4\r\n\r\n" + final, 200, b"hello")
        yield Said(start + b"Content-Length: 4\r\n\r\nevil" + final)
        yield Said(start + CHUNKED + b"\r\n0\r\n\r\n" + final)
        yield Said(start + b"\r\n", 504, closes=True)
    yield Said(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nevil")
    yield Said(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + final)


def bodiless() -> Iterator[Said]:
    """Answers without bodies that bring some."""
    for status in (b"204 No Content", b"304 Not Modified"):
        start = b"HTTP/1.1 " + status + b"\r\n"
        for rest in (b"\r\nevil", b"Content-Length: 4\r\n\r\nevil", CHUNKED + b"\r\n4\r\nevil\r\n0\r\n\r\n", b"Content-Length: 4\r\n\r\n", CHUNKED + b"\r\n", b"\r\n" + EVIL, b"\r\n"):  # fmt: skip
            yield Said(start + rest, int(status[:3]), b"")
        yield Said(start + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n")
    for rest in (b"Content-Length: 4\r\n\r\nevil", b"Content-Length: 4\r\n\r\n", CHUNKED + b"\r\n4\r\nevil\r\n0\r\n\r\n", CHUNKED + b"\r\n", b"\r\nevil", b"\r\n", b"Content-Length: 0\r\n\r\n" + EVIL):  # fmt: skip
        yield Said(OK + rest, 200, b"", method=b"HEAD")
    yield Said(OK + b"Content-Length: 4\r\n" + CHUNKED + b"\r\n", method=b"HEAD")
    yield Said(b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n" + EVIL, 205, b"")


def lengths() -> Iterator[Said]:
    """Lengths that lie, and what follows the last byte."""
    for body in (b"", b"hello"):
        fine = OK + b"Content-Length: %d\r\n\r\n" % len(body) + body
        for after in (
            b"",
            b"X",
            b"\r\n",
            b"\n",
            b"\x00",
            EVIL,
            b"HTTP/1.1 100 Continue\r\n\r\n" + EVIL,
            OK,
            b"HTTP/1.1 500 evil\r\n\r\n",
            b"\r\n" + EVIL,
        ):
            yield Said(fine + after, 200, body)
    yield Said(OK + b"Content-Length: 5\r\n\r\nhel", 504, closes=True)
    yield Said(OK + b"Content-Length: 5\r\nConnection: close\r\n\r\nhelloevil", 200, b"hello", closes=True)
    yield Said(b"HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello", closes=True)
    yield Said(OK + b"\r\nhello" + EVIL, 200, b"hello" + EVIL, closes=True)
    yield Said(OK + b"Connection: keep-alive\r\n\r\nhello", 200, b"hello", closes=True)
    yield Said(b"", 504, closes=True)


def chunks() -> Iterator[Said]:
    """Chunks that one reads and another does not; the last one, and trailers."""
    # This one says that very much is still to come.
    waits = "overflow, 32 bits"
    for name, text in CHUNKS.items():
        yield Said(OK + CHUNKED + b"\r\n" + text + EVIL, 504 if name == waits else 502, closes=name == waits)
    for text, body in FINE_CHUNKS.values():
        yield Said(OK + CHUNKED + b"Trailer: X\r\n\r\n" + text, 200, body)
        yield Said(OK + CHUNKED + b"\r\n" + text + EVIL, 200, body)
    yield Said(OK + CHUNKED + b"\r\n5\r\nhello\r\n", 504, closes=True)
    yield Said(OK + CHUNKED + b"\r\n5\r\nhel", 504, closes=True)


ANSWERS = {
    "framings": framings,
    "heads": heads,
    "interim": interim,
    "bodiless": bodiless,
    "lengths": lengths,
    "chunks": chunks,
}
