"""CORS by MOCK, as AWS's console builds it and ``apigw cors`` does: rest-api §12."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.command import apigw
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, mock, operation, proxy

HEADERS = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token"


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deployed:
    """``/pets`` with a MOCK and a proxy."""
    paths = {
        "/pets": {"get": operation(mock("pets")), "post": operation(proxy(backend.url))},
        "/taken": {"options": operation(proxy(backend.url))},
    }
    return deploy(shared_gateway, shared_apigateway, paths)


def enable(api: Deployed, cwd: Path, *more: str) -> dict[str, Any]:
    done = apigw(api.gateway, "cors", api.api_id, "/pets", *more, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_s12_preflights_are_answered_by_the_gateway_and_errors_can_be_read(
    api: Deployed, backend: Backend, tmp_path: Path
) -> None:
    assert api.send("/stage/pets", "OPTIONS").status == 403
    done = enable(api, tmp_path, "--stage", "stage")
    assert done["left"] == ["POST /pets: its backend must answer with Access-Control-Allow-Origin"]
    assert done["changed"] == [
        "OPTIONS /pets: the method",
        "OPTIONS /pets: the integration",
        "OPTIONS /pets: the headers of 200",
        "GET /pets: the headers of 200",
        "DEFAULT_4XX: the headers",
        "DEFAULT_5XX: the headers",
    ]
    preflight = api.send("/stage/pets", "OPTIONS", "Origin: https://page", "Access-Control-Request-Method: POST")
    assert (preflight.status, preflight.header("Content-Length"), preflight.body) == (200, "0", b"")
    assert preflight.header("Access-Control-Allow-Origin") == "*"
    assert preflight.header("Access-Control-Allow-Methods") == "GET,OPTIONS,POST"
    assert preflight.header("Access-Control-Allow-Headers") == HEADERS
    answer = api.send("/stage/pets")
    assert (answer.body, answer.header("Access-Control-Allow-Origin")) == (b"pets", "*")
    assert api.send("/stage/nothing").header("Access-Control-Allow-Origin") == "*"
    assert api.send("/stage/pets", "POST").header("Access-Control-Allow-Origin") is None
    assert len(backend.requests) == 1


def test_s12_enabling_it_twice_changes_nothing_and_another_origin_replaces_the_first(
    api: Deployed, tmp_path: Path
) -> None:
    enable(api, tmp_path)
    again = enable(api, tmp_path)
    assert again["changed"] == []
    assert api.send("/stage/pets", "OPTIONS").status == 403, "nothing was deployed"
    other = enable(api, tmp_path, "--origin", "https://shop.example", "--headers", "X-Mine", "--stage", "stage")
    assert len(other["changed"]) == 4
    preflight = api.send("/stage/pets", "OPTIONS")
    assert preflight.header("Access-Control-Allow-Origin") == "https://shop.example"
    assert preflight.header("Access-Control-Allow-Headers") == "X-Mine"


def test_what_cannot_be_enabled_is_said(api: Deployed, tmp_path: Path) -> None:
    for arguments, code, words in (
        ((api.api_id, "/nothing"), 1, f"the API {api.api_id} has no resource /nothing"),
        (("nothing", "/"), 1, "Invalid API identifier specified 123456789012:nothing"),
        ((api.api_id, "/taken"), 1, "OPTIONS /taken has an integration of type HTTP_PROXY"),
        ((api.api_id, "/pets", "--origin", "a'b"), 2, "--origin and --headers hold no quotes"),
    ):
        done = apigw(api.gateway, "cors", *arguments, cwd=tmp_path)
        assert done.returncode == code
        assert words in done.stderr
