"""Every row of ``answers`` behind the live gateway: its client gets one answer, the one in the table, and the next requests their own.

Through an integration that passes answers on, one that streams them and one that maps them. AWS page: "HTTP integrations".
"""

from __future__ import annotations

import json

import pytest

from tests.framing.answers import ANSWERS, Said
from tests.framing.conftest import Served
from tests.framing.wire import Answer, Peer

THROUGH = {"passed": "", "streamed": "/stream", "mapped": "/mapped"}


def check(served: Served, through: str, said: Said) -> None:
    served.backend.raw["said"] = said.said
    path = f"{THROUGH[through]}/{'raw' if said.closes else 'keep'}/said"
    with Peer(served.port) as peer:
        peer.say(served.get(path, method=said.method.decode()))
        answer: Answer | None
        try:
            answer = peer.answer(to_head=said.method == b"HEAD")
        except (AssertionError, ConnectionResetError):
            # Its head was out when it turned out to be broken: cut, so that nobody takes it for whole.
            assert through == "streamed"
            assert said.body is None
            answer = None
        else:
            assert answer is not None
            # A mapped answer has the status of its integration response.
            status = 200 if through == "mapped" and said.status < 500 else said.status
            assert answer.status == status
            assert said.body is None or answer.body == said.body
            assert said.body is not None or b"evil" not in answer.body
    served.backend.violations.clear()
    for number in range(2):
        with Peer(served.port) as peer:
            peer.say(served.get(f"/echo?own={number}"))
            answer = peer.answer()
            assert answer is not None
            assert json.loads(answer.body)["target"] == f"/echo?own={number}"


@pytest.mark.parametrize("through", THROUGH)
@pytest.mark.parametrize("kind", ANSWERS)
def test_clients_get_their_own_answers(served: Served, kind: str, through: str) -> None:
    wrong = []
    for said in ANSWERS[kind]():
        try:
            check(served, through, said)
        except AssertionError as error:
            wrong.append(f"{said.said[:200]!r}: {error}")
    assert not wrong, "\n".join(wrong[:20])
