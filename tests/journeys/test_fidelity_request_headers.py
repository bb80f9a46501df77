"""Which headers a backend gets, row by row of the table in rest-api §7.4, and the trace of §3."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.backends.recording import Backend, Received
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, mock, operation

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
ANY = "x-amazon-apigateway-any-method"
AT_ENTRY = (
    "Content-MD5", "Expect", "Max-Forwards", "Proxy-Authenticate", "Server", "TE", "Trailer", "Upgrade",
    "WWW-Authenticate",
)  # fmt: skip
NEVER_SENT = ("Via", "Expect", "Proxy-Authenticate", "TE")
SENT_IF_MAPPED = (
    "Content-MD5", "Max-Forwards", "Server", "Trailer", "Upgrade", "WWW-Authenticate", "Date", "Authorization",
    "Referer", "Content-Encoding", "Accept", "User-Agent", "Content-Type", "Host", "Cookie", "X-Custom",
)  # fmt: skip
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]")


def http(kind: str, uri: str, headers: dict[str, str], **members: Any) -> Document:
    """An integration with mapped headers and a default answer."""
    return {
        "type": kind,
        "httpMethod": "ANY",
        "uri": uri,
        "requestParameters": {f"integration.request.header.{name}": source for name, source in headers.items()},
        "responses": {"default": {"statusCode": "200"}},
        **members,
    }


def serve(gateway: ServedGateway, client: Any, integration: Document, *headers: str) -> Deployed:
    """The integration at ``/``, for any verb."""
    return deploy(gateway, client, {"/": {ANY: operation(integration, *(("header", name) for name in headers))}})


def reached(api: Deployed, backend: Backend, method: str, *fields: str, body: bytes = b"") -> Received:
    assert api.send("/stage", method, *fields, body=body).status == 200
    return backend.requests[-1]


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize("name", SENT_IF_MAPPED)
def test_s7_4_a_mapped_header_is_sent(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, name: str
) -> None:
    """Headers that are sent where they are mapped, in place of the client's own."""
    api = serve(shared_gateway, shared_apigateway, http(kind, backend.url, {name: "'mapped'"}))
    sent = () if name in ("Host", "Content-Encoding", "Expect", "Trailer", "Upgrade") else (f"{name}: client",)
    assert reached(api, backend, "POST", *sent, body=b"{}").header(name) == "mapped"


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize("name", NEVER_SENT)
def test_s7_4_what_is_dropped_even_if_mapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, name: str
) -> None:
    """Via, Expect, Proxy-Authenticate and TE are not sent even if mapped."""
    api = serve(shared_gateway, shared_apigateway, http(kind, backend.url, {name: "'mapped'"}))
    assert reached(api, backend, "GET").header(name) is None


