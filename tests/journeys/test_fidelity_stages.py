"""Deployments, stages, their variables, limits, endpoint types and addresses: rest-api §1.1, §1.2, §15, §16, §19."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway
from tests.journeys.fidelity import Deployed, deploy, mock, operation, proxy

FORBIDDEN = (403, "ForbiddenException", b'{"message":"Forbidden"}')
HOST = "{}.execute-api.us-east-1.amazonaws.com"


@pytest.fixture
def api(shared_gateway: ServedGateway, shared_apigateway: Any) -> Deployed:
    """``GET /pets`` says where it is."""
    said = "$context.domainName $context.stage $context.path"
    return deploy(shared_gateway, shared_apigateway, {"/pets": {"get": operation(mock(said))}})


def refused(call: Any, **given: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as raised:
        call(**given)
    response = raised.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def patched(client: Any, api: Deployed, op: str, path: str, value: str) -> Any:
    operation = {"op": op, "path": path, "value": value}
    return client.update_stage(restApiId=api.api_id, stageName="stage", patchOperations=[operation])


@pytest.mark.parametrize("suffix", ["amazonaws.com", "localhost:4566", "localhost"])
def test_s1_1_an_api_is_found_by_its_host_in_any_letter_case(api: Deployed, suffix: str) -> None:
    region = "us-east-1." if suffix == "amazonaws.com" else ""
    for host in (f"{api.api_id}.execute-api.{region}{suffix}", f"{api.api_id.upper()}.EXECUTE-API.{region}{suffix}"):
        answer = httpx.get(f"http://{api.gateway.listen}/stage/pets", headers={"Host": host})
        assert answer.status_code == 200, host
        assert answer.text.split()[1:] == ["stage", "/stage/pets"]


def test_s1_2_what_leads_to_no_api_or_stage_is_forbidden(api: Deployed, shared_apigateway: Any) -> None:
    """An unknown API, an unknown stage, another region's host, or a disabled default endpoint."""
    listen = f"http://{api.gateway.listen}"
    for host, path in (
        (HOST.format("aaaaaaaaaa"), "/stage/pets"),
        (HOST.format(api.api_id), "/other/pets"),
        (HOST.format(api.api_id), "/"),
        (f"{api.api_id}.execute-api.eu-west-1.amazonaws.com", "/stage/pets"),
    ):
        answer = httpx.get(listen + path, headers={"Host": host})
        assert (answer.status_code, answer.headers["x-amzn-ErrorType"], answer.content) == FORBIDDEN, host
    operation = {"op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true"}
    shared_apigateway.update_rest_api(restApiId=api.api_id, patchOperations=[operation])
    assert api.send("/stage/pets").status == 200
    shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    assert api.send("/stage/pets").error == FORBIDDEN


