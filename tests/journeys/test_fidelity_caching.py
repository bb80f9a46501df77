"""The response cache as its users see it: set with boto3, met by a plain client, counted by its backend.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.recording import Backend
from tests.journeys.caching import cached, replace
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fidelity import Deployed, deploy, mock, operation
from tests.journeys.observed import metric

FRESH = "Cache-Control: max-age=0"
ON = {"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true"}


def asked(api: Deployed, backend: Backend, *requests: tuple[str, ...], method: str = "GET") -> int:
    """How often the backend is asked for these: path and header lines."""
    before = len(backend.requests)
    for path, *fields in requests:
        assert api.send(path, method, *fields).status == 200
    return len(backend.requests) - before


def test_s13_an_answer_is_given_again(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """An answer is given again, with ids and a date of its own."""
    api = cached(shared_gateway, shared_apigateway, backend)
    first, second = api.send("/stage/"), api.send("/stage/")
    assert len(backend.requests) == 1
    assert (first.status, first.body) == (second.status, second.body)
    own = {"x-amzn-requestid", "x-amz-apigw-id", "date"}
    lines = [{field for field in answer.fields if field[0].lower() not in own} for answer in (first, second)]
    assert lines[0] == lines[1]
    assert first.header("x-amzn-RequestId") != second.header("x-amzn-RequestId")


def test_s13_the_cluster_alone_caches_nothing(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = cached(shared_gateway, shared_apigateway, backend)
    for off in (
        {"/*/*/caching/enabled": "false"},
        {"/cacheClusterEnabled": "false"},
        {"/*/*/caching/ttlInSeconds": "0"},
    ):
        replace(shared_apigateway, api, **ON, **{"/*/*/caching/ttlInSeconds": "300"})
        assert asked(api, backend, ("/stage/",), ("/stage/",)) == 1
        replace(shared_apigateway, api, **off)
        assert asked(api, backend, ("/stage/",), ("/stage/",)) == 2
        shared_apigateway.flush_stage_cache(restApiId=api.api_id, stageName="stage")


def test_s13_the_cluster_is_there_when_the_call_returns(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """A cluster is AVAILABLE at once; its default size is 0.5."""
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("x"))}})
    stage = replace(shared_apigateway, api, **{"/cacheClusterEnabled": "true"})
    assert (stage["cacheClusterStatus"], stage["cacheClusterSize"]) == ("AVAILABLE", "0.5")
    stage = replace(shared_apigateway, api, **{"/cacheClusterSize": "237"})
    assert (stage["cacheClusterStatus"], stage["cacheClusterSize"]) == ("AVAILABLE", "237")
    stage = replace(shared_apigateway, api, **{"/cacheClusterEnabled": "false"})
    assert stage["cacheClusterStatus"] == "NOT_AVAILABLE"


def test_s13_a_change_of_size_drops_all_data(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = cached(shared_gateway, shared_apigateway, backend)
    assert asked(api, backend, ("/stage/",), ("/stage/",)) == 1
    replace(shared_apigateway, api, **{"/cacheClusterSize": "1.6"})
    assert asked(api, backend, ("/stage/",), ("/stage/",)) == 1


@pytest.mark.parametrize(
    ("key", "same", "other"),
    [
        (
            "method.request.querystring.q",
            ("/stage/?q=1&z=2", "/stage/?z=3&q=1"),
            ("/stage/?q=2", "/stage/?q=", "/stage/"),
        ),
        ("method.request.multivaluequerystring.q", ("/stage/?q=1&q=2",) * 2, ("/stage/?q=2&q=1", "/stage/?q=1")),
    ],
)
def test_s13_keys_vary_by_query(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, key: str, same: tuple[str, ...], other: tuple[str, ...]
) -> None:  # fmt: skip
    """Named parameters of the query string vary the key, absence included; others do not."""
    api = cached(shared_gateway, shared_apigateway, backend, key)
    assert asked(api, backend, *((path,) for path in same)) == 1
    assert asked(api, backend, *((path,) for path in other)) == len(other)
    assert asked(api, backend, *((path,) for path in (*same, *other))) == 0


def test_s13_keys_vary_by_header(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """A named header varies the key; others do not."""
    api = cached(shared_gateway, shared_apigateway, backend, "method.request.header.X-Tenant")
    requests = [("/stage/", "X-Tenant: a"), ("/stage/", "X-Tenant: b"), ("/stage/",)]
    assert asked(api, backend, *requests) == 3
    assert asked(api, backend, *requests, ("/stage/", "x-tenant: a"), ("/stage/", "X-Other: c")) == 0


def test_s13_all_methods_are_get_alone(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """The setting of all methods caches GET; another verb has to be named."""
    api = cached(shared_gateway, shared_apigateway, backend, verb="post")
    assert asked(api, backend, ("/stage/",), ("/stage/",), method="POST") == 2
    replace(shared_apigateway, api, **{"/~1/POST/caching/enabled": "true"})
    assert asked(api, backend, ("/stage/",), ("/stage/",), method="POST") == 1


@pytest.mark.parametrize(
    ("strategy", "status", "warns"),
    [
        ("FAIL_WITH_403", 403, False),
        ("SUCCEED_WITH_RESPONSE_HEADER", 200, True),
        ("SUCCEED_WITHOUT_RESPONSE_HEADER", 200, False),
    ],
)
def test_s13_who_may_not_have_a_fresh_answer(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, strategy: str, status: int, warns: bool
) -> None:
    """Without leave, Cache-Control: max-age=0 does what the stage's strategy says."""
    api = cached(shared_gateway, shared_apigateway, backend)
    replace(shared_apigateway, api, **{"/*/*/caching/unauthorizedCacheControlHeaderStrategy": strategy})
    assert api.send("/stage/").status == 200
    answer = api.send("/stage/", "GET", FRESH)
    assert answer.status == status
    warning = "199 Cache-control headers were ignored because the caller was unauthorized."
    assert answer.header("Warning") == (warning if warns else None)
    if status == 403:
        assert answer.header("x-amzn-ErrorType") == "AccessDeniedException"
        assert answer.body.startswith(b'{"Message":"User: anonymous is not authorized to perform: execute-api:Invalid')
    assert len(backend.requests) == 1


