"""What a backend is asked: URIs, mapped parameters, bodies and passthrough, row by row of rest-api §7.2–7.8 and §1.4."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.recording import Backend, Received
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, mock, operation

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
UNSUPPORTED = (415, "BadRequestException", b'{"message":"Unsupported Media Type"}')
ANY = "x-amazon-apigateway-any-method"
DECLARED = (("path", "id"), ("query", "q"), ("header", "X-H"))


def http(kind: str, uri: str, mapped: dict[str, str] | None = None, **members: Any) -> Document:
    """An integration whose ``mapped`` targets lack their prefix."""
    return {
        "type": kind,
        "httpMethod": "ANY",
        "uri": uri,
        "requestParameters": {f"integration.request.{name}": source for name, source in (mapped or {}).items()},
        "responses": {"default": {"statusCode": "200"}},
        **members,
    }


def serve(gateway: ServedGateway, client: Any, integration: Document, **variables: str) -> Deployed:
    """The integration at ``/pets/{id}``, for any verb."""
    api = deploy(gateway, client, {"/pets/{id}": {ANY: operation(integration, *DECLARED)}})
    if variables:
        add = [{"op": "add", "path": f"/variables/{name}", "value": value} for name, value in variables.items()]
        client.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    return api


def reached(
    api: Deployed, backend: Backend, path: str, method: str = "GET", *fields: str, body: bytes = b""
) -> Received:
    assert api.send(f"/stage{path}", method, *fields, body=body).status == 200
    return backend.requests[-1]


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize(
    ("uri", "mapped", "path", "target"),
    [
        ("/a/{id}", {"path.id": "method.request.path.id"}, "/pets/7", "/a/7"),
        ("/a/{id}/b/{id}", {"path.id": "method.request.path.id"}, "/pets/x%2Fy", "/a/x%2Fy/b/x%2Fy"),
        ("/a/{other}", {"path.other": "'literal'"}, "/pets/7", "/a/literal"),
        ("/${stageVariables.where}/b", {}, "/pets/7", "/there/b"),
        ("/a${stageVariables.missing}/b", {}, "/pets/7", "/a/b"),
        ("/a?x=${stageVariables.where}", {}, "/pets/7", "/a?x=there"),
        ("/a?x=1", {"querystring.x": "'2'"}, "/pets/7", "/a?x=1&x=2"),
        ("/a?", {}, "/pets/7", "/a?"),
        ("", {}, "/pets/7", "/"),
    ],
)
def test_s7_2_uris_are_rendered(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    kind: str,
    uri: str,
    mapped: dict[str, str],
    path: str,
    target: str,
) -> None:
    """Mapped path parameters and stage variables are put into a URI, and its own query stays."""
    api = serve(shared_gateway, shared_apigateway, http(kind, backend.url + uri, mapped), where="there")
    assert reached(api, backend, path).target == target


def test_s7_2_a_stage_variable_may_be_the_host(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    api = serve(
        shared_gateway,
        shared_apigateway,
        http("http_proxy", "http://${stageVariables.host}/x"),
        host=f"127.0.0.1:{backend.port}",
    )
    assert reached(api, backend, "/pets/1").target == "/x"


@pytest.mark.parametrize("value", [None, "/..", "127.0.0.1:99999", "?", "#"])
def test_s7_2_a_host_that_is_none_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, value: str | None
) -> None:
    """A stage variable that is missing, or gives no host that can be asked, is a configuration error."""
    variables = {} if value is None else {"host": value}
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", "http://${stageVariables.host}/x"), **variables)
    assert api.send("/stage/pets/1").error == ERROR


@pytest.mark.parametrize("uri", ["/a/{id}", "/a/{none}", "/${other}", "/${stageVariables['where']}"])
def test_s7_2_what_nothing_is_mapped_to_stays_as_it_is(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, uri: str
) -> None:
    """A variable of the resource's path is not that of the URI: unmapped, it stays literal and nothing is asked."""
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", backend.url + uri))
    assert api.send("/stage/pets/7").error == ERROR
    assert not backend.requests


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize(
    ("source", "header", "query"),
    [
        ("method.request.path.id", "a%2Fb", ["to=a%2Fb"]),
        ("method.request.querystring.q", "3 4", ["to=3%204"]),
        ("method.request.multivaluequerystring.q", "1,2,3 4", ["to=1", "to=2", "to=3%204"]),
        ("method.request.header.X-H", "h2", ["to=h2"]),
        ("method.request.multivalueheader.X-H", "h1,h2", ["to=h1%2Ch2"]),
        ("context.identity.sourceIp", "127.0.0.1", ["to=127.0.0.1"]),
        ("context.resourcePath", "/pets/{id}", ["to=%2Fpets%2F%7Bid%7D"]),
        ("stageVariables.where", "there", ["to=there"]),
        ("'lit%20eral'", "lit%20eral", ["to=lit%20eral"]),
        ("method.request.header.x-h", None, []),
        ("method.request.querystring.Q", None, []),
        ("context.authorizer.principalId", None, []),
        ("stageVariables.missing", None, []),
    ],
)
def test_s7_3_sources_of_mapped_parameters(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    kind: str,
    source: str,
    header: str | None,
    query: list[str],
) -> None:
    """What each source gives as a header and as a query parameter; one that is missing gives neither."""
    declared = (*DECLARED, ("header", "x-h"), ("query", "Q"))
    integration = http(kind, backend.url, {"header.To": source, "querystring.to": source})
    api = deploy(shared_gateway, shared_apigateway, {"/pets/{id}": {"get": operation(integration, *declared)}})
    add = [{"op": "add", "path": "/variables/where", "value": "there"}]
    shared_apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    seen = reached(api, backend, "/pets/a%2Fb?q=1&q=2&q=3+4", "GET", "X-H: h1", "X-H: h2")
    assert seen.header("To") == header
    pairs = [pair for pair in seen.target.partition("?")[2].split("&") if pair.startswith("to=")]
    assert pairs == query


