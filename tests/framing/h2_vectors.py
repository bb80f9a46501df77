"""HTTP/2 → HTTP/1.1 downgrade techniques as a table: what a stream says, and which requests the backend may get of it.

Public techniques ("HTTP/2: The Sequel is Always Worse", RFC 9113 chapters 8 and 10); the text is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.framing.h2_wire import CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, Fields, block, frame
from tests.framing.vectors import Form

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"


@dataclass(frozen=True)
class Stream:
    """``data``: the DATA frames. ``trailers``: a second header block. ``seen``: the backend's targets; none means that the stream
    is refused, by a status of 400 or more or by a reset. ``maybe``: it may be either, as what is wrong comes behind a whole request."""

    fields: Fields
    data: tuple[bytes, ...] = ()
    trailers: Fields | None = None
    seen: tuple[str, ...] = ()
    body: bytes | None = None
    raw: Callable[[int], bytes] | None = field(default=None, compare=False)
    maybe: bool = False

    def frames(self, number: int) -> bytes:
        """All frames of the stream ``number``."""
        if self.raw is not None:
            return self.raw(number)
        ends = not self.data and self.trailers is None
        parts = [frame(HEADERS, END_HEADERS | ends * END_STREAM, number, block(self.fields))]
        for at, data in enumerate(self.data):
            last = at + 1 == len(self.data) and self.trailers is None
            parts.append(frame(DATA, last * END_STREAM, number, data))
        if self.trailers is not None:
            parts.append(frame(HEADERS, END_HEADERS | END_STREAM, number, block(self.trailers)))
        return b"".join(parts)


def head(form: Form, *more: tuple[bytes, bytes], method: bytes = b"POST", path: bytes = b"/echo") -> Fields:
    """A request's fields: pseudo-headers as they should be, and these."""
    prefix = form.prefix.removeprefix(b"http://" + form.host)
    own = [(b":method", method), (b":scheme", b"https"), (b":path", prefix + path), (b":authority", form.host)]
    return [*own, *more]


def replaced(fields: Fields, name: bytes, value: bytes) -> Fields:
    """The fields with another value for one name."""
    return [(each, value if each == name else old) for each, old in fields]


def without(fields: Fields, name: bytes) -> Fields:
    return [(each, value) for each, value in fields if each != name]


def _one(fields: Fields, *data: bytes, trailers: Fields | None = None) -> Stream:
    return Stream(fields, data, trailers, ("/echo",), b"".join(data))


def lengths(form: Form) -> Iterator[Stream]:
    """H2.CL: a length that is not that of the DATA frames, or none at all."""
    body = b"hello"
    yield _one(head(form, (b"content-length", b"5")), body)
    yield _one(head(form, (b"content-length", b"5")), b"he", b"", b"llo")
    yield _one(head(form), body + SMUGGLED)
    yield _one(head(form, (b"content-length", b"0")))
    for length in (b"0", b"4", b"6", b"100", b"18446744073709551615", b"18446744073709551616", b"-5", b"+5", b"5,5", b"5, 5", b"0x5", b"5 ", b" 5", b"", b"5\x00", b"5.0",
                   b"\xef\xbc\x95", b"five", b"5\r\nTransfer-Encoding: chunked"):  # fmt: skip
        yield Stream(head(form, (b"content-length", length)), (body,))
    yield Stream(head(form, (b"content-length", b"0")), (SMUGGLED,))
    yield Stream(head(form, (b"content-length", b"5")))
    yield Stream(head(form, (b"content-length", b"5"), (b"content-length", b"5")), (body,))
    yield Stream(head(form, (b"content-length", b"5"), (b"content-length", b"6")), (body,))
    yield Stream(head(form, (b"content-length", b"%d" % (5 + len(SMUGGLED)))), (body,))


def codings(form: Form) -> Iterator[Stream]:
    """H2.TE: fields of the connection have no place in HTTP/2."""
    chunks = b"0\r\n\r\n" + SMUGGLED
    for name, value in ((b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"identity"), (b"transfer-encoding", b""), (b"connection", b"keep-alive"),
                        (b"connection", b"transfer-encoding"), (b"connection", b"close"), (b"keep-alive", b"timeout=5"), (b"proxy-connection", b"keep-alive"),
                        (b"upgrade", b"h2c"), (b"upgrade", b"websocket"), (b"te", b"chunked"), (b"te", b"trailers, chunked"), (b"te", b"gzip")):  # fmt: skip
        yield Stream(head(form, (name, value)), (chunks,))
        yield Stream(head(form, (b"content-length", b"%d" % len(chunks)), (name, value)), (chunks,))
    yield _one(head(form, (b"te", b"trailers")), chunks)
    yield _one(head(form, (b"transfer_encoding", b"chunked")), chunks)


