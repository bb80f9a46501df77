"""What was acknowledged survives ``kill -9`` at any moment, and is served again.

``APIGW_KILLS`` sets how often it is killed (a hundred by ``make proofs``).
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
from pathlib import Path

import botocore.exceptions
import httpx

from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.mock_api import document

KILLS = int(os.environ.get("APIGW_KILLS", "10"))


def test_kill_at_random_points_of_a_write_loop(start_gateway: StartGateway, tmp_path: Path) -> None:
    chance = random.Random(20261121)
    acknowledged: dict[str, str] = {}
    served: dict[str, str] = {}
    data_dir = tmp_path / "survivor"
    for turn in range(KILLS):
        gateway = start_gateway(data_dir=data_dir)
        _check(gateway, acknowledged, served)
        killer = threading.Timer(chance.uniform(0.0, 0.35), gateway.process.send_signal, [signal.SIGKILL])
        killer.start()
        _write_until_dead(gateway, turn, acknowledged, served)
        killer.join()
        assert gateway.process.wait(timeout=30) == -signal.SIGKILL
    assert len(served) >= KILLS, "hardly anything was written: the loop proves nothing"
    last = start_gateway(data_dir=data_dir)
    _check(last, acknowledged, served)


def _write_until_dead(
    gateway: ServedGateway, turn: int, acknowledged: dict[str, str], served: dict[str, str]
) -> None:
    """Import, deploy, import, deploy …; note what was acknowledged."""
    client = boto3_client(gateway)
    with contextlib.suppress(botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError):
        for count in range(1_000_000):
            name = f"t{turn}n{count}"
            api = client.import_rest_api(body=document(name, f'"{name}"'))["id"]
            acknowledged[api] = name
            client.create_deployment(restApiId=api, stageName="live")
            served[api] = name
            client.create_resource(restApiId=api, parentId=_root(client, api), pathPart="more")
    client.close()


def _root(client: object, api: str) -> str:
    found: str = client.get_rest_api(restApiId=api)["rootResourceId"]  # type: ignore[attr-defined]
    return found


def _check(gateway: ServedGateway, acknowledged: dict[str, str], served: dict[str, str]) -> None:
    """Every acknowledged id is readable, and what was deployed answers."""
    client = boto3_client(gateway)
    for api, name in acknowledged.items():
        assert client.get_rest_api(restApiId=api)["name"] == name
    client.close()
    with httpx.Client() as http:
        for api, name in served.items():
            answer = http.get(gateway.url(api, "live"))
            assert (answer.status_code, answer.json()) == (200, name)
