"""``check``: errors and warnings with line, column and JSON path, as ``apigw validate`` shows them."""

from __future__ import annotations

import pytest

from apigw.control.openapi.check import check
from tests.unit.openapi.imports import check_text, yaml_to_json

YAML = """\
openapi: 3.0.1
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      responses:
        default: {description: d}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: GET
        uri: ${AWS::Region}
  /pets/{id}:
    get: {}
  /pets/{name}: {get: {parameters: [
      {$ref: '#/components/parameters/Bad'}]}}
components:
  parameters:
    Bad:
      in: query
"""
JSON = """\
{
  "openapi": "3.0.1",
  "paths": {
    "/a": {"get": {"x-amazon-apigateway-integration":
      {"type": "mock", "timeoutInMillis": 1,
       "requestParameters": {"integration.request.header.A": true}}},
     "get": {"responses": {"99": {}}}}
  }
}
"""


def places(text: str) -> tuple[list[tuple[int | None, int | None, str, str]], ...]:
    report = check(text.encode(), yaml_to_json, check_text)
    return tuple(
        [(found.line, found.column, found.path, found.message) for found in findings]
        for findings in (report.errors, report.warnings)
    )


def test_yaml() -> None:
    errors, warnings = places(YAML)
    where = "Unable to put integration on 'GET' for resource at path '/pets'"
    sibling = "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"
    assert errors == [
        (
            11,
            9,
            "$.paths['/pets'].get.x-amazon-apigateway-integration.uri",
            f"{where}: Invalid HTTP endpoint specified for URI",
        ),
        (14, 3, "$.paths['/pets/{name}']", f"Unable to create resource at path '/pets/{{name}}': {sibling}"),
        (18, 5, "$.components.parameters.Bad", "A parameter needs 'name' and 'in'"),
    ]
    assert warnings == [
        (
            7,
            9,
            "$.paths['/pets'].get.responses.default",
            "The 'default' response is not supported and was left out",
        )
    ]


def test_an_error_behind_a_reference_is_where_it_is_written() -> None:
    errors, _ = places(YAML.replace("/pets/{name}:", "/other:"))
    assert errors[-1] == (18, 5, "$.components.parameters.Bad", "A parameter needs 'name' and 'in'")


def test_json_with_a_duplicate_key() -> None:
    errors, warnings = places(JSON)
    assert errors == [(7, 28, "$.paths['/a'].get.responses['99']", "Invalid status code '99'")]
    assert warnings == [(7, 6, "$.paths['/a'].get", "The key 'get' is given more than once; only the last one counts")]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"openapi": "3.0.1",\n "info" {}}', 2, 9, "This is no valid JSON: "),
        ("openapi: 3.0.1\ninfo: [a\npaths: {}\n", 3, 6, "This is no valid YAML: "),
        ("- a\n", 1, 1, "The document is no object"),
        ("a: 1\n", 1, 1, "This is no OpenAPI document: it has neither 'swagger' nor 'openapi'"),
        ("\n\nopenapi: 3.2.0\n", 3, 1, "Unsupported OpenAPI version '3.2.0'"),
    ],
)
def test_what_is_no_document(text: str, line: int, column: int, message: str) -> None:
    (found,) = check(text.encode(), yaml_to_json, check_text).errors
    assert found.message.startswith(message)
    assert (found.line, found.column) == (line, column)


def test_nothing_to_say() -> None:
    report = check(b'{"swagger": "2.0", "paths": {}}', yaml_to_json, check_text)
    assert (report.errors, report.warnings) == ([], [])
