"""Backends that are dead, slow, resetting or lying: the exact answers, the connection discarded, nobody else hurt.

Rules: rest-api.md §7.14, data-plane.md (a backend's head over 64 KB or 256 fields, 1xx, bytes behind an answer).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.backends.scripted import Conversation, Script, Scripted, says
from tests.journeys.conftest import ServedGateway, gateways
from tests.journeys.fault_api import NO_TLS, deployed, get, http, http_proxy, mock, request

NETWORK = (504, "InternalServerErrorException", '{"message":"Network error communicating with endpoint"}')
TIMEOUT = (504, "InternalServerErrorException", '{"message":"Endpoint request timed out"}')
INTERNAL = (500, "InternalServerErrorException", '{"message":"Internal server error"}')
BAD_HEAD = (502, "InternalServerErrorException", '{"message":"Internal server error"}')

# §19: the shortest time a backend can be given.
SHORTEST = 50


def sends(*pieces: bytes) -> Script:
    def script(talk: Conversation) -> None:
        for piece in pieces:
            talk.send(piece)

    return script


def sends_and_resets(data: bytes) -> Script:
    def script(talk: Conversation) -> None:
        talk.send(data)
        talk.reset()

    return script


def stalls_after(data: bytes) -> Script:
    def script(talk: Conversation) -> None:
        talk.send(data)
        assert talk.until_left(), "the gateway keeps a connection it gave up"

    return script


def stays(data: bytes) -> Script:
    """Answers and keeps the connection open: only the gateway can end it."""

    def script(talk: Conversation) -> bool:
        talk.send(data)
        return True

    return script


INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# name → (what the backend does, what the client gets).
REFUSED: dict[str, tuple[Script, tuple[int, str, str]]] = {
    "closes": (sends(), NETWORK),
    "resets": (sends_and_resets(b""), NETWORK),
    "resets-within-the-head": (sends_and_resets(b"HTTP/1.1 200 OK\r\nContent-Le"), NETWORK),
    "closes-within-the-head": (sends(b"HTTP/1.1 200 OK\r\nContent-Le"), NETWORK),
    "resets-within-the-body": (sends_and_resets(HEAD + b"12345"), NETWORK),
    "closes-within-the-body": (sends(HEAD + b"12345"), NETWORK),
    "closes-before-the-body": (sends(HEAD), NETWORK),
    "closes-within-a-chunk": (sends(CHUNKED + b"a\r\n12345"), NETWORK),
    "closes-before-the-last-chunk": (sends(CHUNKED + b"5\r\n12345\r\n"), NETWORK),
    "stalls": (stalls_after(b""), TIMEOUT),
    "stalls-within-the-head": (stalls_after(b"HTTP/1.1 200"), TIMEOUT),
    "stalls-within-the-body": (stalls_after(HEAD + b"12345"), TIMEOUT),
    "stalls-after-an-interim-answer": (stalls_after(INTERIM), TIMEOUT),
    "interim-for-ever": (stalls_after(INTERIM * 1000), BAD_HEAD),
    "hints-for-ever": (stalls_after(HINTS * 1000), BAD_HEAD),
    "switches-protocols": (stalls_after(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), BAD_HEAD),
    "large-head": (stalls_after(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000 + b"\r\n\r\n"), BAD_HEAD),
    "endless-head": (stalls_after(b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200_000), BAD_HEAD),
    "many-fields": (stalls_after(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n"), BAD_HEAD),
    "no-http": (stalls_after(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), BAD_HEAD),
    "tls-alert": (stalls_after(bytes.fromhex("15030100020246") + b"\r\n\r\n"), BAD_HEAD),
    "other-version": (stalls_after(b"HTTP/2.0 200 OK\r\n\r\n"), BAD_HEAD),
    "status-of-two-digits": (stalls_after(b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"), BAD_HEAD),
    "status-over-999": (stalls_after(b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"), BAD_HEAD),
    "bare-lf": (stalls_after(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"), BAD_HEAD),
    "two-lengths": (stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), BAD_HEAD),
    "length-and-coding": (
        stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BAD_HEAD,
    ),
    "signed-length": (stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), BAD_HEAD),
    "folded": (stalls_after(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"), BAD_HEAD),
    "nul-in-a-value": (stalls_after(b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n"), BAD_HEAD),
    "length-over-the-limit": (stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n"), INTERNAL),
    "length-of-exabytes": (stalls_after(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n"), INTERNAL),
}
PASSED: dict[str, tuple[Script, int, bytes]] = {
    "interim": (sends(INTERIM, HINTS, INTERIM + says(b"after")), 200, b"after"),
    "bytes-behind": (stays(says(b"exact") + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"), 200, b"exact"),
    "bytes-behind-chunks": (stays(CHUNKED + b"5\r\nexact\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n"), 200, b"exact"),
    "bytes-behind-204": (stays(b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n"), 204, b""),
    "until-it-closes": (sends(b"HTTP/1.1 200 OK\r\n\r\nall of it"), 200, b"all of it"),
    "resets-behind": (sends_and_resets(says(b"whole")), 200, b"whole"),
}
KEPT: Script = stays(says(b"kept"))


@pytest.fixture(scope="module")
def backend() -> Iterator[Scripted]:
    scripts = {f"/{name}": script for name, (script, *_) in {**REFUSED, **PASSED}.items()}
    with Scripted({**scripts, "/kept": KEPT}) as running:
        yield running
    assert not running.problems
    last: dict[int, str] = {}
    for connection, path in running.served:
        # Whatever misbehaved on a connection was the last thing asked on it.
        assert last.get(connection, "/kept") == "/kept", f"{path} after {last[connection]}"
        last[connection] = path


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("backends")) as start:
        yield start("--workers", "1")


@pytest.fixture(scope="module")
def api(gateway: ServedGateway, backend: Scripted) -> str:
    """Every behaviour twice: streamed by HTTP_PROXY, held by HTTP."""
    integrations: dict[str, dict[str, Any]] = {"/mock": mock("fine")}
    for path in backend.scripts:
        patience = {"timeoutInMillis": SHORTEST if "stalls" in path else 20_000}
        integrations[f"/proxy{path}"] = http_proxy(backend.url + path, **patience)
        integrations[f"/http{path}"] = http(backend.url + path, **patience)
    return deployed(gateway, integrations)


def seen(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers.get("x-amzn-ErrorType", ""), answer.text


@pytest.mark.parametrize("kind", ["proxy", "http"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_failing_backend(gateway: ServedGateway, backend: Scripted, api: str, kind: str, name: str) -> None:
    with httpx.Client(verify=NO_TLS, timeout=30) as client:
        assert client.get(gateway.url(api, "dev", f"/{kind}/kept")).text == "kept"
        before = backend.asked(f"/{name}")
        answer = client.get(gateway.url(api, "dev", f"/{kind}/{name}"))
        assert seen(answer) == REFUSED[name][1]
        assert answer.headers["content-type"] == "application/json"
        # Only a connection that was used before and died without a byte is no answer: it is asked once more on a new one.
        assert backend.asked(f"/{name}") - before <= (2 if name in ("closes", "resets") else 1)
        # The client's connection and the next request to the same backend are as good as before.
        assert client.get(gateway.url(api, "dev", f"/{kind}/kept")).text == "kept"
        assert client.get(gateway.url(api, "dev", "/mock")).text == "fine"


@pytest.mark.parametrize("kind", ["proxy", "http"])
@pytest.mark.parametrize("name", PASSED)
def test_an_odd_backend(gateway: ServedGateway, backend: Scripted, api: str, kind: str, name: str) -> None:
    _, status, body = PASSED[name]
    with httpx.Client(verify=NO_TLS, timeout=30) as client:
        before = backend.asked(f"/{name}")
        for count in (1, 2):
            answer = client.get(gateway.url(api, "dev", f"/{kind}/{name}"))
            assert (answer.status_code if kind == "proxy" else status, answer.content) == (status, body)
            assert backend.asked(f"/{name}") == before + count


def test_a_dead_backend_and_names_that_lead_nowhere(gateway: ServedGateway) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        integrations = {
            "/dead": http_proxy(dead),
            "/dead-http": http(dead),
            "/tls-to-nobody": http_proxy(dead.replace("http:", "https:")),
            "/no-such-name": http_proxy("http://no-such-name.invalid/"),
            "/denied": http_proxy("http://169.254.169.254/latest/meta-data/"),
            "/denied-mapped": http_proxy("http://[::ffff:169.254.169.254]/"),
        }
        api = deployed(gateway, integrations, "dead")
        for path, expected in {
            "/dead": NETWORK,
            "/dead-http": NETWORK,
            "/tls-to-nobody": NETWORK,
            "/no-such-name": INTERNAL,
            "/denied": INTERNAL,
            "/denied-mapped": INTERNAL,
        }.items():
            for method in ("GET", "POST"):
                answer = request(method, gateway.url(api, "dev", path), timeout=30)
                assert seen(answer) == expected, path


def test_an_answer_that_breaks_after_streaming_began_is_cut(gateway: ServedGateway) -> None:
    """§7.14: the status is gone already, so the client must see a cut, never a short answer that looks whole."""
    half = b"x" * (1 << 20)
    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 << 20) + half
    chunks = CHUNKED + b"%x\r\n%s\r\n" % (len(half), half)
    outgrown = CHUNKED + b"".join(b"%x\r\n%s\r\n" % (len(half), half) for _ in range(11))
    scripts: dict[str, Script] = {
        "/cut": sends(long),
        "/reset": sends_and_resets(long),
        "/stall": stalls_after(long),
        "/chunks": sends(chunks),
        "/bad-chunk": sends(chunks + b"zz\r\n"),
        "/outgrown": stalls_after(outgrown + b"0\r\n\r\n"),
    }
    with Scripted(scripts) as backend:
        api = deployed(
            gateway,
            {path: http_proxy(backend.url + path, timeoutInMillis=2000) for path in scripts}
            | {f"/http{path}": http(backend.url + path, timeoutInMillis=2000) for path in scripts},
            "cut",
        )
        for path in scripts:
            with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
                get(gateway.url(api, "dev", path), timeout=30)
            held = seen(get(gateway.url(api, "dev", f"/http{path}"), timeout=30))
            assert held == {"/stall": TIMEOUT, "/outgrown": INTERNAL, "/bad-chunk": BAD_HEAD}.get(path, NETWORK), path
        assert not backend.problems


def test_slow_backends_hurt_nobody_else(gateway: ServedGateway) -> None:
    asked = threading.Semaphore(0)
    release = threading.Event()

    def slow(talk: Conversation) -> None:
        asked.release()
        assert release.wait(30)
        talk.send(says(b"late"))

    with Scripted({"/slow": slow, "/kept": KEPT}) as backend:
        api = deployed(
            gateway, {"/slow": http_proxy(f"{backend.url}/slow"), "/kept": http_proxy(f"{backend.url}/kept")}, "slow"
        )
        answers: list[str] = []
        waiting = [
            threading.Thread(target=lambda: answers.append(get(gateway.url(api, "dev", "/slow"), timeout=60).text))
            for _ in range(20)
        ]
        for each in waiting:
            each.start()
        for _ in waiting:
            assert asked.acquire(timeout=30)
        for _ in range(20):
            assert get(gateway.url(api, "dev", "/kept")).status_code == 200
        assert not answers
        release.set()
        for each in waiting:
            each.join()
        assert answers == ["late"] * 20
