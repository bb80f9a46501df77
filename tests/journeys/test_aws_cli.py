"""The real aws CLI makes an API by hand and by import, deploys it, and the URL answers through a real backend.

AWS: https://docs.aws.amazon.com/cli/latest/reference/apigateway/
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from tests.backends.recording import Backend
from tests.journeys.conftest import ServedGateway

pytestmark = pytest.mark.aws


def test_by_hand(gateway: ServedGateway, aws: Callable[..., Any], backend: Backend) -> None:
    api = aws("create-rest-api", "--name", "by hand")["id"]
    root = aws("get-resources", "--rest-api-id", api)["items"][0]["id"]
    of = ["--rest-api-id", api]
    resource = aws("create-resource", *of, "--parent-id", root, "--path-part", "echo")["id"]
    of += ["--resource-id", resource, "--http-method", "GET"]
    aws("put-method", *of, "--authorization-type", "NONE")
    aws(
        "put-integration",
        *of,
        "--type",
        "HTTP_PROXY",
        "--integration-http-method",
        "GET",
        "--uri",
        f"{backend.url}/here",
    )
    aws("create-deployment", "--rest-api-id", api, "--stage-name", "prod")
    answer = httpx.get(gateway.url(api, "prod", "/echo?a=1&a=2"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["target"] == "/here?a=1&a=2"
    aws("delete-rest-api", "--rest-api-id", api)
    assert httpx.get(gateway.url(api, "prod", "/echo")).status_code == 403


def test_by_import(gateway: ServedGateway, aws: Callable[..., Any], backend: Backend, tmp_path: Path) -> None:
    document = tmp_path / "api.yaml"
    document.write_text(
        f"""
swagger: "2.0"
info: {{title: by import, version: "1"}}
paths:
  /things/{{id}}:
    get:
      parameters:
        - {{name: id, in: path, required: true, type: string}}
      responses:
        200: {{description: a thing}}
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: GET
        uri: {backend.url}/v1/{{id}}
        requestParameters:
          integration.request.path.id: method.request.path.id
"""
    )
    api = aws("import-rest-api", "--body", f"fileb://{document}")["id"]
    aws("create-deployment", "--rest-api-id", api, "--stage-name", "v1")
    answer = httpx.get(gateway.url(api, "v1", "/things/a%20b"))
    assert answer.status_code == 200, answer.text
    assert orjson.loads(answer.content)["target"] == "/v1/a%20b"
    assert [each["stageName"] for each in aws("get-stages", "--rest-api-id", api)["item"]] == ["v1"]
