"""Published request-smuggling vectors against the live gateway with a strict backend that counts messages.

Sources: "HTTP Desync Attacks" and "HTTP/1.1 must die" (PortSwigger), "T-Reqs" (CCS 2021), "Funky chunks", CVE texts of proxies.
However the gateway reads a vector, the backend must get as many messages as the gateway says it forwarded, and none of them
may be the hidden one on its own.
"""

from __future__ import annotations

import pytest

from tests.framing.conftest import Served
from tests.framing.corpus import HOST
from tests.framing.wire import Peer

HIDDEN = b"GET /live/smuggled HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n"
CHUNKED_HIDDEN = b"0\r\n\r\n" + HIDDEN


def post(fields: bytes, body: bytes, line: bytes = b"POST /live/echo HTTP/1.1") -> bytes:
    return line + b"\r\nHost: " + HOST + b"\r\n" + fields + b"\r\n" + body


def length(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n" % len(body)


def both(coding: bytes) -> bytes:
    """A length that covers everything beside a coding that would end earlier, if it were understood."""
    return post(length(CHUNKED_HIDDEN) + coding, CHUNKED_HIDDEN)


CODINGS = [
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding\t: chunked\r\n",
    b"Transfer-Encoding:\tchunked\r\n",
    b"Transfer-Encoding:chunked\r\n",
    b"Transfer-Encoding: chunked\t\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n",
    b"Transfer-Encoding:\x0cchunked\r\n",
    b"Transfer-Encoding: \x00chunked\r\n",
    b"Transfer-Encoding: \xa0chunked\r\n",
    b"Transfer-Encoding: \xc5\xbfchunked\r\n",
    b"Transfer-Encoding: chun\xe2\x84\xaaed\r\n",
    b" Transfer-Encoding: chunked\r\n",
    b"\tTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding:\r\n chunked\r\n",
    b"Transfer-Encoding\r\n : chunked\r\n",
    b"X: y\nTransfer-Encoding: chunked\r\n",
    b"X: y\rTransfer-Encoding: chunked\r\n",
    b"X: y\r\rTransfer-Encoding: chunked\r\n",
    b"X: y\x00Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: chunked, cow\r\n",
    b"Transfer-Encoding: 'chunked'\r\n",
    b'Transfer-Encoding: "chunked"\r\n',
    b"Transfer-Encoding: chunked;\r\n",
    b"Transfer-Encoding: ,chunked\r\n",
    b"Transfer_Encoding: chunked\r\n",
    b"Transfer Encoding: chunked\r\n",
    b"Transfer-Encoding\x00: chunked\r\n",
    b"\x00Transfer-Encoding: chunked\r\n",
    b"Foo: bar\r\n\rTransfer-Encoding: chunked\r\n",
    b"Transfer-\xc3\x8bncoding: chunked\r\n",
    b"TRANSFER-ENCODING: CHUNKED\r\n",
    b"Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
    b"TE: chunked\r\n",
    b"Content-Encoding: chunked\r\n",
]

LENGTHS = [
    b"Content-Length: 0\r\nContent-Length: %d\r\n",
    b"Content-Length: %d\r\nContent-Length: 0\r\n",
    b"Content-Length: %d\r\nContent_Length: 0\r\n",
    b"Content-Length: %d\r\nContent-Length : 0\r\n",
    b"Content-Length: %d\r\n Content-Length: 0\r\n",
    b"Content-Length: %d\r\nX: y\nContent-Length: 0\r\n",
    b"Content-Length: 0, %d\r\n",
    b"Content-Length: %d, 0\r\n",
    b"Content-Length: +%d\r\n",
    b"Content-Length: -0\r\nX: %d\r\n",
    b"Content-Length: 0\r\n %d\r\n",
    b"Content-Length: %d\x00\r\n",
    b"Content-Length: %d a\r\n",
    b"Content-Length: \x0b%d\r\n",
    b"Content-Length: 0%d\r\n",
    b"Content-Length: 0x%d\r\n",
    b"Content-Length: %d.0\r\n",
    b"Content-Length abcde: %d\r\n",
    b"Content-Length: %d\r\nConnection: Content-Length\r\n",
    b"Content-Length: %d\r\nConnection: close, content-length, host\r\n",
    b"Content-Length: %d\r\nExpect: 100-continue\r\n",
    b"Content-Length: %d\r\nExpect: y 100-continue\r\n",
    b"Content-Length: %d\r\nExpect:\r\n",
    b"Content-Length: %d\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings\r\n",
    b"Content-Length: %d\r\nUpgrade: websocket\r\nConnection: upgrade\r\n",
    b"X-HTTP-Method-Override: GET\r\nContent-Length: %d\r\n",
    b"X-HTTP-Method-Override: HEAD\r\nContent-Length: %d\r\n",
]

CHUNKS = [
    b"0\r\n\r\n",
    b"0\n\n",
    b"0\r\n\n",
    b"0\n\r\n",
    b"0\r\r\n",
    b"00\r\n\r\n",
    b"-0\r\n\r\n",
    b"0 \r\n\r\n",
    b"0;\r\n\r\n",
    b"0;\n\r\n",
    b"0;x\ny\r\n\r\n",
    b"0_2e\r\n\r\n",
    b"0x0\r\n\r\n",
    b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"5\r\nhello\r\n0\r\nContent-Length: 100\r\n\r\n",
    b"5\r\nhello\r\n0\r\nHost: evil\r\n\r\n",
    b"5\r\nhello\r\n0\r\n X: y\r\n\r\n",
    b"5\r\nhelloXX0\r\n\r\n",
    b"5\r\nhello\n0\r\n\r\n",
    b"5\r\nhello\r\n\r\n0\r\n\r\n",
    b"5;\nxx\r\nhello\r\n0\r\n\r\n",
    b"2\r\nxx\r\n45\r\n0\r\n\r\n",
    b"1_000\r\nA",
    b"f" * 16 + b"f0\r\n\r\n",
    b"100000000000000000\r\n\r\n",
]

VECTORS: list[bytes] = [
    *(both(coding) for coding in CODINGS),
    *(post(coding, CHUNKED_HIDDEN) for coding in CODINGS),
    *(post(template % len(HIDDEN), HIDDEN) for template in LENGTHS),
    *(post(b"Transfer-Encoding: chunked\r\n", chunks + HIDDEN) for chunks in CHUNKS),
    *(
        post(length(HIDDEN), HIDDEN, line=method + b" /live/echo HTTP/1.1")
        for method in (b"GET", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE", b"QUERY")
    ),
    *(
        post(length(HIDDEN), HIDDEN, line=line)
        for line in (
            b"POST /live/echo HTTP/1.0",
            b"GET /live/echo HTTP/1.1\r\nX: y",
            b"POST /live/mock HTTP/1.1",
            b"POST /nothing HTTP/1.1",
            b"POST /live/hurry/echo HTTP/1.1",
            b"POST /live/stream/echo HTTP/1.1",
            b"POST /live/mapped/echo HTTP/1.1",
        )
    ),
    post(b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n", CHUNKED_HIDDEN, line=b"POST /live/echo HTTP/1.0"),
    post(b"", b"\r\n" + HIDDEN),
    post(b"", b"\n" + HIDDEN),
    b"GET /live/echo?x= HTTP/1.1\r\nHost: evil\r\n HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    b"GET /live/echo HTTP/1.1\r\nHost: " + HOST + b"\r\nHost: evil\r\n\r\n" + HIDDEN,
    b"GET http://evil/live/smuggled HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    b"GET /live/echo%0d%0aX:%20y HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
    b"GET /live/echo%20HTTP/1.1%0d%0aHost:%20evil%0d%0a%0d%0a HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n",
]


@pytest.mark.parametrize("number", range(len(VECTORS)))
def test_the_backend_gets_what_the_gateway_says(served: Served, number: int) -> None:
    vector = VECTORS[number]
    to_head = vector.startswith(b"HEAD ") or b"Override: HEAD" in vector
    with Peer(served.port) as peer:
        peer.say(vector)
        peer.end()
        answers = []
        while (answer := peer.answer(to_head=to_head and not answers)) is not None:
            answers.append(answer)
    forwarded = [
        answer
        for answer in answers
        if answer.status == 200 and (answer.fields.get("content-type") == "application/json")
    ]
    mocked = sum(b"/live/mock" in vector.split(b"\r\n")[0] for _ in answers[:1])
    assert len(served.backend.requests) == len(forwarded) - mocked
    # What the gateway read as a request of its own right it answered as such: the client asked for it in the open.
    own = [request for request in served.backend.requests if request.target == "/smuggled"]
    assert len(own) <= max(len(answers) - 1, 0)
    for request in served.backend.requests:
        assert (request.header("Host") or "").startswith("127.0.0.1"), "the backend's own host"