def test_s7_3_a_mock_ignores_mapped_parameters(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    integration = {
        **mock("mocked"),
        "requestParameters": {
            "integration.request.path.id": "method.request.path.id",
            "integration.request.header.A": "'b'",
        },
    }
    api = serve(shared_gateway, shared_apigateway, integration)
    assert api.send("/stage/pets/1").body == b"mocked"


@pytest.mark.parametrize(
    ("query", "single", "several"),
    [
        ("q=2023-06-12T18:05:10.123456+00:00", "2023-06-12T18:05:10.123456 00:00", None),
        ("q=%C3%A9%20x", "é x", None),
        ("q=1&q=2", "2", "1,2"),
        ("q=1;q=2", "2", "1,2"),
        ("Q=1", None, None),
        ("q", None, None),
        ("q=", None, None),
        ("%71=1", "1", None),
    ],
)
def test_s1_4_query_strings_are_decoded_as_forms(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, query: str, single: str | None, several: str | None
) -> None:  # fmt: skip
    """Forms are decoded, the last of several values is the single one, ``;`` parts as ``&`` does."""
    mapped = {"header.One": "method.request.querystring.q", "header.All": "method.request.multivaluequerystring.q"}
    api = serve(shared_gateway, shared_apigateway, http("http", backend.url, mapped))
    seen = reached(api, backend, f"/pets/1?{query}")
    found = [value.encode("latin-1").decode() if (value := seen.header(name)) else None for name in ("One", "All")]
    assert found == [single, several or single]


@pytest.mark.parametrize("query", ["a=%zz", "a=%%", "a=%1", "%=1"])
def test_s1_4_a_broken_escape_is_400(shared_gateway: ServedGateway, shared_apigateway: Any, query: str) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("mocked"))}})
    assert api.send(f"/stage?{query}").error == (400, "BadRequestException", b'{"message":"Bad Request"}')


@pytest.mark.parametrize("query", ["a=b|c", "|", "a=1&b|=2", "a=%7C|"])
def test_s1_4_a_vertical_bar_in_a_query_must_be_encoded(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, query: str
) -> None:
    """A vertical bar stands encoded in a query string, or the request is answered 400."""
    refused = (400, "BadRequestException", b'{"message":"Bad Request"}')
    for kind in ("http", "http_proxy"):
        api = serve(shared_gateway, shared_apigateway, http(kind, backend.url))
        assert api.send(f"/stage/pets/1?{query}").error == refused
        assert backend.requests == []
    encoded = query.replace("|", "%7C")
    assert reached(api, backend, f"/pets/1?{encoded}").target == f"/?{encoded}"


@pytest.mark.parametrize("kind", ["http", "http_proxy"])
@pytest.mark.parametrize(("verb", "is_sent"), [("GET", False), ("HEAD", False), ("OPTIONS", False), ("POST", True), ("DELETE", True), ("PATCH", True)])  # fmt: skip
def test_s7_5_a_backends_verb_decides_whether_there_is_a_body(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, verb: str, is_sent: bool
) -> None:
    """GET, HEAD and OPTIONS towards a backend have no body, even where a template made one."""
    templates = {"requestTemplates": {"application/json": "made"}} if kind == "http" else {}
    api = serve(shared_gateway, shared_apigateway, {**http(kind, backend.url, **templates), "httpMethod": verb})
    seen = reached(api, backend, "/pets/1", "POST", body=b"sent")
    assert (seen.method, seen.body) == (verb, (b"made" if kind == "http" else b"sent") if is_sent else b"")


PASS, RENDER, REFUSE = "passes", "renders", "415"


