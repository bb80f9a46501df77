"""HTTPS as users meet it: curl with the certificate that the first start made, settings, SIGHUP."""

from __future__ import annotations

import re
import signal
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.backends.certificates import Authority
from tests.journeys.command import FREE_PORTS, apigw, reload
from tests.journeys.conftest import ServedGateway, StartGateway
from tests.journeys.mock_api import document


@pytest.fixture
def served(start_gateway: StartGateway, tmp_path: Path) -> ServedGateway:
    """A gateway whose API says ``"fine"`` at its root."""
    (tmp_path / "api.json").write_bytes(document("secure", '"fine"'))
    return start_gateway(str(tmp_path / "api.json"))


def url(gateway: ServedGateway) -> str:
    """The API over HTTPS, by its own host."""
    found = re.search(r"http://(\w+\.execute-api\.localhost)", gateway.output.read_text())
    assert found
    return f"https://{found[1]}:{gateway.listen_tls.rpartition(':')[2]}/dev"


def curl(gateway: ServedGateway, *arguments: str | Path) -> str:
    trust = ("--cacert", gateway.data_dir / "tls.crt", "--noproxy", "*")
    done = subprocess.run(["curl", "-sS", *trust, *arguments], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.curl
def test_curl_trusts_the_certificate_that_was_made(served: ServedGateway) -> None:
    said = served.output.read_text()
    assert f"https://{served.listen_tls}" in said
    assert f"certificate {served.data_dir / 'tls.crt'}" in said
    port = served.listen_tls.rpartition(":")[2]
    for address in (url(served), f"https://127.0.0.1:{port}", f"https://localhost:{port}"):
        found = curl(served, "--http1.1", "-w", " %{http_version} %{ssl_verify_result}", address)
        assert found.endswith(" 1.1 0"), found
    assert curl(served, "--http1.1", url(served)) == '"fine"'
    assert curl(served, "--tlsv1.2", "--tls-max", "1.2", "--http1.1", url(served)) == '"fine"'
    assert (served.data_dir / "tls.key").stat().st_mode & 0o777 == 0o600


def test_pythons_own_client_trusts_it_too(served: ServedGateway) -> None:
    context = ssl.create_default_context(cafile=str(served.data_dir / "tls.crt"))
    port = served.listen_tls.rpartition(":")[2]
    with httpx.Client(verify=context) as client:
        host = httpx.URL(url(served)).host
        answer = client.get(f"https://localhost:{port}/dev", headers={"Host": host})
        assert (answer.status_code, answer.text) == (200, '"fine"')


def test_the_certificate_stays_and_env_names_the_listener(start_gateway: StartGateway, tmp_path: Path) -> None:
    directory = tmp_path / "kept"
    first = start_gateway(data_dir=directory)
    made = (directory / "tls.crt").read_bytes()
    assert f"export APIGW_HTTPS_URL=https://{first.listen_tls}\n" in apigw(first, "env", cwd=tmp_path).stdout
    first.stop()
    second = start_gateway(data_dir=directory)
    assert (directory / "tls.crt").read_bytes() == made
    second.stop()
    (directory / "tls.key").unlink()
    refused = apigw(None, "serve", "--data-dir", directory, *FREE_PORTS, cwd=tmp_path)
    assert refused.returncode == 1
    assert "remove it to have both made anew" in refused.stderr


@pytest.mark.openssl
def test_ones_own_certificate_is_used_and_read_again_on_sighup(start_gateway: StartGateway, tmp_path: Path) -> None:
    authority = Authority.made(tmp_path / "authority")
    authority.signs("one", "DNS:localhost")
    files = {"APIGW_TLS_CERTIFICATE": tmp_path / "own.pem", "APIGW_TLS_KEY": tmp_path / "own.key"}

    def install(label: str) -> None:
        (tmp_path / "own.pem").write_bytes((authority.directory / f"{label}.pem").read_bytes())
        (tmp_path / "own.key").write_bytes((authority.directory / f"{label}.key").read_bytes())

    install("one")
    gateway = start_gateway(environment={name: str(path) for name, path in files.items()})
    assert not (gateway.data_dir / "tls.crt").exists()
    context = ssl.create_default_context(cafile=str(authority.file))
    address = f"https://localhost:{gateway.listen_tls.rpartition(':')[2]}/"

    def status() -> int:
        with httpx.Client(verify=context) as client:
            return client.get(address).status_code

    assert status() == 403
    authority.self_signed("other", "DNS:localhost")
    install("other")
    assert status() == 403, "not before SIGHUP"
    reload(gateway, "reloaded")
    with pytest.raises(httpx.ConnectError, match=r"self.signed certificate"):
        status()
    (tmp_path / "own.key").write_text("nothing")
    reload(gateway, "own.key cannot be used")
    authority.signs("two", "DNS:localhost")
    install("two")
    reload(gateway, "reloaded")
    assert status() == 403
    assert gateway.stop(signal.SIGTERM) == 0


@pytest.mark.openssl
def test_an_expired_certificate_is_one_clear_sentence(tmp_path: Path) -> None:
    authority = Authority.made(tmp_path / "authority")
    authority.signs("old", "DNS:localhost", begin="20200101000000Z", end="20210101000000Z")
    (tmp_path / "apigw.toml").write_text(
        f'tls_certificate = "{authority.directory / "old.pem"}"\ntls_key = "{authority.directory / "old.key"}"\n'
        'listen = "0"\nlisten_tls = "0"\nadmin_listen = "0"\n'
    )
    refused = apigw(None, "serve", "--data-dir", tmp_path / "data", cwd=tmp_path)
    assert refused.returncode == 1
    assert f"the certificate in {authority.directory / 'old.pem'} has expired" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_it_can_be_off(start_gateway: StartGateway) -> None:
    gateway = start_gateway("--listen-tls", "off", environment={})
    assert "https://" not in gateway.output.read_text()
    assert not (gateway.data_dir / "tls.crt").exists()
