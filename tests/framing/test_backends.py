"""Backends that lie: the client gets what the specification says, the connection is never used again, nobody else notices.

AWS page: "HTTP integration failures"; statuses of spec rest-api §7.14.
"""

from __future__ import annotations

import json

import pytest

from tests.framing.conftest import Served
from tests.framing.wire import Answer, Peer, talk

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
NETWORK = "Network error communicating with endpoint"
LATE = "Endpoint request timed out"
INTERNAL = "Internal server error"

# What a backend says before it closes: answer's status and message.
BROKEN: dict[str, tuple[bytes, int, str]] = {
    "nothing": (b"", 504, NETWORK),
    "half a head": (OK, 504, NETWORK),
    "interim only": (INTERIM, 504, NETWORK),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", 502, INTERNAL),
    "HTTP/2": (b"HTTP/2 200 OK\r\n\r\n", 502, INTERNAL),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", 502, INTERNAL),
    "long status": (b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", 502, INTERNAL),
    "upgrade": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 502, INTERNAL),
    "length and coding": (
        OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        502,
        INTERNAL,
    ),
    "two lengths": (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nok", 502, INTERNAL),
    "list of lengths": (OK + b"Content-Length: 2, 2\r\n\r\nok", 502, INTERNAL),
    "negative length": (OK + b"Content-Length: -2\r\n\r\nok", 502, INTERNAL),
    "other coding": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 502, INTERNAL),
    "coding in 1.0": (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 502, INTERNAL),
    "folded": (OK + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\nok", 502, INTERNAL),
    "space before the colon": (OK + b"Content-Length : 2\r\n\r\nok", 502, INTERNAL),
    "no colon": (OK + b"Content-Length\r\n\r\nok", 502, INTERNAL),
    "NUL": (OK + b"A: \0\r\nContent-Length: 2\r\n\r\nok", 502, INTERNAL),
    "bare LF": (OK + b"A: b\nContent-Length: 2\r\n\r\nok", 502, INTERNAL),
    "bare CR": (OK + b"A: b\rc\r\nContent-Length: 2\r\n\r\nok", 502, INTERNAL),
    "head too big": (OK + b"A: " + b"b" * 65_536 + b"\r\n\r\n", 502, INTERNAL),
    "head without end": (OK + b"A: b\r\n" * 200 + b"A: " + b"b" * 70_000, 502, INTERNAL),
    "too many fields": (OK + b"A: b\r\n" * 256 + b"\r\n", 502, INTERNAL),
    "storm of interim answers": (INTERIM * 1000 + OK + b"Content-Length: 2\r\n\r\nok", 502, INTERNAL),
    "short body": (OK + b"Content-Length: 10\r\n\r\nhello", 504, NETWORK),
    "cut chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\na\r\nhello", 504, NETWORK),
    "no last chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 504, NETWORK),
    "no chunk size": (OK + b"Transfer-Encoding: chunked\r\n\r\nhello\r\n", 502, INTERNAL),
    "huge chunk size": (OK + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 502, INTERNAL),
    "wrong chunk size": (OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n", 502, INTERNAL),
    "broken trailer": (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA\r\n\r\n", 502, INTERNAL),
    "too long by its own account": (OK + b"Content-Length: 10485761\r\n\r\n", 500, INTERNAL),
    "longest by its own account": (OK + b"Content-Length: 18446744073709551615\r\n\r\n", 500, INTERNAL),
}


def message(answer: Answer) -> str:
    return str(json.loads(answer.body)["message"])


def ask(served: Served, path: str, *, method: str = "GET") -> Answer:
    with Peer(served.port) as peer:
        peer.say(served.get(path, method=method))
        answer = peer.answer(to_head=method == "HEAD")
    assert answer is not None
    return answer


def connections(served: Served) -> list[int]:
    return [request.connection for request in served.backend.requests]


@pytest.mark.parametrize("through", ["", "/mapped"])
@pytest.mark.parametrize("name", BROKEN)
def test_broken_answers(served: Served, name: str, through: str) -> None:
    said, status, text = BROKEN[name]
    served.backend.raw["broken"] = said
    # The gateway's own connection to the client is not harmed.
    answers = talk(served.port, served.get(f"{through}/raw/broken"), served.get("/echo"))
    assert [answer.status for answer in answers] == [status, 200]
    assert message(answers[0]) == text
    first, *_, last = connections(served)
    assert first != last


@pytest.mark.parametrize("name", [name for name, (_, status, _) in BROKEN.items() if status in (500, 502)])
def test_a_broken_connection_that_stays_open_is_not_used_again(served: Served, name: str) -> None:
    said, status, text = BROKEN[name]
    served.backend.raw["broken"] = said
    with Peer(served.port) as peer:
        for _ in range(3):
            peer.say(served.get("/keep/broken"))
            answer = peer.answer()
            assert answer is not None
            assert (answer.status, message(answer)) == (status, text)
    assert len(set(connections(served))) == 3


@pytest.mark.parametrize(
    ("name", "said", "method", "status", "body"),
    [
        ("length", OK + b"Content-Length: 2\r\n\r\nok", "GET", 200, b"ok"),
        ("chunks", OK + b"Transfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nA: b\r\n\r\n", "GET", 200, b"ok"),
        (
            "interim",
            INTERIM + b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok",
            "GET",
            200,
            b"ok",
        ),
        ("none", b"HTTP/1.1 204 No Content\r\n\r\n", "GET", 204, b""),
        ("not modified", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "GET", 304, b""),
        ("head", OK + b"Content-Length: 5\r\n\r\n", "HEAD", 200, b""),
    ],
)
def test_what_is_in_order_keeps_its_connection(
    served: Served, name: str, said: bytes, method: str, status: int, body: bytes
) -> None:
    served.backend.raw[name.replace(" ", "")] = said
    answers = [ask(served, f"/keep/{name.replace(' ', '')}", method=method) for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(status, body)] * 3
    assert len(set(connections(served))) == 1


@pytest.mark.parametrize(
    ("name", "said", "method", "status", "body"),
    [
        ("length", OK + b"Content-Length: 2\r\n\r\nokX", "GET", 200, b"ok"),
        ("answer", OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 4\r\n\r\nevil", "GET", 200, b"ok"),
        ("empty", OK + b"Content-Length: 0\r\n\r\nX", "GET", 200, b""),
        ("chunks", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nX", "GET", 200, b"ok"),
        ("none", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", "GET", 204, b""),
        ("not-modified", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil", "GET", 304, b""),
        ("head", OK + b"Content-Length: 4\r\n\r\nevil", "HEAD", 200, b""),
        ("close", OK + b"Content-Length: 2\r\nConnection: close\r\n\r\nok", "GET", 200, b"ok"),
        ("old", b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "GET", 200, b"ok"),
    ],
)
@pytest.mark.parametrize("through", ["", "/mapped", "/stream"])
def test_a_byte_after_the_answer_drops_the_connection(
    served: Served, name: str, said: bytes, method: str, status: int, body: bytes, through: str
) -> None:
    served.backend.raw[name] = said
    answers = [ask(served, f"{through}/keep/{name}", method=method) for _ in range(3)]
    # A mapped answer is not its backend's: the default integration response says 200.
    status = 200 if through == "/mapped" else status
    assert [(answer.status, answer.body) for answer in answers] == [(status, body)] * 3
    assert len(set(connections(served))) == 3


def test_bytes_on_an_idle_connection_drop_it(served: Served) -> None:
    served.backend.raw["late"] = OK + b"Content-Length: 4\r\n\r\nevil"
    served.backend.release.clear()
    assert ask(served, "/late/late").body == b"ok"
    served.backend.release.set()
    assert served.backend.sent.wait(20)
    assert json.loads(ask(served, "/echo").body)["target"] == "/echo"
    assert len(set(connections(served))) == 2
    served.backend.release.clear()


@pytest.mark.parametrize(
    "path", ["/hurry/silent", "/hurry/keep/half", "/hurry/keep/body", "/hurry/keep/chunk", "/hurry/keep/interim"]
)
def test_silence_is_a_timeout(served: Served, path: str) -> None:
    served.backend.raw |= {
        "half": OK,
        "body": OK + b"Content-Length: 10\r\n\r\nhello",
        "chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "interim": INTERIM,
    }
    answers = talk(served.port, served.get(path), served.get("/echo"))
    assert [answer.status for answer in answers] == [504, 200]
    assert message(answers[0]) == LATE


def test_a_reset_is_a_network_error(served: Served) -> None:
    answers = talk(served.port, served.get("/reset"), served.get("/close"), served.get("/echo"))
    assert [answer.status for answer in answers] == [504, 504, 200]
    assert {message(answer) for answer in answers[:2]} == {NETWORK}


@pytest.mark.parametrize(
    "said",
    [
        OK + b"Content-Length: 400000\r\n\r\n" + b"x" * 200_000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + b"x" * 200_000 + b"\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n30d40\r\n" + b"x" * 200_000 + b"\r\nzzz\r\n",
    ],
)
def test_an_answer_that_fails_after_its_beginning_went_out_is_cut(served: Served, said: bytes) -> None:
    served.backend.raw["cut"] = said
    with Peer(served.port) as peer:
        peer.say(served.get("/raw/cut"))
        with pytest.raises((AssertionError, ConnectionResetError), match=r"cut|reset"):
            peer.answer()


def test_close_delimited_answers_end_with_the_connection(served: Served) -> None:
    served.backend.raw["open"] = OK + b"\r\nsome text"
    for through in ("", "/mapped", "/stream"):
        assert ask(served, f"{through}/raw/open").body == b"some text"
