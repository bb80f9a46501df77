"""SIGTERM drains, SIGHUP reopens the log and reloads documents, and no request is lost or miscounted.

Rules: architecture.md (SIGTERM, SIGHUP), observability.md (log lines = metric count = completed requests).
"""

from __future__ import annotations

import json
import resource
import signal
import socket
import sqlite3
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

from tests.backends.recording import Backend
from tests.journeys.command import reload
from tests.journeys.conftest import StartGateway, boto3_client
from tests.journeys.fault_api import NO_TLS, address, call, deployed, document, get, http_proxy, mock, spoken
from tests.journeys.observed import metric


def lines(file: Path) -> list[dict[str, object]]:
    """The access log's records: every line is one."""
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_sigterm_lets_what_runs_finish(start_gateway: StartGateway, backend: Backend) -> None:
    gateway = start_gateway("--workers", "2", environment={"APIGW_DRAIN_DELAY": "2 s"})
    api = deployed(gateway, {"/slow": http_proxy(f"{backend.url}/slow"), "/": mock("fine")})
    with ThreadPoolExecutor(4) as clients, httpx.Client(verify=NO_TLS) as idle:
        assert idle.get(gateway.url(api, "dev")).headers["connection"] == "keep-alive"
        waiting = [clients.submit(get, gateway.url(api, "dev", "/slow"), timeout=60) for _ in range(4)]
        for _ in waiting:
            backend.wait()
        gateway.process.send_signal(signal.SIGTERM)
        # A balancer sees that it goes while it still serves what the balancer sends.
        while get(f"{gateway.admin}/ready").status_code == 200:
            pass
        assert get(gateway.url(api, "dev")).text == "fine"
        # Then nobody else gets in; what runs goes on.
        while True:
            try:
                socket.create_connection(address(gateway.listen), timeout=5).close()
            except OSError:
                # Refused; or reset, when it was still in the queue of the listener that closed.
                break
        assert not any(each.done() for each in waiting)
        assert gateway.process.poll() is None
        backend.release.set()
        for each in waiting:
            answer = each.result()
            assert (answer.status_code, answer.headers["connection"]) == (200, "close")
            assert answer.json()["target"] == "/slow"
    assert gateway.process.wait(30) == 0
    assert "were cut" not in gateway.output.read_text()
    assert not (gateway.data_dir / "running.json").exists()