def injections(form: Form) -> Iterator[Stream]:
    """Line ends and NUL where HTTP/1.1 would see a line."""
    ends = (
        b"\r\n",
        b"\n",
        b"\r",
        b"\x00",
        b"\r\n\r\n" + SMUGGLED,
        b"\r\nTransfer-Encoding: chunked\r\nX: ",
        b"\nHost: evil",
        b"\r\n folded",
    )
    for end in ends:
        yield Stream(head(form, (b"x", b"y" + end)), (b"hello",))
        yield Stream(head(form, (b"x", end + b"y")), (b"hello",))
        yield Stream(head(form, (b"x" + end, b"y")), (b"hello",))
        yield Stream(head(form, (b"x" + end + b": y", b"z")), (b"hello",))
        for name in (b":method", b":path", b":authority", b":scheme"):
            value = dict(head(form))[name]
            yield Stream(replaced(head(form), name, value + end), (b"hello",))
            yield Stream(replaced(head(form), name, value + b" HTTP/1.1" + end), (b"hello",))
        yield Stream(head(form, (b"cookie", b"a=b" + end)), (b"hello",))
        yield Stream(head(form, (b"host", form.host + end)), (b"hello",))


def names(form: Form) -> Iterator[Stream]:
    """Names that are none."""
    for name in (b"X", b"Content-Length", b"x y", b"x:", b"x: y", b"x\xff", b"", b" ", b"x ", b" x", b"\tx", b"x(", b'"x"', b"x/y", b"x@y", b":", b": x", b"x\x7f", b"[x]",
                 b"content-length ", b"transfer-encoding: chunked\r\nx", b"host:"):  # fmt: skip
        yield Stream(head(form, (name, b"y")), (b"hello",))
    for value in (b"\x01", b"\x1f", b"\x7f", b"a\x0bb"):
        yield Stream(head(form, (b"x", value)), (b"hello",))
    for value in (b"\xe9\xff", b"a\tb", b"", b"a: b"):
        yield _one(head(form, (b"x", value)), b"hello")


def pseudo_headers(form: Form) -> Iterator[Stream]:
    """Pseudo-headers missing, twice, late, unknown."""
    whole = head(form)
    for name in (b":method", b":scheme", b":path"):
        yield Stream(without(whole, name), (b"hello",))
        yield Stream([*whole[:4], (name, dict(whole)[name])], (b"hello",))
        yield Stream(replaced(whole, name, b""), (b"hello",))
        late = [*without(whole, name), (b"x", b"y"), (name, dict(whole)[name])]
        yield Stream(late, (b"hello",))
    yield Stream([*whole, (b":authority", b"evil")], (b"hello",))
    for name in (b":status", b":evil", b":protocol", b":Path", b":path ", b":method:"):
        yield Stream([(name, b"200"), *whole], (b"hello",))
        yield Stream([*whole, (name, b"200")], (b"hello",))
    yield Stream([(b":method", b"CONNECT"), (b":authority", form.host)], (b"hello",))
    yield Stream([(b":method", b"CONNECT"), *whole[1:]], (b"hello",))
    yield Stream([(b":method", b"CONNECT"), (b":protocol", b"websocket"), *whole[1:]], (b"hello",))
    for method in (
        b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\nGET",
        b"G T",
        b"",
        b"G\x00T",
        b"GET\t",
        b"(GET)",
        b"G\xc3\x89T",
        b"TRACE",
        b"get",
        b"M" * 200,
    ):
        yield Stream(replaced(whole, b":method", method), (b"hello",))
    for scheme in (b"http://evil/?", b"https ", b"", b"h ttp", b"\x00", b"https\r\nx: y"):
        yield Stream(replaced(whole, b":scheme", scheme), (b"hello",))


def paths(form: Form) -> Iterator[Stream]:
    """Paths that would end a request line, or are none."""
    path = dict(head(form))[b":path"]
    for value in (
        b" ",
        b" HTTP/1.1",
        b" HTTP/1.1\r\nHost: evil\r\nX: ",
        b"\t",
        b"\x00",
        b"\x7f",
        b"\x80",
        b"\xc3\xa9",
        b" x",
        b"?a= b",
        b"?a=\r\nb",
    ):
        yield Stream(replaced(head(form), b":path", path + value), (b"hello",))
    for value in (
        b"",
        b"*",
        b"live/echo",
        b" " + path,
        b"?x",
        b"http://" + form.host + path,
        b"http://evil" + path,
        b"//evil/live/echo",
        b"\\live\\echo",
        b"@evil/live",
        b":80/live",
    ):
        yield Stream(replaced(head(form), b":path", value), (b"hello",))
    for value in (b"/%0d%0aX:%20y", b"/%20HTTP/1.1%0d%0a", b"/%00"):
        yield Stream(head(form, path=b"/echo" + value), (b"hello",), seen=("/echo" + value.decode(),), body=b"hello")
    # The h2 crate cuts a fragment off before anybody sees it: it goes nowhere.
    for value in (b"#x", b"?a=#", b"# HTTP/1.1"):
        seen = "/echo" + value.partition(b"#")[0].decode()
        yield Stream(replaced(head(form), b":path", path + value), (b"hello",), seen=(seen,), body=b"hello")


