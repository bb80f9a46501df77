"""What of a backend's certificate is looked at, and what clients' protocols are called: rest-api §7.16 and §1.1."""

from __future__ import annotations

import hashlib
import signal
import ssl
import subprocess
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

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


def show(talk: Conversation) -> bool:
    """Say whose certificate the client showed: its SHA-256, or nothing."""
    shown = talk.peer_certificate()
    talk.send(says(b"nobody" if shown is None else hashlib.sha256(shown).hexdigest().encode()))
    return True


def fingerprint(pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


@pytest.mark.openssl
def test_s7_16_stages_show_certificates_of_their_own(start_gateway: StartGateway, tmp_path: Path) -> None:
    """Each stage shows the certificate it names, its canary too; one that names none shows none, whoever asked before."""
    authority = Authority.made(tmp_path / "ca")
    gateway = start_gateway(environment={"APIGW_CA_FILE": str(authority.file)})
    client = boto3_client(gateway)
    certificates = [client.generate_client_certificate(description=f"number {number}") for number in range(2)]
    asks = authority.signs("asks", LOCAL)
    asks.verify_mode = ssl.CERT_OPTIONAL
    for one in certificates:
        asks.load_verify_locations(cadata=one["pemEncodedCertificate"])
    with Scripted({"/": show}, asks) as backend:
        uri = f"https://localhost:{backend.port}/"
        http = {"type": "http", "httpMethod": "POST", "responses": {"default": {"statusCode": "200"}}}
        lax = {"tlsConfig": {"insecureSkipVerification": True}}
        paths = {
            "/proxy": {"post": operation(proxy(uri))},
            "/http": {"post": operation({**http, "uri": uri})},
            "/lax": {"post": operation({**proxy(uri), **lax})},
            "/dynamic": {"post": operation(proxy("https://${stageVariables.host}/"))},
        }
        api = deploy(gateway, client, paths)
        names = {"restApiId": api.api_id}
        deployment = client.get_stage(**names, stageName="stage")["deploymentId"]
        variables = {"host": f"localhost:{backend.port}"}
        for stage in ("first", "second", "none"):
            client.create_stage(**names, stageName=stage, deploymentId=deployment, variables=variables)
        for stage, one in zip(("first", "second"), certificates, strict=True):
            patch = [{"op": "replace", "path": "/clientCertificateId", "value": one["clientCertificateId"]}]
            shown = client.update_stage(**names, stageName=stage, patchOperations=patch)
            assert shown["clientCertificateId"] == one["clientCertificateId"]
        prints = [fingerprint(one["pemEncodedCertificate"]) for one in certificates]
        wanted = {"first": prints[0], "second": prints[1], "none": "nobody"}
        # Connections and sessions are used again, each by those who show the same.
        for _ in range(3):
            for stage, said in wanted.items():
                for path in paths:
                    answer = api.send(f"/{stage}{path}", "POST", body=b"x" * 9)
                    assert (answer.status, answer.body.decode()) == (200, said), (stage, path)
        assert len({number for number, _ in backend.served}) < len(backend.served)
        client.create_deployment(**names, stageName="first", canarySettings={"percentTraffic": 100.0})
        assert api.send("/first/proxy", "POST").body.decode() == prints[0]
        # Live at once, and back.
        for value, said in ((certificates[1]["clientCertificateId"], prints[1]), ("", "nobody")):
            patch = [{"op": "replace", "path": "/clientCertificateId", "value": value}]
            client.update_stage(**names, stageName="first", patchOperations=patch)
            assert api.send("/first/proxy", "POST").body.decode() == said
        # A method can be tested with one.
        resource = next(one["id"] for one in client.get_resources(**names)["items"] if one["path"] == "/proxy")
        tested = {**names, "resourceId": resource, "httpMethod": "POST"}
        for given, said in (
            ({"clientCertificateId": certificates[0]["clientCertificateId"]}, prints[0]),
            ({}, "nobody"),
        ):
            assert client.test_invoke_method(**tested, **given)["body"] == said


@pytest.mark.openssl
def test_s7_16_a_client_certificate_is_an_rsa_certificate_for_a_year(shared_apigateway: Any, tmp_path: Path) -> None:
    client = shared_apigateway
    made = client.generate_client_certificate(description="mine", tags={"a": "b"})
    names = {"clientCertificateId": made["clientCertificateId"]}
    assert (made["description"], made["tags"]) == ("mine", {"a": "b"})
    assert made["expirationDate"] - made["createdDate"] == timedelta(days=365)
    assert set(made) - {"ResponseMetadata"} == {
        "clientCertificateId", "description", "pemEncodedCertificate", "createdDate", "expirationDate", "tags",
    }  # fmt: skip
    file = tmp_path / "made.pem"
    file.write_text(made["pemEncodedCertificate"])
    told = subprocess.run(
        ["openssl", "x509", "-in", file, "-noout", "-text"], capture_output=True, text=True, check=True
    ).stdout
    assert "Public-Key: (2048 bit)" in told
    assert "sha256WithRSAEncryption" in told
    assert "Subject: CN = ApiGateway" in told
    assert "Issuer: CN = ApiGateway" in told
    described = client.update_client_certificate(
        **names, patchOperations=[{"op": "replace", "path": "/description", "value": "ours"}]
    )
    assert (described["description"], described["pemEncodedCertificate"]) == ("ours", made["pemEncodedCertificate"])
    arn = f"arn:aws:apigateway:us-east-1::/clientcertificates/{made['clientCertificateId']}"
    client.tag_resource(resourceArn=arn, tags={"c": "d"})
    assert client.get_client_certificate(**names)["tags"] == {"a": "b", "c": "d"}
    pages = client.get_paginator("get_client_certificates").paginate(PaginationConfig={"PageSize": 1})
    assert made["clientCertificateId"] in [one["clientCertificateId"] for page in pages for one in page["items"]]
    client.delete_client_certificate(**names)
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_client_certificate(**names)
