"""Bodies in parameter mapping, over the wire: rest-api §7.3, §8.3 and §13.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

from __future__ import annotations

import gzip
from typing import Any

import orjson
import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.caching import replace
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, Document, deploy, differs, operation

KINDS = ["http", "http_proxy"]
ERROR = b'{"message":"Internal server error"}'
PET = b'{"pet": {"name": "Rex", "tags": ["a", "b"], "age": 3, "none": null, "space": "a b&c=d/e"}, "q": "1"}'


def integration(kind: str, uri: str, mapped: Document, **members: Any) -> Document:
    return {
        "type": kind,
        "httpMethod": "POST",
        "uri": uri,
        "requestParameters": {f"integration.request.{target}": source for target, source in mapped.items()},
        "responses": {"default": {"statusCode": "200"}},
        **members,
    }


def posting(gateway: ServedGateway, client: Any, kind: str, uri: str, mapped: Document, **members: Any) -> Deployed:
    """An API whose ``POST /`` is mapped so."""
    return deploy(gateway, client, {"/": {"post": operation(integration(kind, uri, mapped, **members))}})


@pytest.mark.parametrize("kind", KINDS)
def test_s7_3_a_part_of_the_body_becomes_a_header_a_parameter_and_a_piece_of_the_path(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    mapped = {
        "header.X-Name": "method.request.body.pet.name",
        "header.X-Age": "method.request.body.$.pet['age']",
        "header.X-Tags": "method.request.body.pet.tags",
        "header.X-All": "method.request.body.pet.tags[*]",
        "querystring.q": "method.request.body.pet.space",
        "path.who": "method.request.body.pet.name",
    }
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo/{{who}}", mapped)
    assert api.send("/stage/?c=1", "POST", body=PET).status == 200
    (received,) = backend.requests
    assert received.header("X-Name") == "Rex"
    assert received.header("X-Age") == "3"
    assert received.header("X-Tags") == '["a","b"]'
    assert received.header("X-All") == '["a","b"]'
    passed = "c=1&" if kind == "http_proxy" else ""
    assert received.target == f"/echo/Rex?{passed}q=a%20b%26c%3Dd%2Fe"
    assert received.body == PET


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [10, 5_000, 70_000, 3_000_000])
@pytest.mark.parametrize("coding", [None, "gzip"])
def test_s7_3_a_body_of_any_length_is_read_before_the_backend_is_asked(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, size: int, coding: str | None
) -> None:
    mapped = {"header.X-Last": "method.request.body.last"}
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", mapped)
    body = orjson.dumps({"filler": "x" * size, "last": "here"})
    sent, fields = (body, []) if coding is None else (gzip.compress(body), ["Content-Encoding: gzip"])
    assert api.send("/stage/", "POST", *fields, body=sent).status == 200
    assert backend.requests[0].header("X-Last") == "here"
    assert backend.requests[0].body == body


@pytest.mark.parametrize("kind", KINDS)
def test_s7_3_the_whole_body_as_its_text_and_an_empty_one_as_an_empty_object(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    mapped = {"header.X-Body": "method.request.body", "querystring.b": "method.request.body"}
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", mapped)
    for body, text, encoded in (
        (b"", "{}", "%7B%7D"),
        (b"any text", "any text", "any%20text"),
        (b'{"a": 1}', '{"a": 1}', "%7B%22a%22%3A%201%7D"),
    ):
        backend.requests.clear()
        assert api.send("/stage/", "POST", body=body).status == 200
        assert backend.requests[0].header("X-Body") == text
        assert backend.requests[0].target == f"/echo?b={encoded}"


@pytest.mark.parametrize("kind", KINDS)
def test_s7_3_what_the_body_does_not_have_is_left_out(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    mapped = {
        "header.X-Out": "method.request.body.pet.none",
        "querystring.out": "method.request.body.nothing[0].at.all",
    }
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", mapped)
    for body in (PET, b"", b"no JSON", b"12", b"<a/>", b"\xff\xfe"):
        backend.requests.clear()
        assert api.send("/stage/", "POST", body=body).status == 200
        assert backend.requests[0].header("X-Out") is None
        assert backend.requests[0].target == "/echo"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b'{"pet": ', b"  [1, 2", b'"open', b"'open", b"[" * 100_000, b'{"a":"\xff'])
@pytest.mark.parametrize("part", ["", ".pet.name"])
def test_s7_3_a_body_that_begins_like_json_and_is_none_is_refused(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str, body: bytes, part: str
) -> None:
    """A body that begins like JSON and is none is refused, whether a part of it is asked for or the whole."""
    mapped = {"header.X-Out": f"method.request.body{part}"}
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", mapped)
    refused = (400, "BadRequestException", b'{"message":"Invalid JSON in request body"}')
    assert api.send("/stage/", "POST", body=body).error == refused
    assert not backend.requests


@pytest.mark.parametrize("kind", KINDS)
def test_s7_3_a_value_that_would_split_a_head_fails_the_request(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    uri = f"{backend.url}/echo"
    body = orjson.dumps({"evil": "a\r\nHost: evil"})
    paths = {
        "/header": {"post": operation(integration(kind, uri, {"header.X-Out": "method.request.body.evil"}))},
        "/path": {"post": operation(integration(kind, f"{uri}/{{out}}", {"path.out": "method.request.body.evil"}))},
        "/host": {"post": operation(integration(kind, uri, {"header.Host": "method.request.body.evil"}))},
        "/query": {"post": operation(integration(kind, uri, {"querystring.out": "method.request.body.evil"}))},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    for path in ("/header", "/path", "/host"):
        assert api.send(f"/stage{path}", "POST", body=body).error == (500, "InternalServerErrorException", ERROR)
    assert not backend.requests
    assert api.send("/stage/query", "POST", body=body).status == 200
    assert backend.requests[0].target == "/echo?out=a%0D%0AHost%3A%20evil"


@pytest.mark.parametrize("kind", KINDS)
@differs(
    "AWS does not say what becomes of a value longer than a head may be; here it fails its request, nothing is cut"
)
def test_s7_3_a_value_of_more_than_64_kilobytes_fails_the_request(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    api = posting(
        shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", {"header.X-Out": "method.request.body.a"}
    )
    assert api.send("/stage/", "POST", body=orjson.dumps({"a": "x" * 60_000})).status == 200
    failed = api.send("/stage/", "POST", body=orjson.dumps({"a": "x" * 65_537}))
    assert failed.error == (500, "InternalServerErrorException", ERROR)
    assert len(backend.requests) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_s7_3_a_body_over_the_limit_is_413_though_only_a_part_is_mapped(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    api = posting(
        shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", {"header.X-Out": "method.request.body.a"}
    )
    bomb = gzip.compress(b'{"a":"' + b"x" * 11_000_000 + b'"}')
    answer = api.send("/stage/", "POST", "Content-Encoding: gzip", body=bomb)
    assert (answer.status, answer.body) == (413, b"HTTP content length exceeded 10485760 bytes.")
    assert not backend.requests


def test_s7_6_an_unsupported_media_type_is_told_before_a_body_is_read(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    mapped = {"header.X-Out": "method.request.body.a"}
    api = posting(shared_gateway, shared_apigateway, "http", f"{backend.url}/echo", mapped, passthroughBehavior="never")
    assert api.send("/stage/", "POST", body=b"{broken").status == 415


def test_s9_2_mapping_reads_the_body_as_it_was_converted(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    mapped = {"header.X-Out": "method.request.body"}
    uri = f"{backend.url}/echo"
    members = {"contentHandling": "CONVERT_TO_TEXT"}
    paths = {"/": {"post": operation(integration("http", uri, mapped, **members), ("header", "Content-Type"))}}
    types = {"x-amazon-apigateway-binary-media-types": ["image/png"]}
    api = deploy(shared_gateway, shared_apigateway, paths, **types)
    assert api.send("/stage/", "POST", "Content-Type: image/png", body=b"\x89PNG").status == 200
    assert backend.requests[0].header("X-Out") == "iVBORw=="


def answering(
    gateway: ServedGateway, client: Any, backend: Backend, mapped: Document, body: bytes, **members: Any
) -> Deployed:
    """An API whose backend answers ``body``, which is mapped to headers so."""
    backend.raw["answer"] = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    parameters = {f"method.response.header.{name}": source for name, source in mapped.items()}
    responses = {"default": {"statusCode": "200", "responseParameters": parameters, **members}}
    one = {"type": "http", "httpMethod": "GET", "uri": f"{backend.url}/raw/answer", "responses": responses}
    return deploy(gateway, client, {"/": {"get": operation(one, headers=tuple(mapped))}})


def test_s8_3_parts_of_a_backends_body_become_headers(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    mapped = {
        "Location": "integration.response.body.redirect.url",
        "X-List": "integration.response.body.list",
        "X-None": "integration.response.body.nothing",
        "Date": "integration.response.body.when",
    }
    body = b'{"redirect": {"url": "https://a.test/b"}, "list": [1, {"a": "b"}], "when": "later"}'
    answer = answering(shared_gateway, shared_apigateway, backend, mapped, body).send("/stage/")
    assert (answer.status, answer.body) == (200, body)
    assert answer.header("Location") == "https://a.test/b"
    assert answer.header("X-List") == '[1,{"a":"b"}]'
    assert answer.header("X-None") is None
    assert answer.header("x-amzn-Remapped-Date") == "later"


def test_s8_3_the_mapping_reads_what_the_backend_sent_whatever_the_template_makes_of_it(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    mapped = {"X-Whole": "integration.response.body", "X-Part": "integration.response.body.a"}
    templates = {"responseTemplates": {"application/json": "made"}}
    api = answering(shared_gateway, shared_apigateway, backend, mapped, b'{"a":1}', **templates)
    answer = api.send("/stage/")
    assert (answer.body, answer.header("X-Whole"), answer.header("X-Part")) == (b"made", '{"a":1}', "1")


@pytest.mark.parametrize(("body", "whole"), [(b"", "{}"), (b"plain", "plain"), (b"12", "12"), (b"<a/>", "<a/>")])
def test_s8_3_a_backends_body_that_is_no_json_has_no_parts(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, body: bytes, whole: str
) -> None:
    mapped = {"X-Whole": "integration.response.body", "X-Part": "integration.response.body.a"}
    answer = answering(shared_gateway, shared_apigateway, backend, mapped, body).send("/stage/")
    assert (answer.status, answer.header("X-Whole"), answer.header("X-Part")) == (200, whole, None)


@pytest.mark.parametrize("body", [b'{"a": ', b"\n[1", b"[" * 5_000, b"'a"])
@pytest.mark.parametrize("part", ["", ".a"])
def test_s8_3_a_backends_body_that_begins_like_json_and_is_none_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, body: bytes, part: str
) -> None:
    """A backend's body that begins like JSON and is none is 500, whether a part of it is asked for or the whole."""
    mapped = {"X-Out": f"integration.response.body{part}"}
    api = answering(shared_gateway, shared_apigateway, backend, mapped, body)
    assert api.send("/stage/").error == (500, "InternalFailureException", ERROR)
    responses = {"responseType": "DEFAULT_5XX", "statusCode": "599"}
    shared_apigateway.put_gateway_response(restApiId=api.api_id, **responses)
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage/").error == (599, "InternalFailureException", ERROR)


