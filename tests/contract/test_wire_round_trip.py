"""Every operation of both models, through botocore: its serializer feeds our parser, our answer feeds its parser."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urlsplit

import botocore
import pytest
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.model import OperationModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from apigw.aws import routes
from apigw.aws.parse import parse
from apigw.aws.serialise import serialise
from apigw.aws.service_model import MODELS, service_model, snake_case
from tests.contract.samples import operations, sample, snake

ALL = [(service, operation) for service in MODELS for operation in operations(service)]
IDS = [f"{service}.{operation.name}" for service, operation in ALL]


def sent(operation: OperationModel, parameters: dict[str, Any]) -> tuple[str, str, str, list[tuple[str, str]], bytes]:
    """Method, raw path, raw query, headers and body as boto3 sends them."""
    request = create_serializer("rest-json", include_validation=True).serialize_to_request(parameters, operation)
    prepare_request_dict(request, endpoint_url="http://localhost:9080")
    prepared = create_request_object(request).prepare()
    url = urlsplit(prepared.url)
    headers = [(name.lower(), str(value)) for name, value in prepared.headers.items()]
    body = prepared.body or b""
    return prepared.method, url.path, url.query, headers, body.encode() if isinstance(body, str) else body


@pytest.mark.parametrize("required_only", [False, True], ids=["all", "required"])
@pytest.mark.parametrize(("service", "operation"), ALL, ids=IDS)
def test_what_botocore_sends_is_what_the_operation_gets(
    service: str, operation: OperationModel, required_only: bool
) -> None:
    parameters = sample(operation.input_shape, required_only)
    method, path, query, headers, body = sent(operation, parameters)
    found = routes.find(method, path, query)
    assert found is not None
    assert (found.route.service, found.route.operation.name) == (service, operation.name)
    model = service_model(service)
    given = parse(model, model.operations[operation.name], found.labels, found.query, headers, body)
    expected = snake(operation.input_shape, parameters)
    if operation.name == "GetExport" and required_only:
        expected["accepts"] = given["accepts"] = None  # botocore sends an Accept of its own choice or none
    assert given == expected


@pytest.mark.parametrize(("service", "operation"), ALL, ids=IDS)
def test_what_the_operation_returns_is_what_botocore_gives(service: str, operation: OperationModel) -> None:
    shape = operation.output_shape
    expected = {} if shape is None else sample(shape)
    result = None if shape is None else snake(shape, expected)
    model = service_model(service)
    ours = model.operations[operation.name]
    headers, body = serialise(model, ours, result)
    streams = shape is not None and any(member.type_name == "blob" for member in shape.members.values())
    # boto3 takes a raw payload as a stream.
    given = io.BytesIO(body) if streams else body
    response = {"status_code": ours.http.response_code, "headers": HeadersDict(headers), "body": given}
    parsed = create_parser("rest-json").parse(response, shape)
    parsed.pop("ResponseMetadata")
    if streams:
        parsed["body"] = parsed["body"].read()
    assert parsed == expected
    assert ours.http.response_code == operation.http.get("responseCode", 200)


def test_the_snake_case_of_a_name_is_the_one_sdks_use() -> None:
    names = {name for service in MODELS for shape in service_model(service).shapes.values() for name in shape.members}
    assert len(names) > 300
    assert {name: snake_case(name) for name in names} == {name: botocore.xform_name(name) for name in names}