def test_s15_1_an_edit_is_served_by_the_next_deployment_and_a_rollback_is_at_once(
    api: Deployed, shared_apigateway: Any
) -> None:
    """Edits wait for a deployment; another deployment of a stage is served at once."""
    client, names = shared_apigateway, {"restApiId": api.api_id}
    first = client.get_stage(**names, stageName="stage")["deploymentId"]
    client.put_gateway_response(**names, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404")
    pets = next(one["id"] for one in client.get_resources(**names)["items"] if one["path"] == "/pets")
    client.delete_method(**names, resourceId=pets, httpMethod="GET")
    client.put_method(**names, resourceId=pets, httpMethod="PUT", authorizationType="NONE")
    client.put_integration(**names, resourceId=pets, httpMethod="PUT", type="MOCK")
    client.put_method_response(**names, resourceId=pets, httpMethod="PUT", statusCode="200")
    client.put_integration_response(**names, resourceId=pets, httpMethod="PUT", statusCode="200")
    assert (api.send("/stage/pets").status, api.send("/stage/none").status) == (200, 403)
    client.create_deployment(**names, stageName="stage")
    seen = (api.send("/stage/pets").status, api.send("/stage/pets", "PUT").status, api.send("/stage/none").status)
    assert seen == (404, 200, 404)
    patched(client, api, "replace", "/deploymentId", first)
    assert (api.send("/stage/pets").status, api.send("/stage/none").status) == (200, 403)


def test_s15_1_what_a_deployment_froze_stays_until_the_next_one(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    """Binary types, the compression size, models, validators and integrations wait; a stage's variables do not."""
    client = shared_apigateway
    http = {"type": "http", "httpMethod": "POST", "responses": {"default": {"statusCode": "200"}}}
    uri = f"{backend.url}/bytes/50?v=${{stageVariables.v}}"
    method = {
        **operation({**http, "uri": uri}),
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
    }
    members = {
        "components": {"schemas": {"Pet": {"type": "object", "required": ["a"]}}},
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
        "x-amazon-apigateway-request-validator": "all",
    }
    api = deploy(shared_gateway, client, {"/": {"post": method}}, **members)
    names = {"restApiId": api.api_id}

    def change(call: Any, path: str, value: str, op: str = "replace", **named: str) -> None:
        call(**names, **named, patchOperations=[{"op": op, "path": path, "value": value}])

    def served() -> tuple[int, str | None, bytes, str]:
        """Of a body without ``a``; and of one of bytes: how it is answered, what the backend is sent, and where."""
        refused = api.send("/stage", "POST", body=b"{}").status
        sent = api.send("/stage", "POST", "Content-Type: image/png", "Accept-Encoding: gzip", body=b"\xff")
        return refused, sent.header("Content-Encoding"), backend.requests[-1].body, backend.requests[-1].target

    lossy = "\ufffd".encode()
    before = (400, None, lossy, "/bytes/50?v=")
    assert served() == before
    (validator,) = client.get_request_validators(**names)["items"]
    (resource,) = client.get_resources(**names)["items"]
    change(client.update_rest_api, "/binaryMediaTypes/image~1png", "", "add")
    change(client.update_rest_api, "/minimumCompressionSize", "10")
    change(client.update_request_validator, "/validateRequestBody", "false", requestValidatorId=validator["id"])
    change(client.update_integration, "/uri", f"{backend.url}/bytes/51", resourceId=resource["id"], httpMethod="POST")
    assert served() == before
    first = client.get_stage(**names, stageName="stage")["deploymentId"]
    client.create_deployment(**names, stageName="stage")
    assert served() == (200, "gzip", b"\xff", "/bytes/51")
    change(client.update_stage, "/deploymentId", first, stageName="stage")
    assert served() == before
    change(client.update_stage, "/variables/v", "now", stageName="stage")
    assert served() == (400, None, lossy, "/bytes/50?v=now")


def test_s15_1_two_stages_have_deployments_of_their_own(api: Deployed, shared_apigateway: Any) -> None:
    names = {"restApiId": api.api_id}
    first = shared_apigateway.get_stage(**names, stageName="stage")["deploymentId"]
    shared_apigateway.create_stage(**names, stageName="other", deploymentId=first, variables={"a": "b"})
    assert api.send("/other/pets").body.split()[1:] == [b"other", b"/other/pets"]
    shared_apigateway.delete_stage(**names, stageName="other")
    assert api.send("/other/pets").error == FORBIDDEN


def test_s15_2_names_and_values_of_stage_variables(api: Deployed, shared_apigateway: Any) -> None:
    """At most 64 letters of a name, 512 of a value, of AWS's characters."""
    patched(shared_apigateway, api, "replace", f"/variables/{'n' * 64}", "v" * 512)
    patched(shared_apigateway, api, "replace", "/variables/a_1", "AZaz09-._~:/?#&=,")
    for name, value in (("n" * 65, "v"), ("v", "v" * 513), ("a-b", "v"), ("v", "a b"), ("v", "é")):
        status, _ = refused(
            shared_apigateway.update_stage,
            restApiId=api.api_id,
            stageName="stage",
            patchOperations=[{"op": "replace", "path": f"/variables/{name}", "value": value}],
        )
        assert status == 400, (name, value[:3])


def test_s19_stage_names(api: Deployed, shared_apigateway: Any) -> None:
    """1 to 128 letters, digits, hyphens and underscores."""
    names = {"restApiId": api.api_id}
    deployment = shared_apigateway.get_stage(**names, stageName="stage")["deploymentId"]
    for name in ("s" * 128, "A-b_9"):
        shared_apigateway.create_stage(**names, stageName=name, deploymentId=deployment)
        assert api.send(f"/{name}/pets").status == 200
    for name in ("s" * 129, "a b", "a.b", "é"):
        status, _ = refused(shared_apigateway.create_stage, **names, stageName=name, deploymentId=deployment)
        assert status == 400, name


@pytest.mark.parametrize("timeout", [49, 29_001])
def test_s19_timeouts_are_50_ms_to_29_s(api: Deployed, shared_apigateway: Any, timeout: int) -> None:
    names = {"restApiId": api.api_id, "httpMethod": "GET"}
    pets = next(
        one["id"] for one in shared_apigateway.get_resources(restApiId=api.api_id)["items"] if one["path"] == "/pets"
    )
    status, message = refused(
        shared_apigateway.put_integration, **names, resourceId=pets, type="MOCK", timeoutInMillis=timeout
    )
    assert (status, "50" in message) == (400, True), message


@pytest.mark.parametrize(("kind", "longest"), [("EDGE", 8192), ("REGIONAL", 10_240)])
def test_s19_the_length_of_a_url(
    shared_gateway: ServedGateway, shared_apigateway: Any, kind: str, longest: int
) -> None:
    """8192 characters behind the edge, 10 240 in a region; one more is 414."""
    api = deploy(shared_gateway, shared_apigateway, {"/{proxy+}": {"get": operation(mock("fine"), ("path", "proxy"))}})
    if kind != "EDGE":
        patch = [{"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": kind}]
        shared_apigateway.update_rest_api(restApiId=api.api_id, patchOperations=patch)
        shared_apigateway.create_deployment(restApiId=api.api_id, stageName="stage")
    begin = "/stage/"
    sent = {over: api.send(begin + "a" * (longest - len(begin) + over)) for over in (0, 1)}
    # A request's headers and its URL have limits of their own.
    assert (sent[0].status, sent[0].body) == (200, b"fine")
    assert sent[1].error == (414, None, b'{"message":"Request URI too long"}')


def test_s19_the_length_of_a_template(api: Deployed, shared_apigateway: Any) -> None:
    """300 KB; one byte more is refused."""
    names = {"restApiId": api.api_id, "httpMethod": "GET"}
    pets = next(
        one["id"] for one in shared_apigateway.get_resources(restApiId=api.api_id)["items"] if one["path"] == "/pets"
    )
    put = shared_apigateway.put_integration
    most = 300 * 1024
    put(**names, resourceId=pets, type="MOCK", requestTemplates={"application/json": "a" * most})
    status, _ = refused(
        put, **names, resourceId=pets, type="MOCK", requestTemplates={"application/json": "a" * (most + 1)}
    )
    assert status == 400


def test_s19_a_loop_of_a_template_ends_after_a_thousand_rounds(
    shared_gateway: ServedGateway, shared_apigateway: Any
) -> None:
    said = "#foreach($i in [1..1001])x#end"
    api = deploy(shared_gateway, shared_apigateway, {"/": {"get": operation(mock(said))}})
    answer = api.send("/stage")
    assert (answer.status, answer.body) == (200, b"x" * 1000)


def test_s19_a_body_of_ten_mebibytes_and_one_byte_more(
    shared_gateway: ServedGateway, shared_apigateway: Any, backend: Backend
) -> None:
    http = {"type": "http", "httpMethod": "POST", "responses": {"default": {"statusCode": "200"}}}
    paths = {
        "/": {"post": operation(proxy(f"{backend.url}/bytes/1"))},
        "/held": {"post": operation({**http, "uri": f"{backend.url}/bytes/1"})},
    }
    api = deploy(shared_gateway, shared_apigateway, paths)
    assert api.send("/stage", "POST", body=b"x" * 10_485_760).status == 200
    assert len(backend.requests[0].body) == 10_485_760
    chunked = b"100000\r\n%s\r\n" % bytes(1_048_576) * 10
    for path in ("", "/held"):
        assert (
            api.send(f"/stage{path}", "POST", "Transfer-Encoding: chunked", body=chunked + b"0\r\n\r\n").status == 200
        )
        assert backend.requests[-1].body == bytes(10_485_760)
    one_more = chunked + b"1\r\nx\r\n0\r\n\r\n"
    assert api.send("/stage/held", "POST", "Transfer-Encoding: chunked", body=one_more).status == 413
    assert len(backend.requests) == 3
    answer = api.send("/stage", "POST", "Content-Length: 10485761")
    assert answer.error == (413, None, b"HTTP content length exceeded 10485760 bytes.")
    assert answer.header("Content-Type") == "text/plain"


def test_s16_endpoint_types_and_addresses(shared_apigateway: Any) -> None:
    """EDGE becomes REGIONAL and back; PRIVATE is dualstack and becomes no EDGE."""
    api = shared_apigateway.create_rest_api(name="typed")
    assert api["endpointConfiguration"] == {"types": ["EDGE"], "ipAddressType": "ipv4"}
    update = shared_apigateway.update_rest_api

    def patch(*operations: tuple[str, str]) -> dict[str, Any]:
        given = [{"op": "replace", "path": path, "value": value} for path, value in operations]
        answer: dict[str, Any] = update(restApiId=api["id"], patchOperations=given)["endpointConfiguration"]
        return answer

    assert patch(("/endpointConfiguration/types/EDGE", "REGIONAL"))["types"] == ["REGIONAL"]
    assert patch(("/endpointConfiguration/types/REGIONAL", "EDGE"))["types"] == ["EDGE"]
    private = patch(("/endpointConfiguration/types/EDGE", "PRIVATE"))
    assert (private["types"], private["ipAddressType"]) == (["PRIVATE"], "dualstack")
    for path, value in (("types/PRIVATE", "EDGE"), ("ipAddressType", "ipv4")):
        operation = {"op": "replace", "path": f"/endpointConfiguration/{path}", "value": value}
        status, message = refused(update, restApiId=api["id"], patchOperations=[operation])
        assert status == 400
        assert path != "ipAddressType" or message == "Only dualstack ipAddressType is supported for Private APIs."
    assert patch(("/endpointConfiguration/types/PRIVATE", "REGIONAL"))["types"] == ["REGIONAL"]
    status, message = refused(
        shared_apigateway.create_rest_api,
        name="private",
        endpointConfiguration={"types": ["PRIVATE"], "ipAddressType": "ipv4"},
    )
    assert (status, message) == (400, "Only dualstack ipAddressType is supported for Private APIs.")


def test_s2_1_the_grammar_of_path_parts(shared_apigateway: Any) -> None:
    """One variable child a parent, none below a greedy one, and AWS's characters."""
    api = shared_apigateway.create_rest_api(name="parts")
    names = {"restApiId": api["id"], "parentId": api["rootResourceId"]}
    create = shared_apigateway.create_resource
    for part in ("a.b_c-d:e,F9", "b"):
        create(**names, pathPart=part)
    greedy = create(**names, pathPart="{proxy+}")
    assert refused(create, **names, pathPart="{other}") == (
        400,
        "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
    )
    assert refused(create, restApiId=api["id"], parentId=greedy["id"], pathPart="x") == (
        400,
        "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    )
    for part in ("a b", "x{y}", "{y", "{}", "a/b", "é", ""):
        assert refused(create, **names, pathPart=part)[0] == 400, part
    assert len(shared_apigateway.get_resources(restApiId=api["id"])["items"]) == 4


def test_s15_2_a_stage_has_a_hundred_variables(api: Deployed, shared_apigateway: Any) -> None:
    add = [{"op": "replace", "path": f"/variables/v{number}", "value": "v"} for number in range(100)]
    names = {"restApiId": api.api_id, "stageName": "stage"}
    assert len(shared_apigateway.update_stage(**names, patchOperations=add)["variables"]) == 100
    one_more = [{"op": "replace", "path": "/variables/one", "value": "v"}]
    assert refused(shared_apigateway.update_stage, **names, patchOperations=one_more)[0] == 400


def test_s16_what_a_private_api_needs_is_refused_when_it_is_deployed(api: Deployed, shared_apigateway: Any) -> None:
    """A private API, and a resource policy, are not deployed; what was deployed stays."""
    names = {"restApiId": api.api_id}
    operation = {"op": "replace", "path": "/endpointConfiguration/types/EDGE", "value": "PRIVATE"}
    shared_apigateway.update_rest_api(**names, patchOperations=[operation])
    status, message = refused(shared_apigateway.create_deployment, **names, stageName="stage")
    assert (status, message) == (400, "apigw cannot enforce these yet: $.endpointConfiguration.types = PRIVATE")
    assert api.send("/stage/pets").status == 200


def test_s19_a_stage_has_fifty_tags(api: Deployed, shared_apigateway: Any) -> None:
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{api.api_id}/stages/stage"
    shared_apigateway.tag_resource(resourceArn=arn, tags={f"k{number}": "v" for number in range(50)})
    assert refused(shared_apigateway.tag_resource, resourceArn=arn, tags={"one": "more"})[0] == 400


def test_s19_the_header_block_has_10240_bytes(api: Deployed) -> None:
    """10 240 bytes of headers pass, one more is 431."""
    # Names, values, and what is between them: only how many there are more counts here.
    sizes = range(9_900, 10_300)
    low, high = sizes[0], sizes[-1]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (
            (middle, high) if api.send("/stage/pets", "GET", "X: " + "a" * middle).status == 200 else (low, middle)
        )
    answer = api.send("/stage/pets", "GET", "X: " + "a" * high)
    assert answer.error == (431, None, b"HTTP header is larger than 10240 bytes.")
    own = len(f"Host: {HOST.format(api.api_id)}") + len("Connection: close") + len("X: ")
    assert abs(low + own - 10_240) <= 16


def test_s19_a_resource_policy_has_8192_characters(shared_apigateway: Any) -> None:
    api = shared_apigateway.create_rest_api(name="policies")
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})

    def update(length: int) -> Any:
        operation = {"op": "replace", "path": "/policy", "value": policy.ljust(length)}
        return shared_apigateway.update_rest_api(restApiId=api["id"], patchOperations=[operation])

    update(8192)
    with pytest.raises(ClientError):
        update(8193)
