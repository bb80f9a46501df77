"""Messages that are fine, and what must be refused with which status: the rules of the codec, one row each.

``HOST`` stands for the host; rows without a body of their own end where the head does.
"""

from __future__ import annotations

HOST = b"framing001.execute-api.localhost"


def _post(fields: bytes, body: bytes = b"") -> bytes:
    return b"POST /live/echo HTTP/1.1\r\nHost: " + HOST + b"\r\n" + fields + b"\r\n" + body


def _get(line: bytes = b"GET /live/echo HTTP/1.1", fields: bytes = b"") -> bytes:
    return line + b"\r\nHost: " + HOST + b"\r\n" + fields + b"\r\n"


# Name → message, the body that the backend gets.
FINE: dict[str, tuple[bytes, bytes]] = {
    "plain": (_get(), b""),
    "empty line first": (b"\r\n" + _get(), b""),
    "absolute form": (_get(b"GET http://" + HOST + b"/live/echo HTTP/1.1"), b""),
    "tabs and spaces around values": (_get(fields=b"A: \t b \t\r\nB:c\r\nC:\r\n"), b""),
    "obs-text": (_get(fields=b"A: \xe9\xff\r\n"), b""),
    "length": (_post(b"Content-Length: 5\r\n", b"hello"), b"hello"),
    "zero length": (_post(b"Content-Length: 0\r\n"), b""),
    "letter case": (_post(b"cONTENT-lENGTH: 5\r\n", b"hello"), b"hello"),
    "chunked": (_post(b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "Chunked": (_post(b"transfer-encoding: ChunkeD\r\n", b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), b"hello"),
    "extensions and trailers": (
        _post(b"Transfer-Encoding: chunked\r\n", b'5;a=b;c="d e"\r\nhello\r\n00;x\r\nA: b\r\nC:\r\n\r\n'),
        b"hello",
    ),
    "looks like a request": (
        _post(b"Content-Length: 27\r\n", b"GET /smuggled HTTP/1.1\r\n\r\n."),
        b"GET /smuggled HTTP/1.1\r\n\r\n.",
    ),
    "expects to continue": (_post(b"Content-Length: 5\r\nExpect: 100-continue\r\n", b"hello"), b"hello"),
}


def _bad_fields(*rows: bytes) -> dict[str, tuple[bytes, int]]:
    return {f"field {row!r}": (_post(row), 400) for row in rows}


def _bad_chunks(*rows: bytes) -> dict[str, tuple[bytes, int]]:
    return {f"chunks {row[:40]!r}": (_post(b"Transfer-Encoding: chunked\r\n", row), 400) for row in rows}


def _bad_lines(status: int, *rows: bytes) -> dict[str, tuple[bytes, int]]:
    return {f"line {row[:40]!r}": (_get(row), status) for row in rows}


def _bad_heads(*rows: bytes) -> dict[str, tuple[bytes, int]]:
    return {f"head {row!r}": (row, 400) for row in rows}


# Refused by their heads alone, on any listener: name → message, status.
REFUSED_HEADS: dict[str, tuple[bytes, int]] = {
    # One framing.
    **_bad_fields(
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: -5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5 5\r\n",
        b"Content-Length:\r\n",
        b"Content-Length: 18446744073709551616\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked;x=y\r\n",
        b'Transfer-Encoding: "chunked"\r\n',
        b"Transfer-Encoding:\r\n",
        # One way to read a line.
        b"A: b\r\n c\r\n",
        b"A: b\r\n\tc\r\n",
        b"A : b\r\n",
        b"A\t: b\r\n",
        b"A\r\n",
        b": b\r\n",
        b"A B: c\r\n",
        b"\xc3\xa9: b\r\n",
        b"A(b): c\r\n",
        b"A: b\0c\r\n",
        b"A: b\rc\r\n",
        b"A: b\nc\r\n",
        b"A: b\nC: d\r\n",
        b"A: b\n",
        b"A: \x01\r\n",
        b"A: \x7f\r\n",
        # One host.
        b"Host: framing001.execute-api.localhost\r\n",
        b"Host: other\r\n",
    ),
    "chunked in 1.0": (_get(b"POST /live/echo HTTP/1.0", b"Transfer-Encoding: chunked\r\n"), 400),
    **_bad_heads(
        b"GET /live/echo HTTP/1.1\r\n\r\n",
        b"GET /live/echo HTTP/1.0\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a b\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a, b\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: u@a\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a:\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a:b\r\n\r\n",
        b"GET /live/echo HTTP/1.1\r\nHost: a:65536\r\n\r\n",
        b"GET http://other/live/echo HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
        b"GET http://u@" + HOST + b"/live/echo HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
        b"\r\n\r\n" + _get(),
        b"\n" + _get(),
        _get().replace(b"\r\n", b"\n"),
        _get().replace(b"HTTP/1.1\r\n", b"HTTP/1.1\n"),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ),
    **_bad_lines(
        400,
        b"GET",
        b"GET /live/echo",
        b" GET /live/echo HTTP/1.1",
        b"GET  /live/echo HTTP/1.1",
        b"GET /live/echo  HTTP/1.1",
        b"GET /live/echo HTTP/1.1 ",
        b"GET\t/live/echo HTTP/1.1",
        b"G(T /live/echo HTTP/1.1",
        b"GET /live/echo\0 HTTP/1.1",
        b"GET /live/ec\x0bho HTTP/1.1",
        b"GET /live/\xc3\xa9 HTTP/1.1",
        b"GET /live/a b HTTP/1.1",
        b"GET /live/echo#x HTTP/1.1",
        b"GET live/echo HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"CONNECT framing001.execute-api.localhost:80 HTTP/1.1",
        b"CONNECT /live/echo HTTP/1.1",
        b"GET ftp://framing001.execute-api.localhost/live/echo HTTP/1.1",
        b"GET /live/echo HTTP/1",
        b"GET /live/echo http/1.1",
        b"GET /live/echo HTTP/1.10",
        b"GET /live/echo HTTX/1.1",
    ),
    **_bad_lines(
        505, b"GET /live/echo HTTP/2.0", b"GET /live/echo HTTP/0.9", b"GET /live/echo HTTP/1.2", b"PRI * HTTP/2.0"
    ),
    "long target": (_get(b"GET /live/" + b"a" * 10_240 + b" HTTP/1.1"), 414),
    "long target, unfinished": (b"GET /live/" + b"a" * 10_300, 414),
    "many fields": (_get(fields=b"A: b\r\n" * 256), 431),
    "large fields": (_get(fields=b"A: " + b"b" * 10_240 + b"\r\n"), 431),
    "large fields, unfinished": (_get()[:-2] + b"A: " + b"b" * 10_300, 431),
}

# Refused by their bodies.
REFUSED_BODIES: dict[str, tuple[bytes, int]] = {
    **_bad_chunks(
        b"x\r\n",
        b"\r\n",
        b"-1\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5 \r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\rhello\r\n0\r\n\r\n",
        b"5;a\nhello\r\n0\r\n\r\n",
        b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n",
        b"5,5\r\nhello\r\n0\r\n\r\n",
        b"00000000000000005\r\nhello\r\n0\r\n\r\n",
        b"10000000000000000\r\nhello\r\n0\r\n\r\n",
        b"4\r\nhello\r\n0\r\n\r\n",
        b"6\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello\r\n0\n\n",
        b"5\r\nhello\r\n0\r\n\n",
        b"5\r\nhello\r\n0\r\nA\r\n\r\n",
        b"5\r\nhello\r\n0\r\nA : b\r\n\r\n",
        b"5\r\nhello\r\n0\r\nA: b\n\r\n",
        b"5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    )
}
