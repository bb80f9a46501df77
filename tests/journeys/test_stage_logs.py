"""Stages that log as they were told to: every form of AWS's, read back by parsers, whatever clients send.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import csv
import json
import re
import resource
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.mock_api import document
from tests.journeys.observed import ARN, metric, written

# AWS's own, but for the agent that a client chooses.
NAMES = ("requestId", "extendedRequestId", "identity.sourceIp", "identity.caller", "requestTime", "httpMethod",
         "resourcePath", "path", "status", "protocol", "responseLength", "identity.userAgent")  # fmt: skip
FORMATS = {
    "json": json.dumps({name.rpartition(".")[2]: f"$context.{name}" for name in NAMES}),
    "csv": ",".join(f"$context.{name}" for name in NAMES),
    "xml": '<request id="$context.requestId">'
    + "".join(f"<{name.rpartition('.')[2]}>$context.{name}</{name.rpartition('.')[2]}>" for name in NAMES)
    + "</request>",
    "clf": "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
    '"$context.httpMethod $context.resourcePath $context.protocol" $context.status $context.responseLength '
    "$context.requestId $context.extendedRequestId",
    "bars": "$context.requestId|$context.path|$context.identity.userAgent|$context.status\n",
}
HOSTILE = [
    '"', "\\", ",", "|", "</request><request>", "&amp;", "]]>", "'", '","status":"200', "é\u2028x\u0085y", "a b c", "\t",
]  # fmt: skip


def deployed(client: Any, title: str = "logged") -> str:
    """A MOCK whose stage ``prod`` may log."""
    api: str = client.import_rest_api(body=document(title, "{}"))["id"]
    client.create_deployment(restApiId=api, stageName="prod")
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
    client.update_account(patchOperations=[role])
    return api


def log_to(client: Any, api: str, group: str, text: str) -> None:
    """Set both members, as Terraform and the aws CLI do."""
    client.update_stage(
        restApiId=api,
        stageName="prod",
        patchOperations=[
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": ARN + group},
            {"op": "replace", "path": "/accessLogSettings/format", "value": text},
        ],
    )


def ask(gateway: ServedGateway, api: str, agent: bytes, path: bytes = b"/") -> None:
    """One request as the bytes are, on a connection of its own."""
    host, _, port = gateway.listen.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        head = b"GET /_aws/execute-api/%b/prod%b HTTP/1.1\r\nHost: a\r\nUser-Agent: %b\r\nConnection: close\r\n\r\n"
        client.sendall(head % (api.encode(), path, agent))
        while client.recv(4096):
            pass


def fields(form: str, line: str) -> dict[str, str]:
    """What a parser of that form reads in a line."""
    names = [name.rpartition(".")[2] for name in NAMES]
    match form:
        case "json":
            found: dict[str, str] = json.loads(line)
        case "csv":
            (row,) = csv.reader([line], strict=True)
            found = dict(zip(names, row, strict=True))
        case "xml":
            root = ElementTree.fromstring(line)
            found = {one.tag: one.text or "" for one in root} | {"requestId": root.attrib["id"]}
        case "clf":
            pattern = r'(\S+) - - \[([^]]+)\]"(\S+) (\S+) (\S+)" (\d+) (\d+) (\S+) (\S+)'
            keys = ("sourceIp", "requestTime", "httpMethod", "resourcePath", "protocol", "status", "responseLength",
                    "requestId", "extendedRequestId")  # fmt: skip
            matched = re.fullmatch(pattern, line)
            assert matched is not None, line
            found = dict(zip(keys, matched.groups(), strict=True))
        case _:
            found = dict(zip(("requestId", "path", "userAgent", "status"), line.split("|"), strict=True))
    return found


@pytest.mark.parametrize("form", FORMATS)
def test_every_form_is_read_back_whatever_clients_send(gateway: ServedGateway, apigateway: Any, form: str) -> None:
    api = deployed(apigateway)
    log_to(apigateway, api, f"/aws/{form}", FORMATS[form])
    answer = httpx.get(gateway.url(api, "prod"), headers={"User-Agent": "plain"})
    for text in HOSTILE:
        ask(gateway, api, text.encode())
        # What a target may not hold is refused before there is a stage to log for; quotes and bars may stand in one.
        ask(gateway, api, b"x", b"/" + "".join(one for one in text if one in "\"\\,|<>/&;'").encode())
    ask(gateway, api, b"\xff\xfe")
    lines = written(gateway, f"/aws/{form}", 1 + 2 * len(HOSTILE))
    read = [fields(form, line) for line in lines]
    # Cores hand their lines over one by one.
    (first,) = [one for one in read if one["requestId"] == answer.headers["x-amzn-requestid"]]
    assert first["status"] == "200"
    for name, wanted in {
        "sourceIp": "127.0.0.1", "resourcePath": "/", "httpMethod": "GET", "protocol": "HTTP/1.1", "responseLength": "2",
        "caller": "-", "path": "/prod/", "userAgent": "plain", "extendedRequestId": answer.headers["x-amz-apigw-id"],
    }.items():  # fmt: skip
        assert first.get(name, wanted) == wanted, name
    assert {one["status"] for one in read} <= {"200", "400", "403"}
    assert len({one["requestId"] for one in read}) == len(read)
    if form in ("json", "csv"):
        # Parsers give back what was sent, but for controls that a line of CSV cannot hold.
        agents = [one["userAgent"] for one in read]
        sent = [text.strip() for text in HOSTILE if form == "json" or text.isascii()]
        assert set(sent) - {""} <= set(agents), agents


@pytest.mark.curl
def test_what_tls_agreed_on_is_logged(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway)
    log_to(apigateway, api, "tls", "$context.requestId $context.protocol $context.tlsVersion $context.cipherSuite")
    ways = {
        ("HTTP/1.1", "TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"): (
            "--http1.1", "--tls-max", "1.2", "--ciphers", "ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("HTTP/1.1", "TLSv1.3", "TLS_AES_256_GCM_SHA384"): (
            "--http1.1", "--tlsv1.3", "--tls13-ciphers", "TLS_AES_256_GCM_SHA384"),
        ("HTTP/2", "TLSv1.3", "TLS_CHACHA20_POLY1305_SHA256"): (
            "--http2", "--tlsv1.3", "--tls13-ciphers", "TLS_CHACHA20_POLY1305_SHA256"),
    }  # fmt: skip
    path = f"/_aws/execute-api/{api}/prod"
    for options in ways.values():
        address = f"https://{gateway.listen_tls}{path}"
        subprocess.run(
            ["curl", "-sSfk", "--noproxy", "*", "-o", "/dev/null", *options, address], check=True, timeout=60
        )
    httpx.get(gateway.url(api, "prod"))
    lines = written(gateway, "tls", len(ways) + 1)
    read = {tuple(line.split(" ")[1:]) for line in lines}
    # HTTP/2's protocol is written as AWS writes it.
    assert {(version, suite) for _, version, suite in read} == {(one[1], one[2]) for one in ways} | {("-", "-")}, lines


def test_a_change_is_served_when_update_stage_returns(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway)
    httpx.get(gateway.url(api, "prod"))
    log_to(apigateway, api, "one", "first $context.requestId")
    httpx.get(gateway.url(api, "prod"))
    log_to(apigateway, api, "two", "second $context.requestId")
    httpx.get(gateway.url(api, "prod"))
    apigateway.update_stage(
        restApiId=api, stageName="prod", patchOperations=[{"op": "remove", "path": "/accessLogSettings"}]
    )
    assert "accessLogSettings" not in apigateway.get_stage(restApiId=api, stageName="prod")
    httpx.get(gateway.url(api, "prod"))
    assert gateway.stop() == 0
    assert [line.split()[0] for line in written(gateway, "one", 1)] == ["first"]
    assert [line.split()[0] for line in written(gateway, "two", 1)] == ["second"]


def test_what_cannot_be_logged_is_refused(apigateway: Any) -> None:
    api = deployed(apigateway)
    for path, value, message in [
        ("destinationArn", "arn:aws:sqs:us-east-1:123456789012:queue", "Invalid ARN specified in the request"),
        ("destinationArn", ARN + "../../etc", None),
        ("format", "$context.status", "must contain"),
        ("format", "a\n$context.requestId", "single line"),
    ]:
        operation = {"op": "replace", "path": f"/accessLogSettings/{path}", "value": value}
        change = {"restApiId": api, "stageName": "prod", "patchOperations": [operation]}
        if message is None:
            apigateway.update_stage(**change)
            continue
        with pytest.raises(apigateway.exceptions.BadRequestException, match=message):
            apigateway.update_stage(**change)


def test_no_name_leaves_the_directory(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway)
    log_to(apigateway, api, "../../../escaped", "$context.requestId")
    httpx.get(gateway.url(api, "prod"))
    assert gateway.stop() == 0
    logs = gateway.data_dir / "logs"
    assert [path.name for path in logs.rglob("*.log")] == ["..+..+..+escaped.log"]


def test_a_moved_file_is_opened_anew_on_sighup(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway)
    log_to(apigateway, api, "pets", "$context.requestId")
    ids = [httpx.get(gateway.url(api, "prod")).headers["x-amzn-requestid"]]
    assert written(gateway, "pets", 1) == ids
    log = gateway.data_dir / "logs" / "us-east-1" / "pets.log"
    log.rename(log.with_suffix(".old"))
    gateway.process.send_signal(signal.SIGHUP)
    # What is written before the signal arrives stands in the old file.
    while not log.exists():
        ids.append(httpx.get(gateway.url(api, "prod")).headers["x-amzn-requestid"])
    assert gateway.stop() == 0
    # Cores hand their lines over one by one.
    assert sorted(log.with_suffix(".old").read_text().split() + log.read_text().split()) == sorted(ids)


def test_a_disk_that_is_full_or_a_directory_that_cannot_be_written_loses_lines_only(
    start_gateway: StartGateway, tmp_path: Path
) -> None:
    gateway = start_gateway("--workers", "1", "--access-log", "off")
    client = boto3_client(gateway)
    api = deployed(client)
    logs = gateway.data_dir / "logs"
    logs.write_text("a file is in the way")
    log_to(client, api, "pets", "$context.requestId")
    for _ in range(3):
        assert httpx.get(gateway.url(api, "prod")).status_code == 200
    while metric(gateway, "apigw_stage_log_lines_dropped_total") < 3:
        pass
    logs.unlink()
    assert httpx.get(gateway.url(api, "prod")).status_code == 200
    written(gateway, "pets", 1)
    no_limit = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, no_limit[1]))
    assert httpx.get(gateway.url(api, "prod")).status_code == 200
    while metric(gateway, "apigw_stage_log_lines_dropped_total") < 4:
        pass
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, no_limit)
    assert httpx.get(gateway.url(api, "prod")).status_code == 200
    written(gateway, "pets", 2)
    assert metric(gateway, "apigw_stage_log_lines_total") == 2
    assert "lines of the log" in gateway.output.read_text()
    client.close()


def test_stage_logs_may_go_to_standard_output(start_gateway: StartGateway) -> None:
    gateway = start_gateway("--access-log", "off", environment={"APIGW_STAGE_LOGS": "stdout"})
    client = boto3_client(gateway)
    api = deployed(client)
    log_to(client, api, "pets", "here $context.requestId")
    found = httpx.get(gateway.url(api, "prod")).headers["x-amzn-requestid"]
    client.close()
    assert gateway.stop() == 0
    assert f"here {found}\n" in gateway.output.read_text()


def change(client: Any, api: str, *settings: tuple[str, str]) -> None:
    """Method settings of ``prod``."""
    operations = [{"op": "replace", "path": path, "value": value} for path, value in settings]
    client.update_stage(restApiId=api, stageName="prod", patchOperations=operations)


def test_execution_logs_tell_of_requests_by_level(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway)
    group = f"API-Gateway-Execution-Logs_{api}/prod"
    httpx.get(gateway.url(api, "prod"))
    change(apigateway, api, ("/*/*/logging/loglevel", "ERROR"))
    httpx.get(gateway.url(api, "prod"))
    nonsense = {"Content-Encoding": "nonsense"}
    refused = httpx.post(gateway.url(api, "prod"), content=b"{}", headers=nonsense)
    assert refused.status_code == 415
    change(apigateway, api, ("//GET/logging/loglevel", "INFO"))
    found = httpx.get(
        gateway.url(api, "prod", "/?a=%0a(x)&b=2"), headers={"Authorization": "Bearer secret", "x-api-key": "secret"}
    )
    lines = written(gateway, group, 1)
    while not lines[-1].endswith("Method completed with status: 200"):
        lines = written(gateway, group, 1)
    pattern = r"\[[^]]+\] \(([0-9a-f-]{36})\) (.+)"
    events = [matched.groups() for line in lines if (matched := re.fullmatch(pattern, line))]
    assert len(events) == len(lines)
    by_id: dict[str, list[str]] = {}
    for request_id, text in events:
        by_id.setdefault(request_id, []).append(text)
    # Refused before it was routed: AWS says nothing of what no method stands for.
    assert list(by_id) == [found.headers["x-amzn-requestid"]]
    (told,) = by_id.values()
    assert told[0] == f"Extended Request Id: {found.headers['x-amz-apigw-id']}"
    assert "HTTP Method: GET, Resource Path: /" in told
    assert "Method request query string: {a=\\x0a(x), b=2}" in told
    assert told[-2:] == ["Successfully completed execution", "Method completed with status: 200"]
    assert "secret" not in "".join(lines)
    change(apigateway, api, ("//GET/logging/loglevel", "OFF"))
    before = len(written(gateway, group, 1))
    httpx.get(gateway.url(api, "prod"))
    assert gateway.stop() == 0
    assert len(written(gateway, group, 1)) == before


def test_methods_have_metrics_where_their_stage_says_so(gateway: ServedGateway, apigateway: Any) -> None:
    api = deployed(apigateway, "Pets")
    httpx.get(gateway.url(api, "prod"))
    series = f'aws_apigateway_Count_total{{ApiName="Pets",ApiId="{api}",Stage="prod"'
    of_method = f'{series},Resource="/",Method="GET"}}'

    def count(line: str) -> int:
        text = httpx.get(f"{gateway.admin}/metrics").text
        return sum(int(one.rpartition(" ")[2]) for one in text.splitlines() if one.startswith(line + " "))

    assert (count(series + "}"), count(of_method)) == (1, 0)
    change(apigateway, api, ("/*/*/metrics/enabled", "true"))
    httpx.get(gateway.url(api, "prod"))
    assert (count(series + "}"), count(of_method)) == (2, 1)
    change(apigateway, api, ("/*/*/metrics/enabled", "false"))
    httpx.get(gateway.url(api, "prod"))
    assert (count(series + "}"), count(of_method)) == (3, 1)


def test_metrics_are_open_metrics_for_those_who_ask(gateway: ServedGateway) -> None:
    plain = httpx.get(f"{gateway.admin}/metrics")
    assert plain.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    asked = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.1"
    answer = httpx.get(f"{gateway.admin}/metrics", headers={"Accept": asked})
    assert answer.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert answer.text.endswith("# EOF\n")
    assert "# TYPE apigw_requests counter" in answer.text


def test_a_data_trace_shows_messages_and_no_secrets(gateway: ServedGateway, apigateway: Any, backend: Backend) -> None:
    integration = {"type": "http_proxy", "httpMethod": "POST", "uri": f"{backend.url}/{{proxy}}"}
    api = apigateway.import_rest_api(body=json.dumps({
        "openapi": "3.0.1", "info": {"title": "traced", "version": "1"},
        "paths": {"/{proxy+}": {"post": {
            "parameters": [{"name": "proxy", "in": "path", "required": True, "schema": {"type": "string"}}],
            "x-amazon-apigateway-integration": {
                **integration, "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"}}}}},
    }))["id"]  # fmt: skip
    role = {"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/logs"}
    apigateway.update_account(patchOperations=[role])
    apigateway.create_deployment(restApiId=api, stageName="prod")
    level = [{"op": "replace", "path": f"/*/*/logging/{name}", "value": value} for name, value in
             (("loglevel", "INFO"), ("dataTrace", "true"))]  # fmt: skip
    apigateway.update_stage(restApiId=api, stageName="prod", patchOperations=level)
    secret = "Bearer 0123456789abcdef"
    url = gateway.url(api, "prod")
    with httpx.Client(headers={"Authorization": secret, "Cookie": "session=0123456789"}) as client:
        client.post(f"{url}/bytes/70000", content="long " * 20_000)
        client.post(f"{url}/chunked/300", content=b"short\nbody")
        client.post(f"{url}/reset", content=b"gone")
    lines = written(gateway, f"API-Gateway-Execution-Logs_{api}/prod", 21 + 21 + 19)
    text = "\n".join(lines)
    assert secret not in text
    assert "session=" not in text
    assert "Authorization=*****************abcdef" in text
    assert "Method request body before transformations: short\\x0abody" in text
    (cut,) = [line for line in lines if "Method request body before transformations: long" in line]
    assert cut.endswith(" [TRUNCATED]")
    assert len(cut.partition(") ")[2]) == 1024 + len(" [TRUNCATED]")
    answered = [line for line in lines if "Method response body after transformations: xxx" in line]
    assert [line.endswith(" [TRUNCATED]") for line in sorted(answered, key=len)] == [False, True]
    assert "Execution failed due to a network error communicating with endpoint" in text
    assert 'Gateway response body: {"message":"Network error communicating with endpoint"}' in text
