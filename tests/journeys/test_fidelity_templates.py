"""Mapping templates in every phase: rest-api §7.6, §8.4, §10, by boto3 and plain HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Answer, deploy, mock, operation

ERROR = (500, "InternalServerErrorException", b'{"message":"Internal server error"}')


def http(uri: str, request: str, answer: str | None = None, **parameters: str) -> dict[str, Any]:
    """An HTTP integration with a template each way."""
    default = {"statusCode": "200", **({"responseTemplates": {"application/json": answer}} if answer else {})}
    return {
        "type": "http",
        "httpMethod": "POST",
        "uri": uri,
        "requestTemplates": {"application/json": request},
        "requestParameters": {f"integration.request.{key.replace('_', '.', 1)}": to for key, to in parameters.items()},
        "responses": {"default": default},
    }


def mocked(gateway: ServedGateway, client: Any, answer: str, body: str = "") -> Answer:
    """What a MOCK's response template says to one request."""
    api = deploy(gateway, client, {"/{id}": {"post": operation(mock(answer), ("path", "id"))}})
    return api.send("/stage/7?q=a%20b", "POST", "X-Head: value", body=body.encode())


def test_s10_2_what_a_template_reads_of_a_request(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    template = (
        '{"pet": $input.json(\'$.pet\'), "name": "$util.escapeJavaScript($input.path(\'$.pet.name\'))", '
        '"id": "$input.params(\'id\')", "q": "$input.params(\'q\')", "head": "$input.params().header.get(\'X-Head\')"}'
    )
    paths = {"/{id}": {"post": operation(http(backend.url, template), ("path", "id"))}}
    api = deploy(shared_gateway, shared_apigateway, paths)
    body = b'{"pet": {"name": "Rex \\"1\\"", "legs": 4}}'
    assert api.send("/stage/7?q=a%20b", "POST", "X-Head: value", body=body).status == 200
    assert json.loads(backend.requests[0].body) == {
        "pet": {"name": 'Rex "1"', "legs": 4},
        "name": 'Rex "1"',
        "id": "7",
        "q": "a b",
        "head": "value",
    }


def test_s8_4_a_response_template_reads_the_backends_body(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    payload = b'[{"id": 1}, {"id": 2}]'
    backend.raw["pets"] = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(payload) + payload
    said = "#foreach($pet in $input.path('$'))$pet.id#if($foreach.hasNext),#end#end"
    paths = {"/": {"post": operation(http(f"{backend.url}/raw/pets", "{}", said))}}
    answer = deploy(shared_gateway, shared_apigateway, paths).send("/stage", "POST", body=b"{}")
    assert (answer.status, answer.body) == (200, b"1,2")


def test_s10_5_context_and_stage_variables(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    said = "$context.httpMethod $context.resourcePath $context.stage $context.identity.sourceIp [$stageVariables.none]"
    assert mocked(shared_gateway, shared_apigateway, said).body == b"POST /{id} stage 127.0.0.1 []"


def test_s10_6_overrides_win_over_mappings_each_way(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    request = (
        "#set($context.requestOverride.header.mapped = 'over')#set($context.requestOverride.querystring.q = ['1', '2'])"
        "#set($context.requestOverride.path.free = 'there')$input.body"
    )
    answered = "#set($context.responseOverride.status = 201)#set($context.responseOverride.header.New = 'yes')made"
    integration = http(f"{backend.url}/{{free}}", request, answered, header_mapped="'mapped'", querystring_q="'mapped'")
    api = deploy(shared_gateway, shared_apigateway, {"/": {"post": operation(integration)}})
    answer = api.send("/stage", "POST", body=b'{"kept": 1}')
    assert (answer.status, answer.header("New"), answer.body) == (201, "yes", b"made")
    (seen,) = backend.requests
    assert (seen.target, seen.header("mapped"), seen.body) == ("/there?q=1&q=2", "over", b'{"kept": 1}')


@pytest.mark.parametrize(
    "template",
    [
        "#set($context.responseOverride.header.A = 'a')#set($context.responseOverride.header.A = 'b')",
        "#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end",
        "#set($s = 'xxxxxxxxxxxxxxxx')#foreach($a in [1..100])#set($s = $s + $s)#end$s",
        "#macro(m)#m()#end#m()",
    ],
)
def test_s7_14_a_template_that_fails_or_never_ends_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, template: str
) -> None:
    assert mocked(shared_gateway, shared_apigateway, template).error == ERROR


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(a+)+b')", b"false"),
        ("#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.replaceAll('(a|aa)+$', 'x')", None),
        ("#set($s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')$s.matches('(a*)*\\1b')", None),
        ("#set($s = 'x')$s.matches('(')", None),
    ],
)
def test_s10_1_a_catastrophic_regex_ends(
    shared_gateway: ServedGateway, shared_apigateway: Any, template: str, said: bytes | None
) -> None:
    """A regex that a backtracking matcher would never end answers, or is 500 within a budget; a broken one is 500."""
    answer = mocked(shared_gateway, shared_apigateway, template)
    assert answer.status in (200, 500)
    if said is not None:
        assert answer.body == said
    elif answer.status == 500:
        assert answer.error == ERROR


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a": 1, "a": 2, "a": {"a": 3}}',
        b'{"a": "\xff\xfe\xc0\x80"}',
        b'{"a": "\\ud800", "b": "\\udc00\\ud800"}',
        b'{"a": 1e999999999, "b": -0.0, "c": 123456789012345678901234567890}',
        b"{",
        b"\x00",
        b'"',
    ],
)
def test_s10_2_hostile_bodies_are_answered(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, body: bytes
) -> None:
    """Deep, doubled, cut and ill-encoded JSON is read or is nothing; no body ends more than its request."""
    template = "$input.json('$.a')$input.path('$.a')$input.path('$..a')$input.params()$util.parseJson($input.body)"
    paths = {"/": {"post": operation(http(backend.url, template, "$input.json('$')$input.path('$').body"))}}
    api = deploy(shared_gateway, shared_apigateway, paths)
    for _ in range(2):
        answer = api.send("/stage", "POST", body=body)
        assert answer.status in (200, 500), answer
        assert answer.status == 200 or answer.error == ERROR


def test_s10_1_what_does_not_compile_is_refused_when_it_is_put(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock("fine"))}})
    resource = shared_apigateway.get_resources(restApiId=api.api_id)["items"][0]["id"]
    names = {"restApiId": api.api_id, "resourceId": resource, "httpMethod": "GET"}
    with pytest.raises(
        ClientError, match=r"Invalid mapping template for content type application/json: line 3, column 2"
    ) as put:
        shared_apigateway.put_integration(**names, type="MOCK", requestTemplates={"application/json": "{\n#if($a)\n}"})
    assert put.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert api.send("/stage").body == b"fine"
