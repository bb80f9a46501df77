"""Paths, the base path and parameters: resources, methods and what they declare.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/import-api-basepath.html
"""

from __future__ import annotations

import pytest

from apigw.control.openapi.build import build
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.importing import Parameters, Target
from tests.unit.openapi.documents import method, openapi, swagger
from tests.unit.openapi.imports import ACCOUNT, NOW, PARTITION, REGION, Json, SeededIds, check_text, definition, errors


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "options", "head", "patch"])
def test_verbs(verb: str) -> None:
    assert method(openapi({}, verb=verb)).http_method == verb.upper()


def test_any_method() -> None:
    assert method(swagger({}, verb="x-amazon-apigateway-any-method")).http_method == "ANY"


def test_paths_become_resources_with_those_between() -> None:
    made, _ = definition(openapi({}, path="/a/b/{c}/{d+}"))
    assert [(one.path, one.path_part) for one in made.resources] == [
        ("/", None),
        ("/a", "a"),
        ("/a/b", "b"),
        ("/a/b/{c}", "{c}"),
        ("/a/b/{c}/{d+}", "{d+}"),
    ]
    parents = {one.id: one.path for one in made.resources}
    assert [parents.get(one.parent_id or "") for one in made.resources] == [None, "/", "/a", "/a/b", "/a/b/{c}"]


def test_the_root_and_a_trailing_slash() -> None:
    document = {"openapi": "3.0.1", "paths": {"/": {"get": {}}, "/pets/": {"get": {}}}}
    assert [one.path for one in definition(document)[0].resources] == ["/", "/pets"]


def test_two_keys_of_one_path() -> None:
    document = {"openapi": "3.0.1", "paths": {"/pets": {"get": {}}, "/pets/": {"get": {}, "put": {}}}}
    text = "Unable to put method 'GET' on resource at path '/pets': Method already exists for this resource"
    assert errors(document) == [("$.paths['/pets/']", text)]


def test_variables_of_the_path_are_declared_on_every_method() -> None:
    """AWS: ANY /echo/{data} without parameters reads back with method.request.path.data."""
    declared = method(openapi({}, path="/{a}/{b+}")).request_parameters
    assert declared == {"method.request.path.a": True, "method.request.path.b": True}


@pytest.mark.parametrize("path", ["/a//b", "/a?b", "/a b", "/x{y}", "/{x}y", "/{x+}y", "/{}", "/ä", "//"])
def test_paths_that_are_rejected(path: str) -> None:
    ((where, message),) = errors(openapi({}, path=path))
    assert where == f"$.paths['{path}']"
    assert "Resource's path part only allow" in message


def test_operation_id_becomes_the_operation_name() -> None:
    assert method(openapi({"operationId": "List"})).operation_name == "List"


def test_a_path_item_by_reference() -> None:
    document = {"openapi": "3.0.1", "paths": {"/a": {"$ref": "#/paths/~1b%7Bx%7D~0"}, "/c": {}}, "x": 1}
    assert errors(document)[0][1] == "Unable to resolve reference '#/paths/~1b%7Bx%7D~0'"
    document = {"openapi": "3.0.1", "paths": {"/a": {"$ref": "#/paths/~1b~1%7Bx%7D"}, "/b/{x}": {"get": {}}}}
    made, _ = definition(document)
    assert [one.http_method for one in made.methods] == ["GET", "GET"]


@pytest.mark.parametrize(
    ("mode", "path"), [("ignore", "/pets"), ("prepend", "/base/part/pets"), ("split", "/part/pets")]
)
@pytest.mark.parametrize(
    "document",
    [
        swagger({}, basePath="/base/part"),
        openapi({}, servers=[{"url": "https://a.example/base/part/"}, {"url": "https://b.example/other"}]),
        openapi({}, servers=[{"url": "https://a.example", "variables": {"basePath": {"default": "base/part"}}}]),
        openapi({}, servers=[{"url": "https://{h}/{v}/part", "variables": {"v": {"default": "base"}}}]),
    ],
)
def test_base_path(document: Json, mode: str, path: str) -> None:
    assert definition(document, base_path=mode)[0].resources[-1].path == path


