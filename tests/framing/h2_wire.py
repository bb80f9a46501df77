"""A client of HTTP/2 that says exactly the frames it is given: nothing is checked on the way out, so that anything can be said."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from dataclasses import dataclass, field

import hpack

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, ACK = 0x1, 0x4, 0x8, 0x1
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

Fields = list[tuple[bytes, bytes]]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame of any content."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _string(text: bytes) -> bytes:
    """A string literal as it is, without Huffman coding."""
    if len(text) < 127:
        return bytes([len(text)]) + text
    rest, length = [127], len(text) - 127
    while length >= 128:
        rest.append(length % 128 | 128)
        length //= 128
    return bytes([*rest, length]) + text


def block(fields: Fields) -> bytes:
    """A header block: every field a literal that is not indexed, so that names and values may be any bytes."""
    return b"".join(b"\x00" + _string(name) + _string(value) for name, value in fields)


@dataclass
class Outcome:
    """What became of a stream: an answer, or the code it (or its connection) was ended with."""

    status: int | None = None
    body: bytes = b""
    ended: bool = False
    reset: int | None = None


@dataclass
class H2Peer:
    """A connection over TLS to ``port`` that speaks HTTP/2; use as a context manager."""

    port: int
    streams: dict[int, Outcome] = field(default_factory=dict)
    goaway: int | None = None
    closed: bool = False
    following: int = 1

    def __enter__(self) -> H2Peer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = context.wrap_socket(plain)
        assert self._socket.selected_alpn_protocol() == "h2"
        self._decoder = hpack.Decoder()
        self._read = b""
        self.say(PREFACE + frame(SETTINGS, 0, 0) + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 24)))
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, *frames: bytes) -> None:
        """Send (the other side may have closed before)."""
        with contextlib.suppress(OSError):
            self._socket.sendall(b"".join(frames))

    def stream(self) -> int:
        """The number of a new stream."""
        number = self.following
        self.following += 2
        self.streams[number] = Outcome()
        return number

    def outcome(self, number: int) -> Outcome:
        """Reads until the stream is answered in full, is reset, or the connection ends."""
        outcome = self.streams[number]
        while not (outcome.ended or outcome.reset is not None or self.closed):
            self._take()
        if outcome.reset is None and not outcome.ended:
            outcome.reset = self.goaway if self.goaway is not None else -1
        return outcome

    def _exactly(self, length: int) -> bytes | None:
        while len(self._read) < length:
            try:
                data = self._socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                self.closed = True
                return None
            self._read += data
        data, self._read = self._read[:length], self._read[length:]
        return data

    def _take(self) -> None:
        head = self._exactly(9)
        if head is None:
            return
        payload = self._exactly(int.from_bytes(head[:3]))
        if payload is None:
            return
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9]) & 0x7FFFFFFF
        outcome = self.streams.get(stream, Outcome())
        match kind:
            case 1:
                assert flags & END_HEADERS, "answers of tests fit one frame"
                fields = dict(self._decoder.decode(payload, raw=True))
                status = int(fields.get(b":status", b"0"))
                outcome.status = status if status >= 200 else outcome.status
                outcome.ended = bool(flags & END_STREAM)
            case 0:
                outcome.body += payload
                outcome.ended = bool(flags & END_STREAM)
            case 3:
                outcome.reset = int.from_bytes(payload)
            case 4 if not flags & ACK:
                self.say(frame(SETTINGS, ACK, 0))
            case 6 if not flags & ACK:
                self.say(frame(PING, ACK, 0, payload))
            case 7:
                self.goaway = int.from_bytes(payload[4:8])