def authorities(form: Form) -> Iterator[Stream]:
    """Two answers to "which host?", or none."""
    whole = head(form)
    for value in (b"u@" + form.host, form.host + b"@evil", form.host + b" evil", form.host + b", evil", form.host + b"/evil", form.host + b"?x", form.host + b"#x",
                  form.host + b":", form.host + b":x", form.host + b":99999", form.host + b"\\", b"", b"[::1", b"\xc3\xa9", form.host + b"%00", b"http://" + form.host):  # fmt: skip
        yield Stream(replaced(whole, b":authority", value), (b"hello",))
        yield Stream([*without(whole, b":authority"), (b"host", value)], (b"hello",))
    yield Stream(without(whole, b":authority"), (b"hello",))
    yield Stream([*whole, (b"host", b"evil")], (b"hello",))
    yield _one([*whole, (b"host", form.host), (b"host", form.host)], b"hello")
    yield Stream([*without(whole, b":authority"), (b"host", form.host), (b"host", b"evil")], (b"hello",))
    yield _one([*without(whole, b":authority"), (b"host", form.host)], b"hello")
    yield _one([*whole, (b"host", form.host)], b"hello")
    yield _one([*whole, (b"x-forwarded-host", b"evil"), (b"forwarded", b"host=evil")], b"hello")


def trailers(form: Form) -> Iterator[Stream]:
    """A second header block: dropped, and never more than that."""
    for more in ([(b"x", b"y")], [(b"content-length", b"100")], [(b"host", b"evil")], [(b"authorization", b"x")], []):
        yield Stream(head(form), (b"hello",), more, ("/echo",), b"hello")
    for more in (
        [(b"x\r\ny", b"z")],
        [(b"x", b"y\r\nz")],
        [(b"transfer-encoding", b"chunked")],
        [(b"X", b"y")],
        [(b"connection", b"x")],
    ):
        yield Stream(head(form), (b"hello",), more)
    # The h2 crate passes pseudo-headers of trailers over: they are dropped with the trailers.
    for more in ([(b":path", b"/smuggled")], [(b":status", b"200")]):
        yield Stream(head(form), (b"hello",), more, ("/echo",), b"hello")


def frames(form: Form) -> Iterator[Stream]:
    """Frames cut, padded and continued: the message is what they hold."""
    fields = block(head(form, (b"content-length", b"5")))

    def padded(number: int) -> bytes:
        first = frame(HEADERS, END_HEADERS | PADDED, number, b"\x03" + fields + b"\0\0\0")
        return first + frame(DATA, END_STREAM | PADDED, number, b"\x04hello" + SMUGGLED[:4])

    def continued(number: int) -> bytes:
        # A few: more would be a flood.
        size = len(fields) // 3 + 1
        parts = [fields[at : at + size] for at in range(0, len(fields), size)]
        first = frame(HEADERS, 0, number, parts[0])
        rest = [frame(CONTINUATION, END_HEADERS * (part is parts[-1]), number, part) for part in parts[1:]]
        return first + b"".join(rest) + frame(DATA, END_STREAM, number, b"hello")

    def too_much_padding(number: int) -> bytes:
        return frame(HEADERS, END_HEADERS, number, fields) + frame(DATA, END_STREAM | PADDED, number, b"\xffhello")

    def data_after_end(number: int) -> bytes:
        return frame(HEADERS, END_HEADERS | END_STREAM, number, block(head(form))) + frame(
            DATA, END_STREAM, number, SMUGGLED
        )

    def headers_inside(number: int) -> bytes:
        return frame(HEADERS, 0, number, fields[:9]) + frame(DATA, END_STREAM, number, b"hello")

    def stream_zero(number: int) -> bytes:
        return frame(DATA, END_STREAM, 0, SMUGGLED)

    yield Stream([], raw=padded, seen=("/echo",), body=b"hello")
    yield Stream([], raw=continued, seen=("/echo",), body=b"hello")
    for raw in (too_much_padding, headers_inside, stream_zero):
        yield Stream([], raw=raw)
    yield Stream([], raw=data_after_end, seen=("/echo",), maybe=True)


def pipelines(form: Form) -> Iterator[Stream]:
    """Bodies that look like requests, in verbs that should have none."""
    for method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS"):
        yield Stream(head(form, method=method), (SMUGGLED,), seen=("/echo",))
        yield Stream(
            head(form, (b"content-length", b"%d" % len(SMUGGLED)), method=method), (SMUGGLED,), seen=("/echo",)
        )
    yield _one(head(form, (b"expect", b"100-continue")), SMUGGLED)
    yield _one(head(form, (b"cookie", b"a=b"), (b"cookie", b"c=d")), SMUGGLED)
    yield _one(head(form, (b"x-http-method-override", b"PUT")), SMUGGLED)


STREAMS: dict[str, Callable[[Form], Iterator[Stream]]] = {
    "lengths": lengths,
    "codings": codings,
    "injections": injections,
    "names": names,
    "pseudo-headers": pseudo_headers,
    "paths": paths,
    "authorities": authorities,
    "trailers": trailers,
    "frames": frames,
    "bodies": pipelines,
}
