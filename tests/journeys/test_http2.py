"""HTTP/2 as users meet it: curl, h2load, and h2spec's judgement."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.backends.recording import Backend
from tests.conftest import program
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.mock_api import document
from tests.journeys.test_https import curl, served, url

__all__ = ["served"]

TLS = "-tk"


@pytest.mark.curl
def test_curl_gets_http2_when_it_asks_for_it(served: ServedGateway) -> None:
    found = curl(served, "--http2", "-w", " %{http_version} %{response_code}", url(served))
    assert found == '"fine" 2 200'
    found = curl(
        served, "--http2", "-X", "POST", "-d", "x" * 50_000, "-w", " %{http_version} %{response_code}", url(served)
    )
    assert found.endswith(" 2 403"), "no such method, whatever the body"
    # Lines are written when their page is full or a second old, and when the gateway ends.
    assert served.stop() == 0
    assert '"protocol":"HTTP/2.0"' in served.output.read_text()


@pytest.mark.curl
def test_a_body_goes_through_http2_to_a_backend_and_back(
    start_gateway: StartGateway, backend: Backend, tmp_path: Path
) -> None:
    (tmp_path / "api.json").write_bytes(proxying(backend))
    gateway = start_gateway(str(tmp_path / "api.json"))
    (tmp_path / "body").write_bytes(b"0123456789" * 300_000)
    for arguments in (("--data-binary", f"@{tmp_path / 'body'}"), ("-T", str(tmp_path / "body"), "-X", "POST")):
        found = curl(
            gateway, "--http2", *arguments, "-w", "%{http_version} %{response_code}", "-o", "/dev/null", url(gateway)
        )
        assert found.endswith("2 200"), found
        assert backend.requests[-1].body == b"0123456789" * 300_000


def proxying(backend: Backend) -> bytes:
    """An API whose root is an ``HTTP_PROXY`` to the backend."""
    import orjson

    integration = {"type": "http_proxy", "httpMethod": "ANY", "uri": f"{backend.url}/"}
    method = {"responses": {}, "x-amazon-apigateway-integration": integration}
    return orjson.dumps(
        {
            "swagger": "2.0",
            "info": {"title": "proxy", "version": "1"},
            "paths": {"/": {"x-amazon-apigateway-any-method": method}},
        }
    )


@pytest.mark.h2load
def test_h2load_gets_every_answer(served: ServedGateway) -> None:
    host = httpx.URL(url(served)).host
    port = served.listen_tls.rpartition(":")[2]
    done = subprocess.run(
        ["h2load", "-n", "2000", "-c", "4", "-m", "32", "-H", f":authority: {host}", f"https://127.0.0.1:{port}/dev"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx" in done.stdout, done.stdout
    assert "Application protocol: h2" in done.stdout


@pytest.mark.h2spec
@pytest.mark.timeout(300)
def test_h2spec_finds_nothing(start_gateway: StartGateway) -> None:
    gateway = start_gateway(environment={"APIGW_HEAD_TIMEOUT": "30 s"})
    # h2spec's GETs have an end that it sends later or never. An edge refuses a body of theirs at once and ends the stream with no
    # error: then what h2spec says to it comes too late.
    apigateway = boto3_client(gateway)
    regional = {"endpointConfigurationTypes": "REGIONAL"}
    api = apigateway.import_rest_api(body=document("spec", '"fine"'), parameters=regional)["id"]
    apigateway.create_deployment(restApiId=api, stageName="dev")
    host, _, port = gateway.listen_tls.rpartition(":")
    h2spec = program("h2spec")
    assert h2spec
    done = subprocess.run(
        [h2spec, TLS, "-h", host, "-p", port, "-P", f"/_aws/execute-api/{api}/dev", "--timeout", "5"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    summary = re.search(r"(\d+) tests, (\d+) passed, (\d+) skipped, (\d+) failed", done.stdout)
    assert summary, done.stdout + done.stderr
    assert int(summary[4]) == 0, done.stdout
    assert int(summary[2]) > 140, done.stdout
