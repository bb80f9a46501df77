"""Bad documents: all errors at once with their places, wherever they are given, and nothing changed.

Rules: the issue's "all errors at once with paths", api-gateway-import-api.html (an import is whole or not at all).
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.command import apigw, reload
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client, gateways
from tests.journeys.fault_api import call, deployed, document, get, http_proxy, mock

# And where it is wrong: a part of the message's path, and the line. A bad path does not hide what is wrong below it.
BAD = """\
openapi: 3.0.1
info: {title: bad, version: '1'}
paths:
  /a:
    get:
      responses: {}
      x-amazon-apigateway-integration:
        type: teleport
  /b{c:
    get:
      responses: {}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "gopher://x"}
  /d:
    get:
      responses: {}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: "http://a/", timeoutInMillis: 1}
  /e:
    get:
      parameters:
        - {$ref: '#/components/parameters/Missing'}
      responses: {"200": {description: fine}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: "200"}}
"""
PLACES = [("/a", 8), ("/b{c", 9), ("/b{c", 12), ("/d", 16), ("/e", 20)]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("documents")) as start:
        yield start("--workers", "1")


@pytest.fixture
def client(shared: ServedGateway) -> Iterator[Any]:
    client = boto3_client(shared)
    yield client
    client.close()


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(BAD)
    return file


def everything(gateway: ServedGateway, client: Any) -> list[Any]:
    """All that the management API says there is."""
    found: list[Any] = []
    for api in client.get_rest_apis()["items"]:
        of = {"restApiId": api["id"]}
        found.append(api)
        found.append(client.get_resources(**of, embed=["methods"])["items"])
        found.append(client.get_deployments(**of)["items"])
        found.append(client.get_stages(**of)["item"])
    return found


def test_validate_says_all_errors_with_their_lines(bad: Path, tmp_path: Path) -> None:
    refused = apigw(None, "validate", bad, cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stdout == ""
    said = refused.stderr.splitlines()
    for path, line in PLACES:
        assert [each for each in said if f"{bad}:{line}:" in each and path in each], (path, refused.stderr)
    report = json.loads(apigw(None, "validate", "--json", bad, cwd=tmp_path).stdout)
    assert not report["valid"]
    assert {each["line"] for each in report["errors"]} == {line for _, line in PLACES}
    assert all(each["path"] and each["column"] for each in report["errors"])


def test_every_way_in_says_all_errors_and_changes_nothing(
    shared: ServedGateway, client: Any, bad: Path, tmp_path: Path
) -> None:
    api = deployed(shared, {"/": mock("before")})
    before = everything(shared, client)
    # The management API, as a new API and over one that is served.
    for method, path in (("POST", "/restapis?mode=import"), ("PUT", f"/restapis/{api}?mode=overwrite")):
        refused = call(shared, method, path, BAD.encode())
        assert (refused.status_code, refused.headers["x-amzn-ErrorType"]) == (400, "BadRequestException")
        message = refused.json()["message"]
        for path, _ in PLACES:
            assert path in message, message
    # The command, which knows the file's lines.
    command = apigw(shared, "import", bad, "--stage", "dev", cwd=tmp_path)
    assert command.returncode == 1
    for _, line in PLACES:
        assert f"{bad}:{line}:" in command.stderr
    assert everything(shared, client) == before
    assert get(shared.url(api, "dev")).text == "before"
    assert get(shared.url(api, "dev", "/a")).status_code == 403
    client.delete_rest_api(restApiId=api)


def test_serve_refuses_to_start_with_a_bad_document(bad: Path, tmp_path: Path) -> None:
    ports = ("--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
    good = tmp_path / "good.json"
    good.write_bytes(document({"/": mock("fine")}))
    refused = apigw(None, "serve", good, bad, "--data-dir", tmp_path / "data", *ports, cwd=tmp_path)
    assert refused.returncode == 1
    for _, line in PLACES:
        assert f"{bad}:{line}:" in refused.stderr
    missing = apigw(None, "serve", tmp_path / "missing.yaml", "--data-dir", tmp_path / "data", *ports, cwd=tmp_path)
    assert missing.returncode in (1, 2)
    assert "missing.yaml" in missing.stderr


def test_a_bad_document_on_reload_leaves_what_is_served(start_gateway: StartGateway, tmp_path: Path) -> None:
    file = tmp_path / "api.yaml"
    file.write_bytes(document({"/": mock("good")}))
    gateway = start_gateway(str(file), "--workers", "1")
    (api,) = boto3_client(gateway).get_rest_apis()["items"]
    for text in (BAD.encode(), b"openapi: [", b"\0", b""):
        file.write_bytes(text)
        reload(gateway, "the documents are unchanged")
        assert get(gateway.url(api["id"], "dev")).text == "good"
    file.unlink()
    reload(gateway, "the documents are unchanged")
    file.write_bytes(document({"/": mock("better")}))
    reload(gateway, "reloaded; 1 of 1 documents changed")
    assert get(gateway.url(api["id"], "dev")).text == "better"
    assert gateway.stop(signal.SIGINT) == 0


def test_what_cannot_be_enforced_is_refused_at_deploy_with_every_place(shared: ServedGateway, client: Any) -> None:
    secured = json.loads(document({"/one": mock("a"), "/two": mock("b"), "/fine": mock("c")}))
    for path in ("/one", "/two"):
        secured["paths"][path]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-auth"] = {"type": "AWS_IAM"}
    api = client.import_rest_api(body=json.dumps(secured).encode())["id"]
    with pytest.raises(client.exceptions.BadRequestException) as refused:
        client.create_deployment(restApiId=api, stageName="dev")
    message = refused.value.response["Error"]["Message"]
    assert "/one" in message, message
    assert "/two" in message, message
    assert "/fine" not in message
    assert client.get_deployments(restApiId=api)["items"] == []
    assert client.get_stages(restApiId=api)["item"] == []
    assert get(shared.url(api, "dev", "/fine")).status_code == 403
    client.delete_rest_api(restApiId=api)


@pytest.mark.parametrize(
    "uri", ["http://a b/", "http://a/\r\nX: y", "http://", "file:///etc/passwd", "http://a:99999/", "//a/", "a", ""]
)
def test_uris_that_lead_nowhere_are_refused(client: Any, uri: str) -> None:
    with pytest.raises(client.exceptions.BadRequestException) as refused:
        client.import_rest_api(body=document({"/x": http_proxy(uri)}))
    assert re.search("/x", refused.value.response["Error"]["Message"])
    assert client.get_rest_apis()["items"] == []
