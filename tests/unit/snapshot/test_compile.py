"""Records to units, integration type by integration type."""

from __future__ import annotations

from typing import Any

import msgspec

from apigw.snapshot import units
from tests.unit.control.management import ACCOUNT, REGION, Management


def deployed(management: Management, api_id: str) -> dict[str, Any]:
    """The JSON of the API's newest deployment unit."""
    made = management("CreateDeployment", rest_api_id=api_id)
    unit = management.units[f"deployment/{api_id}/{made['id']}"]
    tree: dict[str, Any] = msgspec.to_builtins(unit)
    return tree


def test_the_api_and_its_tree(management: Management) -> None:
    api_id, root = management.api(
        binary_media_types=["image/png"], minimum_compression_size=1024, disable_execute_api_endpoint=True
    )
    child = management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="pets")["id"]
    management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="empty")
    for resource_id, verb in ((child, "ANY"), (root, "PUT"), (root, "GET")):
        management.mock(api_id, resource_id, verb)
    unit = deployed(management, api_id)
    resources = unit.pop("resources")
    assert unit == {
        "kind": "deployment",
        "api_id": api_id,
        "api_name": "pets",
        "deployment_id": unit["deployment_id"],
        "account_id": ACCOUNT,
        "region": REGION,
        "endpoint_type": "EDGE",
        "disable_execute_api_endpoint": True,
        "binary_media_types": ["image/png"],
        "gateway_responses": [],
        "models": [],
        "minimum_compression_size": 1024,
    }
    assert [(one["resource_id"], one["path"]) for one in resources] == [(root, "/"), (child, "/pets")]
    assert [[method["http_method"] for method in one["methods"]] for one in resources] == [["PUT", "GET"], ["ANY"]]


def test_mock(management: Management) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    management.update("UpdateIntegration", ("replace", "/contentHandling", "CONVERT_TO_TEXT"), **names)
    declared = {"method.response.header.X": True}
    management("PutMethodResponse", **names, status_code="404", response_parameters=declared)
    management(
        "PutIntegrationResponse",
        **names,
        status_code="404",
        selection_pattern="4\\d\\d",
        content_handling="CONVERT_TO_BINARY",
        response_parameters={"method.response.header.X": "'a b'"},
        response_templates={"application/json": None, "text/plain": "no"},
    )
    (resource,) = deployed(management, api_id)["resources"]
    assert resource["methods"] == [
        {
            "http_method": "GET",
            "validation": None,
            "method_responses": ["200", "404"],
            "integration": {
                "type": "MOCK",
                "content_handling": "CONVERT_TO_TEXT",
                "request_templates": [{"content_type": "application/json", "text": '{"statusCode": 200}'}],
                "passthrough_behavior": "WHEN_NO_MATCH",
                "responses": [
                    {
                        "status_code": "200",
                        "selection_pattern": "",
                        "content_handling": None,
                        "response_parameters": [],
                        "response_templates": [],
                    },
                    {
                        "status_code": "404",
                        "selection_pattern": "4\\d\\d",
                        "content_handling": "CONVERT_TO_BINARY",
                        "response_parameters": [{"name": "X", "source": {"from": "literal", "value": "a b"}}],
                        "response_templates": [
                            {"content_type": "application/json", "text": ""},
                            {"content_type": "text/plain", "text": "no"},
                        ],
                    },
                ],
            },
            "cache_key": {"namespace": root, "parameters": []},
        }
    ]


