"""The limits of a request and of an answer, to the byte; bodies of any size pass without being kept.

Rules: rest-api.md §1.2, §9.4 and §19, data-plane.md (memory independent of a body's size).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from __future__ import annotations

import gzip
import re
import socket
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.backends.recording import Backend
from tests.backends.scripted import Conversation, Scripted, says
from tests.journeys.conftest import ServedGateway, gateways
from tests.journeys.fault_api import address, deployed, get, http, http_proxy, mock, post, spoken

LIMIT = 10 * 1024 * 1024
HEAD = 10_240
# What a URL may have where the API is EDGE, as APIs are by default.
EDGE_URL = 8_192
TOO_LARGE = (413, "HTTP content length exceeded 10485760 bytes.")
NOT_UNDERSTOOD = (415, '{"message":"Unsupported Media Type"}')


@pytest.fixture(scope="module")
def backend() -> Iterator[Backend]:
    with Backend() as running:
        yield running
    # A body that was refused half-way ends its connection: the backend must not take it for a whole one.
    assert set(running.violations) <= {"no chunk size: b''", "a chunk does not end with CRLF", "the body is cut"}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("limits")) as start:
        yield start("--workers", "1")


@pytest.fixture(scope="module")
def api(gateway: ServedGateway, backend: Backend) -> str:
    proxied = http_proxy(
        f"{backend.url}/{{proxy}}", requestParameters={"integration.request.path.proxy": "method.request.path.proxy"}
    )
    post = {"httpMethod": "POST"}
    return deployed(
        gateway,
        {
            "/p/{proxy+}": proxied,
            "/http": http(f"{backend.url}/bytes/2", **post),
            "/large": http(f"{backend.url}/chunked/{LIMIT}", **post),
            "/mock": mock("fine"),
        },
    )


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


def head(gateway: ServedGateway, api: str, *fields: str, path: str = "/p/bytes/2", verb: str = "POST") -> bytes:
    lines = [f"{verb} /_aws/execute-api/{api}/dev{path} HTTP/1.1", f"Host: {gateway.listen}", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_body_of_ten_mebibytes_passes_and_one_byte_more_does_not(
    gateway: ServedGateway, backend: Backend, api: str
) -> None:
    # Of text: to an HTTP backend nothing else goes unconverted (§9.2).
    body = bytes(range(32, 96)) * (LIMIT // 64)
    for path in ("/p/bytes/2", "/http"):
        assert said(post(gateway.url(api, "dev", path), content=body, timeout=60)) == (200, "xx")
        assert backend.requests.pop().body == body
    before = len(backend.requests)
    for path in ("/p/bytes/2", "/http", "/mock"):
        refused = post(gateway.url(api, "dev", path), content=body + b"x", timeout=60)
        assert said(refused) == TOO_LARGE
        assert refused.headers["content-type"].startswith("text/plain")
        assert "x-amzn-errortype" not in refused.headers
    # Without a length it is known only after ten mebibytes.
    for path in ("/p/bytes/2", "/http"):
        pieces = (body[at : at + 65536] for at in range(0, LIMIT, 65536))
        assert said(post(gateway.url(api, "dev", path), content=pieces, timeout=60)) == (200, "xx")
        assert backend.requests.pop().body == body
        longer = (piece for piece in (*[body[at : at + 65536] for at in range(0, LIMIT, 65536)], b"x"))
        assert said(post(gateway.url(api, "dev", path), content=longer, timeout=60)) == TOO_LARGE
    assert len(backend.requests) == before, "a body that was refused looked whole to the backend"
    # The length alone is enough, and a client that waits for leave is told before it sends.
    announced = head(gateway, api, f"Content-Length: {LIMIT + 1}", "Expect: 100-continue")
    assert spoken(gateway.listen, announced).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["/p/bytes/2", "/http"])
def test_the_limit_counts_what_a_coding_unpacks_to(
    gateway: ServedGateway, backend: Backend, api: str, path: str
) -> None:
    def sent(coding: str, body: bytes) -> tuple[int, str]:
        url = gateway.url(api, "dev", path)
        return said(post(url, headers={"Content-Encoding": coding}, content=body, timeout=60))

    plain = bytes(LIMIT)
    for coding, body in {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "GZip": gzip.compress(plain),
    }.items():
        assert sent(coding, body) == (200, "xx")
        received = backend.requests.pop()
        assert received.body == plain
        assert received.header("Content-Encoding") is None
    before = len(backend.requests)
    assert sent("gzip", gzip.compress(bytes(LIMIT + 1))) == TOO_LARGE
    assert sent("deflate", zlib.compress(bytes(LIMIT + 1))) == TOO_LARGE
    packed = gzip.compress(b"hello" * 100)
    for coding, body in {
        "br": packed,
        "compress": packed,
        "gzip, gzip": gzip.compress(packed),
        "x": packed,
        "gzip": packed[:-9],
        "deflate": packed,
    }.items():
        assert sent(coding, body) == NOT_UNDERSTOOD, coding
    for body in (b"no gzip", packed[:-1] + b"\xff", packed + b"garbage", b"\x1f\x8b"):
        assert sent("gzip", body) == NOT_UNDERSTOOD, body
    assert len(backend.requests) == before


def test_a_target_up_to_its_limit(gateway: ServedGateway, backend: Backend, api: str) -> None:
    prefix = f"/_aws/execute-api/{api}/dev/p/"
    for target in (prefix.ljust(EDGE_URL, "a"), (prefix + "a?b=").ljust(EDGE_URL, "c")):
        assert get(f"http://{gateway.listen}{target}").status_code == 200
        for longer in (target + "d", target.ljust(HEAD + 1, "d")):
            refused = get(f"http://{gateway.listen}{longer}")
            assert said(refused) == (414, '{"message":"Request URI too long"}')
            assert "x-amzn-errortype" not in refused.headers
    assert len(backend.requests.pop().target) < EDGE_URL


def test_a_header_block_up_to_its_limit(gateway: ServedGateway, api: str) -> None:
    def answered(fields: bytes) -> bytes:
        line, _, rest = head(gateway, api, "Connection: close", path="/mock", verb="GET").partition(b"\r\n")
        return spoken(gateway.listen, line + b"\r\n" + fields + rest)

    own = len(f"Host: {gateway.listen}\r\nConnection: close\r\n")
    assert answered(b"A: " + b"b" * (HEAD - own - 5) + b"\r\n").startswith(b"HTTP/1.1 200 ")
    for fields in (b"A: " + b"b" * (HEAD - own - 2) + b"\r\n", b"A: b\r\n" * 2000, b"A:\r\n" * 255):
        refused = answered(fields)
        assert refused.startswith(b"HTTP/1.1 431 "), refused
        assert refused.endswith(b"\r\n\r\nHTTP header is larger than 10240 bytes.")
        assert b"x-amzn-errortype" not in refused.lower()


def test_an_answer_of_ten_mebibytes_passes(gateway: ServedGateway, api: str) -> None:
    for path in (f"/p/bytes/{LIMIT}", f"/p/chunked/{LIMIT}", "/large"):
        answer = post(gateway.url(api, "dev", path), timeout=60)
        assert (answer.status_code, len(answer.content)) == (200, LIMIT)


def test_an_answer_that_unpacks_to_more_is_refused(gateway: ServedGateway) -> None:
    bomb = says(gzip.compress(bytes(LIMIT + 1)), "Content-Encoding: gzip")

    def script(talk: Conversation) -> None:
        talk.send(bomb)

    with Scripted({"/bomb": script}) as backend:
        api = deployed(gateway, {"/proxy": http_proxy(f"{backend.url}/bomb")}, "bomb")
        # A proxy streams, so that its client sees a cut.
        with pytest.raises(httpx.RemoteProtocolError):
            get(gateway.url(api, "dev", "/proxy"), timeout=60)


def memory(gateway: ServedGateway, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{gateway.process.pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


def test_bodies_that_pass_are_not_kept_in_memory(gateway: ServedGateway, backend: Backend, api: str) -> None:
    body = bytes(LIMIT)
    streams = 8

    def pass_through(_: int) -> int:
        with httpx.stream("POST", gateway.url(api, "dev", f"/p/chunked/{LIMIT}"), content=body, timeout=60) as answer:
            return sum(len(piece) for piece in answer.iter_raw())

    pass_through(0)
    before = memory(gateway, "VmRSS")
    # Forget the highest mark so far.
    Path(f"/proc/{gateway.process.pid}/clear_refs").write_text("5")
    with ThreadPoolExecutor(streams) as clients:
        assert list(clients.map(pass_through, range(streams))) == [LIMIT] * streams
    grown = memory(gateway, "VmHWM") - before
    assert grown < LIMIT, f"{streams} bodies of {LIMIT} bytes both ways took {grown} bytes"
    assert [len(request.body) for request in backend.requests[-streams:]] == [LIMIT] * streams


def test_slow_heads_hold_nobody_up(gateway: ServedGateway, api: str) -> None:
    """Clients that send a head byte by byte or never end it take a connection each and nothing else."""
    waiting = [socket.create_connection(address(gateway.listen)) for _ in range(50)]
    try:
        for connection in waiting:
            connection.sendall(b"GET / HTTP/1.1\r\nHos")
        for _ in range(10):
            assert get(gateway.url(api, "dev", "/mock")).text == "fine"
    finally:
        for connection in waiting:
            connection.close()