def test_s13_who_needs_no_leave_replaces_the_answer(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Where no authorisation is required, Cache-Control: max-age=0 replaces the answer."""
    api = cached(shared_gateway, shared_apigateway, backend)
    replace(shared_apigateway, api, **{"/*/*/caching/requireAuthorizationForCacheControl": "false"})
    assert asked(api, backend, ("/stage/",), ("/stage/", FRESH), ("/stage/",)) == 2
    assert (b'"X-Second"' in api.send("/stage/", "GET", FRESH, "X-Second: 1").body) == (
        b'"X-Second"' in api.send("/stage/").body
    )


def test_s13_encrypted_answers_are_the_same(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = cached(shared_gateway, shared_apigateway, backend)
    replace(shared_apigateway, api, **{"/*/*/caching/dataEncrypted": "true"})
    first, second = api.send("/stage/"), api.send("/stage/")
    assert (first.body, len(backend.requests)) == (second.body, 1)


def test_s13_a_stage_is_flushed(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """FlushStageCache is served when it returns, and is no error without a cache."""
    api = cached(shared_gateway, shared_apigateway, backend)
    for _ in range(3):
        assert asked(api, backend, ("/stage/",), ("/stage/",)) == 1
        answer = shared_apigateway.flush_stage_cache(restApiId=api.api_id, stageName="stage")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    replace(shared_apigateway, api, **{"/cacheClusterEnabled": "false"})
    shared_apigateway.flush_stage_cache(restApiId=api.api_id, stageName="stage")
    with pytest.raises(shared_apigateway.exceptions.NotFoundException):
        shared_apigateway.flush_stage_cache(restApiId=api.api_id, stageName="nothing")


def test_s13_a_mock_is_cached_like_a_backend(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """A MOCK is cached as well: a new deployment shows once its answer is flushed."""
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("first"))}})
    replace(shared_apigateway, api, **ON)
    assert api.send("/stage/").body == b"first"
    root = shared_apigateway.get_resources(restApiId=api.api_id)["items"][0]["id"]
    shared_apigateway.update_integration_response(
        restApiId=api.api_id,
        resourceId=root,
        httpMethod="GET",
        statusCode="200",
        patchOperations=[{"op": "replace", "path": "/responseTemplates/application~1json", "value": "second"}],
    )
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage/").body == b"first"
    shared_apigateway.flush_stage_cache(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage/").body == b"second"


def test_hits_and_misses_are_counted(start_gateway: StartGateway, backend: Backend) -> None:
    gateway = start_gateway(environment={"APIGW_CACHE_MEMORY": "16 MiB"})
    client = boto3_client(gateway)
    api = cached(gateway, client, backend, "method.request.querystring.q")
    assert asked(api, backend, *((f"/stage/?q={number % 3}",) for number in range(9))) == 3
    for name, count in (("Hit", 6), ("Miss", 3)):
        assert metric(gateway, f"aws_apigateway_Cache{name}Count_total") == count
    assert (metric(gateway, "apigw_cache_hits_total"), metric(gateway, "apigw_cache_misses_total")) == (6, 3)
    assert (metric(gateway, "apigw_cache_entries"), metric(gateway, "apigw_cache_bytes_limit")) == (3, 16 * 1024**2)
    assert metric(gateway, "apigw_cache_bytes") > 0
    # More than the stage may ever have of it: taken, and said.
    assert "cache.memory" in gateway.output.read_text()
