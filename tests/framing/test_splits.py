"""A message cut in two at every byte says the same as in one piece."""

from __future__ import annotations

import contextlib
import json

import pytest

from tests.framing.conftest import Served
from tests.framing.corpus import FINE, REFUSED_BODIES, REFUSED_HEADS
from tests.framing.wire import Peer


@pytest.mark.parametrize("name", FINE)
def test_fine_messages(served: Served, name: str) -> None:
    message, body = FINE[name]
    with Peer(served.port) as peer:
        for at in range(len(message)):
            peer.say(message[:at], message[at:])
            answer = peer.answer()
            assert answer is not None, f"cut at {at}"
            assert answer.status == 200, f"cut at {at}"
            said = json.loads(answer.body)
            assert (said["target"], said["body"].encode("latin-1")) == ("/echo", body), f"cut at {at}"
    assert len(served.backend.requests) == len(message)


@pytest.mark.parametrize("name", FINE)
def test_fine_messages_byte_by_byte_and_pipelined(served: Served, name: str) -> None:
    message, body = FINE[name]
    with Peer(served.port) as peer:
        peer.say(*(message[at : at + 1] for at in range(len(message))))
        peer.say(message * 3)
        peer.end()
        answers = peer.answers()
    assert [json.loads(answer.body)["body"].encode("latin-1") for answer in answers] == [body] * 4
    assert len(served.backend.requests) == 4


SHORT = {name: row for name, row in (REFUSED_HEADS | REFUSED_BODIES).items() if len(row[0]) < 300}


@pytest.mark.parametrize("name", SHORT)
def test_refused_messages(served: Served, name: str) -> None:
    message, status = SHORT[name]
    for at in range(1, len(message)):
        with Peer(served.port) as peer:
            peer.say(message[:at])
            # A refusal may come before the rest is sent; then sending may fail, the answer is there all the same.
            with contextlib.suppress(OSError):
                peer.say(message[at:])
            answer = peer.answer()
            assert answer is not None, f"cut at {at}"
            assert answer.status == status, f"cut at {at}"
    assert served.backend.requests == []