@pytest.mark.parametrize("kind", ["http", "mock"])
@pytest.mark.parametrize(
    ("behaviour", "match", "no_match", "no_templates"),
    [
        ("when_no_match", RENDER, PASS, PASS),
        ("when_no_templates", RENDER, REFUSE, PASS),
        ("never", RENDER, REFUSE, REFUSE),
        (None, RENDER, PASS, PASS),
    ],
)
def test_s7_6_templates_and_passthrough(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    kind: str,
    behaviour: str | None,
    match: str,
    no_match: str,
    no_templates: str,
) -> None:
    """Every row of passthroughBehavior: the template's media type, another one, no template at all."""
    templates = {"a/b": '{"statusCode": 201}'}
    members: Document = {"passthroughBehavior": behaviour} if behaviour else {}
    answers = {"201": {"statusCode": "201"}, "default": {"statusCode": "200"}}
    base: Document = (
        {"type": "mock", "responses": answers} if kind == "mock" else http("http", f"{backend.url}/bytes/1")
    )
    described = {"responses": {code: {"description": ""} for code in ("200", "201")}}
    paths = {
        "/some": {
            "post": {**described, "x-amazon-apigateway-integration": {**base, **members, "requestTemplates": templates}}
        },
        "/none": {
            "post": {**described, "x-amazon-apigateway-integration": {**base, **members, "requestTemplates": {}}}
        },
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    sent = b'{"statusCode": 200, "sent": true}'
    for path, content_type, expected in (
        ("/some", "a/b; charset=utf-8", match), ("/some", "A/B", match), ("/some", "c/d", no_match),
        ("/some", None, no_match), ("/none", "a/b", no_templates), ("/none", None, no_templates),
    ):  # fmt: skip
        before = len(backend.requests)
        answer = api.send(
            f"/stage{path}", "POST", *([f"Content-Type: {content_type}"] if content_type else []), body=sent
        )
        if expected == REFUSE:
            assert answer.error == UNSUPPORTED, (path, content_type)
            assert len(backend.requests) == before
        elif kind == "mock":
            assert answer.status == (201 if expected == RENDER else 200), (path, content_type)
        else:
            assert backend.requests[-1].body == (b'{"statusCode": 201}' if expected == RENDER else sent)


def test_s7_6_the_default_key_and_an_empty_template(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """``$default`` renders for every other media type; an empty template is none."""
    for templates, content_type, body in (
        ({"$default": "default", "a/b": "own"}, "c/d", b"default"),
        ({"$default": "default", "a/b": "own"}, "a/b", b"own"),
        ({"a/b": ""}, "a/b", b"sent"),
    ):
        api = serve(shared_gateway, shared_apigateway, http("http", backend.url, requestTemplates=templates))
        assert reached(api, backend, "/pets/1", "POST", f"Content-Type: {content_type}", body=b"sent").body == body


def test_s7_6_415_is_raised_before_any_mapping(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    integration = http("http", backend.url, {"header.Content-Length": "'1'"}, passthroughBehavior="never")
    api = serve(shared_gateway, shared_apigateway, integration)
    assert api.send("/stage/pets/1", "POST", body=b"x").error == UNSUPPORTED


def test_s7_7_redirects_are_not_followed(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    backend.raw["moved"] = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 4\r\n\r\ngone"
    uri = f"{backend.url}/raw/moved"
    api = serve(shared_gateway, shared_apigateway, http("http_proxy", uri))
    answer = api.send("/stage/pets/1")
    assert (answer.status, answer.header("Location"), answer.body) == (302, "/elsewhere", b"gone")
    responses = {
        "302": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.To": "integration.response.header.Location"},
        }
    }
    paths = {"/": {"get": operation(http("http", uri, responses=responses), headers=("To",))}}
    answer = deploy(shared_gateway, shared_apigateway, paths).send("/stage")
    assert (answer.status, answer.header("To"), answer.body) == (200, "/elsewhere", b"gone")
    assert len(backend.requests) == 2


def test_s7_8_a_proxy_forwards_the_whole_request_and_ignores_templates(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """HTTP_PROXY forwards every pair of the query as it came, then mapped ones; it ignores templates and responses."""
    integration = http(
        "http_proxy",
        f"{backend.url}/status/503",
        {"querystring.a": "'3'"},
        requestTemplates={"application/json": "made"},
        responses={"default": {"statusCode": "200", "responseTemplates": {"application/json": "made"}}},
    )
    api = serve(shared_gateway, shared_apigateway, integration)
    answer = api.send("/stage/pets/1?a=1&b=%41+x&a=2", "PUT", "Content-Type: a/b", body=b"sent")
    assert (answer.status, answer.body, answer.header("Content-Type")) == (503, b"status 503", "text/plain")
    (seen,) = backend.requests
    assert (seen.method, seen.target, seen.body) == ("PUT", "/status/503?a=1&b=%41+x&a=2&a=3", b"sent")


def test_s7_1_the_integrations_verb_replaces_the_clients(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """``httpMethod`` is the verb a backend gets; ``ANY`` is the client's."""
    for verb, sent in (("PUT", "PUT"), ("ANY", "DELETE")):
        api = serve(shared_gateway, shared_apigateway, {**http("http_proxy", backend.url), "httpMethod": verb})
        assert reached(api, backend, "/pets/1", "DELETE").method == sent
