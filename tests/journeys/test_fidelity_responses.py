"""What clients get of a backend's answer: selection, headers, templates and status, row by row of rest-api §7.13 and §8."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Answer, Deployed, Document, deploy, differs, mock, operation, proxy

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')
REMAPPED = (
    "Connection", "Content-Length", "Date", "Server", "Authorization", "Content-MD5", "Max-Forwards", "User-Agent",
    "WWW-Authenticate", "Expect", "Host", "Proxy-Authenticate", "Trailer", "Upgrade",
)  # fmt: skip
PASSED = (
    "TE", "Content-Encoding", "Via", "Accept", "Accept-Ranges", "Age", "Pragma", "Range", "Referer", "Warn", "X-Custom",
    "ETag",
)  # fmt: skip
PROXY_RENAMES = ("Date", "Server", "Authorization", "Content-MD5", "Max-Forwards", "User-Agent", "WWW-Authenticate")
PROXY_DROPS = ("Expect", "Host", "Proxy-Authenticate", "Trailer", "Upgrade", "TE", "Via")
PROXY_PASSES = (
    "Accept",
    "Accept-Ranges",
    "Age",
    "Pragma",
    "Range",
    "Referer",
    "Warn",
    "X-Custom",
    "ETag",
    "Set-Cookie",
)
# The gateway's own stand beside what is renamed.
GENERATED = ("Connection", "Content-Length", "Date")


def http(uri: str, default: Document | None = None, **members: Any) -> Document:
    responses = {"default": {"statusCode": "200", **(default or {})}}
    return {"type": "http", "httpMethod": "GET", "uri": uri, "responses": responses, **members}


def says(backend: Backend, body: bytes, *fields: str, status: str = "200 OK", name: str = "said") -> str:
    """The URI of an answer."""
    lines = [f"HTTP/1.1 {status}", *fields, f"Content-Length: {len(body)}", "", ""]
    backend.raw[name] = "\r\n".join(lines).encode("latin-1") + body
    return f"{backend.url}/raw/{name}"


def served(gateway: ServedGateway, client: Any, integration: Document, *headers: str, verb: str = "get") -> Deployed:
    return deploy(gateway, client, {"/": {verb: operation(integration, headers=headers)}})


def mapped(**headers: str) -> Document:
    """Response parameters; ``_`` stands for ``-``."""
    return {
        "responseParameters": {
            f"method.response.header.{name.replace('_', '-')}": source for name, source in headers.items()
        }
    }


def expects_renamed(answer: Answer, name: str, value: str) -> None:
    # The name as it was spelt stands behind the prefix.
    assert (f"x-amzn-Remapped-{name}", value) in answer.fields
    assert (answer.header(name) is not None) == (name in GENERATED)
    assert answer.header(name) != value


@pytest.mark.parametrize("how", ["mapped", "overridden"])
@pytest.mark.parametrize("kind", ["http", "mock"])
def test_s8_5_headers_that_are_mapped_or_overridden_are_renamed_or_pass(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, how: str
) -> None:
    """Every header of the table, mapped and overridden, of HTTP and of MOCK."""
    names = (*REMAPPED, *PASSED, "Transfer-Encoding")
    if how == "mapped":
        default = {"responseParameters": {f"method.response.header.{name}": "'mine'" for name in names}}
    else:
        sets = "".join(f"#set($context.responseOverride.header['{name}'] = 'mine')" for name in names)
        default = {"responseTemplates": {"application/json": f"{sets}body"}}
    base = mock("body") if kind == "mock" else http(says(backend, b"body"))
    base["responses"]["default"].update(default)
    answer = served(shared_gateway, shared_apigateway, base, *names).send("/stage")
    assert answer.status == 200
    for name in REMAPPED:
        expects_renamed(answer, name, "mine")
    for name in PASSED:
        assert answer.header(name) == "mine", name
    assert answer.header("Transfer-Encoding") is None
    assert answer.header("x-amzn-Remapped-Transfer-Encoding") is None


def test_s8_5_a_proxys_headers_are_renamed_dropped_or_pass(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Every header of the table that an HTTP_PROXY backend may send."""
    names = (*PROXY_RENAMES, *PROXY_DROPS, *PROXY_PASSES)
    uri = says(backend, b"body", *(f"{name}: theirs" for name in names), "Connection: close")
    answer = served(shared_gateway, shared_apigateway, proxy(uri)).send("/stage")
    assert (answer.status, answer.body) == (200, b"body")
    for name in PROXY_RENAMES:
        expects_renamed(answer, name, "theirs")
    assert answer.header("x-amzn-Remapped-Connection") == "close"
    assert answer.header("x-amzn-Remapped-Content-Length") == "4"
    for name in PROXY_DROPS:
        assert (answer.header(name), answer.header(f"x-amzn-Remapped-{name}")) == (None, None), name
    for name in PROXY_PASSES:
        assert answer.header(name) == "theirs", name


