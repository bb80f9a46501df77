"""HTTP/2 connections whose streams cost and do not pay: bodies that trickle, windows that never open. Each stream ends in its
time, their memory is bounded by what ``/metrics`` says, and good requests are answered meanwhile.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends.recording import Backend
from tests.framing.h2_wire import (
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    SETTINGS,
    WINDOW_UPDATE,
    Fields,
    H2Peer,
    block,
    frame,
)
from tests.journeys.conftest import ServedGateway, StartGateway
from tests.journeys.fault_api import document, http, http_proxy, mock
from tests.journeys.observed import metric
from tests.journeys.test_hostile_connections import good_clients, stage

CONNECTIONS, STREAMS = 10, 100
INITIAL_WINDOW_SIZE = 4
INTERNAL_ERROR = 2
# Seconds until a client has to keep to ``min_body_rate``.
GRACE = 10
IDLE = 3


@pytest.fixture
def served(start_gateway: StartGateway, backend: Backend, tmp_path: Path) -> ServedGateway:
    """``/`` says ``"fine"``, ``/held`` wants a body before its backend is asked; ``/said`` and ``/passed`` have long answers."""
    integrations = {
        "/": mock('"fine"'),
        "/held": http(f"{backend.url}/"),
        "/said": mock(f'"{"x" * 10_000}"'),
        "/passed": http_proxy(f"{backend.url}/bytes/1000000", timeoutInMillis=1000 * IDLE),
    }
    (tmp_path / "api.json").write_bytes(document(integrations))
    environment = {"APIGW_IDLE_TIMEOUT": f"{IDLE} s", "APIGW_ACCESS_LOG": "off"}
    return start_gateway(str(tmp_path / "api.json"), environment=environment)


def asking(gateway: ServedGateway, method: bytes, path: str, *more: tuple[bytes, bytes]) -> Fields:
    """The fields of a request for a path of the stage."""
    target = "/" + stage(gateway, secure=True).split("/", 3)[3] + path
    own = [(b":method", method), (b":scheme", b"https"), (b":path", target.encode()), (b":authority", b"localhost")]
    return [*own, *more]


@pytest.fixture
def peers(served: ServedGateway) -> Iterator[list[H2Peer]]:
    """Connections that are kept open."""
    with ExitStack() as stack:
        yield [stack.enter_context(H2Peer(int(served.listen_tls.rpartition(":")[2]))) for _ in range(CONNECTIONS)]


def fine(gateway: ServedGateway, peer: H2Peer) -> bool:
    """Whether a good request is answered on the connection."""
    stream = peer.stream()
    peer.say(frame(HEADERS, END_HEADERS | END_STREAM, stream, block(asking(gateway, b"GET", ""))))
    outcome = peer.outcome(stream)
    return (outcome.status, outcome.body) == (200, b'"fine"')


@pytest.mark.timeout(120)
def test_bodies_that_trickle_on_a_thousand_streams(
    served: ServedGateway, peers: list[H2Peer], backend: Backend
) -> None:
    before = metric(served, "process_resident_memory_bytes")
    head = block(asking(served, b"POST", "/held", (b"content-length", b"1000")))
    began = time.monotonic()
    with good_clients(served):
        slow = [(peer, [peer.stream() for _ in range(STREAMS)]) for peer in peers]
        for peer, streams in slow:
            peer.say(*[frame(HEADERS, END_HEADERS, stream, head) for stream in streams])
        while metric(served, "apigw_requests_in_flight") < CONNECTIONS * STREAMS:
            assert time.monotonic() < began + GRACE, "they were never there all at once"
        # The pace is what is tested: a byte now and then gains no time.
        while metric(served, "apigw_requests_in_flight") >= CONNECTIONS * STREAMS:
            for peer, streams in slow:
                peer.say(*[frame(DATA, 0, stream, b"x") for stream in streams])
            grown = metric(served, "process_resident_memory_bytes") - before
            # What one costs that waits: its state and its head; no big buffer for the body.
            assert grown < CONNECTIONS * STREAMS * 24 * 1024, f"{grown} bytes"
            time.sleep(1)
        for peer, streams in slow:
            assert {peer.outcome(stream).status for stream in streams} == {408}
            assert fine(served, peer), "the connection itself did nothing wrong"
    assert time.monotonic() - began > GRACE - 1
    assert not backend.requests
    assert metric(served, "apigw_panics_total") == 0


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("path", "streams", "each", "cut"), [("/said", 100, 48 * 1024, 0), ("/passed", 10, 256 * 1024, 100)]
)
def test_windows_that_never_open(
    served: ServedGateway, peers: list[H2Peer], path: str, streams: int, each: int, cut: int
) -> None:
    before = metric(served, "process_resident_memory_bytes")
    closed = frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0))
    head = block(asking(served, b"GET", path))
    with good_clients(served):
        stuck = [(peer, [peer.stream() for _ in range(streams)]) for peer in peers]
        for peer, opened in stuck:
            peer.say(closed, *[frame(HEADERS, END_HEADERS | END_STREAM, stream, head) for stream in opened])
        ended = [peer.outcome(stream) for peer, opened in stuck for stream in opened]
        grown = metric(served, "process_resident_memory_bytes") - before
    # The head needs no window. What follows waits for one as long as an idle connection may, or the backend has time.
    assert {(one.status, one.body, one.reset) for one in ended} == {(200, b"", INTERNAL_ERROR)}
    assert metric(served, "apigw_responses_cut_total") == cut, "those that came from a backend bit by bit"
    assert grown < len(ended) * each, f"{grown} bytes for {len(ended)} answers"
    assert metric(served, "apigw_panics_total") == 0


@pytest.mark.timeout(120)
def test_clients_that_open_their_windows_and_never_read(served: ServedGateway, peers: list[H2Peer]) -> None:
    """Their answers fill what the system holds for them; then nothing more is made, and no more streams are taken."""
    before = metric(served, "process_resident_memory_bytes")
    most = (1 << 31) - 1
    opened = frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, most))
    # What is missing to the largest window there is.
    opened += frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", most - 65_535 - (1 << 24)))
    head = block(asking(served, b"GET", "/said"))
    with good_clients(served):
        for peer in peers:
            peer.say(opened)
        for _ in range(20):
            for peer in peers:
                asked = [peer.stream() for _ in range(STREAMS)]
                peer.say(*[frame(HEADERS, END_HEADERS | END_STREAM, stream, head) for stream in asked])
        grown = metric(served, "process_resident_memory_bytes") - before
        assert grown < CONNECTIONS * 8 * 1024 * 1024, f"{grown} bytes for {len(peers)} clients"
        assert metric(served, "apigw_requests_in_flight") <= CONNECTIONS * 128 + 10
    assert metric(served, "apigw_panics_total") == 0
