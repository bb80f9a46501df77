"""Request-smuggling techniques as a table: what is said to the gateway, and which requests its backend may get of it.

Our own text for techniques that are public: "HTTP Desync Attacks", "HTTP/2: The Sequel is Always Worse", "Browser-Powered Desync
Attacks" and "HTTP/1.1 Must Die" (PortSwigger), "Funky Chunks" (w4ke), T-Reqs (CCS 2021), RFC 9112 chapter 11, and the texts of
CVEs of proxies. A row is made for each form of addressing an API; ``HIDDEN`` in comments is the request that must not come through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

API = "framing001"
HOST = f"{API}.execute-api.localhost"


@dataclass(frozen=True)
class Form:
    """A way to address the API: what stands before the path, and the host."""

    name: str
    prefix: bytes
    host: bytes

    def hidden(self, fields: bytes = b"") -> bytes:
        """The request that an attacker wants to slip in."""
        return b"GET " + self.prefix + b"/smuggled HTTP/1.1\r\nHost: " + self.host + b"\r\n" + fields + b"\r\n"

    def post(self, fields: bytes, body: bytes = b"", *, line: bytes | None = None, path: bytes = b"/echo") -> bytes:
        """A POST with these field lines."""
        line = line or b"POST " + self.prefix + path + b" HTTP/1.1"
        return line + b"\r\nHost: " + self.host + b"\r\n" + fields + b"\r\n" + body

    def line(self, method: bytes, path: bytes = b"/echo", version: bytes = b"HTTP/1.1") -> bytes:
        """A request line."""
        return method + b" " + self.prefix + path + b" " + version


FORMS = {
    form.name: form
    for form in (
        Form("host", b"/live", HOST.encode()),
        Form("user-request", b"/restapis/" + API.encode() + b"/live/_user_request_", b"127.0.0.1:8080"),
        Form("execute-api", b"/_aws/execute-api/" + API.encode() + b"/live", b"[::1]"),
        Form("absolute", b"http://" + HOST.encode() + b"/live", HOST.encode()),
    )
}


@dataclass(frozen=True)
class Vector:
    """``seen``: the backend's targets in order. ``goes_on``: whether another request on the connection is answered (``None``: it
    may be, or the connection ends). ``body``: what the backend gets with the first."""

    said: bytes
    seen: tuple[str, ...] = ()
    goes_on: bool | None = False
    body: bytes | None = None


def _refused(*said: bytes) -> Iterator[Vector]:
    yield from (Vector(each) for each in said)


def _answered(said: bytes) -> Vector:
    """Answered without the backend, maybe before its body is read: what then goes on is the gateway's choice."""
    return Vector(said, (), goes_on=None)


def _one(said: bytes, body: bytes | None = None, *, goes_on: bool = True) -> Vector:
    return Vector(said, ("/echo",), goes_on, body)


def _length(number: int, name: bytes = b"Content-Length") -> bytes:
    return b"%s: %d\r\n" % (name, number)


CHUNKED = b"Transfer-Encoding: chunked\r\n"

