"""Hostile input for the admin listener: AWS's errors, nothing stored, and the next call is answered.

Rules: data-plane.md (framing), access-control.md §1.4 (signatures), architecture.md (queue full → 429 with Retry-After).
AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import orjson
import pytest

from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client, gateways
from tests.journeys.fault_api import call, get, post, signed, spoken

MIB = 1024 * 1024
HOST = b"Host: a\r\n"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("admin")) as start:
        yield start("--workers", "1")


@pytest.fixture
def admin(shared: ServedGateway) -> Iterator[ServedGateway]:
    """The shared gateway; whatever a test did, it answers afterwards and holds no API."""
    yield shared
    assert get(f"{shared.admin}/health").status_code == 200
    listed = call(shared, "GET", "/restapis").json()
    assert [each["name"] for each in listed.get("item", [])] == []


HOSTILE = {
    "length and coding": (
        400,
        b"POST /restapis HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    "two lengths": (400, b"POST /restapis HTTP/1.1\r\n" + HOST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd"),
    "listed lengths": (400, b"POST /restapis HTTP/1.1\r\n" + HOST + b"Content-Length: 4, 4\r\n\r\nabcd"),
    "signed length": (400, b"POST /restapis HTTP/1.1\r\n" + HOST + b"Content-Length: +4\r\n\r\nabcd"),
    "two codings": (400, b"POST /restapis HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "bare LF": (400, b"GET /health HTTP/1.1\nHost: a\n\n"),
    "bare CR": (400, b"GET /health HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n"),
    "NUL": (400, b"GET /health HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n"),
    "folded": (400, b"GET /health HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n"),
    "space before the colon": (400, b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n"),
    "no host": (400, b"GET /health HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "other version": (505, b"GET /health HTTP/2.0\r\nHost: a\r\n\r\n"),
    "TLS": (400, bytes.fromhex("16030100c8010000c40303") + b"\xaa" * 40 + b"\r\n\r\n"),
    "random": (400, bytes(range(256)) * 8 + b"\r\n\r\n"),
    "long target": (414, b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "large head": (431, b"GET /health HTTP/1.1\r\nHost: a\r\nA: " + b"a" * 20_000 + b"\r\n\r\n"),
    "many fields": (431, b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"a:\r\n" * 300 + b"\r\n"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_heads_are_refused_and_the_connection_closed(admin: ServedGateway, name: str) -> None:
    status, message = HOSTILE[name]
    # The request behind it must never be read as one.
    answer = spoken(admin.admin_listen, message + b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    assert b"\r\nConnection: close\r\n" in answer


@pytest.mark.parametrize(
    "chunks", [b"zz\r\n", b"-1\r\n", b"ffffffffffffffff1\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"2\nab\n0\n\n"]
)
def test_hostile_chunks_are_refused(admin: ServedGateway, chunks: bytes) -> None:
    # The body is read of who signed: anybody else is refused before.
    fields = signed(admin, "POST", "/restapis")
    head = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
    answer = spoken(
        admin.admin_listen,
        b"POST /restapis HTTP/1.1\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
        b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n",
    )
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_body_is_taken_up_to_64_mib(admin: ServedGateway) -> None:
    body = b'{"name":"large"' + b" " * (64 * MIB - 16) + b"}"
    assert len(body) == 64 * MIB
    made = call(admin, "POST", "/restapis", body)
    assert made.status_code == 201, made.text
    assert call(admin, "DELETE", f"/restapis/{made.json()['id']}").status_code == 202
    # Its length is enough to refuse it; none of it is waited for.
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(admin, "POST", "/restapis"))
    too_large = f"POST /restapis HTTP/1.1\r\n{head}Content-Length: {64 * MIB + 1}\r\n\r\n".encode()
    answer = spoken(admin.admin_listen, too_large)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    assert b"\r\nx-amzn-ErrorType: RequestEntityTooLargeException\r\n" in answer


def test_a_chunked_body_over_the_limit_is_refused(start_gateway: StartGateway) -> None:
    gateway = start_gateway("--workers", "1", environment={"APIGW_MAX_MANAGEMENT_BODY": "1 MiB"})
    head = "".join(f"{name}: {value}\r\n" for name, value in signed(gateway, "POST", "/restapis"))
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = spoken(
        gateway.admin_listen,
        f"POST /restapis HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n".encode(),
        chunk * 17,
    )
    assert answer.startswith(b"HTTP/1.1 413 "), answer[:200]


def nested(levels: int, *, objects: bool = True) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels if objects else b"[" * levels + b"]" * levels


def imported(admin: ServedGateway, document: bytes) -> httpx.Response:
    return call(admin, "POST", "/restapis?mode=import", document)


@pytest.mark.parametrize("objects", [True, False])
def test_json_two_hundred_levels_deep_is_read(admin: ServedGateway, objects: bool) -> None:
    document = b'{"openapi":"3.0.1","info":{"title":"deep","version":"1"},"x-deep":%s,"paths":{}}'
    made = imported(admin, document % nested(199, objects=objects))
    assert made.status_code == 201, made.text
    assert call(admin, "DELETE", f"/restapis/{made.json()['id']}").status_code == 202


@pytest.mark.parametrize("objects", [True, False])
@pytest.mark.parametrize("path", ["/restapis", "/restapis?mode=import", "/account"])
def test_json_a_hundred_thousand_levels_deep_is_refused(admin: ServedGateway, path: str, objects: bool) -> None:
    method = "PATCH" if path == "/account" else "POST"
    refused = call(admin, method, path, b'{"name":' + nested(100_000, objects=objects) + b"}")
    assert refused.status_code == 400, refused.text
    assert refused.headers["x-amzn-ErrorType"] in ("SerializationException", "BadRequestException")
    assert len(refused.content) < 1000


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "caf\xe9"}',
        b'{"name": "x"',
        b'{"name": "x"}}',
        b'{"name": "\\ud800"}',
        b"\xef\xbb\xbf{",
        b"[]",
        b'"x"',
        b"\0",
        b'{"name": NaN}',
        b'{"name": 1e999999}',
    ],
)
def test_bodies_that_are_no_json_object(admin: ServedGateway, body: bytes) -> None:
    refused = call(admin, "POST", "/restapis", body)
    assert refused.status_code == 400, refused.text
    assert refused.headers["x-amzn-ErrorType"] in ("SerializationException", "BadRequestException")


BOMBS = {
    "aliases": b"openapi: 3.0.1\na0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 12)),
    "merges": b"openapi: 3.0.1\na0: &a0 {k0: 1, k1: 2}\n"
    + b"".join(b"a%d: &a%d {x: *a%d, y: *a%d, <<: *a%d}\n" % (n, n, n - 1, n - 1, n - 1) for n in range(1, 40)),
    "itself": b"openapi: 3.0.1\na: &a [*a]\n",
    "deep flow": b"openapi: 3.0.1\na: " + b"[" * 100_000,
    "deep block": b"openapi: 3.0.1\n" + b"".join(b" " * n + b"a:\n" for n in range(1500)),
    "cut": b"openapi: 3.0.1\ninfo: {title: x",
    "not UTF-8": b"openapi: 3.0.1\ninfo: {title: caf\xe9, version: '1'}\npaths: {}\n",
    "twice": b"openapi: 3.0.1\nopenapi: 3.0.1\ninfo: {title: x, version: '1'}\npaths: {}\n",
    "tags": b"openapi: !!python/object/apply:os.system ['true']\n",
    "documents": b"openapi: 3.0.1\ninfo: {title: x, version: '1'}\npaths: {}\n---\na: 1\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_that_is_refused(admin: ServedGateway, name: str) -> None:
    refused = imported(admin, BOMBS[name])
    assert refused.status_code == 400, refused.text
    assert refused.headers["x-amzn-ErrorType"] == "BadRequestException"
    assert len(refused.content) < 2000


def test_references_that_multiply_are_refused(admin: ServedGateway) -> None:
    # Each schema refers twice to the next: written out, there are 2**60 of them.
    reference = "#/components/schemas/S"
    schemas = {
        f"S{n}": {"type": "object", "properties": {name: {"$ref": f"{reference}{n + 1}"} for name in "ab"}}
        for n in range(60)
    }
    bomb = {"openapi": "3.0.1", "info": {"title": "bomb", "version": "1"}, "paths": {}}
    answered = imported(admin, orjson.dumps({**bomb, "components": {"schemas": {**schemas, "S60": {}}}}))
    assert answered.status_code in (201, 400), answered.text
    if answered.status_code == 201:
        assert call(admin, "DELETE", f"/restapis/{answered.json()['id']}").status_code == 202


def error(answer: httpx.Response) -> tuple[int, str, str]:
    return answer.status_code, answer.headers["x-amzn-ErrorType"], answer.json()["message"]


def test_calls_that_are_not_signed_well_get_aws_errors(admin: ServedGateway) -> None:
    unsigned = post(f"{admin.admin}/restapis", json={"name": "x"})
    assert error(unsigned) == (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
    bearer = get(f"{admin.admin}/restapis", headers={"Authorization": "Bearer x"})
    assert error(bearer)[:2] == (403, "IncompleteSignatureException")
    body = b'{"name":"x"}'
    status, kind, message = error(call(admin, "POST", "/restapis", body, secret="wrong"))
    assert (status, kind) == (403, "InvalidSignatureException")
    assert message.startswith("The request signature we calculated does not match the signature you provided.")
    status, kind, message = error(call(admin, "POST", "/restapis", body, late=600))
    assert (status, kind) == (403, "InvalidSignatureException")
    assert message.startswith("Signature expired: ")
    status, kind, message = error(call(admin, "POST", "/restapis", body, late=-600))
    assert (status, kind) == (403, "InvalidSignatureException")
    assert message.startswith("Signature not yet current: ")
    assert error(call(admin, "POST", "/restapis", body, key="AKIDUNKNOWN")) == (
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    status, kind, message = error(call(admin, "POST", "/restapis", body, service="execute-api"))
    assert (status, kind) == (403, "InvalidSignatureException")
    assert message.startswith("Credential should be scoped to correct service: 'apigateway'.")
    other = post(f"{admin.admin}/restapis", headers=signed(admin, "POST", "/restapis", body), content=b'{"name":"y"}')
    assert error(other)[:2] == (403, "InvalidSignatureException")


def test_a_full_queue_asks_to_come_again_and_loses_nothing(start_gateway: StartGateway) -> None:
    gateway = start_gateway("--workers", "1", environment={"APIGW_MAX_QUEUED_CALLS": "4"})

    def make(number: int) -> httpx.Response:
        return call(gateway, "POST", "/restapis", b'{"name":"api %d"}' % number)

    with closing(sqlite3.connect(gateway.data_dir / "apigw.db", isolation_level=None)) as other:
        # While another program has the lock, the first call waits and the others queue up behind it.
        other.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(16) as clients:
            calls = [clients.submit(make, number) for number in range(16)]
            while not any(each.done() and each.result().status_code == 429 for each in calls):
                assert not all(each.done() for each in calls), "nothing was refused"
                get(f"{gateway.admin}/health").raise_for_status()
            other.execute("ROLLBACK")
        answers = [each.result() for each in calls]
    for answer in answers:
        assert answer.status_code in (201, 429, 503), answer.text
        if answer.status_code == 429:
            assert error(answer)[1] == "TooManyRequestsException"
            assert int(answer.headers["Retry-After"]) >= 1
    acknowledged = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    client = boto3_client(gateway)
    assert {each["id"] for each in client.get_rest_apis()["items"]} == acknowledged
    client.close()
