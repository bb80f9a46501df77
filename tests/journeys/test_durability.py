"""``kill -9`` at random points of a write loop: every acknowledged change is there and served after the next start."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from apigw import admin_api, config
from apigw.admin_api import AdminError, Send
from apigw.cli.admin_client import admin_client
from tests.journeys.conftest import KEY, SECRET, ServedGateway, StartGateway
from tests.journeys.mock_api import document

# As often as the promise is made.
KILLS = 100
WRITERS = 3


class Acknowledged:
    """What the gateway said it has: names of APIs, and what their stage must answer."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.served: dict[str, str] = {}
        self.refused: list[str] = []

    def write(self, send: Send, number: int) -> None:
        """Write until the gateway is gone."""
        try:
            for count in range(1_000_000):
                said = f"api {number} {count}"
                api = admin_api.call(send, "POST", "/restapis", [("mode", "import")], document(said, said))["id"]
                self.names[api] = said
                admin_api.call(send, "POST", f"/restapis/{api}/deployments", body=b'{"stageName":"dev"}')
                self.served[api] = said
        except AdminError as error:
            # 0: the connection broke, which is what a killed gateway looks like.
            if error.status != 0:
                self.refused.append(str(error))

    def check(self, send: Send, gateway: ServedGateway, apis: list[str]) -> None:
        """All of ``apis`` are readable and served."""
        with httpx.Client() as client:
            for api in apis:
                assert admin_api.call(send, "GET", f"/restapis/{api}")["name"] == self.names[api]
                if api in self.served:
                    assert client.get(gateway.url(api, "dev")).text == self.served[api]


@pytest.mark.timeout(900)
def test_every_acknowledged_change_survives(
    start_gateway: StartGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIGW_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("APIGW_SECRET_ACCESS_KEY", SECRET)
    directory = tmp_path / "data"
    settings = config.load({"data_dir": str(directory)}, {})
    chance = random.Random(20261121)
    acknowledged = Acknowledged()
    checked = 0
    for kill in range(KILLS):
        gateway = start_gateway("--access-log", "off", "--workers", "1", data_dir=directory)
        with ExitStack() as clients:
            sends = [clients.enter_context(admin_client(settings)) for _ in range(WRITERS)]
            apis = list(acknowledged.names)
            acknowledged.check(sends[0], gateway, apis[checked:])
            checked = len(apis)
            writers = [
                threading.Thread(target=acknowledged.write, args=(send, kill * WRITERS + number))
                for number, send in enumerate(sends)
            ]
            for writer in writers:
                writer.start()
            # Not a wait for something: the point in time is the test's input.
            writers[0].join(chance.uniform(0.0, 0.2))
            os.kill(gateway.process.pid, signal.SIGKILL)
            for writer in writers:
                writer.join()
        assert gateway.process.wait() == -signal.SIGKILL
    gateway = start_gateway("--access-log", "off", data_dir=directory)
    with admin_client(settings) as send:
        acknowledged.check(send, gateway, list(acknowledged.names))
    assert not acknowledged.refused
    assert len(acknowledged.served) > KILLS, "the loop hardly wrote anything"


# ``serve`` as it is, but it ends as by ``kill -9`` once its nth management call that changes something is durable.
_KILLED = """
import os, signal, sys
from apigw import admin_api
from apigw.cli.main import main

made, left = admin_api.call, int(sys.argv.pop(1))

def call(send, method, *given, **named):
    global left
    answer = made(send, method, *given, **named)
    left -= method != "GET"
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

admin_api.call = call
main()
"""


def test_a_document_stays_one_api_wherever_serve_was_killed(
    start_gateway: StartGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APIGW_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("APIGW_SECRET_ACCESS_KEY", SECRET)
    directory, file = tmp_path / "data", tmp_path / "api.json"
    ports = [f"--{name}=127.0.0.1:0" for name in ("listen", "listen-tls", "admin-listen")]
    for said in ("first", "second"):
        file.write_bytes(document("pets", f'"{said}"'))
        # Import, deployment, digest.
        for step in ("1", "2", "3"):
            command = [sys.executable, "-c", _KILLED, step, "serve", file, "--data-dir", directory, *ports]
            ended = subprocess.run(command, capture_output=True, timeout=60, check=False, cwd=tmp_path)
            assert ended.returncode == -signal.SIGKILL, ended.stderr
        gateway = start_gateway(str(file), data_dir=directory)
        with admin_client(config.load({"data_dir": str(directory)}, {})) as send:
            apis = list(admin_api.rest_apis(send))
        assert [api["name"] for api in apis] == ["pets"]
        assert httpx.get(gateway.url(apis[0]["id"], "dev")).text == f'"{said}"'
        gateway.stop()