def test_every_request_source_and_place(management: Management) -> None:
    api_id, root = management.api()
    declared = {
        f"method.request.{where}.{name}": False
        for where, name in (("path", "p"), ("querystring", "q"), ("header", "h"))
    }
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    management("PutMethod", **names, authorization_type="NONE", request_parameters=declared)
    expected = {
        "method.request.path.p": {"from": "path", "name": "p"},
        "method.request.querystring.q": {"from": "querystring", "name": "q"},
        "method.request.multivaluequerystring.q": {"from": "multi_value_querystring", "name": "q"},
        "method.request.header.h": {"from": "header", "name": "h"},
        "method.request.multivalueheader.h": {"from": "multi_value_header", "name": "h"},
        "method.request.body": {"from": "body", "json_path": None},
        "method.request.body.pets[0].name": {"from": "body", "json_path": "pets[0].name"},
        "context.identity.sourceIp": {"from": "context", "path": "identity.sourceIp"},
        "stageVariables.v": {"from": "stage_variable", "name": "v"},
        "'it''s'": {"from": "literal", "value": "it''s"},
        "''": {"from": "literal", "value": ""},
    }
    places = ["header", "path", "querystring"]
    targets = [(places[number % 3], f"t{number}") for number in range(len(expected))]
    mapping = {
        f"integration.request.{place}.{name}": text for (place, name), text in zip(targets, expected, strict=True)
    }
    common = {"integration_http_method": "ANY", "uri": "http://localhost/", "request_parameters": mapping}
    wanted = [
        {"location": place, "name": name, "source": source}
        for (place, name), source in zip(targets, expected.values(), strict=True)
    ]
    backend = {
        "uri": "http://localhost/",
        "http_method": None,
        "timeout_in_millis": 29000,
        "insecure_skip_verification": False,
    }
    management("PutIntegration", **names, type="HTTP", **common)
    assert deployed(management, api_id)["resources"][0]["methods"][0]["integration"] == {
        "type": "HTTP",
        "backend": backend,
        "request_parameters": wanted,
        "content_handling": None,
        "request_templates": [],
        "passthrough_behavior": "WHEN_NO_MATCH",
        "responses": [],
    }
    management(
        "PutIntegration",
        **names,
        type="HTTP_PROXY",
        **{**common, "integration_http_method": "POST"},
        response_transfer_mode="STREAM",
        timeout_in_millis=900_000,
        tls_config={"insecure_skip_verification": True},
    )
    assert deployed(management, api_id)["resources"][0]["methods"][0]["integration"] == {
        "type": "HTTP_PROXY",
        "backend": {
            "uri": "http://localhost/",
            "http_method": "POST",
            "timeout_in_millis": 900_000,
            "insecure_skip_verification": True,
        },
        "request_parameters": wanted,
        "response_transfer_mode": "STREAM",
    }


def test_cache_keys_are_what_they_are_mapped_from(management: Management) -> None:
    api_id, root = management.api()
    names = {"rest_api_id": api_id, "resource_id": root, "http_method": "GET"}
    declared = {"method.request.querystring.q": False, "method.request.header.h": False}
    management("PutMethod", **names, authorization_type="NONE", request_parameters=declared)
    management(
        "PutIntegration",
        **names,
        type="HTTP_PROXY",
        integration_http_method="ANY",
        uri="http://localhost/",
        request_parameters={"integration.request.header.X": "method.request.querystring.q"},
        cache_namespace="shared",
        cache_key_parameters=[
            "method.request.header.h",
            "method.request.multivaluequerystring.q",
            "integration.request.header.X",
        ],
    )
    assert deployed(management, api_id)["resources"][0]["methods"][0]["cache_key"] == {
        "namespace": "shared",
        "parameters": [
            {"from": "header", "name": "h"},
            {"from": "multi_value_querystring", "name": "q"},
            {"from": "querystring", "name": "q"},
        ],
    }


