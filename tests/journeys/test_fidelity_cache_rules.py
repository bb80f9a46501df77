"""What a cached answer is kept by, and which answers are kept: the rest of rest-api §13, and the settings of §14."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.caching import cached, replace
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fidelity import Deployed, Document, deploy, mock, operation, proxy

ON = {"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true"}


def asked(api: Deployed, backend: Backend, *requests: tuple[str, ...], status: int = 200) -> int:
    """How often the backend is asked for these: path and header lines."""
    before = len(backend.requests)
    for path, *fields in requests:
        assert api.send(path, "GET", *fields).status == status
    return len(backend.requests) - before


def test_s13_keys_vary_by_every_value_of_a_header(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = cached(shared_gateway, shared_apigateway, backend, "method.request.multivalueheader.X-Many")
    requests = [("/stage/", "X-Many: 1", "X-Many: 2"), ("/stage/", "X-Many: 2", "X-Many: 1"), ("/stage/", "X-Many: 1")]
    assert asked(api, backend, *requests, *requests) == 3


@pytest.mark.parametrize(
    ("target", "source", "first", "other"),
    [
        ("querystring.to", "method.request.querystring.q", "/stage/?q=1", "/stage/?q=2"),
        ("header.To", "method.request.header.X-From", "X-From: 1", "X-From: 2"),
    ],
)
def test_s13_a_mapped_parameter_may_be_a_key(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, target: str, source: str, first: str, other: str
) -> None:  # fmt: skip
    """``integration.request.…`` varies the key by what is mapped."""
    integration: Document = {
        **proxy(f"{backend.url}/echo"),
        "requestParameters": {f"integration.request.{target}": source},
        "cacheKeyParameters": [f"integration.request.{target}"],
    }
    declared = (("query", "q"), ("header", "X-From"))
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(integration, *declared)}})
    replace(shared_apigateway, api, **ON)
    requests = [(one,) if one.startswith("/") else ("/stage/", one) for one in (first, other)]
    assert asked(api, backend, *requests, *requests, ("/stage/?z=1",), ("/stage/?z=2",)) == 3


def test_s13_a_key_has_to_be_declared(shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend) -> None:
    """A key that is no parameter, or one that the method does not declare, is refused."""
    api = shared_apigateway.create_rest_api(name="undeclared")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    declared = {"method.request.querystring.q": False}
    shared_apigateway.put_method(**names, authorizationType="NONE", requestParameters=declared)

    def put(*keys: str) -> Any:
        members = {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": backend.url}
        return shared_apigateway.put_integration(**names, **members, cacheKeyParameters=list(keys))

    for key in ("method.request.querystring.z", "method.request.header.q", "method.request.body", "query"):
        with pytest.raises(ClientError, match="Invalid cache key parameter specified"):
            put("method.request.querystring.q", key)
    keys = ["method.request.querystring.q", "method.request.multivaluequerystring.q"]
    assert put(*keys)["cacheKeyParameters"] == keys
    undeclared = {**proxy(backend.url), "cacheKeyParameters": ["method.request.header.X"]}
    with pytest.raises(ClientError, match="Invalid cache key parameter specified"):
        deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(undeclared)}})
    # Nor may a method lose what its cache is kept by.
    with pytest.raises(ClientError, match="Invalid cache key parameter specified"):
        shared_apigateway.update_method(
            **names, patchOperations=[{"op": "remove", "path": "/requestParameters/method.request.querystring.q"}]
        )


def test_s13_a_key_of_the_backends_request_has_to_be_mapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A key ``integration.request.…`` that no request parameter maps is refused, and goes with its mapping."""
    api = shared_apigateway.create_rest_api(name="unmapped")
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    shared_apigateway.put_method(**names, authorizationType="NONE")
    members = {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": backend.url}
    mapped = {"integration.request.header.A": "context.stage", "integration.request.header.B": "'b'"}

    def put(*keys: str) -> Any:
        return shared_apigateway.put_integration(
            **names, **members, requestParameters=mapped, cacheKeyParameters=list(keys)
        )

    def update(*operations: tuple[str, str]) -> Any:
        return shared_apigateway.update_integration(
            **names, patchOperations=[{"op": op, "path": path, "value": "'x'"} for op, path in operations]
        )

    refused = pytest.raises(ClientError, match="Invalid cache key parameter specified")
    for key in ("integration.request.header.a", "integration.request.querystring.A"):
        with refused:
            put("integration.request.header.A", key)
    put("integration.request.header.A", "integration.request.header.B")
    with refused:
        update(("add", "/cacheKeyParameters/integration.request.path.p"))
    new = "integration.request.path.p"
    found = update(("add", f"/cacheKeyParameters/{new}"), ("add", f"/requestParameters/{new}"))
    assert found["cacheKeyParameters"] == [*mapped, new]
    found = update(("remove", "/requestParameters/integration.request.header.A"))
    assert found["cacheKeyParameters"] == ["integration.request.header.B", new]
    undeclared = {**proxy(backend.url, header_B="'b'"), "cacheKeyParameters": ["integration.request.header.A"]}
    with refused:
        deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(undeclared)}})


