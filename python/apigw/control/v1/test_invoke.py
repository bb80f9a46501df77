"""TestInvokeMethod: asks a method as it stands now, undeployed, without authorizer, API key, throttle and cache.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import orjson
from msgspec.structs import replace

from apigw.control.operation import Call, Input, Later, operation
from apigw.control.v1 import lookup
from apigw.domain import deployment_rules
from apigw.domain.errors import NotFound
from apigw.domain.rest_api import ClientCertificate, EndpointConfiguration, Method, Stage
from apigw.snapshot import compile as compiler
from apigw.snapshot import frozen, not_yet, units
from apigw.snapshot.frozen import Frozen

# AWS's name of the stage that nobody deployed.
STAGE: Final = "test-invoke-stage"
_DEPLOYMENT: Final = "test-invoke"
_ANY: Final = "ANY"


class _Answer(msgspec.Struct, frozen=True):
    """As the engine gives it."""

    status: int
    headers: list[tuple[str, str]]
    body: str
    latency: int
    log: str


_ANSWER: Final = msgspec.json.Decoder(_Answer)


@operation("TestInvokeMethod")
def test_invoke_method(call: Call, given: Input) -> Later:
    """200 whatever the method answers; its integration is really called."""
    api = lookup.rest_api(call, given["rest_api_id"])
    method, verb = _method(call, given)
    certificate_id = given.get("client_certificate_id")
    certificate = lookup.client_certificate(call, certificate_id) if certificate_id else None
    deployment_rules.check_tested(method)
    records = _alone(frozen.read(call.store, call.account, call.region, api), method)
    not_yet.refuse(not_yet.of_deployment(records))
    request = {
        "resource_id": method.resource_id,
        "http_method": verb,
        "target": given.get("path_with_query_string") or "",
        "headers": list(_headers(given)),
        "body": given.get("body") or "",
    }
    return Later(_patch(call, records, given.get("stage_variables"), certificate), orjson.dumps(request), _result)


def _method(call: Call, given: Input) -> tuple[Method, str]:
    """The method and the verb to ask it with; ANY answers every verb, and is asked with GET or, with a body, POST."""
    verb = given["http_method"]
    try:
        found = lookup.method(call, given)
    except NotFound:
        if verb == _ANY:
            raise
        found = lookup.method(call, {**given, "http_method": _ANY})
    if verb == _ANY:
        verb = "POST" if given.get("body") else "GET"
    return found, verb


def _alone(records: Frozen, method: Method) -> Frozen:
    """The API as if it had this method only, with nothing that keeps anybody away from it."""
    open_method = replace(
        method, authorization_type="NONE", authorizer_id=None, authorization_scopes=None, api_key_required=False
    )
    api = replace(
        records.rest_api,
        policy=None,
        security_policy=None,
        endpoint_access_mode=None,
        endpoint_configuration=EndpointConfiguration(types=("REGIONAL",)),
    )
    resources = [one for one in records.resources if one.id == method.resource_id]
    return replace(records, rest_api=api, resources=resources, methods=[open_method])


def _patch(
    call: Call, records: Frozen, variables: dict[str, str] | None, certificate: ClientCertificate | None
) -> bytes:
    stage = Stage(
        stage_name=STAGE,
        deployment_id=_DEPLOYMENT,
        created_date=call.now,
        last_updated_date=call.now,
        variables=variables or None,
    )
    put: list[units.Unit] = [
        compiler.deployment(records, _DEPLOYMENT),
        compiler.stage(records.rest_api.id, stage, certificate),
    ]
    return msgspec.json.encode(units.SnapshotPatch(put=put, remove=[]))


def _headers(given: Input) -> Iterable[tuple[str, str]]:
    """Every value; a name in both maps has those of the second."""
    several: dict[str, list[str]] = given.get("multi_value_headers") or {}
    for name, value in (given.get("headers") or {}).items():
        if name not in several:
            yield name, value
    for name, values in several.items():
        for value in values:
            yield name, value


def _result(answer: bytes) -> dict[str, Any]:
    read = _ANSWER.decode(answer)
    several: dict[str, list[str]] = {}
    for name, value in read.headers:
        several.setdefault(name, []).append(value)
    return {
        "status": read.status,
        "body": read.body,
        "headers": {name: values[-1] for name, values in several.items()},
        "multi_value_headers": several,
        "log": read.log,
        "latency": read.latency,
    }
