"""A client of the admin API for commands: httpx, signed by the engine's own code."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson

from apigw import data_dir, urls
from apigw.admin_api import AdminError, Send
from apigw.config import Settings
from apigw.data_dir import Credentials
from apigw.engine import Engine


def admin_endpoint(settings: Settings) -> str:
    """Where the running gateway's admin API is, else where the settings say."""
    running = data_dir.running(settings.data_dir)
    listener = (running.admin_listen if running else settings.admin_listen)[0]
    return f"http://{urls.reachable(listener)}"


@contextlib.contextmanager
def admin_client(settings: Settings, patience: float = 120) -> Iterator[Send]:
    """A function that sends signed management calls to the running gateway, over one connection.

    ``patience`` is how many seconds a call may take; a call that fails raises ``AdminError`` of status 0.
    """
    keys = data_dir.credentials(settings.data_dir, os.environ)
    endpoint = admin_endpoint(settings)
    # The admin API is ours and near: no proxy of the environment may see its calls.
    client = httpx.Client(timeout=httpx.Timeout(patience, connect=min(patience, 5)), trust_env=False)
    with client:
        yield _sender(client, settings, keys, endpoint)


def _sender(client: httpx.Client, settings: Settings, keys: Credentials, endpoint: str) -> Send:
    def send(method: str, path: str, query: list[tuple[str, str]], body: bytes) -> tuple[int, Any]:
        url = endpoint + path + (f"?{urlencode(query)}" if query else "")
        headers = [("accept", "application/json"), ("content-type", "application/json")]
        signed = Engine.sign(
            method,
            url,
            [*headers, ("host", endpoint.removeprefix("http://"))],
            body,
            keys.access_key_id,
            keys.secret_access_key,
            settings.region,
            "apigateway",
            int(time.time()),
        )
        try:
            answer = client.request(method, url, headers=[*headers, *signed], content=body)
        except httpx.ConnectError:
            raise AdminError(0, f"no gateway answers at {endpoint}; start one with: apigw serve") from None
        except httpx.TimeoutException:
            raise AdminError(0, f"the gateway at {endpoint} did not answer in time") from None
        except httpx.HTTPError as error:
            raise AdminError(0, f"the gateway at {endpoint} failed: {error}") from None
        if answer.status_code in (401, 403):
            raise AdminError(answer.status_code, _refused(endpoint, answer))
        return answer.status_code, orjson.loads(answer.content) if answer.content else None

    return send


def _refused(endpoint: str, answer: httpx.Response) -> str:
    """Why the gateway does not take the key, and what to do."""
    try:
        message = answer.json().get("message") or answer.json().get("Message")
    except (ValueError, AttributeError):
        message = f"it answered {answer.status_code}"
    return (
        f"the gateway at {endpoint} refused the credentials: {message}; use its --data-dir, "
        "or its APIGW_ACCESS_KEY_ID and APIGW_SECRET_ACCESS_KEY"
    )
