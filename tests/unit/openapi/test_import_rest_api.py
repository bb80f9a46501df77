"""ImportRestApi: the call's own parameters, warnings, refusals, what is stored.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html
"""

from __future__ import annotations

import orjson
import pytest

from apigw.domain.rest_api import Model, RestApi
from tests.unit.openapi.imports import REGION, Imports, Json

MOCK = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'}}
OAS2: Json = {"swagger": "2.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": {"get": {}}}}
OAS3: Json = {**OAS2, "openapi": "3.0.1"}
del OAS3["swagger"]
WARNED: Json = {**OAS3, "paths": {"/pets": {"get": {"responses": {"default": {"description": "d"}}}}}}
LEFT_OUT = "The 'default' response is not supported and was left out (at $.paths['/pets'].get.responses.default)"


def test_an_answer_has_what_aws_answers(imports: Imports) -> None:
    answer = imports.new(OAS3)
    assert {name: value for name, value in answer.items() if value is not None} == {
        "id": answer["id"],
        "name": "Pets",
        "version": "1",
        "root_resource_id": answer["root_resource_id"],
        "created_date": 1_700_000_000,
        "api_key_source": "HEADER",
        "endpoint_configuration": answer["endpoint_configuration"],
        "disable_execute_api_endpoint": False,
    }
    assert answer["endpoint_configuration"].types == ("EDGE",)
    assert answer["endpoint_configuration"].ip_address_type == "ipv4"
    assert imports.resources(answer["id"]) == {
        "/": answer["root_resource_id"],
        "/pets": imports.resources(answer["id"])["/pets"],
    }


def test_an_import_makes_no_built_in_models(imports: Imports) -> None:
    """AWS: GetModels after an import lists what the document defines, nothing else."""
    assert imports.store.list(Model, "model", REGION, imports.new(OAS3)["id"]) == []


def test_warnings_are_answered_only_when_there_are_any(imports: Imports) -> None:
    assert imports.new(OAS3)["warnings"] is None
    assert imports.new(WARNED)["warnings"] == [LEFT_OUT]


def test_fail_on_warnings_refuses(imports: Imports) -> None:
    expected = f"BadRequest: Warnings found during import:\n\t{LEFT_OUT}"
    assert imports.refused("ImportRestApi", WARNED, fail_on_warnings=True) == expected
    assert imports.new(OAS3, fail_on_warnings=True)["warnings"] is None


def test_errors_are_refused_with_all_there_is_to_say(imports: Imports) -> None:
    document = {**WARNED, "paths": {**WARNED["paths"], "nowhere": {}, "/a b": {}}}
    message = imports.refused("ImportRestApi", document)
    lines = message.removeprefix("BadRequest: ").split("\n")
    assert lines[0] == "Errors found during import:"
    assert lines[1] == "\tInvalid path 'nowhere': a path begins with '/' (at $.paths.nowhere)"
    assert lines[2].startswith("\tUnable to create resource at path '/a b': Resource's path part only allow")
    assert lines[3:] == ["Additionally, these warnings were found:", f"\t{LEFT_OUT}"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{'key:value}",
        b'{"openapi": "3.0.1"',
        b'test:\n  value:\n    - "value ... "escaped": $var}"',
        b"{}",
        b"a: 1",
        b"\xff\xfe{}",
        b"\x00",
        b'{"openapi":' + b'{"a":' * 300 + b"1" + b"}" * 301,
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("name", ["ImportRestApi", "PutRestApi"])
def test_what_is_no_document(imports: Imports, name: str, body: bytes) -> None:
    given = {"rest_api_id": "unknown"} if name == "PutRestApi" else {}
    assert imports.refused(name, body, **given) == "BadRequest: Invalid OpenAPI input."


@pytest.mark.parametrize("version", ["3.2.0", "3.1.0.1", "2.0", "4", "", 3, None, True, [], "3.0.1.1", "30"])
def test_versions_that_are_not_read(imports: Imports, version: Json) -> None:
    message = imports.refused("ImportRestApi", {**OAS3, "openapi": version})
    assert "; supported are Swagger 2.0, OpenAPI 3.0 and 3.1" in message


@pytest.mark.parametrize("version", ["3.0.0", "3.0.1", "3.0.3", "3.0.4", "3.0", 3.0])
def test_versions_of_openapi_that_are_read(imports: Imports, version: Json) -> None:
    assert imports.new({**OAS3, "openapi": version})["name"] == "Pets"


@pytest.mark.parametrize("version", ["2.0", 2.0, 2])
def test_versions_of_swagger_that_are_read(imports: Imports, version: Json) -> None:
    assert imports.new({**OAS2, "swagger": version})["name"] == "Pets"


def test_yaml_and_json_become_the_same(imports: Imports) -> None:
    text = "openapi: 3.0.1\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get: {}\n"
    for body in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        b"\xef\xbb\xbf" + orjson.dumps(OAS3),
        b"\n {openapi: 3.0.1, info: {title: Pets, version: '1'}, paths: {/pets: {get: {}}}}",
    ):
        answer = imports.new(body)
        assert (answer["name"], answer["version"]) == ("Pets", "1")
        assert list(imports.methods(answer["id"])) == ["GET /pets"]


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ({}, "Imported on 2023-11-14T22:13:20Z"),
        ({"title": " "}, "Imported on 2023-11-14T22:13:20Z"),
        ({"title": 7}, "7"),
    ],
)
def test_the_name_of_a_document_without_title(imports: Imports, info: Json, name: str) -> None:
    assert imports.new({**OAS3, "info": info})["name"] == name


