"""TestInvokeMethod: an undeployed method answers, and its log is AWS's own.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway

STAMP = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4} : ")


class Asked:
    """An API without a deployment; ``put`` makes a method of ``/pets/{petId}``."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.api = client.create_rest_api(name="tested")["id"]
        (root,) = client.get_resources(restApiId=self.api)["items"]
        pets = client.create_resource(restApiId=self.api, parentId=root["id"], pathPart="pets")
        self.resource = client.create_resource(restApiId=self.api, parentId=pets["id"], pathPart="{petId}")["id"]

    def names(self, verb: str) -> dict[str, str]:
        return {"restApiId": self.api, "resourceId": self.resource, "httpMethod": verb}

    def put(self, verb: str, status: str = "200", **integration: Any) -> None:
        names = self.names(verb)
        parameters = {"method.request.path.petId": True}
        self.client.put_method(**names, authorizationType="NONE", requestParameters=parameters)
        self.client.put_method_response(
            **names, statusCode=status, responseParameters={"method.response.header.X-Pet": False}
        )
        self.client.put_integration(**names, **integration)

    def answer(self, verb: str, status: str, **response: Any) -> None:
        self.client.put_integration_response(**self.names(verb), statusCode=status, **response)

    def __call__(self, verb: str, **given: Any) -> Any:
        return self.client.test_invoke_method(**self.names(verb), **given)


@pytest.fixture
def tested(apigateway: Any) -> Asked:
    return Asked(apigateway)


def lines(answer: Any) -> list[str]:
    """The log without times; every line but the first has one."""
    first, *rest = answer["log"].removesuffix("\n").split("\n")
    assert all(STAMP.match(line) for line in rest), answer["log"]
    return [first, *(STAMP.sub("", line) for line in rest)]


def mock(tested: Asked) -> None:
    tested.put("GET", type="MOCK", requestTemplates={"application/json": '{"statusCode":200}'})
    header = {"method.response.header.X-Pet": "'cat'"}
    tested.answer("GET", "200", responseParameters=header, responseTemplates={"application/json": '{"pet":"cat"}'})


def test_s11_a_mock_answers_undeployed(tested: Asked) -> None:
    mock(tested)
    answer = tested("GET", pathWithQueryString="/pets/123?a=1&b=x%20y", headers={"X-Key": "v"})
    assert (answer["status"], answer["body"]) == (200, '{"pet":"cat"}')
    assert answer["headers"] == {"Content-Type": "application/json", "X-Pet": "cat"}
    assert answer["multiValueHeaders"] == {name: [value] for name, value in answer["headers"].items()}
    assert answer["latency"] >= 0
    found = lines(answer)
    request_id = found[0].removeprefix("Execution log for request ")
    assert re.fullmatch(r"[0-9a-f-]{36}", request_id)
    assert found[1:] == [
        f"Starting execution for request: {request_id}",
        "HTTP Method: GET, Resource Path: /pets/123",
        "Method request path: {petId=123}",
        "Method request query string: {a=1, b=x y}",
        "Method request headers: {X-Key=v}",
        "Method request body before transformations: ",
        'Method response body after transformations: {"pet":"cat"}',
        "Method response headers: " + found[8].removeprefix("Method response headers: "),
        "Successfully completed execution",
        "Method completed with status: 200",
    ]
    assert "X-Pet=cat" in found[8]


def test_s11_paths_that_are_not_the_resources_leave_its_variables_empty(tested: Asked) -> None:
    mock(tested)
    assert "Method request path: {}" in lines(tested("GET", pathWithQueryString="/other"))
    assert "Method request headers: {}" in lines(tested("GET", pathWithQueryString="/pets/1"))
    # An omitted one is the template's text.
    assert "Method request path: {petId={petId}}" in lines(tested("GET"))


