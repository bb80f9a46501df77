"""One call from head to answer: the errors AWS gives, and what a client may see of ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import orjson
import pytest

from apigw.aws import dispatch
from apigw.aws.errors import INTERNAL, UnknownRoute, fault
from apigw.control.operation import Call, Input, Run
from apigw.domain import errors
from apigw.store.protocol import StoreError, Transaction

NO_TRANSACTION = cast(Transaction, None)
REGIONS: list[str] = []


def head(method: str, path: str, query: str = "") -> bytes:
    caller = {"access_key_id": "AKID", "region": "eu-west-1", "service": "apigateway", "source_ip": "127.0.0.1"}
    return orjson.dumps(
        {"method": method, "path": path, "query": query, "headers": [], "request_id": "r-1", "caller": caller}
    )


def call_factory(caller: dispatch.Caller, transaction: Transaction) -> Call:
    REGIONS.append(caller.region)
    return cast(Call, None)


def answer(method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], Any]:
    asked = head(method, path)
    try:
        reply_head, reply = dispatch.perform(asked, body, NO_TRANSACTION, call_factory)
    except Exception as error:
        reply_head, reply = dispatch.refuse(asked, error)
    decoded = msgspec.json.decode(reply_head, type=dispatch.AnswerHead)
    return (
        decoded.status,
        {name.lower(): value for name, value in decoded.headers},
        orjson.loads(reply) if reply else None,
    )


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    registered: dict[str, Run] = {}
    monkeypatch.setitem(dispatch.REGISTRIES, "apigateway", registered)
    return registered


def raising(error: Exception) -> Run:
    def run(call: Call, given: Input) -> Any:
        raise error

    return run


def test_an_operation_is_run_and_answered(registry: dict[str, Run]) -> None:
    registry["CreateRestApi"] = lambda _, given: {"id": "a", "name": given["name"], "created_date": 5}
    status, headers, body = answer("POST", "/restapis", b'{"name":"pets"}')
    assert (status, body) == (201, {"id": "a", "name": "pets", "createdDate": 5})
    assert headers == {"content-type": "application/json"}  # the engine adds the request id
    assert REGIONS[-1] == "eu-west-1"


def test_a_deletion_answers_its_status_and_nothing(registry: dict[str, Run]) -> None:
    registry["DeleteRestApi"] = lambda *_: None
    assert answer("DELETE", "/restapis/a") == (202, {}, None)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.BadRequest("m"), 400, "BadRequestException"),
        (errors.Invalid("m"), 400, "ValidationException"),
        (errors.NotSerializable("m"), 400, "SerializationException"),
        (errors.Unauthorized("m"), 401, "UnauthorizedException"),
        (errors.AccessDenied("m"), 403, "AccessDeniedException"),
        (errors.NotFound("m"), 404, "NotFoundException"),
        (errors.Conflict("m"), 409, "ConflictException"),
        (errors.LimitExceeded("m"), 429, "LimitExceededException"),
        (errors.TooManyRequests("m", 7), 429, "TooManyRequestsException"),
        (errors.NotYet("m"), 501, "NotImplementedException"),
        (errors.Unavailable("m"), 503, "ServiceUnavailableException"),
    ],
)
def test_what_the_rules_raise(registry: dict[str, Run], error: Exception, status: int, code: str) -> None:
    registry["GetRestApis"] = raising(error)
    found, headers, body = answer("GET", "/restapis")
    assert (found, headers["x-amzn-errortype"], body) == (status, code, {"message": "m"})
    assert headers.get("retry-after") == {"TooManyRequestsException": "7", "ServiceUnavailableException": "1"}.get(code)


def test_every_error_of_the_rules_has_a_name() -> None:
    def leaves(kind: type[Exception]) -> Iterator[type[Exception]]:
        for child in kind.__subclasses__():
            yield child
            yield from leaves(child)

    for kind in leaves(errors.ControlError):
        error = UnknownRoute() if kind is UnknownRoute else kind("m")
        assert fault(error) is not INTERNAL


@pytest.mark.parametrize(
    "error", [RuntimeError("secret detail"), KeyError("secret detail"), StoreError("secret detail")]
)
def test_a_bug_shows_nothing_and_is_logged_once(
    registry: dict[str, Run], error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    registry["GetRestApis"] = raising(error)
    with caplog.at_level(logging.ERROR):
        status, headers, body = answer("GET", "/restapis")
    assert (status, headers["x-amzn-errortype"], body) == (500, "InternalFailure", {"message": "Internal server error"})
    assert [record.getMessage() for record in caplog.records] == ["management call r-1 failed"]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[1] is error


def test_a_result_that_does_not_fit_is_a_bug(registry: dict[str, Run]) -> None:
    registry["GetRestApi"] = lambda *_: {"name": 5}
    assert answer("GET", "/restapis/a")[0] == 500


def test_an_unknown_route_is_answered_as_aws_does() -> None:
    status, headers, body = answer("GET", "/nothing/here")
    assert (status, body) == (403, {"message": "Missing Authentication Token"})
    assert headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(("method", "path"), [("POST", "/vpclinks"), ("GET", "/v2/apis"), ("POST", "/v2/apis")])
def test_what_is_not_there_yet_says_so(method: str, path: str) -> None:
    status, headers, body = answer(method, path)
    assert (status, headers["x-amzn-errortype"]) == (501, "NotImplementedException")
    assert "not implemented by apigw yet" in body["message"]


def test_reading_is_get() -> None:
    assert dispatch.is_read_only(head("GET", "/restapis"))
    assert not dispatch.is_read_only(head("PATCH", "/restapis/a"))