# Ways to write the coding that some parser takes for chunked and another does not.
CODINGS = [
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: chunkedx\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding\t: chunked\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"Transfer-Encoding:\x0cchunked\r\n",
    b"Transfer-Encoding: \x00chunked\r\n",
    b"Transfer-Encoding: \xa0chunked\r\n",
    b"Transfer-Encoding: \xc5\xbfchunked\r\n",
    b"Transfer-Encoding: chun\xe2\x84\xaaed\r\n",
    b"Transfer-Encoding: chunked\x00\r\n",
    b"Transfer-Encoding: chunked\x0b\r\n",
    b"Transfer-Encoding: chunked\x85\r\n",
    b" Transfer-Encoding: chunked\r\n",
    b"\tTransfer-Encoding: chunked\r\n",
    b"\x0bTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b"Transfer-Encoding\r\n : chunked\r\n",
    b"Transfer-\r\n Encoding: chunked\r\n",
    b"X: y\nTransfer-Encoding: chunked\r\n",
    b"X: y\rTransfer-Encoding: chunked\r\n",
    b"X: y\r\rTransfer-Encoding: chunked\r\n",
    b"X: y\x00Transfer-Encoding: chunked\r\n",
    b"X: y\r\n\rTransfer-Encoding: chunked\r\n",
    b"X: y\r\n\x00\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
    b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Transfer-Encoding: chunked, gzip\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: chunked, cow\r\n",
    b"Transfer-Encoding: cow, chunked\r\n",
    b"Transfer-Encoding: ,chunked\r\n",
    b"Transfer-Encoding: chunked,\r\n",
    b"Transfer-Encoding: 'chunked'\r\n",
    b'Transfer-Encoding: "chunked"\r\n',
    b"Transfer-Encoding: chunked;\r\n",
    b"Transfer-Encoding: chunked;q=0.5\r\n",
    b"Transfer-Encoding: chu\\nked\r\n",
    b"Transfer-Encoding: %63hunked\r\n",
    b"Transfer-Encoding: =?utf-8?q?chunked?=\r\n",
    b"Transfer-Encoding:\r\n",
    b"Transfer-Encoding: \r\n",
    b"Transfer-Encoding\x00: chunked\r\n",
    b"\x00Transfer-Encoding: chunked\r\n",
    b"Transfer Encoding: chunked\r\n",
    b"Transfer-Encoding chunked: x\r\n",
    b"Transfer-Encoding= chunked\r\n",
    b"Transfer-\xc3\x8bncoding: chunked\r\n",
    b"Transfer-Encoding\xc2\xa0: chunked\r\n",
    b"(Transfer-Encoding): chunked\r\n",
    b'"Transfer-Encoding": chunked\r\n',
    b"Transfer/Encoding: chunked\r\n",
    b"Transfer-Encoding:: chunked\r\n",
]
# Names that are not the coding's: the message is framed as if they were not there.
LOOKALIKES = [
    b"Transfer_Encoding: chunked\r\n",
    b"Transfer.Encoding: chunked\r\n",
    b"X-Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding-X: chunked\r\n",
    b"Transfer--Encoding: chunked\r\n",
    b"TransferEncoding: chunked\r\n",
    b"TE: chunked\r\n",
    b"TE: trailers, chunked\r\n",
    b"Trailer: Transfer-Encoding\r\n",
    b"Connection: Transfer-Encoding\r\n",
    b"Connection: close, Content-Length\r\n",
    b"Proxy-Connection: Content-Length\r\n",
    b"Keep-Alive: Content-Length\r\n",
]
# Ways to write a length, ``%d`` being the one that covers the hidden request.
LENGTHS = [
    b"Content-Length: 0\r\nContent-Length: %d\r\n",
    b"Content-Length: %d\r\nContent-Length: 0\r\n",
    b"Content-Length: %d\r\nContent-Length: %d\r\n",
    b"Content-Length: %d\r\ncontent-length: %d\r\n",
    b"Content-Length: %d\r\nX: y\r\nContent-Length:\r\n",
    b"Content-Length: %d\r\nContent-Length : 0\r\n",
    b"Content-Length: %d\r\nContent-Length\t: 0\r\n",
    b"Content-Length: %d\r\n Content-Length: 0\r\n",
    b"Content-Length: %d\r\nX: y\nContent-Length: 0\r\n",
    b"Content-Length: %d\r\nX: y\rContent-Length: 0\r\n",
    b"Content-Length: 0, %d\r\n",
    b"Content-Length: %d, 0\r\n",
    b"Content-Length: %d, %d\r\n",
    b"Content-Length: %d,\r\n",
    b"Content-Length: ,%d\r\n",
    b"Content-Length: +%d\r\n",
    b"Content-Length: -%d\r\n",
    b"Content-Length: -0\r\nX: %d\r\n",
    b"Content-Length: +0\r\nX: %d\r\n",
    b"Content-Length: 0\r\n %d\r\n",
    b"Content-Length:\r\n %d\r\n",
    b"Content-Length: %d\x00\r\n",
    b"Content-Length: \x00%d\r\n",
    b"Content-Length: %d a\r\n",
    b"Content-Length: %d;a\r\n",
    b"Content-Length: %d#\r\n",
    b"Content-Length: %dx\r\n",
    b"Content-Length: \x0b%d\r\n",
    b"Content-Length: %d\x0c\r\n",
    b"Content-Length: 0x%d\r\n",
    b"Content-Length: 0o%d\r\n",
    b"Content-Length: 0b1\r\nX: %d\r\n",
    b"Content-Length: %d.0\r\n",
    b"Content-Length: %de0\r\n",
    b"Content-Length: 1_0\r\nX: %d\r\n",
    b'Content-Length: "%d"\r\n',
    b"Content-Length: '%d'\r\n",
    b"Content-Length: %%30%d\r\n",
    b"Content-Length: \xd9\xa0\r\nX: %d\r\n",
    b"Content-Length: \xef\xbc\x90\r\nX: %d\r\n",
    b"Content-Length: chunked\r\nX: %d\r\n",
    b"Content-Length: NaN\r\nX: %d\r\n",
    b"Content-Length:\r\nX: %d\r\n",
    b"Content-Length: 18446744073709551616\r\nX: %d\r\n",
    b"Content-Length: 99999999999999999999999\r\nX: %d\r\n",
    b"Content-Length abcde: %d\r\n",
    b"Content-Length : %d\r\n",
    b"Content-Length\x00: %d\r\n",
    b"Content Length: %d\r\n",
    b"\x00Content-Length: %d\r\n",
    b" Content-Length: %d\r\n",
    b"Content-Length\r\n: %d\r\n",
    b"Content-Length%d\r\n",
]


