"""What of a backend's certificate is looked at, and what clients' protocols are called: rest-api §7.16 and §1.1."""

from __future__ import annotations

import signal
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends.certificates import Authority
from tests.backends.scripted import Conversation, Scripted, says
from tests.journeys.conftest import APIGW, StartGateway, boto3_client
from tests.journeys.fidelity import Deployed, deploy, mock, operation, proxy
from tests.journeys.test_https import curl

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
LOCAL = "DNS:localhost,IP:127.0.0.1"
HOST = {"name": "host", "in": "path", "required": True, "schema": {"type": "string"}}
HOST_OF_PATH = {"integration.request.path.host": "method.request.path.host"}


def secret(talk: Conversation) -> bool:
    talk.send(says(b"secure"))
    return True


@pytest.mark.openssl
def test_s7_16_insecure_skip_verification_skips_the_issuer_alone(start_gateway: StartGateway, tmp_path: Path) -> None:
    """``insecureSkipVerification`` believes any issuer whose root is there; no expired certificate, no other name."""
    authority, other = Authority.made(tmp_path / "ca"), Authority.made(tmp_path / "other")
    no_signer = Authority.made(tmp_path / "no-signer", key_usage="digitalSignature")
    contexts = {
        "good": authority.signs("good", LOCAL),
        "unknown": other.signs("unknown", LOCAL, shows_root=True),
        "self-signed": other.self_signed("self-signed", LOCAL),
        "expired": other.signs("expired", LOCAL, end="20210101000000Z", shows_root=True),
        "another": other.signs("another", "DNS:example.com", shows_root=True),
        "rootless": other.signs("rootless", LOCAL),
        "no-signer": no_signer.signs("no-signer", LOCAL, shows_root=True),
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
            if path.endswith("/good") or path in ("/lax/unknown", "/lax/self-signed"):
                assert (answer.status, answer.body) == (200, b"secure"), path
            else:
                assert answer.error == ERROR, path


def wanting(server: Authority, certificates: Path) -> ssl.SSLContext:
    """A server that talks to nobody but the owners of ``certificates``."""
    context = server.signs("backend", LOCAL)
    context.load_verify_locations(certificates)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.openssl
def test_s7_16_a_stage_shows_its_client_certificate(start_gateway: StartGateway, tmp_path: Path) -> None:
    """``clientCertificateId``: every HTTPS call of the stage shows it, test invocations those they name; others nothing."""
    authority = Authority.made(tmp_path / "ca")
    trusting = {"APIGW_CA_FILE": str(authority.file)}
    gateway = start_gateway(environment=trusting)
    client = boto3_client(gateway)
    made = client.generate_client_certificate(description="of tests")
    pem = made["pemEncodedCertificate"]
    (tmp_path / "client.pem").write_text(pem)
    with Scripted({"/": secret, "/x": secret}, wanting(authority, tmp_path / "client.pem")) as backend:
        url = f"https://localhost:{backend.port}"
        to_path = {**proxy(f"https://{{host}}:{backend.port}/x"), "requestParameters": HOST_OF_PATH}
        methods = {
            "/proxy": operation(proxy(url + "/")),
            "/http": operation({**proxy(url + "/"), "type": "http", "responses": {"default": {"statusCode": "200"}}}),
            "/variable": operation(proxy(f"https://${{stageVariables.host}}:{backend.port}/")),
            "/{host}/dynamic": operation(to_path) | {"parameters": [HOST]},
        }
        api = deploy(gateway, client, {path: {"get": method} for path, method in methods.items()})
        stage = {"restApiId": api.api_id, "stageName": "stage"}
        host = [{"op": "replace", "path": "/variables/host", "value": "localhost"}]
        deployment = client.update_stage(**stage, patchOperations=host)["deploymentId"]
        client.create_stage(
            restApiId=api.api_id, stageName="other", deploymentId=deployment, variables={"host": "localhost"}
        )
        paths = ["/proxy", "/http", "/variable", "/localhost/dynamic"]

        def statuses(name: str) -> list[int]:
            return [api.send(f"/{name}{path}").status for path in paths]

        assert statuses("stage") == [504] * 4
        shown = [{"op": "replace", "path": "/clientCertificateId", "value": made["clientCertificateId"]}]
        assert client.update_stage(**stage, patchOperations=shown)["clientCertificateId"] == made["clientCertificateId"]
        assert statuses("stage") == [200] * 4
        # Its connections are its own, whoever else goes to the same place.
        assert statuses("other") == [504] * 4
        resource = next(one for one in client.get_resources(restApiId=api.api_id)["items"] if one["path"] == "/proxy")
        asked = {"restApiId": api.api_id, "resourceId": resource["id"], "httpMethod": "GET"}
        assert client.test_invoke_method(**asked)["status"] == 504
        named = client.test_invoke_method(**asked, clientCertificateId=made["clientCertificateId"])
        assert (named["status"], named["body"]) == (200, "secure")
        another = client.generate_client_certificate()["clientCertificateId"]
        client.update_stage(**stage, patchOperations=[{**shown[0], "value": another}])
        assert statuses("stage") == [504] * 4
        # What was shown is shown again after a start: nothing of it is kept in memory only.
        client.update_stage(**stage, patchOperations=shown)
        gateway.stop(signal.SIGKILL)
        api = Deployed(start_gateway(environment=trusting, data_dir=gateway.data_dir), api.api_id)
        assert statuses("stage") == [200] * 4
        assert statuses("other") == [504] * 4
    snapshot = subprocess.run(
        [APIGW, "snapshot", "show", "--data-dir", gateway.data_dir], capture_output=True, text=True, check=True
    ).stdout
    assert "BEGIN CERTIFICATE" in snapshot
    assert "PRIVATE KEY" not in snapshot


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
