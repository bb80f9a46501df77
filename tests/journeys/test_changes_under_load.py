"""Applying a change under full load: no failed and no wrong answer.

A stage flips between two deployments while thousands of requests are in flight. Each deployment's literal body and its mapped
header agree in every answer, and a request sent after UpdateStage returned never sees the old one.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-deployments.html
"""

from __future__ import annotations

import asyncio
from typing import Any

from tests.journeys.conftest import ServedGateway
from tests.journeys.flood import Flips, Tally, flood
from tests.journeys.mock_api import document

FLIPS = 60
CONNECTIONS = 100
DEPTH = 20


def test_flips_between_deployments(gateway: ServedGateway, apigateway: Any) -> None:
    api = apigateway.import_rest_api(body=document("flips", '{"said": "one"}'))["id"]
    first = apigateway.create_deployment(restApiId=api, stageName="live")["id"]
    apigateway.put_rest_api(restApiId=api, mode="overwrite", body=document("flips", '{"said": "two"}'))
    second = apigateway.create_deployment(restApiId=api)["id"]
    literals = {first: b'{"said": "one"}', second: b'{"said": "two"}'}
    flips = Flips([first])

    def flip(deployment: str) -> None:
        apigateway.update_stage(
            restApiId=api,
            stageName="live",
            patchOperations=[{"op": "replace", "path": "/deploymentId", "value": deployment}],
        )

    async def run() -> Tally:
        stop = asyncio.Event()
        host, port = gateway.listen.rsplit(":", 1)
        request = f"GET /_aws/execute-api/{api}/live/ HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        clients = asyncio.create_task(
            flood((host, int(port)), request, flips, literals, stop, connections=CONNECTIONS, depth=DEPTH)
        )
        for turn in range(FLIPS):
            deployment = (second, first)[turn % 2]
            flips.begin(deployment)
            await asyncio.to_thread(flip, deployment)
            flips.end()
        stop.set()
        return await clients

    tally = asyncio.run(run())
    assert not tally.wrong, tally.wrong[:5]
    assert tally.answered > CONNECTIONS * DEPTH
    assert set(tally.by_deployment) == {first, second}
