"""The gateway itself: the whole of it behind boto3, or its engine alone with a snapshot file."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import orjson
from botocore.config import Config

from bench import api
from bench.certificate import Certificate
from bench.contenders.process import DidNotStartError, Server, free_port, start
from bench.logged import Logged

REGION = "us-east-1"
# Root credentials of a gateway that lives for one measurement on loopback.
ACCESS_KEY_ID, SECRET_ACCESS_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ENGINE_API_ID = "benchapi00"

Starter: TypeAlias = Callable[[Path, int | None, api.Answers, Certificate | None], Server]


def host_of(api_id: str) -> str:
    """The Host header under which a deployed API answers."""
    return f"{api_id}.execute-api.localhost"


def bare(program: Path, directory: Path, core: int | None, tls: Certificate | None = None) -> Server:
    """`apigw serve` without any API yet, with logs and metrics on; with ``tls`` its port is the one for HTTPS."""
    port, admin_port, log = free_port(), free_port(), directory / "access.log"
    environment = {
        "APIGW_DATA_DIR": str(directory / "data"),
        "APIGW_LISTEN": f"127.0.0.1:{port}",
        "APIGW_LISTEN_TLS": "off",
        "APIGW_ADMIN_LISTEN": f"127.0.0.1:{admin_port}",
        "APIGW_ACCESS_LOG": str(log),
        "APIGW_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "APIGW_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
    if tls is not None:
        port = free_port()
        environment["APIGW_LISTEN_TLS"] = f"127.0.0.1:{port}"
        environment["APIGW_TLS_CERTIFICATE"] = str(tls.chain)
        environment["APIGW_TLS_KEY"] = str(tls.key)
    output = directory / "apigw.out"
    server = start([program, "serve"], port=port, core=core, output=output, environment=environment)
    server.admin_port, server.logged, server.secure = admin_port, Logged(log), tls is not None
    await_ready(server, output)
    return server


def await_ready(server: Server, output: Path) -> None:
    """Waits until `/ready` answers 200."""
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and server.process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.admin_port}/ready", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    server.stop()
    raise DidNotStartError(f"the gateway does not become ready: {output.read_text(errors='replace')[-2000:]}")


def management(server: Server) -> Any:
    """A boto3 client of the admin listener."""
    return boto3.client(
        "apigateway",
        endpoint_url=f"http://127.0.0.1:{server.admin_port}",
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(read_timeout=120, retries={"max_attempts": 0}),
    )


def deploy(server: Server, document: bytes, stage: Mapping[str, str] | None = None) -> str:
    """Imports and deploys a document and sets its stage; its API's id."""
    client = management(server)
    made = client.import_rest_api(body=document, failOnWarnings=True)
    client.create_deployment(restApiId=made["id"], stageName=api.STAGE)
    if stage:
        operations = [{"op": "replace", "path": path, "value": value} for path, value in stage.items()]
        client.update_stage(restApiId=made["id"], stageName=api.STAGE, patchOperations=operations)
    return str(made["id"])


def apigw(program: Path) -> Starter:
    """The gateway with the bench's API imported and deployed through boto3."""

    def begin(directory: Path, core: int | None, answers: api.Answers, tls: Certificate | None) -> Server:
        server = bare(program, directory, core, tls)
        try:
            stage = api.CACHE_PATCH if answers.cached else None
            server.host = host_of(deploy(server, orjson.dumps(api.document(answers, "bench")), stage))
        except BaseException:
            server.stop()
            raise
        return server

    return begin


def engine(binary: Path) -> Starter:
    """`apigw-engine SNAPSHOT.json`, with an access log and metrics."""

    def begin(directory: Path, core: int | None, answers: api.Answers, tls: Certificate | None) -> Server:
        return start_engine([], binary, directory, core, answers, tls)

    return begin


def start_engine(
    before: Sequence[str | Path],
    binary: Path,
    directory: Path,
    core: int | None,
    answers: api.Answers,
    tls: Certificate | None = None,
) -> Server:
    """Writes the snapshot file and serves it, with the words ``before`` (valgrind and its options) in front."""
    port, admin_port, log = free_port(), free_port(), directory / "access.log"
    snapshot, output = directory / "snapshot.json", directory / "engine.out"
    snapshot.write_bytes(orjson.dumps(api.snapshot(answers, ENGINE_API_ID)))
    command = [*before, binary, snapshot, "--workers", "1", "--access-log", log]
    if tls is None:
        command += ["--listen", f"127.0.0.1:{port}"]
    else:
        command += ["--listen-tls", f"127.0.0.1:{port}", "--tls-certificate", tls.chain, "--tls-key", tls.key]
    command += ["--admin-listen", f"127.0.0.1:{admin_port}"]
    server = start(command, port=port, core=core, output=output)
    server.host, server.admin_port, server.logged = host_of(ENGINE_API_ID), admin_port, Logged(log)
    server.secure = tls is not None
    await_ready(server, output)
    return server
