"""Whose answers are kept for how long, who waits for them, and what makes room for others: rest-api §13, set with boto3."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.caching import cached, replace
from tests.journeys.command import apigw
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fidelity import Deployed, deploy, operation, proxy
from tests.journeys.observed import metric

ON = {"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true", "/*/*/caching/ttlInSeconds": "3600"}
MIB = 1024**2


def asked(api: Deployed, backend: Backend, *paths: str) -> int:
    """How often the backend is asked for these."""
    before = len(backend.requests)
    for path in paths:
        assert api.send(path).status == 200
    return len(backend.requests) - before


def test_s13_each_method_has_a_time_of_its_own(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """``cacheTtlInSeconds`` of a method: its answer is asked for again then, that of others is kept."""
    paths = {path: {"get": operation(proxy(f"{backend.url}{path}"))} for path in ("/short", "/long")}
    api = deploy(shared_gateway, shared_apigateway, paths)
    of_short = {"/~1short/GET/caching/ttlInSeconds": "1", "/~1short/GET/throttling/rateLimit": "-1"}
    replace(shared_apigateway, api, **ON, **of_short)
    begun = time.monotonic()
    assert asked(api, backend, "/stage/short", "/stage/long") == 2
    while asked(api, backend, "/stage/short") == 0:
        assert time.monotonic() - begun < 20, "it was never asked for again"
    assert asked(api, backend, "/stage/long") == 0


def test_s13_one_request_asks_and_those_beside_it_wait_for_its_answer(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(proxy(f"{backend.url}/slow"))}})
    replace(shared_apigateway, api, **ON)
    before = metric(shared_gateway, "apigw_requests_in_flight")
    answers: list[bytes] = []
    clients = [threading.Thread(target=lambda: answers.append(api.send("/stage").body)) for _ in range(8)]
    for client in clients:
        client.start()
    backend.wait()
    # All of them are in the gateway before the first one has its answer.
    while metric(shared_gateway, "apigw_requests_in_flight") < before + len(clients):
        pass
    backend.release.set()
    for client in clients:
        client.join()
    assert (len(answers), len(set(answers)), len(backend.requests)) == (8, 1, 1)


def test_s13_a_flush_is_of_one_stage(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    api = cached(shared_gateway, shared_apigateway, backend)
    names = {"restApiId": api.api_id}
    deployment = shared_apigateway.get_stage(**names, stageName="stage")["deploymentId"]
    shared_apigateway.create_stage(**names, stageName="other", deploymentId=deployment, cacheClusterEnabled=True)
    on = [{"op": "replace", "path": "/*/*/caching/enabled", "value": "true"}]
    shared_apigateway.update_stage(**names, stageName="other", patchOperations=on)
    # Each stage has a cache of its own.
    assert asked(api, backend, "/stage/", "/other/") == 2
    shared_apigateway.flush_stage_cache(**names, stageName="stage")
    assert asked(api, backend, "/other/") == 0
    assert asked(api, backend, "/stage/") == 1


@pytest.mark.parametrize("differs_by", ["deployment", "variables", None])
def test_s13_a_canary_shares_answers_only_where_it_is_the_same_as_its_stage(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, differs_by: str | None
) -> None:
    """With ``useStageCache`` answers are shared, but not with another deployment, nor with other variables."""
    api = cached(shared_gateway, shared_apigateway, backend)
    names: dict[str, Any] = {"restApiId": api.api_id, "stageName": "stage"}

    def patch(path: str, value: str) -> None:
        shared_apigateway.update_stage(**names, patchOperations=[{"op": "replace", "path": path, "value": value}])

    if differs_by == "deployment":
        shared_apigateway.create_deployment(**names, canarySettings={"percentTraffic": 0.0, "useStageCache": True})
    else:
        patch("/canarySettings/useStageCache", "true")
    if differs_by == "variables":
        patch("/canarySettings/stageVariableOverrides/a", "b")
    fetched = []
    for percent in ("0.0", "100.0", "0.0", "100.0"):
        patch("/canarySettings/percentTraffic", percent)
        fetched.append(asked(api, backend, "/stage/"))
    assert fetched == ([1, 0, 0, 0] if differs_by is None else [1, 1, 0, 0])


def test_s13_what_is_used_least_makes_room_for_others_over_all_stages(
    start_gateway: StartGateway, backend: Backend
) -> None:
    """All stages share one bound: an answer that is used stays, though another stage's fill the table many times."""
    gateway = start_gateway(environment={"APIGW_CACHE_MEMORY": "4 MiB"})
    client = boto3_client(gateway)
    key = "method.request.querystring.q"
    used = cached(gateway, client, backend, key)
    integration = {**proxy(f"{backend.url}/bytes/20000"), "cacheKeyParameters": [key]}
    other = deploy(gateway, client, {"/": {"get": operation(integration, ("query", "q"))}})
    replace(client, other, **ON)
    # The table is full when the answer comes in that is used.
    for number in range(400):
        other.send(f"/stage/?q={number}")
    assert asked(used, backend, "/stage/?q=1", "/stage/?q=1", "/stage/?q=1") == 1
    for number in range(400, 1400):
        other.send(f"/stage/?q={number}")
        if number % 10 == 0:
            used.send("/stage/?q=1")
        if number % 100 == 0:
            assert metric(gateway, "apigw_cache_bytes") <= 4 * MIB
    assert 20 <= metric(gateway, "apigw_cache_entries") < 4 * MIB / 20_000
    assert sum(one.target == "/echo?q=1" for one in backend.requests) == 1


def test_s13_a_stage_with_more_than_all_may_have_is_taken_and_said(
    start_gateway: StartGateway, backend: Backend, tmp_path: Path
) -> None:
    """A cluster larger than the gateway's own bound is accepted, with a warning in its log and by ``doctor``."""
    memory = {"APIGW_CACHE_MEMORY": "4 MiB"}
    gateway = start_gateway(environment=memory)
    client = boto3_client(gateway)
    api = deploy(gateway, client, {"/": {"get": operation(proxy(f"{backend.url}/echo"))}})
    assert "cache.memory" not in gateway.output.read_text()
    stage = replace(client, api, **ON, **{"/cacheClusterSize": "237"})
    assert (stage["cacheClusterStatus"], stage["cacheClusterSize"]) == ("AVAILABLE", "237")
    assert asked(api, backend, "/stage/", "/stage/") == 1
    said = [json.loads(line) for line in gateway.output.read_text().splitlines() if "cache.memory" in line]
    assert [line["level"] for line in said] == ["WARNING"]
    assert f"stage stage of API {api.api_id}" in said[0]["message"]
    listen = ("--listen", gateway.listen, "--listen-tls", gateway.listen_tls, "--admin-listen", gateway.admin_listen)
    settings = tmp_path / "apigw.toml"
    settings.write_text('[cache]\nmemory = "4 MiB"\n')
    told = apigw(gateway, "doctor", "--json", *listen, "--config", settings, cwd=tmp_path)
    (found,) = [one for one in json.loads(told.stdout)["checks"] if one["check"] == "caches"]
    assert found["state"] == "warning"
    assert f"{api.api_id}/stage may have more than the 4.0 MiB" in found["message"]
