"""What the edge in front of an ``EDGE`` API (the default) does to requests, and others do not: rest-api §16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, operation, proxy

SENT = ("cookie: b=2; a=1", "user-agent: test", "x-custom: kept")
Deploy = Callable[[str], Deployed]


@pytest.fixture
def serve(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> Deploy:
    """Deploy an API of an endpoint type."""

    def deployed(kind: str) -> Deployed:
        paths = {"/": {"x-amazon-apigateway-any-method": operation(proxy(backend.url))}}
        api = deploy(shared_gateway, shared_apigateway, paths)
        if kind != "EDGE":
            patch = [{"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": kind}]
            shared_apigateway.update_rest_api(restApiId=api.api_id, patchOperations=patch)
            shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
        return api

    return deployed


@pytest.mark.parametrize(
    ("kind", "cookie", "agent"),
    [("EDGE", ("Cookie", "a=1; b=2"), "User-Agent"), ("REGIONAL", ("cookie", "b=2; a=1"), "user-agent")],
)
def test_s16_names_that_the_edge_writes_and_cookies_that_it_sorts(
    serve: Deploy, backend: Backend, kind: str, cookie: tuple[str, str], agent: str
) -> None:
    assert serve(kind).send("/stage", "GET", *SENT).status == 200
    fields = backend.requests[0].fields
    assert cookie in fields
    assert (agent, "test") in fields
    assert ("x-custom", "kept") in fields


def test_s16_a_get_with_a_body_does_not_pass_the_edge(serve: Deploy, backend: Backend) -> None:
    answer = serve("EDGE").send("/stage", "GET", body=b"x")
    assert answer.error == (403, "ForbiddenException", b'{"message":"Forbidden"}')
    assert not backend.requests
    assert serve("REGIONAL").send("/stage", "GET", body=b"x").status == 200
