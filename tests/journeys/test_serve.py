"""``apigw serve`` and the other commands, as a user runs them."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.backends.recording import Backend
from tests.journeys.command import FREE_PORTS, PETSTORE, apigw, refuses_connections, reload
from tests.journeys.conftest import APIGW, ServedGateway, StartGateway, boto3_client
from tests.journeys.mock_api import WRONG_DOCUMENT
from tests.journeys.mock_api import document as saying


def petstore_id(gateway: ServedGateway) -> str:
    apis = boto3_client(gateway).get_rest_apis()["items"]
    assert [api["name"] for api in apis] == ["petstore"]
    return str(apis[0]["id"])


def test_a_document_is_served_and_loading_it_again_changes_nothing(start_gateway: StartGateway, tmp_path: Path) -> None:
    directory = tmp_path / "kept"
    first = start_gateway(str(PETSTORE), data_dir=directory)
    api = petstore_id(first)
    pets = httpx.get(first.url(api, "dev", "/pets"))
    assert pets.status_code == 200
    assert [pet["type"] for pet in pets.json()] == ["dog", "cat", "fish"]
    assert pets.headers["cache-control"] == "no-store"
    assert httpx.post(first.url(api, "dev", "/pets"), json={"type": "dog"}).status_code == 201
    assert httpx.get(first.url(api, "dev", "/pets/7")).json()["id"] == 1
    assert f"/_aws/execute-api/{api}/dev/pets" in first.output.read_text()
    assert first.stop() == 0
    second = start_gateway(str(PETSTORE), data_dir=directory)
    assert petstore_id(second) == api
    assert len(boto3_client(second).get_deployments(restApiId=api)["items"]) == 1
    assert httpx.get(second.url(api, "dev", "/pets")).status_code == 200


def test_a_changed_document_is_deployed_on_reload(start_gateway: StartGateway, tmp_path: Path) -> None:
    document = tmp_path / "api.json"

    def write(said: str) -> None:
        document.write_bytes(saying("reloaded", said))

    write("first")
    gateway = start_gateway(str(document), "--stage", "live")
    api = boto3_client(gateway).get_rest_apis()["items"][0]["id"]
    assert httpx.get(gateway.url(api, "live")).text == "first"
    write("second")
    reload(gateway, "reloaded; 1 of 1 documents changed")
    assert httpx.get(gateway.url(api, "live")).text == "second"
    document.write_text('{"openapi": "3.0.1"')
    reload(gateway, "the documents are unchanged")
    assert httpx.get(gateway.url(api, "live")).text == "second"


def test_settings_that_may_change_do_so_on_reload(start_gateway: StartGateway, tmp_path: Path) -> None:
    settings = tmp_path / "apigw.toml"
    settings.write_text('max_request_target = "2 KiB"\n')
    gateway = start_gateway()
    long = f"http://{gateway.listen}/{'a' * 3000}"
    assert httpx.get(long).status_code == 414
    settings.write_text('max_request_target = "4 KiB"\nworkers = 7\naccess_log = "off"\n')
    reload(gateway, "reloaded")
    assert httpx.get(long).status_code == 403
    assert "these settings wait for a restart: workers, access_log" in gateway.output.read_text()
    settings.write_text("max_request_target = nonsense")
    reload(gateway, "the settings are unchanged")
    assert httpx.get(long).status_code == 403


def test_a_connection_for_every_file_that_may_be_open(start_gateway: StartGateway) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        gateway = start_gateway()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    limits = Path(f"/proc/{gateway.process.pid}/limits")
    if not limits.exists():
        pytest.skip("needs Linux's /proc")
    line = next(line for line in limits.read_text().splitlines() if line.startswith("Max open files"))
    assert line.split()[3] == line.split()[4]


def test_health_ready_and_metrics(gateway: ServedGateway) -> None:
    assert httpx.get(f"{gateway.admin}/health").status_code == 200
    assert httpx.get(f"{gateway.admin}/ready").status_code == 200
    metrics = httpx.get(f"{gateway.admin}/metrics")
    assert metrics.status_code == 200
    assert "# TYPE" in metrics.text


def test_a_second_gateway_is_refused_with_the_first_ones_pid(gateway: ServedGateway, tmp_path: Path) -> None:
    same_directory = apigw(None, "serve", "--data-dir", gateway.data_dir, cwd=tmp_path)
    assert same_directory.returncode == 1
    assert f"in use by another gateway (pid {gateway.process.pid})" in same_directory.stderr
    taken = ("--listen", gateway.listen, *FREE_PORTS[2:])
    same_port = apigw(None, "serve", "--data-dir", tmp_path / "other", *taken, cwd=tmp_path)
    assert same_port.returncode == 1
    assert gateway.listen in same_port.stderr
    assert f"pid {gateway.process.pid}" in same_port.stderr
    assert len(same_port.stderr.strip().splitlines()) == 1
    assert httpx.get(f"{gateway.admin}/ready").status_code == 200


def test_a_damaged_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    (directory / "apigw.db").write_bytes(b"this is no database" * 100)
    refused = apigw(None, "serve", "--data-dir", directory, *FREE_PORTS, cwd=tmp_path)
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert (directory / "apigw.db").read_bytes() == b"this is no database" * 100


def test_a_bad_document_is_refused_with_its_places(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(WRONG_DOCUMENT)
    for command in (
        ("validate", bad),
        ("serve", bad, "--data-dir", tmp_path / "data", *FREE_PORTS),
    ):
        refused = apigw(None, *command, cwd=tmp_path)
        assert refused.returncode == 1, refused.stderr
        assert f"{bad}:8:" in refused.stderr
        assert "$.paths['/a'].get.x-amazon-apigateway-integration" in refused.stderr
    shown = json.loads(apigw(None, "validate", "--json", bad, cwd=tmp_path).stdout)
    assert (shown["valid"], shown["errors"][0]["line"]) == (False, 8)


def test_yaml_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("openapi: 3.0.1\ninfo: {title: bad\npaths: {}\n")
    refused = apigw(None, "validate", bad, cwd=tmp_path)
    assert refused.returncode == 1
    assert f"{bad}:3:" in refused.stderr


def test_the_petstore_is_valid(tmp_path: Path) -> None:
    done = apigw(None, "validate", PETSTORE, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{PETSTORE} can be imported\n"


def test_import_list_and_snapshot(gateway: ServedGateway, tmp_path: Path) -> None:
    assert apigw(gateway, "list", "--json", cwd=tmp_path).stdout == "[]\n"
    done = apigw(gateway, "import", PETSTORE, "--stage", "v1", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    imported = json.loads(done.stdout)
    assert httpx.get(imported["urls"][1] + "/pets").status_code == 200
    shown = apigw(gateway, "import", PETSTORE, "--into", imported["id"], cwd=tmp_path)
    assert shown.stdout.splitlines() == [f"{imported['id']}  petstore"]
    listed = json.loads(apigw(gateway, "list", "--json", cwd=tmp_path).stdout)
    assert listed == [
        {
            "id": imported["id"],
            "name": "petstore",
            "stages": [{"name": "v1", "url": gateway.url(imported["id"], "v1", "")}],
        }
    ]
    units = json.loads(apigw(gateway, "snapshot", "show", cwd=tmp_path).stdout)
    assert sorted(key.split("/")[0] for key in units) == ["deployment", "stage"]
    wrong = apigw(gateway, "import", PETSTORE, "--into", "nosuchapi1", cwd=tmp_path)
    assert wrong.returncode == 1
    assert "Invalid API identifier specified" in wrong.stderr


@pytest.mark.aws
def test_env_is_all_that_the_aws_cli_needs(start_gateway: StartGateway, tmp_path: Path) -> None:
    gateway = start_gateway(environment={"APIGW_ACCESS_KEY_ID": "", "APIGW_SECRET_ACCESS_KEY": ""})
    shown = apigw(None, "env", "--data-dir", gateway.data_dir, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    aws = shlex.quote(str(APIGW.with_name("aws")))
    done = subprocess.run(
        ["sh", "-c", f'{shown.stdout}\n{aws} apigateway get-rest-apis --query "length(items)" --output text'],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_PAGER": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr
    assert (gateway.data_dir / "credentials.json").stat().st_mode & 0o777 == 0o600


def test_sigterm_completes_what_is_in_flight(gateway: ServedGateway, backend: Backend) -> None:
    client = boto3_client(gateway)
    api = client.create_rest_api(name="slow")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(
        restApiId=api,
        resourceId=root,
        httpMethod="GET",
        type="HTTP_PROXY",
        integrationHttpMethod="GET",
        uri=backend.url + "/slow",
    )
    client.create_deployment(restApiId=api, stageName="dev")
    with ThreadPoolExecutor() as threads:
        flight = threads.submit(httpx.get, gateway.url(api, "dev"), timeout=30)
        backend.wait()
        gateway.process.send_signal(signal.SIGTERM)
        while not refuses_connections(gateway):
            pass
        backend.release.set()
        answer = flight.result()
    assert answer.status_code == 200
    assert answer.headers["connection"] == "close"
    assert gateway.process.wait(timeout=60) == 0