def test_s13_resources_may_share_a_namespace(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Each resource has a namespace of its own, unless two name the same."""
    for namespace, count in ((None, 2), ("shared", 1)):
        own = {"cacheNamespace": namespace} if namespace else {}
        paths = {path: {"get": operation({**proxy(f"{backend.url}/echo"), **own})} for path in ("/a", "/b")}
        api = deploy(shared_gateway, shared_apigateway, paths)
        replace(shared_apigateway, api, **ON)
        assert asked(api, backend, ("/stage/a",), ("/stage/b",), ("/stage/a",)) == count


def test_s13_an_entry_has_a_mebibyte_at_most(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    paths = {f"/{size}": {"get": operation(proxy(f"{backend.url}/bytes/{size}"))} for size in (1_000_000, 1_048_577)}
    api = deploy(shared_gateway, shared_apigateway, paths)
    replace(shared_apigateway, api, **ON)
    assert asked(api, backend, ("/stage/1000000",), ("/stage/1000000",)) == 1
    assert asked(api, backend, ("/stage/1048577",), ("/stage/1048577",)) == 2


def test_s13_the_gateways_own_errors_are_not_kept(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """An answer that the gateway made because its mapping failed is asked for again."""
    http = {"type": "http", "httpMethod": "GET", "uri": backend.url, "responses": {"404": {"statusCode": "200"}}}
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(http)}})
    replace(shared_apigateway, api, **ON)
    assert asked(api, backend, ("/stage/",), ("/stage/",), status=500) == 2


def test_s13_mapped_answers_are_kept_by_what_their_template_was_chosen_by(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """The final answer is kept, each for the Accept that chose its template."""
    templates = {"application/json": "json", "a/b": "ab"}
    default = {"statusCode": "200", "responseTemplates": templates}
    http = {"type": "http", "httpMethod": "GET", "uri": backend.url, "responses": {"default": default}}
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(http)}})
    replace(shared_apigateway, api, **ON)
    for _ in range(2):
        for accept, body in (("a/b", b"ab"), ("application/json", b"json")):
            assert api.send("/stage/", "GET", f"Accept: {accept}").body == body
    assert len(backend.requests) == 2


def test_s13_sizes_and_times_are_those_of_aws(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    """Sizes in AWS's gigabytes, times from 0 to 3600 s, and the settings that are shown once caching is on."""
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("x"))}})
    stage = replace(shared_apigateway, api, **ON)
    assert stage["methodSettings"]["*/*"] == {
        "cacheDataEncrypted": False,
        "cacheTtlInSeconds": 300,
        "cachingEnabled": True,
        "dataTraceEnabled": False,
        "metricsEnabled": False,
        "requireAuthorizationForCacheControl": True,
        "throttlingBurstLimit": 5000,
        "throttlingRateLimit": 10000.0,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }
    for size in ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"):
        assert replace(shared_apigateway, api, **{"/cacheClusterSize": size})["cacheClusterSize"] == size
    for path, value in (
        ("/cacheClusterSize", "1"), ("/*/*/caching/ttlInSeconds", "3601"), ("/*/*/caching/ttlInSeconds", "-1"),
        ("/*/*/caching/unauthorizedCacheControlHeaderStrategy", "MAYBE"),
    ):  # fmt: skip
        with pytest.raises(ClientError) as refused:
            replace(shared_apigateway, api, **{path: value})
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400, path


def test_s14_a_key_of_a_method_begins_with_what_all_methods_have_and_stands_alone(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """A method's key takes over what ``*/*`` says when it is made, and goes its own way then."""
    api = deploy(shared_gateway, shared_apigateway, {"/pets/{id}": {"get": operation(mock("x"), ("path", "id"))}})
    replace(shared_apigateway, api, **{"/*/*/throttling/burstLimit": "7", "/*/*/caching/ttlInSeconds": "60"})
    key = "~1pets~1{id}/GET"
    settings = replace(shared_apigateway, api, **{f"/{key}/throttling/rateLimit": "3"})["methodSettings"]
    assert (settings[key]["throttlingBurstLimit"], settings[key]["throttlingRateLimit"]) == (7, 3.0)
    assert settings[key]["cacheTtlInSeconds"] == 60
    settings = replace(shared_apigateway, api, **{"/*/*/throttling/burstLimit": "9"})["methodSettings"]
    assert (settings["*/*"]["throttlingBurstLimit"], settings[key]["throttlingBurstLimit"]) == (9, 7)


def test_s14_requests_in_flight_are_limited(start_gateway: StartGateway, backend: Backend) -> None:
    """Above the account's concurrency a request is 429, until another one's last byte is sent."""
    import threading

    gateway = start_gateway(environment={"APIGW_ACCOUNT_CONCURRENCY": "1"})
    client = boto3_client(gateway)
    paths = {"/slow": {"get": operation(proxy(f"{backend.url}/slow"))}, "/": {"get": operation(mock("x"))}}
    api = deploy(gateway, client, paths)
    answers: list[int] = []
    waiting = threading.Thread(target=lambda: answers.append(api.send("/stage/slow").status))
    waiting.start()
    backend.wait()
    refused = api.send("/stage/")
    assert refused.error == (429, "TooManyRequestsException", b'{"message":"Too Many Requests"}')
    backend.release.set()
    waiting.join()
    assert (answers, api.send("/stage/").status) == ([200], 200)


@pytest.mark.parametrize(("uses", "count"), [(False, 3), (True, 1)])
def test_s13_a_canary_has_a_part_in_the_cache_only_if_it_is_told_so(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, uses: bool, count: int
) -> None:
    """``useStageCache`` decides whether the canary's requests are answered from the cache."""
    api = cached(shared_gateway, shared_apigateway, backend)
    canary = {"percentTraffic": 100.0, "useStageCache": uses}
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage", canarySettings=canary)
    assert asked(api, backend, *[("/stage/",)] * 3) == count
