"""Whatever a client sends is parsed or refused with one of AWS's errors; nothing else ever comes out of the parser."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw.aws import routes
from apigw.aws.parse import parse
from apigw.aws.service_model import MODELS, service_model
from apigw.domain.errors import BadRequest, Invalid, NotSerializable

SCALARS = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
OPERATIONS = st.sampled_from([(s, operation) for s in MODELS for operation in service_model(s).operations.values()])
QUIET = settings(derandomize=True, database=None, deadline=None, max_examples=400)


@st.composite
def bodies(draw: st.DrawFn, service: str, shape: str) -> Any:
    """JSON for ``shape``: of the right structure, but anything may be anything."""
    found = service_model(service).shapes[shape]
    if draw(st.integers(0, 5)) == 0:
        return draw(JSON)
    if found.type == "structure":
        names = draw(st.lists(st.sampled_from(sorted(found.members) or ["none"]), max_size=4, unique=True))
        members = {name: found.members[name] for name in names if name in found.members}
        return {use.location_name or name: draw(bodies(service, use.shape)) for name, use in members.items()}
    if found.type == "list" and found.member is not None:
        return draw(st.lists(bodies(service, found.member.shape), max_size=3))
    if found.type == "map" and found.value is not None:
        return draw(st.dictionaries(st.text(max_size=5), bodies(service, found.value.shape), max_size=3))
    return draw(st.sampled_from(found.enum)) if found.enum else draw(SCALARS)


@given(OPERATIONS, st.data())
@QUIET
def test_any_body(operation: tuple[str, Any], data: st.DataObject) -> None:
    service, model = operation[0], service_model(operation[0])
    body = orjson.dumps(data.draw(bodies(service, operation[1].input.shape)))
    labels = dict.fromkeys(routes_labels(operation[1]), "200")
    with contextlib.suppress(Invalid, NotSerializable):
        assert isinstance(parse(model, operation[1], labels, [], [], body), dict)


@given(OPERATIONS, st.binary())
@QUIET
def test_any_bytes(operation: tuple[str, Any], body: bytes) -> None:
    with contextlib.suppress(Invalid, NotSerializable):
        assert isinstance(parse(service_model(operation[0]), operation[1], {}, [], [], body), dict)


@given(st.sampled_from(["GET", "POST", "PUT", "x", ""]), st.text(max_size=40), st.text(max_size=40))
@QUIET
def test_any_target(method: str, path: str, query: str) -> None:
    for target in (path, "/restapis/" + path, "/tags/" + path):
        with contextlib.suppress(BadRequest):
            found = routes.find(method, target, query)
            assert found is None or found.route.operation.http.method == method


def routes_labels(operation: Any) -> list[str]:
    return [part.strip("{}") for part in operation.http.request_uri.partition("?")[0].split("/") if part[:1] == "{"]