def test_a_duplicate_key_in_json_is_told(imports: Imports) -> None:
    text = '{"openapi":"3.0.1","info":{"title":"a","title":"b"},"paths":{}}'
    answer = imports.new(text)
    assert answer["name"] == "b"
    assert answer["warnings"] == ["The key 'title' is given more than once; only the last one counts (at $.info.title)"]


@pytest.mark.parametrize("kind", ["EDGE", "REGIONAL", "PRIVATE"])
def test_endpoint_type(imports: Imports, kind: str) -> None:
    configuration = imports.new(OAS3, parameters={"endpointConfigurationTypes": kind})["endpoint_configuration"]
    assert configuration.types == (kind,)
    assert configuration.ip_address_type == ("dualstack" if kind == "PRIVATE" else "ipv4")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"endpointConfigurationTypes": "MOON"},
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        ({"basepath": "keep"}, "Invalid parameter basepath specified. Valid options are [ignore, prepend, split]"),
        ({"ignore": "all"}, "Invalid parameter ignore specified. Valid options are [documentation]"),
    ],
)
def test_bad_parameters(imports: Imports, parameters: dict[str, str], message: str) -> None:
    assert imports.refused("ImportRestApi", OAS3, parameters=parameters) == f"BadRequest: {message}"


def test_unknown_parameters_are_told(imports: Imports) -> None:
    answer = imports.new(OAS3, parameters={"colour": "red", "mode": "import"})
    assert answer["warnings"] == ["The import parameter 'colour' is not known and was ignored"]


def test_parameters_of_ours_are_tags_given_with_the_import(imports: Imports) -> None:
    """AWS has no such parameters and ignores them; ``apigw serve`` needs its tag in the import's own commit."""
    document = {**OAS3, "tags": [{"name": "apigw:document", "x-amazon-apigateway-tag-value": "the document's"}]}
    answer = imports.new(document, parameters={"apigw:document": "/pets.yaml", "apigw:sha256": "-"})
    assert answer["warnings"] is None
    assert answer["tags"] == {"apigw:document": "/pets.yaml", "apigw:sha256": "-"}
    put = imports.put(answer["id"], OAS3, mode="overwrite", parameters={"apigw:sha256": "+"})
    assert put["tags"] == {"apigw:document": "/pets.yaml", "apigw:sha256": "+"}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"apigw:x": "a" * 257}, "Invalid tag value specified for key apigw:x. A value has at most 256 characters"),
        ({f"apigw:{n}": "" for n in range(51)}, "The number of tags exceeds the limit of 50"),
    ],
    ids=["value", "number"],
)
def test_tags_among_the_parameters_follow_the_rules_of_tags(
    imports: Imports, parameters: dict[str, str], message: str
) -> None:
    assert imports.refused("ImportRestApi", OAS3, parameters=parameters) == f"BadRequest: {message}"


def test_ignore_documentation(imports: Imports) -> None:
    document = {
        **OAS3,
        "info": {"title": "a", "description": "d"},
        "x-amazon-apigateway-documentation": {
            "documentationParts": [{"location": {"type": "API"}, "properties": {"a": 1}}]
        },
    }
    imports.new(document, parameters={"ignore": "documentation"})
    assert not [each for each in imports.everything() if each[0] == "documentation_part"]
    imports.new(document)
    assert len([each for each in imports.everything() if each[0] == "documentation_part"]) == 1


def test_the_custom_id_tag_pins_the_id(imports: Imports) -> None:
    tag = {"name": "_custom_id_", "x-amazon-apigateway-tag-value": "petspetsaa"}
    answer = imports.new({**OAS3, "tags": [tag]})
    assert answer["id"] == "petspetsaa"
    assert "already in use" in imports.refused("ImportRestApi", {**OAS3, "tags": [tag]})
    tag["x-amazon-apigateway-tag-value"] = "no"
    assert "Invalid _custom_id_ tag" in imports.refused("ImportRestApi", {**OAS3, "tags": [tag]})


def test_variables_of_aws_are_replaced(imports: Imports) -> None:
    description = "${AWS::AccountId} ${AWS::Partition} ${AWS::Region} ${stageVariables.x} ${AWS::Other}"
    answer = imports.new({**OAS3, "info": {"title": "a", "description": description}})
    assert answer["description"] == "123456789012 aws eu-west-1 ${stageVariables.x} ${AWS::Other}"


def test_a_policy_is_expanded_and_shown_escaped(imports: Imports) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    answer = imports.new({**OAS3, "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": [statement]}})
    stored = imports.store.get(RestApi, "rest_api", REGION, "", answer["id"])
    assert stored is not None
    assert stored.policy is not None
    arn = f"arn:aws:execute-api:eu-west-1:123456789012:{answer['id']}/*"
    assert orjson.loads(stored.policy)["Statement"][0]["Resource"] == arn
    assert answer["policy"] == stored.policy.replace('"', '\\"')