@pytest.mark.parametrize("mode", ["prepend", "split"])
@pytest.mark.parametrize("document", [swagger({}), openapi({}), openapi({}, servers=[{"url": "https://a.example"}])])
def test_no_base_path(document: Json, mode: str) -> None:
    assert definition(document, base_path=mode)[0].resources[-1].path == "/pets"


@pytest.mark.parametrize("build", [swagger, openapi])
def test_parameters(build: Json) -> None:
    parameters = [
        {"name": "id", "in": "path", "required": False},
        {"name": "limit", "in": "query", "required": True},
        {"name": "X-Trace", "in": "header"},
    ]
    assert method(build({"parameters": parameters}, path="/{id}")).request_parameters == {
        "method.request.path.id": True,
        "method.request.querystring.limit": True,
        "method.request.header.X-Trace": False,
    }


def test_parameters_of_the_path_are_merged_into_each_operation() -> None:
    common = [{"name": "a", "in": "query"}, {"name": "b", "in": "query"}]
    item = {"parameters": common, "get": {"parameters": [{"name": "b", "in": "query", "required": True}]}, "put": {}}
    made, _ = definition({"openapi": "3.0.1", "paths": {"/p": item}})
    assert [one.request_parameters for one in made.methods] == [
        {"method.request.querystring.a": False, "method.request.querystring.b": True},
        {"method.request.querystring.a": False, "method.request.querystring.b": False},
    ]


def test_a_parameter_given_twice() -> None:
    parameters = [{"name": "a", "in": "query"}, {"name": "a", "in": "query"}]
    assert errors(openapi({"parameters": parameters})) == [
        ("$.paths['/pets'].get.parameters[1]", "The query parameter 'a' is given more than once")
    ]


def test_names_are_unique_across_locations() -> None:
    parameters = [{"name": "a", "in": "query"}, {"name": "a", "in": "header"}]
    ((_, message),) = errors(openapi({"parameters": parameters}))
    assert message.endswith("Parameter names must be unique across querystring, header and path")


@pytest.mark.parametrize(
    ("document", "warning"),
    [
        (swagger({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}), "A formData parameter is not"),
        (openapi({"parameters": [{"name": "c", "in": "cookie"}]}), "A cookie parameter is not supported"),
        (openapi({"parameters": [{"name": "c", "in": "query", "content": {}}]}), "The field 'content' of a parameter"),
        (swagger({"parameters": [{"name": "c", "in": "query", "maximum": 3}]}), "The keyword 'maximum' of a parameter"),
        (
            openapi({"parameters": [{"name": "c", "in": "query", "schema": {"type": "object", "properties": {}}}]}),
            "The keyword 'properties' of a parameter",
        ),
    ],
)
def test_parameters_that_cannot_be_kept(document: Json, warning: str) -> None:
    (found,) = definition(document)[1]
    assert found.startswith(warning)


def test_pointers_are_unescaped_in_the_right_order() -> None:
    document = openapi({"parameters": [{"$ref": "#/x/a~01%20b"}]}, x={"a~1 b": {"name": "q", "in": "query"}})
    assert method(document).request_parameters == {"method.request.querystring.q": False}


def test_ids_are_never_given_twice() -> None:
    class Repeating(SeededIds):
        def short(self) -> str:
            return super().short()[:1]

    findings = Findings()
    target = Target("abcdefghij", "a", ACCOUNT, REGION, PARTITION, NOW, Repeating(), check_text)
    made = build(openapi({}, path="/a/b/c/d/e/f/g/h/i/j/k/l"), target, Parameters(), findings)
    assert made is not None
    assert len({one.id for one in made.resources}) == len(made.resources) == 13
