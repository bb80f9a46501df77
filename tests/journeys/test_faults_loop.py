"""An API whose backend is the gateway itself: it ends in 504 or 500 within the budgets while others keep answering.

Rule: data-plane.md (bodies, budgets); AWS refuses such loops at deployment or throttles them, we bound them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fault_api import deployed, document, get, http, http_proxy, mock

PATIENCE = {"timeoutInMillis": 4000}
RESPONSES = {"default": {"statusCode": "200"}, "5\\d\\d": {"statusCode": "504"}}


def looping(gateway: ServedGateway, integrations: Callable[[str], dict[str, dict[str, Any]]]) -> str:
    """An API whose integrations may name its own URL."""
    client = boto3_client(gateway)
    api = str(client.create_rest_api(name="loop")["id"])
    body = document(integrations(f"/_aws/execute-api/{api}/dev"), "loop")
    client.put_rest_api(restApiId=api, mode="overwrite", body=body)
    client.create_deployment(restApiId=api, stageName="dev")
    client.close()
    return api


@pytest.mark.parametrize(("integration", "how"), [(http_proxy, PATIENCE), (http, {**PATIENCE, "responses": RESPONSES})])
@pytest.mark.parametrize("names", [["127.0.0.1"], ["127.0.0.1", "localhost"]])
def test_a_loop_ends_and_others_keep_answering(
    start_gateway: StartGateway, integration: Callable[..., dict[str, Any]], how: dict[str, Any], names: list[str]
) -> None:
    gateway = start_gateway("--workers", "1", environment={"APIGW_MAX_CONNECTIONS": "200"})
    port = gateway.listen.rpartition(":")[2]
    other = deployed(gateway, {"/": mock("fine")}, "other")

    def circle(own: str) -> dict[str, dict[str, Any]]:
        # Each step asks the next one by another name of the same gateway.
        return {
            f"/{step}": integration(f"http://{name}:{port}{own}/{(step + 1) % len(names)}", **how)
            for step, name in enumerate(names)
        }

    api = looping(gateway, circle)
    answers: list[tuple[int, str]] = []

    def ask() -> None:
        answer = get(gateway.url(api, "dev", "/0"), timeout=60)
        answers.append((answer.status_code, answer.text))

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for each in asking:
        each.start()
    others = 0
    while any(each.is_alive() for each in asking):
        # A new connection every time: those are what a loop could use up.
        assert get(gateway.url(other, "dev"), timeout=3).text == "fine"
        others += 1
    for each in asking:
        each.join()
    assert others
    for status, text in answers:
        assert (status, text) in [
            (504, '{"message":"Network error communicating with endpoint"}'),
            (504, '{"message":"Endpoint request timed out"}'),
            (500, '{"message":"Internal server error"}'),
        ]
    # Everything is given back.
    assert get(gateway.url(other, "dev")).text == "fine"
