"""Counts the requests in what a backend was sent, twice: with h11, and with a plain reading of RFC 9112 that forgives nothing."""

from __future__ import annotations

import re

import h11

_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (/[!-~]*) HTTP/1\.1\r\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\t -~\x80-\xff]*)\r\n")
_SIZE = re.compile(rb"([0-9a-f]+)\r\n")

Message = tuple[str, str, bytes]


def plainly(raw: bytes) -> list[Message]:
    """Method, target and body of each request; an assertion fails where the bytes are anything else."""
    found: list[Message] = []
    at = 0
    while at < len(raw):
        line = _LINE.match(raw, at)
        assert line, f"no request line: {raw[at : at + 80]!r}"
        at = line.end()
        of: dict[bytes, list[bytes]] = {}
        while not raw.startswith(b"\r\n", at):
            field = _FIELD.match(raw, at)
            assert field, f"no field: {raw[at : at + 80]!r}"
            of.setdefault(field[1].lower(), []).append(field[2])
            at = field.end()
        at += 2
        assert len(of.get(b"host", [])) == 1, "one Host"
        framing = of.get(b"content-length", []) + of.get(b"transfer-encoding", [])
        assert len(framing) <= 1, "one framing"
        body = b""
        if b"content-length" in of:
            assert re.fullmatch(rb"0|[1-9][0-9]*", framing[0]), framing
            length = int(framing[0])
            body = raw[at : at + length]
            assert len(body) == length, "a whole body"
            at += length
        elif b"transfer-encoding" in of:
            assert framing == [b"chunked"]
            while True:
                size = _SIZE.match(raw, at)
                assert size, f"no chunk size: {raw[at : at + 80]!r}"
                length = int(size[1], 16)
                at = size.end()
                body += raw[at : at + length]
                assert raw[at + length : at + length + 2] == b"\r\n", "a whole chunk and its end"
                at += length + 2
                if length == 0:
                    break
        found.append((line[1].decode(), line[2].decode(), body))
    return found


def by_h11(raw: bytes) -> list[Message]:
    """The same as another parser reads it."""
    found: list[Message] = []
    while raw:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(raw)
        head, body = None, b""
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Request):
                head = event
            else:
                assert isinstance(event, h11.Data), f"no whole message: {event}"
                body += bytes(event.data)
        assert head is not None
        found.append((head.method.decode(), head.target.decode(), body))
        raw = connection.trailing_data[0]
    return found
