"""A gateway for every journey: ``apigw serve`` on free ports with an empty data directory, and AWS's clients for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.backends.recording import Backend

APIGW = Path(sys.executable).with_name("apigw")
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
STARTUP = 30


@dataclass
class ServedGateway:
    """A running ``apigw serve``."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    output: Path
    listen: str
    listen_tls: str
    admin_listen: str

    @property
    def admin(self) -> str:
        """The admin API's URL."""
        return f"http://{self.admin_listen}"

    @property
    def environment(self) -> dict[str, str]:
        """What AWS's clients need to talk to it, and nothing of the developer's own."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.data_dir),
            "AWS_ENDPOINT_URL": self.admin,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
        }

    def url(self, api_id: str, stage: str, path: str = "/") -> str:
        """A stage's URL by path."""
        return f"http://{self.listen}/_aws/execute-api/{api_id}/{stage}{path}"

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        return self.process.wait(timeout=60)


StartGateway = Callable[..., ServedGateway]


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[StartGateway]:
    """A function that starts a gateway: ``start_gateway(*arguments, data_dir=…)``; all are ended after the test."""
    with gateways(tmp_path) as start:
        yield start


@contextlib.contextmanager
def gateways(tmp_path: Path) -> Iterator[StartGateway]:
    """What ``start_gateway`` gives, for fixtures that live longer than a test; ends well or fails."""
    started: list[ServedGateway] = []

    def start(
        *arguments: str, data_dir: Path | None = None, environment: dict[str, str] | None = None
    ) -> ServedGateway:
        directory = data_dir or tmp_path / f"data{len(started)}"
        output = tmp_path / f"serve{len(started)}.log"
        with output.open("wb") as log:
            process = subprocess.Popen(
                [
                    *(APIGW, "serve", "--data-dir", directory),
                    *("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"),
                    *(() if "--listen-tls" in arguments else ("--listen-tls", "127.0.0.1:0")),
                    *arguments,
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=tmp_path,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(tmp_path),
                    "APIGW_ACCESS_KEY_ID": KEY,
                    "APIGW_SECRET_ACCESS_KEY": SECRET,
                    **(environment or {}),
                },
            )
        running = _announced(process, directory, output)
        listening = (*running["listen"][:1], *(running["listen_tls"][:1] or [""]), *running["admin_listen"][:1])
        gateway = ServedGateway(process, directory, output, *listening)
        started.append(gateway)
        return gateway

    try:
        yield start
    finally:
        codes = [gateway.stop() for gateway in started]
    for gateway, code in zip(started, codes, strict=True):
        shown = gateway.output.read_text(errors="replace")
        assert code in (0, -signal.SIGKILL), shown
        assert "Traceback" not in shown, shown
        assert "panicked" not in shown, shown


def _announced(process: subprocess.Popen[bytes], directory: Path, output: Path) -> dict[str, Any]:
    """Wait until a started gateway has said where it listens and is ready: what it was given is served then."""
    deadline = time.monotonic() + STARTUP
    while time.monotonic() < deadline:
        assert process.poll() is None, f"serve ended with {process.returncode}: {output.read_text(errors='replace')}"
        try:
            found: dict[str, Any] = json.loads((directory / "running.json").read_bytes())
        except FileNotFoundError:
            time.sleep(0.02)
            continue
        if found["pid"] == process.pid and _is_ready(found["admin_listen"][0]):
            return found
        time.sleep(0.02)
    process.kill()
    process.wait()
    pytest.fail(f"the gateway did not start in {STARTUP} s: {output.read_text(errors='replace')}")


def _is_ready(admin: str) -> bool:
    host, _, port = admin.rpartition(":")
    asking = http.client.HTTPConnection(host, int(port), timeout=STARTUP)
    try:
        asking.request("GET", "/ready")
        return asking.getresponse().status == 200
    except OSError:
        # It ended meanwhile; the loop says why.
        return False
    finally:
        asking.close()


@pytest.fixture
def gateway(start_gateway: StartGateway) -> ServedGateway:
    """One gateway with nothing in it."""
    return start_gateway()


@pytest.fixture(scope="session")
def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    """One gateway for all tests that only add APIs to it."""
    with gateways(tmp_path_factory.mktemp("shared")) as start:
        yield start()


@pytest.fixture(scope="session")
def shared_apigateway(shared_gateway: ServedGateway) -> Iterator[Any]:
    """A boto3 client of ``shared_gateway``."""
    client = boto3_client(shared_gateway)
    yield client
    client.close()


@pytest.fixture
def apigateway(gateway: ServedGateway) -> Iterator[Any]:
    """A boto3 client of ``gateway``."""
    client = boto3_client(gateway)
    yield client
    client.close()


def boto3_client(gateway: ServedGateway, region: str = "us-east-1") -> Any:
    """A boto3 client that tries each call once, so that a refusal is seen."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "apigateway",
        endpoint_url=gateway.admin,
        region_name=region,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


@pytest.fixture
def aws(gateway: ServedGateway) -> Callable[..., Any]:
    """Run the real aws CLI against ``gateway``: ``aws("create-rest-api", "--name", "x")`` → its JSON."""

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [Path(sys.executable).with_name("aws"), "apigateway", *arguments, "--output", "json"],
            env=gateway.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


@pytest.fixture
def backend() -> Iterator[Backend]:
    """A recording backend; what it was sent must have been well framed."""
    with Backend() as running:
        yield running
    assert not running.violations
