"""The API under load: 200 operations (50 collections of four resources each), as a document and as a snapshot.

Every contender is asked for the same targets, `/b/{bytes}/…`: `b` is the stage's name, so the gateway strips it and
matches the rest, while the others pass the target on and the backend reads the size from it.
"""

import random
from dataclasses import dataclass
from typing import Any, TypeAlias

STAGE = "b"
COLLECTIONS = 50
SHAPES = ("things{n}", "things{n}/{{id}}", "things{n}/{{id}}/parts", "things{n}/{{id}}/parts/{{part}}")

Json: TypeAlias = dict[str, Any]

# What a stage that caches says of all its methods, as AWS patches it and as the engine takes it.
CACHE_PATCH = {
    "/cacheClusterEnabled": "true",
    "/*/*/caching/enabled": "true",
    "/*/*/caching/ttlInSeconds": "3600",
    "/*/*/throttling/rateLimit": "-1",
    "/*/*/throttling/burstLimit": "-1",
}
CACHED_METHODS: Json = {
    "method": None,
    "metrics_enabled": False,
    "logging_level": "OFF",
    "cache": {
        "ttl_in_seconds": 3600,
        "encrypted": False,
        "require_authorization": True,
        "unauthorized_strategy": "SUCCEED_WITH_RESPONSE_HEADER",
    },
}


@dataclass(frozen=True)
class Answers:
    """What every operation of an API answers: ``bytes`` of JSON, by a backend or by the gateway itself."""

    bytes: int
    backend_port: int | None
    """None: MOCK."""
    request_bytes: int = 0
    """What clients send: 0 is a GET, else a POST with so many bytes."""
    cached: bool = False
    """Whether answers are kept for an hour, one for each target."""

    @property
    def method(self) -> str:
        return "POST" if self.request_bytes else "GET"


def body(length: int) -> str:
    """The same JSON the backend makes: exactly ``length`` characters."""
    begin = f'{{"bytes":{length},"pad":"'
    return begin + "x" * (length - len(begin) - 2) + '"}'


def resource_paths(answers: Answers, collections: int = COLLECTIONS) -> list[str]:
    """The paths of all operations as a document writes them."""
    return [f"/{answers.bytes}/" + shape.format(n=n) for n in range(collections) for shape in SHAPES]


def targets(answers: Answers, count: int, seed: int, collections: int = COLLECTIONS) -> list[str]:
    """``count`` request targets over all operations in random order, each with ids of its own."""
    chance = random.Random(seed)
    paths = resource_paths(answers, collections)
    found = []
    for _ in range(count):
        path = chance.choice(paths)
        path = path.replace("{id}", str(chance.randrange(10**6))).replace("{part}", f"{chance.randrange(16**8):08x}")
        found.append(f"/{STAGE}{path}")
    return found


def variables(path: str) -> list[str]:
    """The names of a path's variables."""
    return [name for name in ("id", "part") if f"{{{name}}}" in path]


def document(answers: Answers, title: str, collections: int = COLLECTIONS) -> Json:
    """An OpenAPI 3.0 document with one operation a path and its `x-amazon-apigateway-integration`."""
    paths: Json = {}
    for path in resource_paths(answers, collections):
        names = variables(path)
        paths[path] = {
            answers.method.lower(): {
                "parameters": [
                    {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
                ],
                "responses": {"200": {"description": "what the bench asked for"}},
                "x-amazon-apigateway-integration": {
                    **_integration_of_document(answers),
                    "cacheKeyParameters": [f"method.request.path.{name}" for name in names],
                },
            }
        }
    return {"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": paths}


def _backend_uri(answers: Answers) -> str:
    return f"http://127.0.0.1:{answers.backend_port}/b/{answers.bytes}"


def _integration_of_document(answers: Answers) -> Json:
    if answers.backend_port is not None:
        return {"type": "http_proxy", "httpMethod": answers.method, "uri": _backend_uri(answers)}
    return {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode":200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": body(answers.bytes)}}},
    }


def snapshot(answers: Answers, api_id: str, collections: int = COLLECTIONS) -> Json:
    """The same API as a `SnapshotPatch` (`rust/src/snapshot/wire.rs`), for an engine without a control plane."""
    resources = [
        {
            "resource_id": f"{number:06d}",
            "path": path,
            "methods": [
                {
                    "http_method": answers.method,
                    "validation": None,
                    "method_responses": ["200"],
                    "integration": _integration_of_snapshot(answers),
                    "cache_key": {
                        "namespace": path,
                        "parameters": [{"from": "path", "name": name} for name in variables(path)],
                    },
                }
            ],
        }
        for number, path in enumerate(resource_paths(answers, collections))
    ]
    deployment = {
        "kind": "deployment",
        "api_id": api_id,
        "api_name": "bench",
        "deployment_id": "bench1",
        "account_id": "000000000000",
        "region": "us-east-1",
        "endpoint_type": "REGIONAL",
        "disable_execute_api_endpoint": False,
        "binary_media_types": [],
        "gateway_responses": [],
        "models": [],
        "minimum_compression_size": None,
        "resources": resources,
    }
    stage: dict[str, Any] = {
        "kind": "stage",
        "api_id": api_id,
        "stage_name": STAGE,
        "deployment_id": "bench1",
        "variables": [],
        "canary": None,
        "access_log": None,
        "method_settings": [{**CACHED_METHODS, "throttle": None}] if answers.cached else [],
        "cache_bytes": 500_000_000 if answers.cached else 0,
        "client_certificate": None,
    }
    return {"put": [deployment, stage], "remove": []}


def _integration_of_snapshot(answers: Answers) -> Json:
    if answers.backend_port is not None:
        return {
            "type": "HTTP_PROXY",
            "backend": {
                "uri": _backend_uri(answers),
                "http_method": answers.method,
                "timeout_in_millis": 29_000,
                "insecure_skip_verification": False,
            },
            "request_parameters": [],
            "response_transfer_mode": "BUFFERED",
        }
    template = {"content_type": "application/json", "text": '{"statusCode":200}'}
    answer = {
        "status_code": "200",
        "selection_pattern": "",
        "content_handling": None,
        "response_parameters": [],
        "response_templates": [{"content_type": "application/json", "text": body(answers.bytes)}],
    }
    return {
        "type": "MOCK",
        "content_handling": None,
        "request_templates": [template],
        "passthrough_behavior": "WHEN_NO_MATCH",
        "responses": [answer],
    }
