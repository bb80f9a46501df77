"""What of a backend's certificate is looked at, and what clients' protocols are called: rest-api §7.16 and §1.1."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends.certificates import Authority
from tests.backends.scripted import Conversation, Scripted, says
from tests.journeys.conftest import StartGateway, boto3_client
from tests.journeys.fidelity import deploy, mock, operation, proxy
from tests.journeys.test_https import curl

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
LOCAL = "DNS:localhost,IP:127.0.0.1"


def secret(talk: Conversation) -> bool:
    talk.send(says(b"secure"))
    return True


@pytest.mark.openssl
def test_s7_16_insecure_skip_verification_skips_the_issuer_alone(start_gateway: StartGateway, tmp_path: Path) -> None:
    """``insecureSkipVerification`` believes any issuer; an expired certificate and another name stay refused."""
    authority, other = Authority.made(tmp_path / "ca"), Authority.made(tmp_path / "other")
    contexts = {
        "good": authority.signs("good", LOCAL),
        "unknown": other.signs("unknown", LOCAL),
        "expired": authority.signs("expired", LOCAL, end="20210101000000Z"),
        "another": authority.signs("another", "DNS:example.com"),
    }
    gateway = start_gateway(environment={"APIGW_CA_FILE": str(authority.file)})
    with ExitStack() as running:
        paths = {}
        for label, context in contexts.items():
            backend = running.enter_context(Scripted({"/": secret}, context))
            integration = proxy(f"https://localhost:{backend.port}/")
            paths[f"/strict/{label}"] = {"get": operation(integration)}
            lax = {**integration, "tlsConfig": {"insecureSkipVerification": True}}
            paths[f"/lax/{label}"] = {"get": operation(lax)}
        api = deploy(gateway, boto3_client(gateway), paths)
        for path in paths:
            answer = api.send(f"/stage{path}")
            if path.endswith("/good") or path == "/lax/unknown":
                assert (answer.status, answer.body) == (200, b"secure"), path
            else:
                assert answer.error == ERROR, path


@pytest.mark.curl
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_s1_1_the_protocol_of_a_client_is_http_1_1_whatever_it_speaks(
    start_gateway: StartGateway, version: str
) -> None:
    """``$context.protocol`` reads ``HTTP/1.1`` over HTTP/2 as well."""
    gateway = start_gateway()
    api = deploy(gateway, boto3_client(gateway), {"/": {"get": operation(mock("$context.protocol"))}})
    url = f"https://{gateway.listen_tls}/_aws/execute-api/{api.api_id}/stage"
    spoken = {"--http1.1": "1.1", "--http2": "2"}[version]
    assert curl(gateway, "-k", version, "-w", " %{http_version}", url) == f"HTTP/1.1 {spoken}"
