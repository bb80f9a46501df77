"""Every rule, live: the right status, nothing at the backend, and a close that lets the answer arrive.

Source: RFC 9112; ``design`` rule list in the codec's own tests (rust/src/http1). AWS page: "Amazon API Gateway important notes".
"""

from __future__ import annotations

import time

import pytest

from apigw.engine import Engine
from tests.framing.conftest import Served
from tests.framing.corpus import REFUSED_BODIES, REFUSED_HEADS
from tests.framing.wire import UNREAD, Peer


def refused(port: int, message: bytes, status: int) -> None:
    with Peer(port) as peer:
        # In one piece with what is never read: the answer must arrive all the same, and nothing after it.
        peer.say(message + UNREAD)
        answer = peer.answer()
        assert answer is not None
        assert answer.status == status
        assert answer.fields["connection"].lower() == "close"
        assert peer.answer() is None


@pytest.mark.parametrize("name", [*REFUSED_HEADS, *REFUSED_BODIES])
def test_refused_by_the_invoke_listener(served: Served, name: str) -> None:
    message, status = (REFUSED_HEADS | REFUSED_BODIES)[name]
    refused(served.port, message, status)
    assert served.backend.requests == []


@pytest.mark.parametrize("name", REFUSED_HEADS)
def test_refused_by_the_admin_listener(served: Served, name: str) -> None:
    message, status = REFUSED_HEADS[name]
    refused(served.admin_port, message, status)
    assert served.engine.take_calls() == []


@pytest.mark.parametrize("name", REFUSED_BODIES)
def test_broken_bodies_of_management_calls(served: Served, name: str) -> None:
    """The scope is in order, so the body is read (its signature would be judged after it)."""
    body = REFUSED_BODIES[name][0].partition(b"\r\n\r\n")[2]
    url = f"http://127.0.0.1:{served.admin_port}/restapis"
    fields = Engine.sign(
        "POST", url, [], b"hello", "AKIDEXAMPLE", "not checked before", "us-east-1", "apigateway", int(time.time())
    )
    lines = [
        "POST /restapis HTTP/1.1",
        f"Host: 127.0.0.1:{served.admin_port}",
        "Transfer-Encoding: chunked",
        *(f"{name}: {value}" for name, value in fields),
    ]
    refused(served.admin_port, "\r\n".join([*lines, "", ""]).encode() + body, 400)
    assert served.engine.take_calls() == []