def cl_te(form: Form) -> Iterator[Vector]:
    """Both framings at once, each alone enough for half of the servers."""
    hidden = form.hidden()
    for body in (b"0\r\n\r\n" + hidden, b"5\r\nhello\r\n0\r\n\r\n" + hidden):
        yield from _refused(
            form.post(_length(len(body)) + CHUNKED, body),
            form.post(CHUNKED + _length(len(body)), body),
            form.post(CHUNKED + _length(0), body),
            form.post(CHUNKED + _length(4), body),
            form.post(b"content-length: %d\r\ntransfer-encoding: CHUNKED\r\n" % len(body), body),
            form.post(_length(len(body)) + b"Connection: Content-Length\r\n" + CHUNKED, body),
            form.post(_length(len(body)) + b"Connection: Transfer-Encoding\r\n" + CHUNKED, body),
        )


def te_cl(form: Form) -> Iterator[Vector]:
    """A length that ends within the first chunk."""
    hidden = form.hidden()
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    yield from _refused(form.post(_length(4) + CHUNKED, body), form.post(CHUNKED + _length(4), body))


def te_te(form: Form) -> Iterator[Vector]:
    """One of two recipients misses the coding: alone, and beside a length."""
    hidden = b"0\r\n\r\n" + form.hidden()
    for coding in CODINGS:
        yield from _refused(form.post(coding, hidden), form.post(_length(len(hidden)) + coding, hidden))
    for coding in (
        b"TRANSFER-ENCODING: CHUNKED\r\n",
        b"Transfer-Encoding:chunked\r\n",
        b"transfer-encoding: \t chunked \t\r\n",
    ):
        yield _one(form.post(coding, b"5\r\nhello\r\n0\r\n\r\n"), b"hello")
        yield from _refused(form.post(coding + _length(5), hidden))


def te_lookalikes(form: Form) -> Iterator[Vector]:
    """Names that are none of the coding's; the length alone counts."""
    hidden = b"0\r\n\r\n" + form.hidden()
    for field in LOOKALIKES:
        yield _one(form.post(_length(len(hidden)) + field, hidden), hidden, goes_on=b"close" not in field)
    # A coding of content that we do not know.
    yield _answered(form.post(_length(len(hidden)) + b"Content-Encoding: chunked\r\n", hidden))


def cl_cl(form: Form) -> Iterator[Vector]:
    """Several, listed, signed, decorated lengths."""
    hidden = form.hidden()
    for template in LENGTHS:
        text = template.replace(b"%d", b"%d" % len(hidden)).replace(b"%%", b"%")
        yield from _refused(form.post(text, hidden))
    yield _one(form.post(b"Content-Length: 00%d\r\n" % len(hidden), hidden), hidden)
    yield _one(form.post(b"Content-Length:\t%d \t\r\n" % len(hidden), hidden), hidden)


def cl_0(form: Form) -> Iterator[Vector]:
    """A body where none is expected: verbs without one, and places that answer without reading it."""
    hidden = form.hidden()
    for method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS", b"PUT", b"PATCH", b"TRACE", b"QUERY", b"get", b"PROPFIND"):
        said = form.post(_length(len(hidden)), hidden, line=form.line(method))
        known = method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS", b"PUT", b"PATCH")
        yield _one(said) if known else _answered(said)
        chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
        said = form.post(CHUNKED, chunks, line=form.line(method))
        yield _one(said) if known else _answered(said)
    for path in (b"/mock", b"/mock/", b"//mock"):
        yield _answered(form.post(_length(len(hidden)), hidden, path=path))
    yield _answered(form.post(_length(len(hidden)), hidden, line=b"POST /nothing/here HTTP/1.1"))
    yield _one(form.post(b"X-HTTP-Method-Override: GET\r\n" + _length(len(hidden)), hidden))
    yield _one(form.post(b"X-HTTP-Method-Override: HEAD\r\n" + _length(len(hidden)), hidden))
    yield _one(form.post(b"Range: bytes=0-\r\nIf-None-Match: *\r\n" + _length(len(hidden)), hidden), hidden)