def test_s11_a_backend_is_really_asked(tested: Asked, backend: Backend) -> None:
    tested.put(
        "POST", type="HTTP_PROXY", integrationHttpMethod="POST", uri=f"{backend.url}/${{stageVariables.where}}/{{petId}}",
        requestParameters={"integration.request.path.petId": "method.request.path.petId"},
    )  # fmt: skip
    answer = tested(
        "POST",
        pathWithQueryString="/pets/7?q=1",
        body='{"name":"Tom"}',
        headers={"Authorization": "Bearer 0123456789abcdef", "X-One": "lost"},
        multiValueHeaders={"X-One": ["1", "2"]},
        stageVariables={"where": "animals"},
    )
    assert answer["status"] == 200, answer
    (asked,) = backend.requests
    assert (asked.method, asked.target, asked.body) == ("POST", "/animals/7?q=1", b'{"name":"Tom"}')
    assert asked.header("x-one") == "1,2"
    assert asked.header("content-type") == "application/json"
    assert asked.header("authorization") == "Bearer 0123456789abcdef"
    found = lines(answer)
    starts = [line.split(": ")[0] if ": " in line else line for line in found[1:]]
    assert starts == [
        "Starting execution for request", "HTTP Method", "Method request path", "Method request query string",
        "Method request headers", "Method request body before transformations", "Endpoint request URI",
        "Endpoint request headers", "Endpoint request body after transformations",
        f"Sending request to {backend.url}/animals/7?q=1", "Received response. Status",
        "Endpoint response headers", "Endpoint response body before transformations",
        "Method response body after transformations", "Method response headers", "Successfully completed execution",
        "Method completed with status",
    ]  # fmt: skip
    assert 'Endpoint request body after transformations: {"name":"Tom"}' in found
    assert "Method request headers: {Authorization=*****************abcdef, X-One=1, 2}" in found
    # What the backend echoes is a body: no header of it is known to be a secret.
    shown = [line for line in found if not line.startswith(("Endpoint response body", "Method response body"))]
    assert not any("0123456789" in line for line in shown)


def test_s11_a_failure_takes_the_place_of_the_answer_in_the_log(
    tested: Asked, backend: Backend, free_port: Callable[[], int]
) -> None:
    tested.put("GET", type="HTTP", integrationHttpMethod="GET", uri=f"{backend.url}/")
    answer = tested("GET", pathWithQueryString="/pets/1")
    assert (answer["status"], answer["body"]) == (500, '{"message": "Internal server error"}'.replace(": ", ":"))
    assert answer["headers"]["x-amzn-ErrorType"] == "InternalServerErrorException"
    *_, error, last = lines(answer)
    assert error.startswith("Execution failed due to configuration error: No match for output mapping"), error
    assert last == "Method completed with status: 500"
    tested.put("DELETE", type="HTTP_PROXY", integrationHttpMethod="GET", uri="http://nowhere.invalid/")
    *_, error, last = lines(tested("DELETE"))
    assert error == "Execution failed due to configuration error: Invalid endpoint address"
    tested.put("PUT", type="HTTP_PROXY", integrationHttpMethod="GET", uri=f"http://127.0.0.1:{free_port()}/")
    answer = tested("PUT")
    assert answer["status"] == 504
    assert "Execution failed due to a network error communicating with endpoint" in lines(answer)


def test_s11_long_lines_of_the_log_are_cut(tested: Asked, backend: Backend) -> None:
    """998 characters of the headers that a backend is sent, 1024 bytes of a whole line."""
    tested.put("POST", type="HTTP_PROXY", integrationHttpMethod="POST", uri=f"{backend.url}/")
    answer = tested("POST", headers={"X-Long": "x" * 5000}, body="y" * 5000)
    assert answer["status"] == 200
    cut = {line.split(": ")[0]: line.split(": ", 1)[1] for line in lines(answer) if line.endswith(" [TRUNCATED]")}
    assert len(cut["Endpoint request headers"]) == 998 + len(" [TRUNCATED]")
    for name in ("Method request headers", "Method request body before transformations"):
        assert len(name) + 2 + len(cut[name]) == 1024 + len(" [TRUNCATED]")
    assert len(answer["body"]) > 5000


