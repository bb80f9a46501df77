"""The specification's list of edge cases (rest-api §20) as far as it is about caches and throttles, each by its number."""

from __future__ import annotations

import threading
from typing import Any

from tests.backends.recording import Backend
from tests.backends.scripted import Scripted, says
from tests.journeys.caching import cached, replace
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import deploy, mock, operation, proxy

# A token takes eleven days.
SLOW = "0.000001"


def test_19_an_undeclared_path_parameter_does_not_vary_the_key(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A path parameter that is not named as a cache key does not vary it."""
    api = cached(shared_gateway, shared_apigateway, backend, path="/pets/{id}")
    bodies = {api.send(f"/stage/pets/{number}").body for number in range(3)}
    assert (len(bodies), len(backend.requests)) == (1, 1)
    api = cached(shared_gateway, shared_apigateway, backend, "method.request.path.id", path="/pets/{id}")
    for number in (1, 2, 1, 2):
        assert api.send(f"/stage/pets/{number}").status == 200
    assert len(backend.requests) == 3


def test_21_throttle_and_cache_key_say_the_overriding_verb(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A verb that overrides is throttled and cached as itself."""
    override = "X-HTTP-Method-Override: DELETE"
    paths = {"/": {"get": operation(mock("got")), "delete": operation(proxy(f"{backend.url}/echo"))}}
    api = deploy(shared_gateway, shared_apigateway, paths)
    throttled = {"/~1/DELETE/throttling/rateLimit": SLOW, "/~1/DELETE/throttling/burstLimit": "3"}
    cache = {"/cacheClusterEnabled": "true", "/~1/DELETE/caching/enabled": "true"}
    replace(shared_apigateway, api, **throttled, **cache)
    assert [api.send("/stage/", "GET", override).status for _ in range(2)] == [200, 200]
    assert len(backend.requests) == 1
    assert api.send("/stage/", "DELETE").status == 200
    assert len(backend.requests) == 1, "the same key"
    assert api.send("/stage/", "GET", override).status == 429, "the same bucket, also for answers from the cache"
    assert api.send("/stage/").body == b"got"


def test_24_a_backends_404_is_cached_and_a_timeout_is_not(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """A backend's 404 is answered from the cache; an integration that timed out is asked again."""
    asked: list[str] = []
    over = threading.Event()

    def late(_: Any) -> bool:
        asked.append("/late")
        over.wait(20)
        return False

    def missing(conversation: Any) -> bool:
        asked.append("/missing")
        conversation.send(says(b"gone", status="404 Not Found"))
        return True

    with Scripted({"/missing": missing, "/late": late}) as backend:
        late_integration = {**proxy(f"{backend.url}/late"), "timeoutInMillis": 50}
        paths = {
            "/missing": {"get": operation(proxy(f"{backend.url}/missing"))},
            "/late": {"get": operation(late_integration)},
        }
        api = deploy(shared_gateway, shared_apigateway, paths)
        replace(shared_apigateway, api, **{"/cacheClusterEnabled": "true", "/*/*/caching/enabled": "true"})
        answers = [api.send("/stage/missing") for _ in range(2)]
        assert [(answer.status, answer.body) for answer in answers] == [(404, b"gone")] * 2
        assert asked == ["/missing"]
        assert [api.send("/stage/late").status for _ in range(2)] == [504, 504]
        assert asked == ["/missing", "/late", "/late"]
        over.set()
