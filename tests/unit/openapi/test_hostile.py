"""Documents that mean harm or mean nothing: a clear refusal, in bounded time, and never anything but a ControlError."""

from __future__ import annotations

import contextlib
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apigw.control.openapi import importing
from apigw.control.openapi.check import check
from apigw.domain import model_rules
from apigw.domain.errors import ControlError
from tests.unit.openapi.imports import Imports, Json, check_text, definition, errors, yaml_to_json

HEAD: Json = {"openapi": "3.0.1", "info": {"title": "t"}}
TOO_MUCH = "The document's references make it expand beyond what an import handles"


def chain(length: int) -> Json:
    """Schemas that refer to a part of the next one."""
    schemas: Json = {
        f"S{i}": {"properties": {"a": {"$ref": f"#/components/schemas/S{i + 1}/properties/a"}}} for i in range(length)
    }
    schemas[f"S{length}"] = {"properties": {"a": {"type": "string"}}}
    return {**HEAD, "paths": {}, "components": {"schemas": schemas}}


def test_a_long_chain_of_references_does_not_recurse() -> None:
    made, _ = definition(chain(1_500))
    assert len(made.models) == 3_001


def test_a_long_chain_of_objects_does_not_recurse() -> None:
    parameters: Json = {f"p{i}": {"$ref": f"#/components/parameters/p{i + 1}"} for i in range(5_000)}
    parameters["p5000"] = {"name": "a", "in": "query"}
    document = {**HEAD, "components": {"parameters": parameters}}
    document["paths"] = {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/p0"}]}}}
    made, _ = definition(document)
    assert made.methods[0].request_parameters == {"method.request.querystring.a": False}


def test_a_circle_of_references() -> None:
    parameters = {"a": {"$ref": "#/components/parameters/b"}, "b": {"$ref": "#/components/parameters/a"}}
    document = {**HEAD, "components": {"parameters": parameters}}
    document["paths"] = {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/a"}]}}}
    text = "The reference '#/components/parameters/a' leads back to itself"
    assert errors(document) == [("$.paths['/a'].get.parameters[0]", text)]


PLACES = ["parameters", "requestBody", "path", "schema", "scheme", "integration", "header"]


def referring(where: str, reference: str) -> Json:
    """A document with a reference in a place of each kind."""
    target = {"$ref": reference}
    document: Json = {**HEAD, "paths": {"/a": {"get": {}}}}
    operation = document["paths"]["/a"]["get"]
    if where == "path":
        document["paths"]["/a"] = target
    elif where == "schema":
        document["components"] = {"schemas": {"A": {"items": target}, "B": target}}
    elif where == "scheme":
        document["components"] = {"securitySchemes": {"A": target}}
    elif where == "header":
        operation["responses"] = {"200": {"headers": {"A": target}}}
    elif where == "integration":
        operation["x-amazon-apigateway-integration"] = target
    else:
        operation[where] = [target] if where == "parameters" else target
    return document


@pytest.mark.parametrize("reference", ["#", "#/", "a", "", "http://a", "#/%zz", "#//", "#/paths/0"])
@pytest.mark.parametrize("where", PLACES)
def test_references_to_nothing(reference: str, where: str) -> None:
    text = (
        f"Unable to resolve reference '{reference}'"
        if reference.startswith("#")
        else f"The reference '{reference}' leaves the document; only local references (#/…) are supported"
    )
    found = errors(referring(where, reference))
    assert {message for _, message in found} == {text}
    assert all(path.endswith("['$ref']") for path, _ in found)


@pytest.mark.parametrize("where", PLACES)
def test_references_to_a_text(where: str) -> None:
    found = errors(referring(where, "#/info/title"))
    if where == "schema":
        assert {message for _, message in found} == {"The reference '#/info/title' does not lead to a schema"}
    else:
        assert found == [("$.info.title", "Expected type object but got 't'")]


@pytest.mark.parametrize("where", PLACES)
def test_references_to_an_object_of_another_kind(where: str) -> None:
    integration = (
        "Unable to put integration on 'GET' for resource at path '/a': "
        "The integration needs a 'type', one of HTTP,MOCK,AWS_PROXY,HTTP_PROXY,AWS"
    )
    expected = {"parameters": "A parameter needs 'name' and 'in'", "integration": integration}.get(where)
    # Everything else has only members that may be absent, and unknown ones are ignored.
    assert errors(referring(where, "#/paths")) == ([("$.paths", expected)] if expected else [])


def test_references_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    methods: Json = {
        verb: {"responses": {str(status): {} for status in range(100, 600)}} for verb in ("get", "put", "post")
    }
    document = {**HEAD, "paths": {f"/p{i}": {"$ref": "#/x"} for i in range(20)}, "x": methods}
    assert errors(document) == []
    monkeypatch.setattr(importing, "MOST_WORK", 20_000)
    assert errors(document) == [("$", TOO_MUCH)]


def test_parts_of_schemas_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_rules, "MOST_BYTES", 1 << 30)
    schema: Json = {"type": "string"}
    for _ in range(90):
        schema = {"properties": {f"p{i}": {"type": "string"} for i in range(30)} | {"x": schema}}
    references = [{"$ref": "#/components/schemas/A" + "/properties/x" * depth} for depth in range(80)]
    document = {**HEAD, "paths": {}, "components": {"schemas": {"A": schema, "B": {"allOf": references}}}}
    assert errors(document) == []
    monkeypatch.setattr(importing, "MOST_WORK", 20_000)
    assert errors(document) == [("$", TOO_MUCH)]


def nested(levels: int) -> bytes:
    """A schema so deep, in a document that is two deeper."""
    schema = '{"not":' * levels + "{}" + "}" * levels
    return f'{{"openapi":"3.0.1","paths":{{}},"components":{{"schemas":{{"A":{schema}}}}}}}'.encode()


def test_200_levels() -> None:
    assert check(nested(196), yaml_to_json, check_text).errors == []
    report = check(nested(197), yaml_to_json, check_text)
    assert [found.message for found in report.errors] == ["The document is nested deeper than 200 levels"]


def test_long_paths() -> None:
    assert "more than 100 parts" in errors({**HEAD, "paths": {"/a" * 10_000: {}}})[0][1]
    many: Json = {"/" + "a" * 60_000 + str(i) + "/b" * 90: {} for i in range(100)}
    assert errors({**HEAD, "paths": many}) == [("$", TOO_MUCH)]


def test_many_errors_are_counted_and_the_first_are_shown(imports: Imports) -> None:
    document = {**HEAD, "paths": {f"no{i}": {} for i in range(5_000)}}
    lines = imports.refused("ImportRestApi", document).split("\n")
    assert len(lines) == 1_002
    assert lines[-1] == "\t4000 more errors are not shown"


def test_many_warnings_are_counted(imports: Imports) -> None:
    mock = {"type": "mock", "requestTemplates": {f"a/b{i}": 1 for i in range(3_000)}}
    document = {**HEAD, "paths": {"/a": {"get": {"x-amazon-apigateway-integration": mock}}}}
    warnings = imports.new(document)["warnings"]
    assert len(warnings) == 1_001
    assert warnings[-1].startswith("There are more warnings than are shown (2000 places)")


# Trees in the likeness of documents, with anything at any place.

WORDS = """
swagger openapi info title description version paths /pets /pets/{id} /{p+} get post x-amazon-apigateway-any-method
parameters name in query path header body schema type object items properties $ref required responses 200 default
headers content application/json requestBody components schemas securitySchemes securityDefinitions definitions
security tags servers url variables basePath host consumes produces statusCode uri httpMethod requestParameters
requestTemplates responseParameters responseTemplates cacheKeyParameters tlsConfig timeoutInMillis apiKey
x-amazon-apigateway-integration x-amazon-apigateway-authorizer x-amazon-apigateway-auth x-amazon-apigateway-policy
x-amazon-apigateway-request-validators x-amazon-apigateway-request-validator x-amazon-apigateway-documentation
x-amazon-apigateway-gateway-responses x-amazon-apigateway-binary-media-types
x-amazon-apigateway-endpoint-configuration x-amazon-apigateway-minimum-compression-size
x-amazon-apigateway-tag-value documentationParts location Statement THROTTLED integration.request.header.A allOf
dependencies authorizerUri providerARNs identitySource Empty _custom_id_ operationId
x-amazon-apigateway-api-key-source
"""
NAMES = st.sampled_from(WORDS.split())
TEXTS = st.one_of(
    NAMES,
    st.text(max_size=8),
    st.sampled_from(
        ["2.0", "3.0.1", "#/components/schemas/Empty", "#/paths/~1pets", "#", "mock", "http", "aws_proxy", "http://a/{b}",
         "'x'", "method.request.header.A", "token", "cognito_user_pools", "${AWS::Region}", "http://[", "https://[::1/a"]
    ),
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=6), max_leaves=40
)
VERSIONS = st.sampled_from([{"swagger": "2.0"}, {"openapi": "3.0.1"}])
SHAPED = st.builds(
    lambda version, operation, schemas, schemes, more: {
        **more,
        **version,
        "paths": {"/pets/{id}": {"get": operation, "parameters": more.get("parameters")}},
        "definitions": schemas,
        "components": {"schemas": schemas, "securitySchemes": schemes},
        "securityDefinitions": schemes,
    },
    VERSIONS,
    st.fixed_dictionaries(
        {},
        optional={
            "parameters": st.lists(ANYTHING, max_size=3),
            "responses": st.dictionaries(st.sampled_from(["200", "default"]), ANYTHING, max_size=2),
            "security": ANYTHING,
            "requestBody": ANYTHING,
            "x-amazon-apigateway-integration": st.fixed_dictionaries(
                {"type": st.sampled_from(["mock", "http", "aws", "aws_proxy", "http_proxy"])},
                optional={
                    "uri": LEAVES,
                    "httpMethod": LEAVES,
                    "responses": st.dictionaries(TEXTS, ANYTHING, max_size=3),
                    "requestParameters": st.dictionaries(TEXTS, LEAVES, max_size=3),
                    "requestTemplates": ANYTHING,
                    "timeoutInMillis": LEAVES,
                    "cacheKeyParameters": ANYTHING,
                    "tlsConfig": ANYTHING,
                },
            ),
        },
    ),
    st.dictionaries(NAMES, ANYTHING, max_size=3) | ANYTHING,
    st.dictionaries(NAMES, ANYTHING, max_size=3) | ANYTHING,
    st.dictionaries(NAMES, ANYTHING, max_size=6),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
@given(
    document=st.one_of(ANYTHING, SHAPED),
    overwrite=st.booleans(),
    base_path=st.sampled_from(["ignore", "prepend", "split"]),
)
def test_any_tree_is_imported_or_refused(imports: Imports, document: Any, overwrite: bool, base_path: str) -> None:
    parameters = {"basepath": base_path}
    with contextlib.suppress(ControlError):  # anything else fails
        api_id = imports.new(document, parameters=parameters)["id"]
        imports.put(api_id, document, mode="overwrite" if overwrite else "merge", parameters=parameters)


@settings(deadline=None)
@given(document=st.one_of(ANYTHING, SHAPED))
def test_check_says_what_an_import_would_say(document: Any) -> None:
    report = check(orjson.dumps(document), yaml_to_json, check_text)
    for found in (*report.errors, *report.warnings):
        assert found.line is not None or found.named
        assert str(found)


@settings(deadline=None)
@given(text=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_checked(text: bytes) -> None:
    assert check(text, yaml_to_json, check_text).errors
