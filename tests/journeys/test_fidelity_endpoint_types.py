"""What the edge in front of an ``EDGE`` API (the default) does to requests, and others do not: rest-api §16."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, differs, mock, operation, proxy

SENT = ("cookie: b=2; c=3; a=1; b=0", "user-agent: test", "authorization: token", "x-cusTOM: kept")
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
    ("kind", "cookie", "agent", "authorization"),
    [
        ("EDGE", ("Cookie", "a=1; b=2; b=0; c=3"), "User-Agent", "Authorization"),
        ("REGIONAL", ("cookie", "b=2; c=3; a=1; b=0"), "user-agent", "authorization"),
    ],
)
def test_s16_names_that_the_edge_writes_and_cookies_that_it_sorts(
    serve: Deploy, backend: Backend, kind: str, cookie: tuple[str, str], agent: str, authorization: str
) -> None:
    assert serve(kind).send("/stage", "GET", *SENT).status == 200
    fields = backend.requests[0].fields
    assert cookie in fields
    assert (agent, "test") in fields
    assert (authorization, "token") in fields
    assert ("x-cusTOM", "kept") in fields


def test_s16_a_get_with_a_body_does_not_pass_the_edge(serve: Deploy, backend: Backend) -> None:
    answer = serve("EDGE").send("/stage", "GET", body=b"x")
    assert answer.error == (403, "ForbiddenException", b'{"message":"Forbidden"}')
    assert not backend.requests
    assert serve("REGIONAL").send("/stage", "GET", body=b"x").status == 200


def test_s16_the_edge_says_how_the_client_spoke_to_it(
    serve: Deploy, shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """The edge says how the client spoke to it: to proxied backends, mappings and templates."""
    api = serve("EDGE")
    for _ in range(2):
        assert api.send("/stage").status == 200
    assert [request.header("CloudFront-Forwarded-Proto") for request in backend.requests] == ["http", "http"]
    assert [request.header("X-Forwarded-Proto") for request in backend.requests] == ["http", "http"]
    assert serve("REGIONAL").send("/stage").status == 200
    assert backend.requests[2].header("CloudFront-Forwarded-Proto") is None
    name = "CloudFront-Forwarded-Proto"
    mapped = proxy(backend.url, header_Scheme=f"method.request.header.{name}")
    rendered = mock(f"$input.params('{name}') $input.params().header['{name}']")
    paths = {
        "/mapped": {"get": operation(mapped, ("header", name))},
        "/rendered": {"get": operation(rendered)},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    assert api.send("/stage/mapped").status == 200
    assert backend.requests[3].header("Scheme") == "http"
    assert api.send("/stage/rendered").body == b"http http"


def test_s16_no_client_speaks_in_the_name_of_the_edge(serve: Deploy, backend: Backend) -> None:
    evil = ("cloudfront-viewer-country: XX", "CloudFront-Forwarded-Proto: gopher", "X-Amz-Cf-Id: me")
    assert serve("EDGE").send("/stage", "GET", *evil).status == 200
    assert serve("REGIONAL").send("/stage", "GET", *evil).status == 200
    edge, regional = backend.requests
    assert edge.header("CloudFront-Forwarded-Proto") == "http"
    assert (edge.header("CloudFront-Viewer-Country"), edge.header("X-Amz-Cf-Id")) == (None, None)
    assert regional.header("CloudFront-Viewer-Country") == "XX"
    assert regional.header("CloudFront-Forwarded-Proto") == "gopher"


@differs(
    "There is no edge network: a viewer's country and kind of device, its Via and its ids are known to nobody here, "
    "and a made-up value is worse than none"
)
def test_s16_what_only_an_edge_network_knows_of_a_client_is_not_sent(serve: Deploy, backend: Backend) -> None:
    assert serve("EDGE").send("/stage").status == 200
    sent = {name.lower() for name, _ in backend.requests[0].fields}
    assert {name for name in sent if name.startswith("cloudfront-")} == {"cloudfront-forwarded-proto"}
    assert not sent & {"via", "x-amz-cf-id"}


@differs("There is no edge network that could have a cache to miss, a point of presence or an id of its own")
def test_s3_an_answer_of_an_edge_api_bears_no_headers_of_the_edge_network(serve: Deploy, backend: Backend) -> None:
    answer = serve("EDGE").send("/stage")
    assert answer.status == 200
    assert not {name.lower() for name, _ in answer.fields} & {"x-cache", "via", "x-amz-cf-pop", "x-amz-cf-id"}
    assert len(backend.requests) == 1