def test_s8_3_a_part_of_a_backends_body_that_would_split_the_head_is_500(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    body = b'{"a": "b\\r\\nSet-Cookie: evil"}'
    answer = answering(
        shared_gateway, shared_apigateway, backend, {"X-Part": "integration.response.body.a"}, body
    ).send("/stage/")
    assert answer.error == (500, "InternalServerErrorException", ERROR)
    assert all(name.lower() != "set-cookie" for name, _ in answer.fields)


def test_s7_13_the_body_of_a_mock_is_an_empty_object(shared_gateway: ServedGateway, shared_apigateway: Any) -> None:
    parameters = {
        "method.response.header.X-Whole": "integration.response.body",
        "method.response.header.X-Part": "integration.response.body.a",
    }
    mocked = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseParameters": parameters}},
    }
    paths = {"/": {"get": operation(mocked, headers=("X-Whole", "X-Part"))}}
    answer = deploy(shared_gateway, shared_apigateway, paths).send("/stage/")
    assert (answer.status, answer.header("X-Whole"), answer.header("X-Part")) == (200, "{}", None)


@pytest.mark.parametrize("kind", KINDS)
def test_s13_a_part_of_the_body_tells_answers_apart(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend, kind: str
) -> None:
    key = "integration.request.header.X-Id"
    members = {"cacheKeyParameters": [key]}
    mapped = {"header.X-Id": "method.request.body.id"}
    api = posting(shared_gateway, shared_apigateway, kind, f"{backend.url}/echo", mapped, **members)
    on = {"/cacheClusterEnabled": "true", "/~1/POST/caching/enabled": "true", "/~1/POST/caching/ttlInSeconds": "3600"}
    replace(shared_apigateway, api, **on)

    def asked(*bodies: bytes) -> int:
        before = len(backend.requests)
        for body in bodies:
            assert api.send("/stage/", "POST", body=body).status == 200
        return len(backend.requests) - before

    assert asked(b'{"id": 1}', b'{"id": 1, "more": true}', b'{"id":"1"}') == 1
    assert asked(b'{"id": 2}', b'{"id": 2}') == 1
    assert asked(b"{}", b"", b"no JSON", b'{"id": null}') == 1
    assert asked(b'{"id": 1}' + b" " * 100_000) == 0
    assert api.send("/stage/", "POST", body=b'{"id"').status == 400


@pytest.mark.parametrize("source", ["method.request.body.a[", "method.request.body.a[?(", "method.request.body."])
def test_s7_3_a_path_that_nobody_can_read_is_refused_when_it_is_put(shared_apigateway: Any, source: str) -> None:
    api = shared_apigateway.create_rest_api(name="paths")["id"]
    root = shared_apigateway.get_resources(restApiId=api)["items"][0]["id"]
    names = {"restApiId": api, "resourceId": root, "httpMethod": "POST"}
    shared_apigateway.put_method(**names, authorizationType="NONE")
    with pytest.raises(ClientError) as refused:
        shared_apigateway.put_integration(
            **names,
            type="HTTP",
            integrationHttpMethod="POST",
            uri="http://a.test/",
            requestParameters={"integration.request.header.a": source},
        )
    error = refused.value.response["Error"]
    assert error["Code"] == "BadRequestException"
    assert error["Message"].startswith("Invalid mapping expression specified: ")
    assert source in error["Message"]