def test_every_response_source(management: Management) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    management("DeleteMethodResponse", **names, status_code="200")
    expected = {
        "integration.response.header.Location": {"from": "header", "name": "Location"},
        "integration.response.multivalueheader.Vary": {"from": "multi_value_header", "name": "Vary"},
        "integration.response.body": {"from": "body", "json_path": None},
        "integration.response.body.error.code": {"from": "body", "json_path": "error.code"},
        "context.deploymentId": {"from": "context", "path": "deploymentId"},
        "stageVariables.v": {"from": "stage_variable", "name": "v"},
        "'x'": {"from": "literal", "value": "x"},
    }
    headers = [f"H{number}" for number in range(len(expected))]
    declared = {f"method.response.header.{name}": False for name in headers}
    management("PutMethodResponse", **names, status_code="200", response_parameters=declared)
    mapping = dict(zip(declared, expected, strict=True))
    management("PutIntegrationResponse", **names, status_code="200", response_parameters=mapping)
    integration = deployed(management, api_id)["resources"][0]["methods"][0]["integration"]
    assert integration["responses"][0]["response_parameters"] == [
        {"name": name, "source": source} for name, source in zip(headers, expected.values(), strict=True)
    ]


def test_aws_keeps_the_order_of_responses(management: Management) -> None:
    api_id, root = management.api()
    names = management.mock(api_id, root)
    for code in ("500", "404"):
        management("PutMethodResponse", **names, status_code=code)
        management("PutIntegrationResponse", **names, status_code=code, selection_pattern=code)
    # A response that is put again keeps its place: the first match wins.
    management("PutIntegrationResponse", **names, status_code="200", selection_pattern=".*")
    integration = deployed(management, api_id)["resources"][0]["methods"][0]["integration"]
    assert [one["status_code"] for one in integration["responses"]] == ["200", "500", "404"]


def test_a_deployment_is_sent_once(management: Management) -> None:
    api_id, root = management.api()
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    assert [type(unit) for unit in management.patches[-1].put] == [units.Deployment, units.Stage]
    count = len(management.patches)
    management.update("UpdateStage", ("replace", "/variables/a", "1"), rest_api_id=api_id, stage_name="prod")
    assert [type(unit) for unit in management.patches[-1].put] == [units.Stage]
    assert len(management.patches) == count + 1
    # Edits of the API change nothing that is served.
    management.update("UpdateRestApi", ("replace", "/name", "other"), rest_api_id=api_id)
    management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="x")
    assert len(management.patches) == count + 1


def test_what_a_validator_asks_for_and_the_models_that_takes(management: Management) -> None:
    api_id, root = management.api()
    url = f"https://apigateway.amazonaws.com/restapis/{api_id}/models/"
    for name, schema in (
        ("Unused", '{"type": "string"}'),
        ("Toy", '{"type": "object", "x": 1}'),
        ("Pet", f'{{"items": {{"$ref": "{url}Toy"}}}}'),
    ):
        management("CreateModel", rest_api_id=api_id, name=name, content_type="application/json", schema=schema)
    validators = {
        (body, parameters): management(
            "CreateRequestValidator",
            rest_api_id=api_id,
            name="v",
            validate_request_body=body,
            validate_request_parameters=parameters,
        )["id"]
        for body in (True, False)
        for parameters in (True, False)
    }
    methods = {}
    for verb, kind in (
        ("GET", (True, True)),
        ("PUT", (True, False)),
        ("POST", (False, True)),
        ("PATCH", (False, False)),
    ):
        names = {"rest_api_id": api_id, "resource_id": root, "http_method": verb}
        management(
            "PutMethod",
            **names,
            authorization_type="NONE",
            request_validator_id=validators[kind],
            request_parameters={"method.request.header.A": True, "method.request.querystring.b": False},
            request_models={"application/json": "Pet"},
        )
        management("PutIntegration", **names, type="MOCK")
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    unit = next(one for one in management.units.values() if isinstance(one, units.Deployment))
    methods = {one.http_method: one.validation for one in unit.resources[0].methods}
    parameters = [units.RequiredParameter(location="header", name="A")]
    models = [units.RequestModel(content_type="application/json", model="Pet")]
    assert methods == {
        "GET": units.Validation(parameters=parameters, models=models),
        "PUT": units.Validation(parameters=[], models=models),
        "POST": units.Validation(parameters=parameters, models=[]),
        "PATCH": None,
    }
    assert [(one.name, one.url) for one in unit.models] == [("Toy", url + "Toy"), ("Pet", url + "Pet")]
