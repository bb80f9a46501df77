"""For the tests of the response cache: stages that cache what a recording backend echoes."""

from __future__ import annotations

from typing import Any

import orjson

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, operation, proxy


def replace(client: Any, api: Deployed, **values: str) -> dict[str, Any]:
    """UpdateStage with ``caching_enabled="true"`` for ``/*/*/caching/enabled``, or a path as it stands."""
    operations = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    stage: dict[str, Any] = client.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=operations)
    return stage


def cached(
    gateway: ServedGateway, client: Any, backend: Backend, *keys: str, path: str = "/", verb: str = "get"
) -> Deployed:
    """An API whose GET goes to the backend's echo, cached by these keys for an hour."""
    names = [key.split(".")[2:] for key in keys]
    where = {"querystring": "query", "multivaluequerystring": "query", "path": "path"}
    parameters = [(where.get(place, "header"), name) for place, name in names]
    declared = {name for place, name in parameters if place == "path"}
    undeclared = [("path", name.strip("{}")) for name in path.split("/") if name.startswith("{")]
    parameters += [one for one in undeclared if one[1] not in declared]
    integration: Document = {**proxy(f"{backend.url}/echo"), "cacheKeyParameters": list(keys)}
    api = deploy(gateway, client, {path: {verb: operation(integration, *parameters)}})
    replace(
        client,
        api,
        **{"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true", "/*/*/caching/ttlInSeconds": "3600"},
    )
    return api


def target(answer: bytes) -> str:
    """Where the request went whose echo this is."""
    return str(orjson.loads(answer)["target"])
