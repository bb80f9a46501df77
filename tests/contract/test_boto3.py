"""boto3 itself over the wire, the operations and the store, without a socket and without the engine."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import orjson
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError

from apigw.aws import dispatch
from apigw.control.commit import Batch, Wiring
from apigw.control.operation import Call, NewCertificate
from apigw.domain import quotas
from apigw.snapshot.publish import affected
from apigw.store.protocol import Transaction
from apigw.store.sqlite import open_sqlite


class CountingIds:
    """Identifiers that count up."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def short(self) -> str:
        return f"s{next(self._numbers):05}"

    def api(self) -> str:
        return f"a{next(self._numbers):09}"

    def secret(self) -> str:
        return f"k{next(self._numbers):039}"


class RawBody:
    """What botocore reads a body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *arguments: object, **named: object) -> Iterator[bytes]:
        yield self._body


class Gateway:
    """Calls of boto3 clients, answered by batches of one."""

    def __init__(self, path: Path) -> None:
        self.store = open_sqlite(path)
        self.patches: list[bytes] = []
        self._answers: list[tuple[bytes, bytes]] = []
        self._ids = CountingIds()
        self._wiring = Wiring(
            store=self.store,
            answer=lambda number, head, body: self._answers.append((head, body)),
            prepare=lambda patch: patch,
            activate=self.patches.extend,
            prepare_error=ZeroDivisionError,
            affected=affected,
            perform=lambda head, body, transaction: dispatch.perform(head, body, transaction, self._call),
            later=lambda work: work(),
            refuse=dispatch.refuse,
            is_read_only=dispatch.is_read_only,
        )

    def client(self, service: str = "apigateway", region: str = "eu-west-1") -> Any:
        made = boto3.client(
            service,
            region_name=region,
            endpoint_url="http://localhost:9080",
            aws_access_key_id="AKID",
            aws_secret_access_key="SECRET",
        )
        made.meta.events.register("before-send", lambda request, **_: self._answer(request, region))
        return made

    def _call(self, caller: dispatch.Caller, transaction: Transaction) -> Call:
        return Call(
            account="123456789012",
            region=caller.region,
            partition="aws",
            access_key_id=caller.access_key_id,
            now=1511380879,
            ids=self._ids,
            store=transaction,
            yaml_to_json=bytes,
            cache_memory=10**9,
            quotas=quotas.NONE,
            account_throttle=None,
            new_certificate=lambda *_: NewCertificate("CERTIFICATE", "KEY"),
            flush_cache=lambda _api, _stage: None,
            check_text=lambda kind, text: None,
        )

    def _answer(self, request: AWSPreparedRequest, region: str) -> AWSResponse:
        url = urlsplit(request.url)
        caller = {"access_key_id": "AKID", "region": region, "service": "apigateway", "source_ip": "127.0.0.1"}
        head = {"method": request.method, "path": url.path, "query": url.query, "request_id": "r-1", "caller": caller}
        head["headers"] = [[name.lower(), str(value)] for name, value in request.headers.items()]
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else bytes(body)
        Batch(self._wiring, [(1, "control", orjson.dumps(head), body)]).run()
        reply_head, reply = self._answers.pop()
        decoded = orjson.loads(reply_head)
        # As the engine does.
        headers = {**dict(decoded["headers"]), "x-amzn-RequestId": head["request_id"]}
        return AWSResponse(request.url, decoded["status"], headers, RawBody(reply))


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(tmp_path / "apigw.db")
    yield made
    made.store.close()


def test_an_api_is_built_by_hand_deployed_and_deleted(gateway: Gateway) -> None:
    client = gateway.client()
    api = client.create_rest_api(name="pets", tags={"team": "a/b"}, endpointConfiguration={"types": ["REGIONAL"]})
    assert api["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert api["ResponseMetadata"]["RequestId"] == "r-1"
    assert api["createdDate"].timestamp() == 1511380879
    key = {"restApiId": api["id"]}
    assert [each["id"] for each in client.get_rest_apis()["items"]] == [api["id"]]
    assert gateway.client(region="us-east-1").get_rest_apis()["items"] == []
    resource = client.create_resource(**key, parentId=api["rootResourceId"], pathPart="{id}")
    method = {**key, "resourceId": resource["id"], "httpMethod": "GET"}
    client.put_method(**method, authorizationType="NONE", requestParameters={"method.request.path.id": True})
    client.put_integration(**method, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_method_response(**method, statusCode="200")
    client.put_integration_response(**method, statusCode="200", responseTemplates={"application/json": '{"a":"é"}'})
    deployment = client.create_deployment(**key, stageName="dev", variables={"v": "1"})
    assert len(gateway.patches) == 1
    stage = client.update_stage(
        **key, stageName="dev", patchOperations=[{"op": "replace", "path": "/variables/v", "value": "2"}]
    )
    assert (stage["deploymentId"], stage["variables"], stage["methodSettings"]) == (deployment["id"], {"v": "2"}, {})
    arn = f"arn:aws:apigateway:eu-west-1::/restapis/{api['id']}"
    client.tag_resource(resourceArn=arn, tags={"x": "y"})
    client.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert client.get_tags(resourceArn=arn)["tags"] == {"x": "y"}
    assert client.get_account()["features"] == ["UsagePlans"]
    assert client.delete_rest_api(**key)["ResponseMetadata"]["HTTPStatusCode"] == 202
    with pytest.raises(client.exceptions.NotFoundException, match="Invalid API identifier specified"):
        client.get_rest_api(**key)


def test_errors_are_the_ones_boto3_knows(gateway: Gateway) -> None:
    client = gateway.client()
    with pytest.raises(client.exceptions.NotFoundException):
        client.get_rest_api(restApiId="unknown")
    with pytest.raises(ClientError) as refused:
        client.create_rest_api(name="pets", apiKeySource="NOWHERE")
    assert refused.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "1 validation error detected: Value 'NOWHERE' at 'createRestApiInput.apiKeySource' failed to "
        "satisfy constraint: Member must satisfy enum value set: [HEADER, AUTHORIZER]",
    }


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [("apigateway", "get_vpc_links", {}), ("apigatewayv2", "create_api", {"Name": "a", "ProtocolType": "HTTP"})],
)
def test_what_is_not_there_yet_is_not_tried_again(
    gateway: Gateway, service: str, operation: str, arguments: dict[str, str]
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(gateway.client(service), operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == "NotImplementedException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert refused.value.response["ResponseMetadata"]["RetryAttempts"] == 0