def zero_cl(form: Form) -> Iterator[Vector]:
    """The front sees no length, the backend one: names that are no Content-Length, and what follows is a request in the open."""
    hidden = form.hidden()
    for name in (
        b"Content_Length",
        b"Content.Length",
        b"X-Content-Length",
        b"ContentLength",
        b"Content--Length",
        b"Length",
    ):
        yield Vector(form.post(_length(len(hidden), name), hidden), ("/echo", "/smuggled"), goes_on=True)
    for name in (b"Content-Length ", b" Content-Length", b"\tContent-Length", b"Content-Length\x0b", b"Content-Length\x00",
                 b"Content-Length\xc2\xa0", b"C\xc3\xb6ntent-Length", b"Content-Length:\r\nX", b"X\nContent-Length", b"X:\rContent-Length"):  # fmt: skip
        yield from _refused(form.post(_length(len(hidden), name), hidden))


def expect(form: Form) -> Iterator[Vector]:
    """Expectations, honest and broken: the body is framed as ever."""
    hidden = form.hidden()
    length = _length(len(hidden))
    for field in (b"Expect: 100-continue\r\n", b"Expect: 100-Continue\r\n", b"Expect:\r\n", b"Expect: y 100-continue\r\n", b"Expect: 100-continue, x\r\n",
                  b"Expect: 100-continue\r\nExpect: 100-continue\r\n", b"Expect: 200-ok\r\n", b"Expect\x2d: 100-continue\r\n", b"X-Expect: 100-continue\r\n"):  # fmt: skip
        yield _one(form.post(length + field, hidden), hidden)
        yield _one(form.post(field + length, hidden), hidden)
    yield from _refused(
        form.post(length + b"Expect : 100-continue\r\n", hidden),
        form.post(length + b"Expect: 100-\r\n continue\r\n", hidden),
    )
    yield _answered(form.post(length + b"Expect: 100-continue\r\n", hidden, path=b"/mock"))
    yield Vector(
        form.post(b"Expect: 100-continue\r\n", hidden, line=form.line(b"GET")), ("/echo", "/smuggled"), goes_on=True
    )


