"""Backends' certificates: expired, of nobody, for another name → 500 and nothing sent; a good one → its answer.

Rules: rest-api.md §7.14 and §7.16 (``insecureSkipVerification`` skips the issuer only).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends.certificates import Authority
from tests.backends.scripted import Conversation, Scripted, says
from tests.journeys.conftest import ServedGateway, StartGateway, gateways
from tests.journeys.fault_api import deployed, get, http, http_proxy, mock
from tests.journeys.test_faults_data_dir import serve

pytestmark = pytest.mark.openssl
INTERNAL = (500, '{"message":"Internal server error"}')
NETWORK = (504, '{"message":"Network error communicating with endpoint"}')
GOOD = (200, "secure")
LOCAL = "DNS:localhost,IP:127.0.0.1"
# label → (what a client that verifies gets, and one that does not look at the issuer).
EXPECTED = {
    "good": (GOOD, GOOD),
    "expired": (INTERNAL, INTERNAL),
    "not-yet-valid": (INTERNAL, INTERNAL),
    "other-name": (INTERNAL, INTERNAL),
    "self-signed": (INTERNAL, GOOD),
    "other-authority": (INTERNAL, INTERNAL),
    "other-authority-with-root": (INTERNAL, GOOD),
    "no-tls": (NETWORK, NETWORK),
}


class Plain(socketserver.StreamRequestHandler):
    """What a server without TLS makes of a handshake."""

    def handle(self) -> None:
        self.request.recv(65536)
        self.wfile.write(says(b"", status="400 Bad Request"))


def secret(talk: Conversation) -> bool:
    talk.send(says(b"secure"))
    return True


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("tls") / "ca")


@pytest.fixture(scope="module")
def backends(authority: Authority) -> Iterator[dict[str, Scripted]]:
    other = Authority.made(authority.directory / "other")
    contexts = {
        "good": authority.signs("good", LOCAL),
        "expired": authority.signs("expired", LOCAL, end="20210101000000Z"),
        "not-yet-valid": authority.signs("not-yet-valid", LOCAL, begin="20890101000000Z"),
        "other-name": authority.signs("other-name", "DNS:example.com,IP:127.0.0.2"),
        "self-signed": authority.self_signed("self-signed", LOCAL),
        "other-authority": other.signs("other-authority", LOCAL),
        "other-authority-with-root": other.signs("other-authority-with-root", LOCAL, shows_root=True),
    }
    with ExitStack() as running:
        yield {label: running.enter_context(Scripted({"/": secret}, context)) for label, context in contexts.items()}


@pytest.fixture(scope="module")
def plain_port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Plain) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def gateway(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("gateway")) as start:
        yield start("--workers", "1", environment={"APIGW_CA_FILE": str(authority.file)})


def test_only_good_certificates_are_believed(
    gateway: ServedGateway, backends: dict[str, Scripted], plain_port: int
) -> None:
    integrations = {"/mock": mock("fine")}
    for label, port in {**{label: backend.port for label, backend in backends.items()}, "no-tls": plain_port}.items():
        for host in ("localhost", "127.0.0.1"):
            uri = f"https://{host}:{port}/"
            integrations[f"/proxy-{host}/{label}"] = http_proxy(uri)
            integrations[f"/http-{host}/{label}"] = http(uri)
            integrations[f"/lax-{host}/{label}"] = http_proxy(uri, tlsConfig={"insecureSkipVerification": True})
    api = deployed(gateway, integrations)
    for path in integrations:
        if path == "/mock":
            continue
        kind, _, label = path[1:].partition("/")
        expected = EXPECTED[label][kind.startswith("lax")]
        for _ in range(2):
            answer = get(gateway.url(api, "dev", path), timeout=30)
            assert (answer.status_code, answer.text) == expected, path
        assert get(gateway.url(api, "dev", "/mock")).text == "fine"
    for label in ("expired", "not-yet-valid", "other-name", "other-authority"):
        assert not backends[label].served, "a request went out to a backend that is not believed"


def test_without_the_setting_the_authority_is_unknown(
    start_gateway: StartGateway, backends: dict[str, Scripted]
) -> None:
    gateway = start_gateway("--workers", "1")
    api = deployed(gateway, {"/": http_proxy(f"https://localhost:{backends['good'].port}/")})
    answer = get(gateway.url(api, "dev"))
    assert (answer.status_code, answer.text) == INTERNAL
    assert answer.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


@pytest.mark.parametrize(
    "content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_of_authorities_that_is_none(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    (tmp_path / "apigw.toml").write_text(
        f'ca_file = "{file}"\nlisten = "127.0.0.1:0"\nlisten_tls = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n'
    )
    assert str(file) in serve(tmp_path)
