"""One management call: route, parse, run the operation, serialise; or the error AWS would answer.

Runs on the control thread, which undoes what a call did when ``perform`` raises and has ``refuse`` make the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

import apigw.control.v1  # noqa: F401  registers the operations
from apigw.aws import routes
from apigw.aws.errors import INTERNAL, UnknownRoute, fault
from apigw.aws.parse import parse
from apigw.aws.serialise import serialise
from apigw.aws.service_model import Operation, ServiceModel, service_model
from apigw.control.operation import OPERATIONS, Call, Later, Run
from apigw.domain.errors import NotYet
from apigw.store.protocol import Transaction

_LOG = logging.getLogger("apigw.aws")
# Operations of the two models share names (CreateStage), so each model has its own registry.
REGISTRIES: dict[str, dict[str, Run]] = {"apigateway": OPERATIONS, "apigatewayv2": {}}


class Caller(msgspec.Struct, frozen=True):
    """Who signed the call, verified by the engine; ``region`` is the credential scope's."""

    access_key_id: str
    region: str
    service: str
    source_ip: str


class Head(msgspec.Struct, frozen=True):
    """The head of a pulled control call; ``path`` and ``query`` are raw, header names in lower case."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    request_id: str
    caller: Caller


class AnswerHead(msgspec.Struct, frozen=True):
    """The head of its answer; the engine adds the headers of every answer, the request id among them."""

    status: int
    headers: list[tuple[str, str]]


CallFactory = Callable[[Caller, Transaction], Call]
TestInvoke = Callable[[bytes, bytes], bytes]
Answer = tuple[bytes, bytes]
_HEAD = msgspec.json.Decoder(Head)
_ANSWER_HEAD = msgspec.json.Encoder()


def is_read_only(head: bytes) -> bool:
    """Whether the call changes nothing: AWS reads with GET and with nothing else."""
    return _HEAD.decode(head).method == "GET"


def _nobody(_patch: bytes, _request: bytes) -> bytes:
    raise NotYet("there is no engine to ask")


def perform(
    head: bytes,
    body: bytes,
    transaction: Transaction,
    call_factory: CallFactory,
    test_invoke: TestInvoke = _nobody,
) -> Answer | Callable[[], Answer]:
    """Run the call in ``transaction`` and return head and body of its answer; raises what refuses it.

    An answer that takes its time is a function that makes it, to be called when the transaction is over.
    """
    request = _HEAD.decode(head)
    found = routes.find(request.method, request.path, request.query)
    if found is None:
        raise UnknownRoute
    operation = found.route.operation
    run = REGISTRIES[found.route.service].get(operation.name)
    if run is None:
        raise NotYet(f"{operation.name} is not implemented by apigw yet")
    model = service_model(found.route.service)
    given = parse(model, operation, found.labels, found.query, request.headers, body)
    result = run(call_factory(request.caller, transaction), given)
    if isinstance(result, Later):
        later = result
        return lambda: _answer(model, operation, later.read(test_invoke(later.patch, later.request)))
    return _answer(model, operation, result)


def _answer(model: ServiceModel, operation: Operation, result: object) -> Answer:
    headers, answered = serialise(model, operation, result)
    return _ANSWER_HEAD.encode(AnswerHead(operation.http.response_code, headers)), answered


def refuse(head: bytes, error: BaseException) -> tuple[bytes, bytes]:
    """The answer of a call that ``error`` refused; an unexpected error is logged and shows no detail."""
    request_id = _HEAD.decode(head).request_id
    found = fault(error)
    if found is INTERNAL:
        _LOG.error("management call %s failed", request_id, exc_info=error)
    return _ANSWER_HEAD.encode(AnswerHead(found.status, found.headers())), found.body()