def test_sigterm_cuts_what_takes_too_long_and_says_so(
    start_gateway: StartGateway, backend: Backend, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    environment = {"APIGW_GRACE": "1 s", "APIGW_ACCESS_LOG": str(log)}
    gateway = start_gateway("--workers", "1", environment=environment)
    api = deployed(gateway, {"/slow": http_proxy(f"{backend.url}/slow")})
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(get, gateway.url(api, "dev", "/slow"), timeout=60)
        backend.wait()
        assert gateway.stop() == 0
        assert isinstance(waiting.exception(), httpx.RemoteProtocolError | httpx.ReadError)
    assert "1 requests were cut after 1 s" in gateway.output.read_text()
    # It has its line like every other request; the client saw no status.
    assert [(line["path"], line["status"]) for line in lines(log)] == [("/dev/slow", 0)]


def test_sigterm_answers_management_calls_that_wait(start_gateway: StartGateway) -> None:
    gateway = start_gateway("--workers", "1")
    with closing(sqlite3.connect(gateway.data_dir / "apigw.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(3) as clients:
            calls = [clients.submit(call, gateway, "POST", "/restapis", b'{"name":"x"}') for _ in range(3)]
            while metric(gateway, "apigw_queued_calls") < 3:
                assert not any(each.done() for each in calls)
            gateway.process.send_signal(signal.SIGTERM)
            other.execute("ROLLBACK")
            answers = [each.result() for each in calls]
        assert gateway.process.wait(30) == 0
        stored = {row[0] for row in other.execute("SELECT id FROM records WHERE family = 'rest_api'")}
    # 503 when this machine was too slow for the two seconds that the lock is waited for.
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 201} == stored


def test_a_second_sigterm_changes_nothing(start_gateway: StartGateway, backend: Backend) -> None:
    gateway = start_gateway("--workers", "1")
    api = deployed(gateway, {"/slow": http_proxy(f"{backend.url}/slow")})
    with ThreadPoolExecutor(1) as clients:
        waiting = clients.submit(get, gateway.url(api, "dev", "/slow"), timeout=60)
        backend.wait()
        for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            gateway.process.send_signal(number)
        backend.release.set()
        assert waiting.result().status_code == 200
    assert gateway.process.wait(30) == 0


def test_sighup_under_load_fails_no_request(start_gateway: StartGateway, tmp_path: Path) -> None:
    log, file = tmp_path / "access.log", tmp_path / "api.json"
    file.write_bytes(document({"/": mock("version 0")}))
    gateway = start_gateway(str(file), "--workers", "2", "--access-log", str(log))
    (api,) = boto3_client(gateway).get_rest_apis()["items"]
    url = gateway.url(api["id"], "dev")
    stop = threading.Event()
    current = [0, 0]

    def ask() -> tuple[int, list[str]]:
        wrong, asked = [], 0
        with httpx.Client(verify=NO_TLS) as client:
            while not stop.is_set():
                least = current[0]
                answer = client.get(url)
                asked += 1
                if answer.text not in [f"version {each}" for each in range(least, current[1] + 1)]:
                    wrong.append(f"{answer.status_code} {answer.text}")
        return asked, wrong

    with ThreadPoolExecutor(3) as clients:
        asking = [clients.submit(ask) for _ in range(3)]
        for version in range(1, 5):
            file.write_bytes(document({"/": mock(f"version {version}")}))
            log.rename(tmp_path / f"access.{version}.log")
            current[1] = version
            reload(gateway, "reloaded; 1 of 1 documents changed")
            current[0] = version
            assert log.exists(), "the log was not opened again"
        stop.set()
        done = [each.result() for each in asking]
    assert [wrong for _, wrong in done if wrong] == []
    completed = sum(asked for asked, _ in done)
    assert metric(gateway, "apigw_requests_total") == completed
    assert gateway.stop() == 0
    logs = [lines(each) for each in tmp_path.glob("access*.log")]
    assert len(logs) == 5
    assert sum(map(len, logs)) == completed
    assert {line["status"] for each in logs for line in each} == {200}


def test_a_log_whose_disk_is_full_loses_lines_and_counts_them(start_gateway: StartGateway, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    gateway = start_gateway("--workers", "1", "--access-log", str(log))
    api = deployed(gateway, {"/": mock("fine")})
    no_limit = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, no_limit[1]))
    for _ in range(3):
        assert get(gateway.url(api, "dev")).text == "fine"
    while metric(gateway, "apigw_access_log_lines_dropped_total") < 3:
        assert log.stat().st_size == 0
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, no_limit)
    for _ in range(2):
        assert get(gateway.url(api, "dev")).text == "fine"
    while metric(gateway, "apigw_access_log_lines_total") < 2:
        pass
    assert gateway.stop() == 0
    assert [line["status"] for line in lines(log)] == [200, 200]


def test_lines_metrics_and_requests_are_the_same_number(
    start_gateway: StartGateway, backend: Backend, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    gateway = start_gateway("--workers", "2", "--access-log", str(log))
    paths = ("status/201", "reset", "slow")
    api = deployed(gateway, {"/": mock("fine")} | {f"/{each}": http_proxy(f"{backend.url}/{each}") for each in paths})
    expected = []
    with httpx.Client(verify=NO_TLS) as client:
        for path, status in {"/": 200, "/status/201": 201, "/reset": 504, "/missing": 403}.items():
            for _ in range(5):
                assert client.get(gateway.url(api, "dev", path)).status_code == status
                expected.append(status)
        assert client.get(gateway.url(api, "nostage")).status_code == 403
        assert client.get(gateway.url("nosuchapi0", "dev")).status_code == 403
        expected += [403, 403]
    for message, status in {b"NONSENSE\r\n\r\n": 400, b"GET /" + b"a" * 20_000: 414}.items():
        assert spoken(gateway.listen, message).startswith(b"HTTP/1.1 %d " % status)
        expected.append(status)
    # A client that resets before its answer: one line, no status.
    with socket.create_connection(address(gateway.listen)) as gone:
        gone.sendall(f"GET /_aws/execute-api/{api}/dev/slow HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        while not backend.requests or backend.requests[-1].target != "/slow":
            backend.wait()
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    expected.append(0)
    # Asking is in flight itself.
    while metric(gateway, "apigw_requests_in_flight") > 1:
        pass
    assert metric(gateway, "apigw_requests_total") == len(expected)
    assert gateway.stop() == 0
    assert sorted(str(line["status"]) for line in lines(log)) == sorted(map(str, expected))