def test_s11_what_cannot_be_tested_is_refused(tested: Asked) -> None:
    def refused(verb: str, **given: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as raised:
            tested(verb, **given)
        error = raised.value.response["Error"]
        return error["Code"], error["Message"]

    assert refused("GET") == ("NotFoundException", "Invalid Method identifier specified")
    tested.client.put_method(**tested.names("GET"), authorizationType="AWS_IAM", apiKeyRequired=True)
    assert refused("GET") == ("BadRequestException", "No integration defined for method")
    tested.client.delete_method(**tested.names("GET"))
    mock(tested)
    unknown = ("NotFoundException", "Invalid Client Certificate identifier specified")
    assert refused("GET", clientCertificateId="abc") == unknown
    for bad in ({"pathWithQueryString": "/a b"}, {"headers": {"a b": "c"}}, {"headers": {"a": "b\nc"}}):
        assert refused("GET", **bad)[0] == "BadRequestException", bad


def test_s11_authorizers_and_keys_are_passed_by_and_any_answers_every_verb(tested: Asked) -> None:
    tested.client.put_method(**tested.names("ANY"), authorizationType="AWS_IAM", apiKeyRequired=True)
    tested.client.put_method_response(**tested.names("ANY"), statusCode="200")
    templates = {"application/json": '{"statusCode":200}'}
    tested.client.put_integration(**tested.names("ANY"), type="MOCK", requestTemplates=templates)
    tested.answer("ANY", "200")
    for verb, shown in (("ANY", "GET"), ("PATCH", "PATCH")):
        answer = tested(verb, pathWithQueryString="/pets/1")
        assert (answer["status"], lines(answer)[2]) == (200, f"HTTP Method: {shown}, Resource Path: /pets/1")


def test_s11_nothing_of_it_is_served_counted_or_in_the_way(
    gateway: ServedGateway, tested: Asked, backend: Backend
) -> None:
    tested.put("GET", type="HTTP_PROXY", integrationHttpMethod="GET", uri=f"{backend.url}/slow")
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(tested("GET", pathWithQueryString="/pets/1")))
    asking.start()
    backend.wait()
    # A slow backend keeps no other call waiting, and no stage is there.
    assert tested.client.get_stages(restApiId=tested.api)["item"] == []
    assert httpx.get(gateway.url(tested.api, "test-invoke-stage") + "/pets/1").status_code == 403
    tested.client.update_rest_api(
        restApiId=tested.api, patchOperations=[{"op": "replace", "path": "/name", "value": "renamed"}]
    )
    backend.release.set()
    asking.join()
    assert answers[0]["status"] == 200
    assert "test-invoke-stage" not in httpx.get(f"http://{gateway.admin_listen}/metrics").text


@pytest.mark.parametrize("port", ["0", "81", "442", "1023", "65536"])
def test_s7_1_a_backend_has_port_80_443_or_one_from_1024_on(tested: Asked, port: str) -> None:
    with pytest.raises(ClientError, match="Invalid HTTP endpoint specified for URI"):
        tested.put("GET", type="HTTP_PROXY", integrationHttpMethod="GET", uri=f"http://127.0.0.1:{port}/")
    # What a stage or a request says of it is known only then.
    for verb, uri in (("PUT", "http://127.0.0.1:${stageVariables.port}/"), ("POST", "http://127.0.0.1:{port}/")):
        mapped = {"integration.request.path.port": "method.request.querystring.port"} if verb == "POST" else {}
        parameters = {"method.request.path.petId": True, "method.request.querystring.port": False}
        tested.client.put_method(**tested.names(verb), authorizationType="NONE", requestParameters=parameters)
        tested.client.put_integration(
            **tested.names(verb), type="HTTP_PROXY", integrationHttpMethod="GET", uri=uri, requestParameters=mapped
        )
        answer = tested(verb, pathWithQueryString=f"/pets/1?port={port}", stageVariables={"port": port})
        assert (answer["status"], answer["body"]) == (500, '{"message":"Internal server error"}')
        assert "Execution failed due to configuration error: Invalid endpoint address" in lines(answer)