def bare_line_ends(form: Form) -> Iterator[Vector]:
    """LF or CR alone where some see the end of a line."""
    hidden = form.hidden()
    good = form.post(b"X: y\r\n", line=form.line(b"GET"))
    yield from _refused(
        good.replace(b"\r\n", b"\n"),
        good.replace(b"\r\n", b"\r"),
        good.replace(b"\r\n", b"\n\r"),
        good.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\n"),
        good.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r"),
        good.replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\r\n"),
        good.replace(b"X: y\r\n\r\n", b"X: y\r\n\n"),
        good.replace(b"X: y\r\n\r\n", b"X: y\n\r\n"),
        good.replace(b"X: y\r\n\r\n", b"X: y\n\n") + hidden,
        good.replace(b"X: y\r\n", b"X: y\r\n\r"),
        good.replace(b"X: y", b"X: y\n\n" + hidden),
        good.replace(b"X: y", b"X: y\r\r" + hidden),
        good.replace(b"X: y", b"X: y\x85" + b"\n" + hidden),
        form.post(_length(len(hidden)) + b"\n", hidden),
        b"\n" + good,
        b"\r" + good,
        b"\n\r\n" + good,
        b"\r\n\r\n" + good,
    )
    yield _one(b"\r\n" + good)
    # These bytes are text to us, whatever else they are elsewhere: NEL, LS, PS.
    for text in (b"\x85", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9"):
        yield _one(good.replace(b"X: y", b"X: y" + text + b"Transfer-Encoding: chunked"))


def folding(form: Form) -> Iterator[Vector]:
    """obs-fold, and white space where names begin."""
    hidden = form.hidden()
    length = _length(len(hidden))
    yield from _refused(
        form.post(b"X: y\r\n Content-Length: 5\r\n" + length, hidden),
        form.post(b"X: y\r\n\tContent-Length: 5\r\n" + length, hidden),
        form.post(b"X:\r\n y\r\n" + length, hidden),
        form.post(length + b" X: y\r\n", hidden),
        form.post(length + b" \r\n", hidden),
        form.post(length + b"\t\r\n", hidden),
        b"GET " + form.prefix + b"/echo HTTP/1.1\r\n Host: " + form.host + b"\r\n\r\n",
        b"GET " + form.prefix + b"/echo HTTP/1.1\r\n X: y\r\nHost: " + form.host + b"\r\n\r\n",
        b"GET " + form.prefix + b"/echo HTTP/1.1\r\nHost:\r\n " + form.host + b"\r\n\r\n",
    )


def names(form: Form) -> Iterator[Vector]:
    """Field names that are none, and lines that are no fields."""
    hidden = form.hidden()
    length = _length(len(hidden))
    for byte in b' \t\x00\x01\x0b\x7f"(),/;<=>?@[\\]{}\x80\xa0\xff':
        yield from _refused(form.post(length + b"X" + bytes([byte]) + b"Y: z\r\n", hidden))
    for field in (
        b"X\r\n",
        b": y\r\n",
        b":\r\n",
        b"X y\r\n",
        b"GET / HTTP/1.1\r\n",
        b"=x\r\n",
        b"\x00\r\n",
        b"X\x00\r\n",
    ):
        yield from _refused(form.post(length + field, hidden))
    for field in (
        b"X:\r\n",
        b"!#$%&'*+-.^_`|~: y\r\n",
        b"X:::y\r\n",
        b"0: 1\r\n",
        b"X: y: z\r\n",
        b"X: \xff\xfe\r\n",
        b"X: \t\r\n",
    ):
        yield _one(form.post(length + field, hidden), hidden)


def values(form: Form) -> Iterator[Vector]:
    """Control bytes in values."""
    hidden = form.hidden()
    for byte in [*range(9), *range(10, 32), 127]:
        yield from _refused(form.post(_length(len(hidden)) + b"X: y" + bytes([byte]) + b"z\r\n", hidden))


def hosts(form: Form) -> Iterator[Vector]:
    """Two answers to "which host?"."""
    hidden = form.hidden()
    line = form.line(b"GET") + b"\r\n"
    host = b"Host: " + form.host + b"\r\n"
    yield from _refused(
        line + b"\r\n",
        line + host + host + b"\r\n" + hidden,
        line + host + b"Host: evil\r\n\r\n" + hidden,
        line + b"Host: evil\r\n" + host + b"\r\n",
        line + host + b"host: evil\r\n\r\n",
        line + host + b"Host:\r\n\r\n",
        line + host + b" Host: evil\r\n\r\n",
        line + b"Host : " + form.host + b"\r\n\r\n",
        line + b"Host: " + form.host + b", evil\r\n\r\n",
        line + b"Host: " + form.host + b" evil\r\n\r\n",
        line + b"Host: " + form.host + b"/evil\r\n\r\n",
        line + b"Host: " + form.host + b"@evil\r\n\r\n",
        line + b"Host: evil@" + form.host + b"\r\n\r\n",
        line + b"Host: " + form.host + b"#@evil\r\n\r\n",
        line + b"Host: " + form.host + b"?evil\r\n\r\n",
        line + b"Host: " + form.host + b"\\evil\r\n\r\n",
        line + b"Host: " + form.host + b":80:81\r\n\r\n",
        line + b"Host: " + form.host + b":\r\n\r\n",
        line + b"Host: " + form.host + b":http\r\n\r\n",
        line + b"Host: " + form.host + b"%00\r\n\r\n",
        line + b"Host: " + form.host + b"\x00\r\n\r\n",
        line + b"Host: \xe2\x84\xa6\r\n\r\n",
        line + b"Host: [::1\r\n\r\n",
        line + b"Host: ::1\r\n\r\n",
        line + b"Host: [::1]evil\r\n\r\n",
        line + b"Host:\r\n\r\n",
        line + b"X-Forwarded-Host: " + form.host + b"\r\n\r\n",
    )  # fmt: skip
    for field in (b"X-Forwarded-Host: evil\r\n", b"Forwarded: host=evil\r\n", b"X-Host: evil\r\n", b"X-Original-URL: /smuggled\r\n", b"Connection: Host\r\n",
                  b"Connection: close, x, Host, Content-Length\r\n", b"Host_: evil\r\n"):  # fmt: skip
        yield _one(line + host + field + b"\r\n", goes_on=b"close" not in field)


def absolute_form(form: Form) -> Iterator[Vector]:
    """Absolute targets that disagree with Host, and what is neither."""
    if form.name != "absolute":
        return
    own = b"Host: " + HOST.encode() + b"\r\n\r\n"
    api = HOST.encode()
    for target in (b"http://evil/live/echo", b"http://" + api + b":80/live/echo", b"http://u@" + api + b"/live/echo", b"http://u:p@" + api + b"/live/echo",
                   b"http:///live/echo", b"http:/live/echo", b"http:live/echo", b"http://" + api + b"@evil/live/echo", b"http://evil@" + api + b"/live/echo",
                   b"http://" + api + b"%2elive/echo", b"http://" + api + b"#/live/echo", b"http://" + api + b"\\evil/live/echo", b"ftp://" + api + b"/live/echo",
                   b"ws://" + api + b"/live/echo", b"file:///live/echo", b"javascript:alert(1)", b"//" + api, b"live/echo", b"*", b"?x", api + b":80",
                   b"http://[::1]/live/echo", b"http://" + api + b", evil/live/echo"):  # fmt: skip
        # A target that begins with slashes is one in origin form: a path that no stage has.
        yield Vector(b"GET " + target + b" HTTP/1.1\r\n" + own, (), goes_on=target.startswith(b"//"))
    for target in (
        b"HTTP://" + api.upper() + b"/live/echo",
        b"https://" + api + b"/live/echo",
        b"http://" + api + b"//live/echo",
    ):
        yield _one(b"GET " + target + b" HTTP/1.1\r\n" + own)


def targets(form: Form) -> Iterator[Vector]:
    """Bytes that end a target for some."""
    after = b" HTTP/1.1\r\nHost: " + form.host + b"\r\n\r\n"
    start = b"GET " + form.prefix + b"/echo"
    for byte in [*range(32), 127, *b"#", 0x80, 0xA0, 0xFF]:
        if byte != 13:
            yield from _refused(start + bytes([byte]) + b"x" + after, start + b"?a=" + bytes([byte]) + after)
    yield from _refused(
        start + b" x" + after,
        start + b" HTTP/1.1" + after,
        start + b" HTTP/1.1\r\nX: y" + after.replace(b" HTTP/1.1\r\n", b" HTTP/1.1\r\n\r\n", 1) + b"\x00",
        start + b"\r" + after,
        start + b"\r\n" + after,
        b"GET  " + start[4:] + after,
        b"GET\t" + start[4:] + after,
        b" " + start + after,
        start + b"  HTTP/1.1" + after[9:],
        b"GET" + after,
        b"GET " + after,
    )  # fmt: skip
    for escaped in (
        b"%0d%0aX:%20y",
        b"%20HTTP/1.1%0d%0aHost:%20evil%0d%0a%0d%0a",
        b"%00",
        b"%0a",
        b"%2e%2e%2f",
        b"%23",
        b"%3f",
    ):
        said = start + b"/" + escaped + after
        yield Vector(said, ("/echo/" + escaped.decode(),), goes_on=True)


def versions(form: Form) -> Iterator[Vector]:
    """HTTP/0.9, 1.0 and what is no version."""
    hidden = form.hidden()
    host = b"\r\nHost: " + form.host + b"\r\n"
    yield from _refused(
        b"GET " + form.prefix + b"/echo\r\n",
        b"GET " + form.prefix + b"/echo\r\n\r\n" + hidden,
        *(form.line(b"GET", version=version) + host + b"\r\n" + hidden for version in (
            b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/2", b"HTTP/1", b"HTTP/1.", b"HTTP/1.11", b"HTTP/01.1", b"HTTP/1,1", b"HTTP/ 1.1", b"HTTP/+1.1", b"HTTP/1.1 x",
            b"http/1.1", b"Http/1.1", b"HTTPS/1.1", b"HTTP1.1", b"HTTP/1.1\x00", b"HTTP/1.1\t", b"HTTP/\xb9.1", b"HTTP/3.0", b"ICAP/1.0", b"RTSP/1.0", b"SHTTP/1.3")),
        form.post(CHUNKED, b"0\r\n\r\n" + hidden, line=form.line(b"POST", version=b"HTTP/1.0")),
        form.post(CHUNKED + b"Connection: keep-alive\r\n", b"0\r\n\r\n" + hidden, line=form.line(b"POST", version=b"HTTP/1.0")),
        form.line(b"GET", version=b"HTTP/1.0") + b"\r\n\r\n",
    )  # fmt: skip
    old = form.line(b"POST", version=b"HTTP/1.0")
    yield _one(form.post(_length(len(hidden)), hidden, line=old), hidden, goes_on=False)
    yield _one(form.post(_length(len(hidden)) + b"Connection: keep-alive\r\n", hidden, line=old), hidden)
    yield _one(form.post(b"", hidden, line=form.line(b"GET", version=b"HTTP/1.0")), goes_on=False)


def methods(form: Form) -> Iterator[Vector]:
    """Methods that are none, ask for tunnels or are overridden."""
    hidden = form.hidden()
    yield from _refused(
        *(form.post(_length(len(hidden)), hidden, line=form.line(method)) for method in (
            b"CONNECT", b"GE T", b"G\x00ET", b"GET\x00", b"GET:", b"(GET)", b"G\xc3\x89T", b'"GET"', b"GET,", b"\x16\x03", b"M" * 65, b"{GET}", b"GET\x0b")),
        b"CONNECT " + form.host + b":443 HTTP/1.1\r\nHost: " + form.host + b":443\r\n\r\n" + hidden,
        b"OPTIONS * HTTP/1.1\r\nHost: " + form.host + b"\r\n\r\n" + hidden,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n" + hidden,
        b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + b"\x7f\x00\x00\x01" * 3 + hidden,
    )  # fmt: skip
    for method in (b"connect", b"TRACK", b"DEBUG", b"M" * 64, b"!#$%&'*+-.^_`|~"):
        yield _answered(form.post(_length(len(hidden)), hidden, line=form.line(method)))
    for override in (b"CONNECT", b"TRACE", b"G T", b"GET / HTTP/1.1", b"\xff", b""):
        yield _answered(form.post(b"X-HTTP-Method-Override: " + override + b"\r\n" + _length(len(hidden)), hidden))


def upgrades(form: Form) -> Iterator[Vector]:
    """Invitations to speak something else: nobody takes them, and the body stays one."""
    hidden = form.hidden()
    length = _length(len(hidden))
    for fields in (b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
                   b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
                   b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\n", b"Connection: upgrade\r\nUpgrade: HTTP/1.0, TLS/1.0\r\n", b"Upgrade: h2c\r\n",
                   b"Connection: Upgrade\r\nUpgrade: connect-udp\r\nCapsule-Protocol: ?1\r\n"):  # fmt: skip
        yield _one(form.post(length + fields, hidden), hidden)
        yield Vector(form.post(fields, hidden, line=form.line(b"GET")), ("/echo", "/smuggled"), goes_on=True)


def early_answers(form: Form) -> Iterator[Vector]:
    """The answer needs no body, so it may come before the body is read: what is left of it is no request."""
    hidden = form.hidden()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(hidden), hidden)
    for line in (
        form.line(b"POST", b"/mock"),
        b"POST /live HTTP/1.1",
        b"POST /restapis/x/y/_user_request_/z HTTP/1.1",
        b"POST / HTTP/1.1",
        form.line(b"TRACE"),
    ):
        yield _answered(form.post(_length(len(hidden)), hidden, line=line))
        yield _answered(form.post(CHUNKED, chunks, line=line))
    # More than is worth reading: the connection ends.
    huge = hidden * 40_000
    for line in (form.line(b"POST"), form.line(b"POST", b"/mock")):
        yield Vector(form.post(_length(11_000_000), huge[:100_000], line=line), ())


