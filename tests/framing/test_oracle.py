"""A parser that shares no code with ours (h11) reads what we accept, and what we write, as the same single message."""

from __future__ import annotations

import json

import h11
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.framing.conftest import Served
from tests.framing.corpus import FINE
from tests.framing.oracles import message
from tests.framing.wire import Peer


def read(connection: h11.Connection, data: bytes) -> tuple[h11.Request | h11.Response, bytes, bytes]:
    """Head, body and what is left of one complete message."""
    connection.receive_data(data)
    return *message(connection), connection.trailing_data[0]


@pytest.mark.parametrize("name", FINE)
def test_the_other_parser_reads_what_we_accept(name: str) -> None:
    message, body = FINE[name]
    # An empty line before a request may be passed over or refused (RFC 9112, 2.2); this parser refuses.
    message = message.removeprefix(b"\r\n")
    _, read_body, rest = read(h11.Connection(h11.SERVER), message + b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert read_body == body
    assert rest == b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.mark.parametrize("name", FINE)
def test_the_other_parser_reads_what_we_write(served: Served, name: str) -> None:
    message, body = FINE[name]
    with Peer(served.port) as peer:
        peer.say(message)
        peer.end()
        while peer._more():
            pass
        said = peer.buffer
    (request,) = served.backend.requests
    head, _, rest = read(h11.Connection(h11.SERVER), request.head + request.body)
    assert isinstance(head, h11.Request)
    assert (head.method.decode(), head.target.decode()) == (request.method, request.target)
    assert rest == b""
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=request.method, target="/", headers=[("Host", "h")]))
    answer, answered, rest = read(client, said)
    assert isinstance(answer, h11.Response)
    assert (answer.status_code, rest) == (200, b"")
    assert json.loads(answered)["body"] == body.decode("latin-1")


@given(st.sampled_from(sorted(FINE)), st.integers(0, 10_000), st.binary(max_size=3), st.integers(0, 2))
@example("Chunked", 0, b"\r\n", 0)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_we_accept_of_a_damaged_message_it_accepts(
    served: Served, name: str, at: int, put: bytes, cut: int
) -> None:
    message = FINE[name][0].removeprefix(b"\r\n")
    at %= len(message)
    damaged = message[:at] + put + message[at + cut :]
    served.backend.requests.clear()
    with Peer(served.port) as peer:
        peer.say(damaged)
        peer.end()
        peer.answers()
    connection, rest = h11.Connection(h11.SERVER), damaged
    for request in served.backend.requests:
        # We take one empty line before a request line, as RFC 9112 asks of servers; this parser does not.
        head, body, rest = read(connection, rest.removeprefix(b"\r\n"))
        assert isinstance(head, h11.Request)
        assert (head.method.decode(), body) == (request.method, request.body)
        connection = h11.Connection(h11.SERVER)
