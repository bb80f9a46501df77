"""What supervisors rely on: ``apigw ready`` for health checks, systemd's notifications, and the order of a drain.

Rules: architecture.md (SIGTERM), deploy/systemd/apigw.service, Dockerfile.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.backends.recording import Backend
from tests.journeys.command import PETSTORE, apigw, refuses_connections, reload
from tests.journeys.conftest import APIGW, ServedGateway, StartGateway
from tests.journeys.fault_api import deployed, http_proxy, mock


def test_ready_says_whether_requests_are_taken(start_gateway: StartGateway, backend: Backend, tmp_path: Path) -> None:
    directory = tmp_path / "data"
    none = apigw(None, "ready", "--data-dir", directory, cwd=tmp_path)
    assert (none.returncode, none.stdout) == (1, "")
    assert f"no gateway runs on {directory}" in none.stderr
    waiting = subprocess.Popen(
        [APIGW, "ready", "--wait", "60s", "--data-dir", directory],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
    )
    gateway = start_gateway(str(PETSTORE), data_dir=directory, environment={"APIGW_DRAIN_DELAY": "60 s"})
    assert waiting.communicate(timeout=60)[0] == b"ready\n"
    assert waiting.returncode == 0
    gateway.process.send_signal(signal.SIGTERM)
    while apigw(gateway, "ready", cwd=tmp_path).returncode == 0:
        pass
    drained = apigw(gateway, "ready", cwd=tmp_path)
    assert (drained.returncode, drained.stderr.strip()[-12:]) == (1, "is not ready")
    gateway.process.kill()
    gateway.process.wait()
    assert "no gateway runs on" in apigw(gateway, "ready", cwd=tmp_path).stderr


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def test_a_supervisor_is_told(start_gateway: StartGateway, supervisor: socket.socket, tmp_path: Path) -> None:
    gateway = start_gateway(str(PETSTORE), environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    assert supervisor.recv(1000).decode() == f"READY=1\nSTATUS=serving on {gateway.listen}"
    reload(gateway, "reloaded")
    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", supervisor.recv(1000).decode())
    assert supervisor.recv(1000) == b"READY=1"
    assert gateway.stop() == 0
    assert supervisor.recv(1000) == b"STOPPING=1\nSTATUS=draining"


@pytest.mark.skipif(sys.platform != "linux", reason="abstract addresses are Linux's")
@pytest.mark.parametrize("address", ["@apigw-nobody-listens-here", "/nowhere/notify", "nonsense"])
def test_a_supervisor_that_is_not_there_does_no_harm(start_gateway: StartGateway, address: str) -> None:
    gateway = start_gateway(environment={"NOTIFY_SOCKET": address})
    assert gateway.stop() == 0


def test_a_drain_serves_on_then_refuses_then_cuts(start_gateway: StartGateway, backend: Backend) -> None:
    """Not ready, but serving, for ``drain_delay``; then no new connections; after ``grace`` the rest is cut and counted."""
    gateway = start_gateway("--workers", "1", environment={"APIGW_DRAIN_DELAY": "1 s", "APIGW_GRACE": "1 s"})
    api = deployed(gateway, {"/slow": http_proxy(f"{backend.url}/slow"), "/": mock("fine")})
    with socket.create_connection((gateway.listen.split(":")[0], int(gateway.listen.split(":")[1]))) as waiting:
        waiting.sendall(f"GET /_aws/execute-api/{api}/dev/slow HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        backend.wait()
        gateway.process.send_signal(signal.SIGTERM)
        served = 0
        while httpx.get(f"{gateway.admin}/ready").status_code == 200:
            pass
        while not refuses_connections(gateway):
            served += 1
        assert served, "connections were refused at once"
        assert gateway.process.wait(60) == 0
        waiting.settimeout(60)
        assert _ended(waiting)
    assert "1 requests were cut after 1 s" in gateway.output.read_text()


def _ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_the_readiness_check_is_quick_enough_for_a_health_check(gateway: ServedGateway, tmp_path: Path) -> None:
    """It loads no engine and no HTTP client of the CLI: an image runs it every ten seconds."""
    program = (
        "import sys, apigw.cli\n"
        f"try: apigw.cli.main(['ready', '--data-dir', {str(gateway.data_dir)!r}])\n"
        "except SystemExit as ended: print(ended.code, *sys.modules)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    said, code, *loaded = shown.stdout.split()
    assert (said, code) == ("ready", "0")
    assert "apigw.cli.ready" in loaded
    assert not set(loaded) & {"apigw.engine", "apigw._engine", "httpx", "uvloop"}