# Name → chunks that are none, in the words of "Funky Chunks" where it has them. HIDDEN follows, where no chunk covers it.
CHUNKS = {
    "TERM.EXT": b"2;\nxx\r\n4c\r\n0\r\n\r\n",
    "TERM.EXT, CR": b"2;\rxx\r\n4c\r\n0\r\n\r\n",
    "EXT.TERM": b"45;\nx\r\n0\r\n\r\n",
    "EXT.TERM, no semicolon": b"45\nx\r\n0\r\n\r\n",
    "TERM.SPILL": b"5\r\nhelloXX45\r\n0\r\n\r\n",
    "TERM.SPILL, LF": b"5\r\nhello\n\n45\r\n0\r\n\r\n",
    "SPILL.TERM": b"5\r\nhello45\r\n0\r\n\r\n",
    "ONE.TWO": b"5\nhello\n0\n\n",
    "ONE.TWO, last": b"5\r\nhello\r\n0\r\n\n",
    "ONE.TWO, data": b"5\r\nhello\n0\r\n\r\n",
    "TWO.ONE": b"4\r\nhell\r0\r\n\r\n",
    "ZERO.TWO": b"5\r\nhello0\r\n\r\n",
    "TWO.ZERO": b"5\r\nhello\r\n\r\n0\r\n\r\n",
    "LF.CR": b"5\n\rhello\n\r0\n\r\n\r",
    "CR only": b"5\rhello\r0\r\r",
    "NUL in extension": b"5;a\x00b\r\nhello\r\n0\r\n\r\n",
    "LF in a quoted extension": b'5;a="\n"\r\nhello\r\n0\r\n\r\n',
    "CR in a quoted extension": b'5;a="\r"\r\nhello\r\n0\r\n\r\n',
    "CRLF in a quoted extension": b'5;a="\r\n"\r\nhello\r\n0\r\n\r\n',
    "white space before the extension": b"5 ;a\r\nhello\r\n0\r\n\r\n",
    "tab after the size": b"5\t\r\nhello\r\n0\r\n\r\n",
    "white space before the size": b" 5\r\nhello\r\n0\r\n\r\n",
    "white space after the last size": b"0 \r\n\r\n",
    "signed": b"+5\r\nhello\r\n0\r\n\r\n",
    "negative zero": b"-0\r\n\r\n",
    "negative": b"-1\r\n\r\n",
    "prefix": b"0x5\r\nhello\r\n0\r\n\r\n",
    "prefix of zero": b"0x0\r\n\r\n",
    "underscore": b"0_5\r\nhello\r\n0\r\n\r\n",
    "dot": b"5.0\r\nhello\r\n0\r\n\r\n",
    "quoted": b'"5"\r\nhello\r\n0\r\n\r\n',
    "list": b"5,5\r\nhello\r\n0\r\n\r\n",
    "letters": b"zz\r\n\r\n",
    "empty size": b"\r\n\r\n",
    "empty size, extension": b";a\r\n\r\n",
    "no size": b"hello\r\n0\r\n\r\n",
    "other digits": b"\xef\xbc\x90\r\n\r\n",
    "overflow to zero, 64 bits": b"10000000000000000\r\n\r\n",
    "overflow to five": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "overflow, 32 bits": b"ffffffff00000005\r\nhello\r\n0\r\n\r\n" + b"x" * 64,
    "overflow, many digits": b"f" * 40 + b"\r\nhello\r\n0\r\n\r\n",
    "leading zeros without end": b"0" * 17 + b"5\r\nhello\r\n0\r\n\r\n",
    "too long": b"6\r\nhello\r\n0\r\n\r\n",
    "too short": b"4\r\nhello\r\n0\r\n\r\n",
    "long extension": b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n",
    "many extensions": b"1;%s\r\na\r\n" % (b"x" * 250) * 80 + b"0\r\n\r\n",
    "trailer without colon": b"0\r\nX\r\n\r\n",
    "trailer that is a request": b"0\r\nGET /smuggled HTTP/1.1\r\n\r\n",
    "trailer, folded": b"0\r\nX: y\r\n z\r\n\r\n",
    "trailer, space before the colon": b"0\r\nX : y\r\n\r\n",
    "trailer, bare LF": b"0\r\nX: y\n\r\n",
    "trailer, bare CR": b"0\r\nX: y\rz\r\n\r\n",
    "trailer, NUL": b"0\r\nX: \x00\r\n\r\n",
    "trailer, no name": b"0\r\n: y\r\n\r\n",
    "trailers without end": b"0\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
}
# Chunks with decorations that RFC 9112 has: name → what they hold.
FINE_CHUNKS = {
    "extensions": (b'5;a;b=c;d="e f"\r\nhello\r\n0;x=y\r\n\r\n', b"hello"),
    "empty extension": (b"5;\r\nhello\r\n0;\r\n\r\n", b"hello"),
    "leading zeros": (b"0005\r\nhello\r\n0000\r\n\r\n", b"hello"),
    "letter case": (b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"01234567890123456789"),
    "line ends as data": (b"2\r\n\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n\r\n"),
    "chunks as data": (b"5\r\n0\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n"),
    "trailers": (b"0\r\nX: y\r\nZ:\r\n\r\n", b""),
    "trailers that frame": (b"0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
    "trailers that address": (
        b"0\r\nHost: evil\r\nAuthorization: x\r\nConnection: close\r\nX-HTTP-Method-Override: PUT\r\n\r\n",
        b"",
    ),
}


def chunks(form: Form) -> Iterator[Vector]:
    """Chunks that one reads and another does not."""
    hidden = form.hidden()
    for text in CHUNKS.values():
        # What is broken may be seen after the head was forwarded: then the backend never sees the end of a message.
        yield from _refused(form.post(CHUNKED, text + hidden))
    for text, body in FINE_CHUNKS.values():
        yield _one(form.post(CHUNKED, text), body)
        yield _one(form.post(CHUNKED + b"Trailer: X, Content-Length\r\nTE: trailers\r\n", text), body)


def hop_by_hop(form: Form) -> Iterator[Vector]:
    """Fields that Connection names go no further, those that frame always do."""
    hidden = form.hidden()
    length = _length(len(hidden))
    for option in (b"Content-Length", b"Transfer-Encoding, Content-Length", b"Host", b"X-Amzn-Trace-Id, X-Forwarded-For", b"Accept, User-Agent", b"keep-alive, Content-Type",
                   b",,,", b"Content-Length;q=1", b"\xff", b"Connection", b"Keep-Alive, TE, Trailer, Upgrade"):  # fmt: skip
        yield _one(form.post(length + b"Connection: " + option + b"\r\n", hidden), hidden)
        yield _one(
            form.post(
                b"Connection: " + option + b"\r\n" + length + b"Keep-Alive: timeout=5\r\nTE: trailers\r\n", hidden
            ),
            hidden,
        )


TECHNIQUES: dict[str, Callable[[Form], Iterator[Vector]]] = {
    "CL.TE": cl_te,
    "TE.CL": te_cl,
    "TE.TE": te_te,
    "TE lookalikes": te_lookalikes,
    "CL.CL": cl_cl,
    "CL.0": cl_0,
    "0.CL": zero_cl,
    "Expect": expect,
    "bare line ends": bare_line_ends,
    "folding": folding,
    "names": names,
    "values": values,
    "hosts": hosts,
    "absolute form": absolute_form,
    "targets": targets,
    "versions": versions,
    "methods": methods,
    "upgrades": upgrades,
    "early answers": early_answers,
    "chunks": chunks,
    "hop by hop": hop_by_hop,
}
