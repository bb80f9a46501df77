"""Every technique of ``vectors`` against the live gateway: its backend gets the requests that the table says, and no other.

Each vector is said alone, before another request on the same connection, and in pieces. What the backend was sent is counted
three times: by the backend as it reads, by h11, and by a plain reading that forgives nothing.
"""

from __future__ import annotations

import contextlib

import pytest

from tests.framing.conftest import Served
from tests.framing.counting import by_h11, plainly
from tests.framing.vectors import FORMS, TECHNIQUES, Form, Vector
from tests.framing.wire import Answer, Peer


def say(served: Served, said: bytes, parts: list[bytes]) -> list[Answer]:
    """What the gateway answers to a vector's parts, and the end."""
    with Peer(served.port) as peer:
        # A refusal may come before all is said.
        with contextlib.suppress(OSError):
            peer.say(*parts)
        peer.end()
        answers: list[Answer] = []
        # The gateway reads on for a second after a refusal; on a busy machine what is said later resets the connection.
        with contextlib.suppress(ConnectionResetError):
            while (answer := peer.answer(to_head=said.startswith(b"HEAD ") and not answers)) is not None:
                answers.append(answer)
    return answers


def counted(served: Served) -> list[tuple[str, bytes]]:
    """Targets and bodies of what came to the backend since it was last asked."""
    backend = served.backend
    requests, backend.requests = list(backend.requests), []
    violations, backend.violations = list(backend.violations), []
    taken = {number: bytes(raw) for number, raw in backend.taken.items()}
    for raw in backend.taken.values():
        raw.clear()
    assert violations == []
    for number, raw in taken.items():
        own = [(each.method, each.target, each.body) for each in requests if each.connection == number]
        assert plainly(raw) == own
        assert by_h11(raw) == own
    assert all((request.header("Host") or "").startswith("127.0.0.1") for request in requests), "the backend's own host"
    return [(request.target, request.body) for request in requests]


def pieces(said: bytes) -> list[bytes]:
    """Cut within the first line, in the middle of the line end before the body, after it, and before the last byte."""
    end = said.find(b"\r\n\r\n") + 4
    cuts = sorted({1, end - 1, end, len(said) - 1} & set(range(1, len(said))))
    return [said[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(said)], strict=True)]


def check(served: Served, form: Form, vector: Vector) -> None:
    good = b"GET " + form.prefix + b"/good HTTP/1.1\r\nHost: " + form.host + b"\r\n\r\n"
    seen = list(vector.seen)
    then = [seen + ["/good"] * goes_on for goes_on in (False, True) if vector.goes_on in (goes_on, None)]
    for parts, allowed in (([vector.said], [seen]), ([vector.said + good], then), (pieces(vector.said + good), then)):
        answers = say(served, vector.said, parts)
        came = counted(served)
        assert [target for target, _ in came] in allowed, f"in {len(parts)} parts"
        assert len(answers) >= max(len(came), 1), f"answers in {len(parts)} parts"
        assert vector.body is None or came[0][1] == vector.body, f"the body in {len(parts)} parts"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("technique", TECHNIQUES)
def test_the_backend_gets_what_the_table_says(served: Served, technique: str, form: str) -> None:
    wrong = []
    for vector in TECHNIQUES[technique](FORMS[form]):
        try:
            check(served, FORMS[form], vector)
        except AssertionError as error:
            wrong.append(f"{vector.said[:200]!r}: {error}")
    assert not wrong, "\n".join(wrong[:20])


# What reads bodies, or passes them on as they come, in other ways than the integration above.
ROUTES = {"streamed": b"/live/stream", "mapped": b"/live/mapped"}
BODIES = ["CL.TE", "TE.CL", "TE lookalikes", "CL.CL", "Expect", "chunks", "hop by hop"]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("technique", BODIES)
def test_other_integrations_get_the_same(served: Served, technique: str, route: str) -> None:
    wrong = []
    form = Form(route, ROUTES[route], FORMS["host"].host)
    for vector in TECHNIQUES[technique](form):
        # An early answer of the first form is the backend's here.
        if b"/mock " in vector.said:
            continue
        try:
            check(served, form, vector)
        except AssertionError as error:
            wrong.append(f"{vector.said[:200]!r}: {error}")
    assert not wrong, "\n".join(wrong[:20])
