"""Connections that cost and do not pay: each is bounded in number, memory and time by what ``/metrics`` says, and good
requests are answered meanwhile. Loopback only, a few seconds each.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import ServedGateway, StartGateway
from tests.journeys.fault_api import address
from tests.journeys.mock_api import document
from tests.journeys.observed import metric

HALF_OPEN = 10_000
# What one connection may take that has sent the beginning of a handshake or of a head: its state and one small buffer.
BYTES_EACH = 20 * 1024
# Half of a head deadline: a good request must not come near it.
PATIENCE = 2.5


@pytest.fixture
def served(start_gateway: StartGateway, tmp_path: Path) -> ServedGateway:
    """A gateway whose API says ``"fine"``; heads and handshakes have five seconds."""
    (tmp_path / "api.json").write_bytes(document("hostile", '"fine"'))
    environment = {"APIGW_HEAD_TIMEOUT": "5 s", "APIGW_ACCESS_LOG": "off"}
    return start_gateway(str(tmp_path / "api.json"), environment=environment)


def stage(gateway: ServedGateway, *, secure: bool) -> str:
    found = re.search(r"execute-api/(\w+)/", gateway.output.read_text())
    assert found
    origin = f"https://{gateway.listen_tls}" if secure else f"http://{gateway.listen}"
    return f"{origin}/_aws/execute-api/{found[1]}/dev"


@contextmanager
def good_clients(gateway: ServedGateway) -> Iterator[list[float]]:
    """Clients that ask on new and on kept connections, plain and over TLS, all the while; every answer's time."""
    times: list[float] = []
    failed: list[str] = []
    ending = threading.Event()
    context = ssl.create_default_context(cafile=str(gateway.data_dir / "tls.crt"))

    def ask(*, secure: bool) -> None:
        url = stage(gateway, secure=secure)
        with httpx.Client(verify=context, timeout=PATIENCE) as kept:
            while not ending.is_set():
                for ask in (kept.get, lambda url: httpx.get(url, verify=context, timeout=PATIENCE)):
                    began = time.monotonic()
                    try:
                        answer = ask(url)
                    except httpx.HTTPError as error:
                        failed.append(repr(error))
                        continue
                    times.append(time.monotonic() - began)
                    if answer.text != '"fine"':
                        failed.append(f"{answer.status_code} {answer.text}")

    threads = [threading.Thread(target=ask, kwargs={"secure": secure}) for secure in (False, True)]
    for thread in threads:
        thread.start()
    try:
        yield times
    finally:
        ending.set()
        for thread in threads:
            thread.join()
    assert not failed, failed[:3]
    assert len(times) > 10
    assert max(times) < PATIENCE


@pytest.mark.timeout(180)
@pytest.mark.parametrize("secure", [False, True], ids=["heads", "handshakes"])
def test_ten_thousand_half_open_connections(served: ServedGateway, secure: bool) -> None:
    beginning = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" if secure else b"GET / HTTP/1.1\r\nHost: a\r\n"
    target = address(served.listen_tls if secure else served.listen)
    stage_is_up = httpx.get(stage(served, secure=False))
    assert stage_is_up.text == '"fine"'
    before = metric(served, "process_resident_memory_bytes")
    assert metric(served, "apigw_connections_limit") >= HALF_OPEN
    with ExitStack() as open_connections, good_clients(served):
        for _ in range(HALF_OPEN):
            connection = open_connections.enter_context(socket.create_connection(target, timeout=30))
            connection.sendall(beginning)
        most = metric(served, "apigw_connections")
        grown = metric(served, "process_resident_memory_bytes") - before
        assert most <= metric(served, "apigw_connections_limit")
        assert grown < HALF_OPEN * BYTES_EACH, f"{grown} bytes for {most} connections"
        # All of them are ended in their time, by nobody's help.
        deadline = time.monotonic() + 60
        while metric(served, "apigw_connections") > 20:
            assert time.monotonic() < deadline, "they stay"
    if secure:
        assert metric(served, "apigw_tls_late_total") == HALF_OPEN


