"""Parsers that share no code with ours read what we accept with the same framing, and what we write as exactly one message.

Everything in the tables of this folder is asked of h11, Node, Go and nginx; the last three are skipped where they are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import program
from tests.framing import oracles
from tests.framing.answers import ANSWERS
from tests.framing.conftest import Served
from tests.framing.corpus import FINE
from tests.framing.oracles import Inputs, Oracle, nginx
from tests.framing.test_answers import THROUGH
from tests.framing.test_smuggling import counted, say
from tests.framing.vectors import FORMS, TECHNIQUES, Vector
from tests.framing.wire import Peer

ORACLES = ["h11", *(pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("node", "go", "nginx"))]
GOOD = b"GET /good HTTP/1.1\r\nHost: h\r\n\r\n"

# What others refuse and we take, each with its reason: an oracle's name and what is in the message.
STRICTER = [
    ("h11", b"\r\nGET", "an empty line before a request (RFC 9112, 2.2: a server SHOULD pass it over)"),
    ("go", b"\r\nGET", "the same"),
    ("node", b"Upgrade: ", "it reads no further on a connection that was offered an upgrade"),
    ("node", b" HTTP/1.0\r\n", "bytes behind a message that ends its connection"),
    ("nginx", b"\t", "white space around a length or a coding that is no single space"),
    ("nginx", b"Expect: 100-continue\r\nExpect: 100-continue\r\n", "two expectations of the same"),
    ("nginx", b"/%00 ", "a NUL in a path, encoded"),
    ("node", b"\t", "white space around a length or a coding that is no single space"),
    ("node", b"5;\r\n", "an extension without a name (RFC 9112, 7.1.1 has none either; it is dropped)"),
    ("node", b"0\r\nContent-Length: 100\r\n", "trailers that would frame; ours are dropped"),
    (
        "node",
        b"Connection: close\r\nX-HTTP-Method-Override: PUT\r\n\r\n",
        "it obeys Connection in trailers; ours are dropped",
    ),
    ("go", b"Trailer: X, Content-Length", "a Trailer that announces a framing field; ours are dropped"),
    ("go", b"Expect: 200-ok", "417 for an expectation it does not know (RFC 9110, 10.1.1: MAY)"),
    ("h11", b"HTTP/1.0", "it closes after HTTP/1.0, whatever Connection says"),
]


@pytest.fixture(scope="module")
def oracle(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, free_port: Callable[[], int]
) -> Iterator[Oracle]:
    folder = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "h11":
            yield oracles.by_h11
        case "node":
            yield oracles.node
        case "go":
            oracles.build_go(folder / "parse")
            yield oracles.go(folder / "parse")
        case "nginx":
            executable = program("nginx")
            assert executable is not None
            with nginx.running(executable, folder, free_port()) as running:
                yield running


def accepted() -> list[Vector]:
    """What the gateway forwards: the rows of all techniques, and the messages that are fine."""
    rows = [vector for make in TECHNIQUES.values() for form in FORMS.values() for vector in make(form) if vector.seen]
    fine = [Vector(said, ("/echo",), goes_on=True, body=body) for said, body in FINE.values()]
    return list({vector.said: vector for vector in (*rows, *fine)}.values())


@pytest.mark.parametrize("oracle", ORACLES, indirect=True)
def test_what_we_accept_they_read_with_the_same_framing(oracle: Oracle, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["oracle"]
    rows = accepted()
    # Another request behind it shows where they see the end.
    read = oracle("requests", [("", vector.said + GOOD * bool(vector.goes_on)) for vector in rows])
    wrong, stricter = [], set()
    for vector, each in zip(rows, read, strict=True):
        whole = [message for message in each.messages if message[2] is not None]
        ends = [*vector.seen, *["/good"] * bool(vector.goes_on)]
        targets = [target for _, target, _ in whole]
        same = len(whole) <= len(ends) and all(target.endswith(end) for target, end in zip(targets, ends, strict=False))
        same = same and (vector.body is None or not whole or whole[0][2] == vector.body)
        reasons = [reason for who, text, reason in STRICTER if who == name and text in vector.said]
        if len(whole) < len(ends):
            stricter.update(reasons)
            same = same and reasons != []
        if not same:
            wrong.append(f"{vector.said[:200]!r}: {each}")
    assert not wrong, "\n".join(wrong[:20])
    assert stricter == {reason for who, _, reason in STRICTER if who == name}, "no reason outlives its cause"


@pytest.fixture(scope="module")
def written(served: Served) -> tuple[Inputs, list[list[tuple[str, bytes]]], Inputs]:
    """What the gateway sent to its backend for all of that with what it means, and what it sent to its clients."""
    asked: Inputs = []
    meant = []
    served.backend.requests.clear()
    for vector in accepted():
        for raw in served.backend.taken.values():
            raw.clear()
        say(served, vector.said, [vector.said])
        # More than one request may have gone over more than one connection.
        taken = [bytes(raw) for raw in served.backend.taken.values() if raw]
        came = counted(served)
        if len(taken) == 1:
            asked.append(("", taken[0]))
            meant.append(came)
    answered: Inputs = []
    for make in ANSWERS.values():
        for said in make():
            served.backend.raw["said"] = said.said
            for through in THROUGH.values():
                with Peer(served.port) as peer:
                    method = said.method.decode()
                    peer.say(
                        served.get(
                            f"{through}/{'raw' if said.closes else 'keep'}/said", "Connection: close", method=method
                        )
                    )
                    try:
                        while peer._more():
                            pass
                    except ConnectionResetError:
                        continue
                    whole = through != "/stream" or said.body is not None
                    if whole:
                        answered.append((method, peer.buffer))
    served.backend.violations.clear()
    return asked, meant, answered


@pytest.mark.parametrize("oracle", ORACLES, indirect=True)
def test_what_we_write_they_read_as_one_message(
    oracle: Oracle, request: pytest.FixtureRequest, written: tuple[Inputs, list[list[tuple[str, bytes]]], Inputs]
) -> None:
    asked, meant, answered = written
    assert len(asked) > 400
    name = request.node.callspec.params["oracle"]
    for (_, said), requests, read in zip(asked, meant, oracle("requests", asked), strict=True):
        if read.error is not None and any(who == name and text in said for who, text, _ in STRICTER):
            continue
        assert read.error is None, f"{said!r}: {read}"
        assert [(target, body) for _, target, body in read.messages] == requests, f"{said!r}"
    distinct = sorted({(method, _shape(said)): (method, said) for method, said in answered}.values())
    for (method, said), read in zip(distinct, oracle("answers", distinct), strict=True):
        ours = Peer(0, said).answer(to_head=method == "HEAD")
        assert ours is not None
        assert read.error is None, f"{said!r}: {read}"
        assert read.messages == [(str(ours.status), "", ours.body)], f"{said!r}"


def _shape(said: bytes) -> bytes:
    """An answer without what differs in each."""
    lines = said.split(b"\r\n")
    return b"\r\n".join(
        line for line in lines if not line.startswith((b"Date:", b"x-amzn-RequestId:", b"x-amz-apigw-id:"))
    )