def test_s7_4_what_is_dropped_at_entry_is_visible_nowhere(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Headers that are dropped at entry are seen by no mapping, no template and no backend."""
    lines = tuple(f"{name}: client" for name in AT_ENTRY if name not in ("Expect",))
    lines += ("X-Kept: client", "Authorization: AWS4-HMAC-SHA256 Credential=x")
    names = (*AT_ENTRY, "Connection", "Content-Length", "Authorization", "X-Kept")
    mapped = {f"Copy-{name}": f"method.request.header.{name}" for name in names}
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", backend.url, mapped), *names)
    seen = reached(api, backend, "POST", *lines, body=b"{}")
    assert [name for name in names if seen.header(f"Copy-{name}")] == ["X-Kept"]
    assert [name for name in (*AT_ENTRY, "Authorization") if seen.header(name)] == []
    said = "".join(f"[$input.params('{name}')$!input.params().header.get('{name}')]" for name in names)
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(mock(said))}})
    answer = api.send("/stage", "POST", *lines, body=b"{}")
    assert answer.body == b"[]" * (len(names) - 1) + b"[clientclient]"


def test_s7_4_a_proxy_passes_the_clients_headers_and_http_those_that_are_mapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """HTTP_PROXY passes the client's headers; HTTP sends those that are mapped alone."""
    lines = (
        "X-One: 1",
        "x-two: 2",
        "X-Two: 3",
        "Referer: here",
        "Via: 1.1 there",
        "Date: today",
        "Authorization: Bearer x",
    )
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", backend.url, {}))
    seen = reached(api, backend, "GET", *lines)
    passed = {name: seen.header(name) for name in ("X-One", "X-Two", "Referer", "Via", "Date", "Authorization")}
    assert passed == {
        "X-One": "1",
        "X-Two": "2,3",
        "Referer": "here",
        "Via": None,
        "Date": "today",
        "Authorization": "Bearer x",
    }
    assert seen.header("Host") == f"127.0.0.1:{backend.port}"
    api = serve(
        shared_gateway, shared_apigateway, http("http", backend.url, {"X-One": "method.request.header.X-One"}), "X-One"
    )
    seen = reached(api, backend, "GET", *lines)
    names = sorted(name.lower() for name, _ in seen.fields)
    assert names == ["accept", "host", "user-agent", "x-amzn-apigateway-api-id", "x-amzn-trace-id", "x-one"]


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
def test_s7_4_what_the_gateway_adds(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    """Accept, User-Agent, the API's id, a trace, and for HTTP_PROXY where the client is."""
    api = serve(shared_gateway, shared_apigateway, http(kind, backend.url, {}))
    seen = reached(api, backend, "GET", "X-Forwarded-For: 10.0.0.1", "X-Forwarded-Port: 1", "X-Forwarded-Proto: gopher")
    assert seen.header("Accept") == "application/json"
    assert seen.header("User-Agent") == f"AmazonAPIGateway_{api.api_id}"
    assert seen.header("X-Amzn-Apigateway-Api-Id") == api.api_id
    assert TRACE.fullmatch(seen.header("X-Amzn-Trace-Id") or "")
    port = shared_gateway.listen.rpartition(":")[2]
    forwarded = [seen.header(f"X-Forwarded-{what}") for what in ("For", "Port", "Proto")]
    assert forwarded == ([None] * 3 if kind == "http" else ["10.0.0.1, 127.0.0.1", port, "http"])
    chain = reached(api, backend, "GET", "X-Forwarded-For: 10.0.0.1, 10.0.0.2", "X-Forwarded-For: 10.0.0.3")
    whole = "10.0.0.1, 10.0.0.2, 10.0.0.3, 127.0.0.1"
    assert chain.header("X-Forwarded-For") == (None if kind == "http" else whole)
    own = reached(api, backend, "GET", "Accept: a/b", "User-Agent: me", "X-Amzn-Apigateway-Api-Id: forged")
    proxied = kind == "http_proxy"
    assert own.header("Accept") == ("a/b" if proxied else "application/json")
    assert own.header("User-Agent") == ("me" if proxied else f"AmazonAPIGateway_{api.api_id}")
    assert own.header("X-Amzn-Apigateway-Api-Id") == api.api_id


@pytest.mark.parametrize(
    ("kind", "verb", "sent", "template", "content_type"),
    [
        ("http", "POST", "a/b", False, "a/b"),
        ("http", "DELETE", "a/b", False, "a/b"),
        ("http", "GET", "a/b", False, None),
        ("http", "OPTIONS", "a/b", False, None),
        ("http", "POST", None, False, None),
        ("http", "POST", None, True, "application/json"),
        ("http_proxy", "POST", "a/b", False, "a/b"),
        ("http_proxy", "GET", "a/b", False, "a/b"),
        ("http_proxy", "POST", None, False, None),
    ],
)
def test_s7_4_whose_content_type_is_sent(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    kind: str,
    verb: str,
    sent: str | None,
    template: bool,
    content_type: str | None,
) -> None:
    """HTTP sends the client's Content-Type where the client's verb has a body, HTTP_PROXY always."""
    members = {"requestTemplates": {"application/json": "made"}} if template else {}
    integration = {**http(kind, backend.url, {}, **members), "httpMethod": "POST"}
    api = serve(shared_gateway, shared_apigateway, integration)
    fields = () if sent is None else (f"Content-Type: {sent}",)
    assert reached(api, backend, verb, *fields).header("Content-Type") == content_type


def test_s7_4_a_clients_coding_is_undone_for_a_proxy_and_a_mapped_one_is_kept(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", backend.url, {"Content-Encoding": "'mine'"}))
    seen = reached(api, backend, "POST", "Content-Encoding: identity", body=b"x")
    assert (seen.header("Content-Encoding"), seen.body) == ("mine", b"x")


@pytest.mark.parametrize(
    ("sent", "returned"),
    [
        (None, TRACE.pattern),
        ("Root=1-00000000-000000000000000000000001", r"Root=1-00000000-0{23}1;Parent=[0-9a-f]{16};Sampled=0"),
        ("Parent=0000000000000002", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=0{15}2;Sampled=1"),
        ("Root=1-1-2;Parent=3;Sampled=0", "Root=1-1-2;Parent=3;Sampled=0"),
        ("Sampled=1", r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1"),
    ],
)
def test_s3_what_a_client_says_of_its_trace_is_kept_and_the_rest_made_up(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, sent: str | None, returned: str
) -> None:
    api = serve(shared_gateway, shared_apigateway, http("http", backend.url, {}))
    answer = api.send("/stage", "GET", *(() if sent is None else (f"X-Amzn-Trace-Id: {sent}",)))
    trace = answer.header("X-Amzn-Trace-Id") or ""
    assert re.fullmatch(returned, trace), trace
    assert backend.requests[-1].header("X-Amzn-Trace-Id") == trace


def test_s3_a_trace_is_answered_by_http_alone(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Answers of HTTP carry a trace; those of MOCK, HTTP_PROXY and the gateway's own do not."""
    backend.raw["traced"] = b"HTTP/1.1 200 OK\r\nX-Amzn-Trace-Id: theirs\r\nContent-Length: 0\r\n\r\n"
    paths = {
        "/http": {"get": operation(http("http", backend.url, {}))},
        "/failing": {"get": operation(http("http", backend.url, {}, responses={"500": {"statusCode": "200"}}))},
        "/proxy": {"get": operation(http("http_proxy", backend.url, {}))},
        "/traced": {"get": operation(http("http_proxy", f"{backend.url}/raw/traced", {}))},
        "/mock": {"get": operation(mock("mocked"))},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    traces = {
        path: api.send(f"/stage{path}", "GET", "X-Amzn-Trace-Id: Root=1-1-2").header("X-Amzn-Trace-Id")
        for path in paths
    }
    http_trace = traces.pop("/http")
    assert http_trace is not None
    assert http_trace.startswith("Root=1-1-2;Parent=")
    assert traces == {"/failing": None, "/proxy": None, "/traced": "theirs", "/mock": None}


def test_s3_clients_may_choose_the_request_id_and_not_the_other(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """A client may choose the request id by a UUID; never the extended one."""
    said = "$context.requestId $context.extendedRequestId"
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock(said))}})
    chosen = "01234567-89ab-4def-8123-456789abcdef"
    answer = api.send("/stage", "GET", f"x-amzn-RequestId: {chosen}", "x-amz-apigw-id: AAAAAAAAAAAAAAA=")
    assert answer.header("x-amzn-RequestId") == chosen
    assert answer.body.decode().split() == [chosen, answer.header("x-amz-apigw-id")]
    assert answer.header("x-amz-apigw-id") != "AAAAAAAAAAAAAAA="


def test_s3_connections_go_on_unless_the_client_says_close(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    import http.client

    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("mocked"))}})
    connection = http.client.HTTPConnection(shared_gateway.listen, timeout=20)
    for sent, answered in ((None, "keep-alive"), ("close", "close")):
        fields = {"Host": f"{api.api_id}.execute-api.us-east-1.amazonaws.com", **({"Connection": sent} if sent else {})}
        connection.request("GET", "/stage", headers=fields)
        answer = connection.getresponse()
        assert (answer.read(), answer.getheader("Connection")) == (b"mocked", answered)
    connection.close()
