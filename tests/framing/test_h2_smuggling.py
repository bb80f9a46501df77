"""Every row of ``h2_vectors`` against the live gateway: HTTP/2 in, HTTP/1.1 out, and a backend that counts.

Each stream is opened alone on a connection, and between two good ones on a connection that goes on where it may.
"""

from __future__ import annotations

import pytest

from tests.framing.conftest import Served
from tests.framing.h2_vectors import STREAMS, Stream, head
from tests.framing.h2_wire import END_HEADERS, END_STREAM, HEADERS, H2Peer, block, frame
from tests.framing.test_smuggling import counted
from tests.framing.vectors import FORMS, Form

SECURE = ["host", "user-request", "execute-api"]


def good(form: Form, number: int) -> bytes:
    fields = head(form, method=b"GET", path=b"/good")
    return frame(HEADERS, END_HEADERS | END_STREAM, number, block(fields))


def check(served: Served, form: Form, stream: Stream) -> None:
    for among_others in (False, True):
        with H2Peer(served.tls_port) as peer:
            first = peer.stream() if among_others else 0
            if among_others:
                peer.say(good(form, first))
                assert peer.outcome(first).status == 200
            number = peer.stream()
            peer.say(stream.frames(number))
            outcome = peer.outcome(number)
            after = []
            if among_others and not peer.closed and peer.goaway is None:
                last = peer.stream()
                peer.say(good(form, last))
                # The connection may end over what was said on it; a stream is answered as it should be, or not at all.
                answered = peer.outcome(last)
                assert answered.status in (200, None)
                after = ["/good"] * (answered.status == 200)
        came = counted(served)
        targets = [target for target, _ in came]
        refused = [*["/good"] * among_others, *after]
        allowed = [[*["/good"] * among_others, *stream.seen, *after], *[refused] * stream.maybe]
        assert targets in allowed, f"{outcome}"
        if stream.body is not None:
            assert came[int(among_others)][1] == stream.body
        if not stream.maybe:
            assert (outcome.status is None or outcome.status >= 400) == (not stream.seen), f"{outcome}"


@pytest.mark.parametrize("form", SECURE)
@pytest.mark.parametrize("kind", STREAMS)
def test_the_backend_gets_what_the_table_says(served: Served, kind: str, form: str) -> None:
    wrong = []
    for stream in STREAMS[kind](FORMS[form]):
        try:
            check(served, FORMS[form], stream)
        except AssertionError as error:
            wrong.append(f"{stream.fields!r} {stream.data!r} {stream.trailers!r}: {error}")
    assert not wrong, "\n".join(wrong[:20])