def test_s8_3_sources_of_mapped_headers(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """What each source gives as a header; one that is missing gives none."""
    sources = {
        "Last": "integration.response.header.X-Many",
        "All": "integration.response.multivalueheader.X-Many",
        "Case": "integration.response.header.x-many",
        "None": "integration.response.header.X-None",
        "Context": "context.httpMethod",
        "Stage": "stageVariables.shop",
        "NoStage": "stageVariables.none",
        "Literal": "'text'",
    }
    uri = says(backend, b"{}", "X-Many: 1", "X-Many: 2", "X-Unmapped: 3", "Content-Type: text/plain", "Set-Cookie: a=b")
    api = served(shared_gateway, shared_apigateway, http(uri, mapped(**sources)), *sources)
    add = [{"op": "add", "path": "/variables/shop", "value": "here"}]
    shared_apigateway.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=add)
    answer = api.send("/stage")
    assert {name: answer.header(name) for name in sources} == {
        "Last": "2", "All": "1,2", "Case": None, "None": None, "Context": "GET", "Stage": "here", "NoStage": None,
        "Literal": "text",
    }  # fmt: skip
    # Only what is mapped is returned.
    assert (answer.header("X-Unmapped"), answer.header("Set-Cookie")) == (None, None)
    assert (answer.header("Content-Type"), answer.body) == ("application/json", b"{}")


@pytest.mark.parametrize(
    ("templates", "accept", "content_type", "body"),
    [
        ({"application/json": "json", "a/b": "ab"}, None, "application/json", b"json"),
        ({"application/json": "json", "a/b": "ab"}, "a/b", "a/b", b"ab"),
        ({"application/json": "json", "a/b": "ab"}, "A/B;q=0.1, application/json", "a/b", b"ab"),
        ({"application/json": "json", "a/b": "ab"}, "c/d, a/b", "application/json", b"json"),
        ({"application/json": "json", "a/b": "ab"}, "*/*", "application/json", b"json"),
        ({"a/b": "ab", "application/json": "json"}, "c/d", "application/json", b"json"),
        ({"a/b": "ab", "application/json": "json"}, None, "application/json", b"json"),
        ({"a/b": "ab", "c/d": "cd"}, "e/f", "a/b", b"ab"),
        ({"c/d": "cd"}, "e/f", "c/d", b"cd"),
        ({}, "a/b", "application/json", b"backend"),
        ({"application/json": "", "a/b": "ab"}, "c/d", "application/json", b"backend"),
        ({"application/json": "", "a/b": "ab"}, "a/b", "a/b", b"ab"),
    ],
)
def test_s8_4_a_response_template_is_chosen_by_what_the_client_accepts(
    shared_gateway: ServedGateway,
    shared_apigateway: Any,
    backend: Backend,
    templates: dict[str, str],
    accept: str | None,
    content_type: str,
    body: bytes,
) -> None:
    """The first media type of Accept, else ``application/json``, else the first one; an empty one passes the body."""
    uri = says(backend, b"backend", "Content-Type: text/plain")
    api = served(shared_gateway, shared_apigateway, http(uri, {"responseTemplates": templates}))
    answer = api.send("/stage", "GET", *([f"Accept: {accept}"] if accept else []))
    assert (answer.status, answer.header("Content-Type"), answer.body) == (200, content_type, body)


@pytest.mark.parametrize(
    ("status", "answered"),
    [("201", 201), ("599", 599), ("'201'", 200), ("600", 200), ("99", 200), ("20.5", 200), ("-1", 200), ("''", 200)],
)
def test_s8_4_an_overridden_status_is_an_integer_or_ignored(
    shared_gateway: ServedGateway, shared_apigateway: Any, status: str, answered: int
) -> None:
    api = served(shared_gateway, shared_apigateway, mock(f"#set($context.responseOverride.status = {status})body"))
    assert api.send("/stage").status == answered