@pytest.mark.timeout(120)
def test_more_connections_than_allowed_wait_and_take_nothing(start_gateway: StartGateway, tmp_path: Path) -> None:
    (tmp_path / "api.json").write_bytes(document("hostile", '"fine"'))
    gateway = start_gateway(
        str(tmp_path / "api.json"), environment={"APIGW_HEAD_TIMEOUT": "1 s", "APIGW_MAX_CONNECTIONS": "200"}
    )
    url = stage(gateway, secure=True)
    with ExitStack() as open_connections:
        for _ in range(1000):
            connection = open_connections.enter_context(
                socket.create_connection(address(gateway.listen_tls), timeout=30)
            )
            connection.sendall(b"\x16\x03\x01")
        # They come in by two hundreds, every second; who waits behind them is served in the end.
        context = ssl.create_default_context(cafile=str(gateway.data_dir / "tls.crt"))
        assert httpx.get(url, verify=context, timeout=60).text == '"fine"'
        assert metric(gateway, "apigw_accept_pauses_total") > 0
    assert metric(gateway, "apigw_connections_limit") == 200


@pytest.mark.timeout(120)
def test_garbage_of_all_kinds_on_the_tls_port(served: ServedGateway) -> None:
    def oversized() -> bytes:
        hello = b"\x01\x00\xea\x60" + bytes(60_000)
        pieces = [hello[at : at + 8000] for at in range(0, len(hello), 8000)]
        return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in pieces)

    kinds = {
        "apigw_tls_plain_http_total": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "apigw_tls_malformed_total": bytes(5000),
        "apigw_tls_too_large_total": oversized(),
    }
    with good_clients(served):
        for name, sent in kinds.items():
            for _ in range(200):
                with socket.create_connection(address(served.listen_tls), timeout=30) as connection:
                    try:
                        connection.sendall(sent)
                        while connection.recv(65_536):
                            pass
                    except ConnectionError:
                        pass
            deadline = time.monotonic() + 30
            while metric(served, name) < 200:
                assert time.monotonic() < deadline, name
    assert metric(served, "apigw_panics_total") == 0


@pytest.mark.timeout(120)
def test_clients_that_never_read(served: ServedGateway) -> None:
    """Pipelined requests whose answers nobody reads stop being served, and cost what one answer costs."""
    api = stage(served, secure=False).split("/", 3)[3]
    request = f"GET /{api} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 500
    context = ssl.create_default_context(cafile=str(served.data_dir / "tls.crt"))
    before = metric(served, "process_resident_memory_bytes")
    with ExitStack() as open_connections, good_clients(served):
        for number in range(100):
            raw = socket.create_connection(address(served.listen_tls if number % 2 else served.listen), timeout=30)
            connection = context.wrap_socket(raw, server_hostname="localhost") if number % 2 else raw
            open_connections.enter_context(connection)
            connection.settimeout(0.05)
            with suppress(TimeoutError, ssl.SSLError):
                for _ in range(2000):
                    connection.sendall(request)
        grown = metric(served, "process_resident_memory_bytes") - before
        assert grown < 100 * 200 * 1024, f"{grown} bytes for 100 clients"


@pytest.mark.timeout(120)
def test_a_thousand_idle_tls_connections(served: ServedGateway) -> None:
    """An idle session holds no buffer; measured 9.6 KB each in the development build, the kernel's memory apart."""
    context = ssl.create_default_context(cafile=str(served.data_dir / "tls.crt"))
    host, _, port = served.listen_tls.rpartition(":")
    api = stage(served, secure=True).split("/", 3)[3]
    request = f"GET /{api} HTTP/1.1\r\nHost: a\r\n\r\n".encode()

    def idle(stack: ExitStack, count: int) -> None:
        for _ in range(count):
            raw = socket.create_connection((host, int(port)), timeout=30)
            connection = stack.enter_context(context.wrap_socket(raw, server_hostname="localhost"))
            connection.sendall(request)
            seen = b""
            while not seen.endswith(b'"fine"'):
                seen += connection.recv(65_536)

    with ExitStack() as stack:
        # What every later connection uses again is there after the first ones.
        idle(stack, 200)
        before = metric(served, "process_resident_memory_bytes")
        idle(stack, 1000)
        each = (metric(served, "process_resident_memory_bytes") - before) / 1000
        assert metric(served, "apigw_connections") >= 1200
    assert each < 12 * 1024, f"{each:.0f} bytes"
