"""Bodies that stream while something breaks: backends that do not read, answer early or go away; clients that go away.

Rules: rest-api.md §7.14, data-plane.md (a body is never taken for whole that is not; early answers reach the client).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.backends.accepting import Accepting
from tests.backends.recording import Backend
from tests.backends.scripted import says
from tests.journeys.conftest import ServedGateway, gateways
from tests.journeys.fault_api import address, deployed, get, http_proxy, mock, post

# More than the gateway, the kernel and the backend hold together.
LARGE = 9 * 1024 * 1024
NETWORK = (504, '{"message":"Network error communicating with endpoint"}')
TIMEOUT = (504, '{"message":"Endpoint request timed out"}')


class Early(Accepting):
    """A backend that accepts, looks at the head at most, and then does one thing."""

    def __init__(self, does: str) -> None:
        self._does = does

    def serve(self, connection: socket.socket, number: int) -> None:
        """Do it."""
        connection.settimeout(30)
        if self._does == "reset":
            connection.recv(1000)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif self._does == "close":
            connection.recv(1000)
        elif self._does == "answer":
            # A 413 of its own, say: it answers after the head and reads on, so that nothing is reset.
            connection.recv(1000)
            connection.sendall(says(b"early", "Connection: close", status="200 OK"))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        elif self._does == "stall":
            # Not a byte of the body is read; the gateway gives up and leaves.
            self.release.wait(20)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("uploads")) as start:
        yield start("--workers", "1")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(
    ("does", "expected"), [("reset", NETWORK), ("close", NETWORK), ("answer", (200, "early")), ("stall", TIMEOUT)]
)
def test_a_backend_that_does_not_take_the_body(
    gateway: ServedGateway, does: str, expected: tuple[int, str], chunked: bool
) -> None:
    with Early(does) as backend:
        patience = 1000 if does == "stall" else 20_000
        api = deployed(gateway, {"/up": http_proxy(f"{backend.url}/", timeoutInMillis=patience), "/mock": mock("fine")})
        piece = b"x" * 65536
        body = (piece for _ in range(LARGE // len(piece))) if chunked else bytes(LARGE)
        answer = post(gateway.url(api, "dev", "/up"), content=body)
        backend.release.set()
        assert (answer.status_code, answer.text) == expected
        assert get(gateway.url(api, "dev", "/mock")).text == "fine"


@pytest.mark.parametrize("framing", ["Content-Length: 5000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("leaves", ["close", "reset", "half-close"])
def test_a_client_that_goes_away_leaves_no_whole_request_behind(
    gateway: ServedGateway, backend: Backend, framing: str, leaves: str
) -> None:
    api = deployed(gateway, {"/up": http_proxy(f"{backend.url}/bytes/2")})
    data = b"x" * 1_000_000
    with socket.create_connection(address(gateway.listen), timeout=30) as client:
        client.sendall(f"POST /_aws/execute-api/{api}/dev/up HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode())
        client.sendall(data if "Length" in framing else b"%x\r\n%s\r\n" % (len(data), data))
        if leaves == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif leaves == "half-close":
            client.shutdown(socket.SHUT_WR)
            # Its body ended early: the request is not one.
            assert client.recv(65536).startswith(b"HTTP/1.1 400 ")
    # The backend's connection ends too; had it been kept for others, this would arrive behind half a body.
    assert get(gateway.url(api, "dev", "/up")).text == "xx"
    assert [request.method for request in backend.requests] == ["GET"]
    while not backend.violations:
        assert get(gateway.url(api, "dev", "/up")).text == "xx"
    backend.violations.clear()