@differs("AWS takes 100 to 199 too; no answer ends with an interim status, so that here these are ignored")
@pytest.mark.parametrize("status", [100, 101, 199])
def test_s8_4_an_interim_status_is_no_override(
    shared_gateway: ServedGateway, shared_apigateway: Any, status: int
) -> None:
    """An overridden status below 200."""
    api = served(shared_gateway, shared_apigateway, mock(f"#set($context.responseOverride.status = {status})body"))
    answer = api.send("/stage")
    assert (answer.status, answer.body) == (200, b"body")


def test_s8_4_an_overridden_header_is_added_or_replaces_and_a_list_has_several(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """An overridden header is added or takes the mapped one's place; a list makes several lines."""
    said = (
        "#set($context.responseOverride.header.New = 'new')#set($context.responseOverride.header.Mapped = 'over')"
        "#set($context.responseOverride.header.Many = ['1', '2'])"
        "#set($context.responseOverride.header['Content-Type'] = 'a/b')body"
    )
    integration = mock(said)
    integration["responses"]["default"].update(mapped(Mapped="'mapped'", Kept="'kept'"))
    answer = served(shared_gateway, shared_apigateway, integration, "Mapped", "Kept").send("/stage")
    found = {name: answer.header(name) for name in ("New", "Mapped", "Kept", "Content-Type")}
    assert found == {"New": "new", "Mapped": "over", "Kept": "kept", "Content-Type": "a/b"}
    assert [value for name, value in answer.fields if name == "Many"] == ["1", "2"]


def test_s8_1_no_match_and_no_default_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Without a match and without a default answer: 500; the first match in stored order wins; ``.*`` is a default."""
    uri = says(backend, b"x", status="404 Not Found")
    for responses, status in (
        ({"200": {"statusCode": "200"}}, 500),
        ({"4": {"statusCode": "200"}, "04": {"statusCode": "201"}}, 500),
        ({".*": {"statusCode": "200"}}, 200),
        ({"4.*": {"statusCode": "201"}, "404": {"statusCode": "200"}, "default": {"statusCode": "202"}}, 201),
        ({"5.*": {"statusCode": "201"}, "default": {"statusCode": "202"}}, 202),
    ):
        codes = {code: {"description": ""} for code in ("200", "201", "202")}
        method = {"responses": codes, "x-amazon-apigateway-integration": {**http(uri), "responses": responses}}
        answer = deploy(shared_gateway, shared_apigateway, {"/": {"get": method}}).send("/stage")
        assert answer.status == status, responses
        assert status != 500 or answer.error == ERROR


def test_s8_2_a_status_without_a_method_response_fails_when_tested_and_is_not_deployed(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """A mapped status that no method response declares: 500 to a tested method, and no deployment."""
    responses = {"2..": {"statusCode": "200"}, "default": {"statusCode": "404"}}
    http = {"type": "http", "httpMethod": "GET", "uri": f"{backend.url}/status/{{code}}", "responses": responses}
    http["requestParameters"] = {"integration.request.path.code": "method.request.querystring.code"}
    described = operation(http, ("query", "code"))
    described["responses"]["404"] = {"description": ""}
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": described}})
    (root,) = shared_apigateway.get_resources(restApiId=api.api_id)["items"]
    names = {"restApiId": api.api_id, "resourceId": root["id"], "httpMethod": "GET"}
    shared_apigateway.delete_method_response(**names, statusCode="404")

    with pytest.raises(ClientError, match="No method response exists for method"):
        shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage?code=500").status == 404, "what was deployed is served"
    tested = shared_apigateway.test_invoke_method(**names, pathWithQueryString="/?code=201")
    assert tested["status"] == 200, "what is declared is answered"
    shared_apigateway.put_gateway_response(
        restApiId=api.api_id,
        responseType="API_CONFIGURATION_ERROR",
        responseParameters={"gatewayresponse.header.A": "'b'"},
    )
    tested = shared_apigateway.test_invoke_method(**names, pathWithQueryString="/?code=500")
    assert (tested["status"], tested["body"]) == (500, '{"message":"Internal server error"}')
    assert (tested["headers"]["x-amzn-ErrorType"], tested["headers"]["A"]) == ("InternalServerErrorException", "b")
    log = [line.partition(" : ")[2] for line in tested["log"].splitlines()]
    assert log[-2:] == [
        "Execution failed due to configuration error: Output mapping refers to an invalid method response: 404",
        "Method completed with status: 500",
    ]


@pytest.mark.parametrize(
    ("template", "status"),
    [
        ("{statusCode: 200}", 200),
        ("{'statusCode': 200, }", 200),
        ('{"a": {"statusCode": 1}, junk, "statusCode": 200}', 200),
        ("{statusCode: 0}", 202),
        ("{statusCode: -7}", 203),
        ("{statusCode: 777}", 204),
        ('{"statusCode": "200"}', 500),
        ('{"statusCode": 200.0}', 500),
        ('{"statusCode: 200}', 500),
        ("{}", 500),
        ("no json", 500),
    ],
)
@pytest.mark.parametrize("where", ["template", "body"])
def test_s7_13_a_mock_selects_by_any_integer_read_leniently(
    shared_gateway: ServedGateway, shared_apigateway: Any, template: str, status: int, where: str
) -> None:
    """A MOCK's statusCode, of its template or of a body that passes through, selects like a backend's status."""
    patterns = {"200": "200", "0": "202", "-7": "203", "777": "204"}
    integration: Document = {
        "type": "mock",
        "requestTemplates": {"application/json": template} if where == "template" else {},
        "responses": {pattern: {"statusCode": code} for pattern, code in patterns.items()},
    }
    described = {"responses": {code: {"description": ""} for code in patterns.values()}}
    paths = {"/": {"post": {**described, "x-amazon-apigateway-integration": integration}}}
    answer = deploy(shared_gateway, shared_apigateway, paths).send("/stage", "POST", body=template.encode())
    assert answer.status == status
    assert status != 500 or answer.error == ERROR


def test_s7_13_without_template_and_body_a_mock_gives_its_default_answer(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """Without a template and without a body a MOCK answers with its default; the input of its template is ``{}``."""
    integration: Document = {
        "type": "mock",
        "responses": {
            "default": {"statusCode": "200", "responseTemplates": {"application/json": "[$input.body]"}},
        },
    }
    api = served(shared_gateway, shared_apigateway, integration, verb="post")
    assert api.send("/stage", "POST").body == b"[{}]"


def test_s7_13_overrides_of_the_request_template_are_there_in_the_answers(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    """What a MOCK's request template overrides is visible, and has its effect, in the answer's phase."""
    request = (
        "#set($context.requestOverride.header.In = 'in')#set($context.responseOverride.header.Out = 'out')"
        "#set($context.responseOverride.status = 418)#set($context.responseOverride.extra = 'kept')"
        '{"statusCode": 200}'
    )
    said = "$context.requestOverride.header.In $context.responseOverride.extra $context.responseOverride.status"
    answer = served(shared_gateway, shared_apigateway, mock(said, request)).send("/stage")
    assert (answer.status, answer.header("Out"), answer.body) == (418, "out", b"in kept 418")


def test_s3_an_answer_without_content_type_says_json(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Content-Type is always there: ``application/json`` where nobody says another."""
    uri = says(backend, b"body")
    for integration in (proxy(uri), http(uri), mock("body")):
        answer = served(shared_gateway, shared_apigateway, integration).send("/stage")
        assert (answer.header("Content-Type"), answer.body) == ("application/json", b"body")


def test_s8_5_a_coding_of_the_backend_is_undone_unless_it_is_mapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """HTTP: what is coded is decoded for clients and templates; where Content-Encoding is mapped, both pass."""
    plain = b'{"name": "Rex"}'
    uri = says(backend, gzip.compress(plain), "Content-Encoding: gzip")
    template = {"responseTemplates": {"application/json": "[$input.path('$.name')]"}}
    encoding = mapped(Content_Encoding="integration.response.header.Content-Encoding")
    served_as = {"plain": {}, "template": template, "mapped": encoding}
    paths = {
        f"/{name}": {"get": operation(http(uri, default), headers=("Content-Encoding",))}
        for name, default in served_as.items()
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    for name, coding, body in (("plain", None, plain), ("template", None, b"[Rex]"), ("mapped", "gzip", plain)):
        answer = api.send(f"/stage/{name}")
        assert (answer.status, answer.header("Content-Encoding")) == (200, coding), name
        assert (gzip.decompress(answer.body) if coding else answer.body) == body, name
