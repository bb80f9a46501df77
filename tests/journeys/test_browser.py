"""A browser fetches an API from a page of another origin: CORS as AWS's own guide builds it, by MOCK methods for OPTIONS.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apigw import Gateway
from tests.conftest import OUTSIDE, program

pytestmark = pytest.mark.chromium

# The page asks one thing after the other and reports what its scripts were allowed to see.
PAGE = """<!doctype html><title>A page</title><script>
async function ask([path, options]) {
  try {
    const answer = await fetch(GATEWAY + path, options);
    return {status: answer.status, said: await answer.text(), header: answer.headers.get("x-exposed"),
            hidden: answer.headers.get("x-hidden")};
  } catch (error) {
    return {refused: error.name};
  }
}
(async () => {
  const answers = [];
  for (const each of ASK) answers.push(await ask(each));
  await fetch("/report", {method: "POST", body: JSON.stringify(answers)});
})();
</script>"""


def says(status: str, headers: dict[str, str], said: str = "") -> dict[str, Any]:
    """A method that answers with literal headers."""
    return {
        "responses": {status: {"description": "x", "headers": {name: {"type": "string"} for name in headers}}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": f'{{"statusCode": {status}}}'},
            "passthroughBehavior": "when_no_templates",
            "responses": {
                "default": {
                    "statusCode": status,
                    "responseParameters": {
                        f"method.response.header.{name}": f"'{value}'" for name, value in headers.items()
                    },
                    "responseTemplates": {"application/json": said},
                }
            },
        },
    }


def api(origin: str) -> dict[str, Any]:
    """Methods with and without CORS, and the OPTIONS methods that preflights ask."""
    allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "X-Exposed"}
    preflight = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET,PUT",
        "Access-Control-Allow-Headers": "content-type,x-token",
    }
    shown = {**allowed, "X-Exposed": "seen", "X-Hidden": "unseen"}
    return {
        "swagger": "2.0",
        "info": {"title": "cors", "version": "1"},
        "paths": {
            "/pets": {
                "get": says("200", shown, '["dog"]'),
                "put": says("201", allowed, "put"),
                "delete": says("200", allowed, "deleted"),
                "options": says("204", preflight),
            },
            "/silent": {"get": says("200", {}, "nothing for others"), "put": says("200", allowed, "no preflight")},
        },
    }


class Site:
    """An origin with one page, which reports to it."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self.page = ""
        self.reports: queue.Queue[Any] = queue.Queue()


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """A server for a page."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(here.page if self.path == "/" else "")

        def do_POST(self) -> None:
            here.reports.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.answer("")

        def answer(self, body: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        here = Site(server.server_port)
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield here
        finally:
            server.shutdown()
            serving.join()


@contextlib.contextmanager
def browser(directory: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """A browser without a window or a past, with ``url`` open."""
    found = program(OUTSIDE["chromium"][0])
    assert found is not None
    command = [
        *(found, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--no-proxy-server", f"--user-data-dir={directory / 'profile'}"),
        # The gateway's certificate is its own; whether clients can trust it is tested elsewhere.
        *("--ignore-certificate-errors", "--remote-debugging-port=0", url),
    ]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "TMPDIR": str(directory)}
    with (directory / "browser.log").open("wb") as log:
        running = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(30)


@pytest.mark.parametrize(("tls", "protocol"), [(False, "HTTP/1.1"), (True, "HTTP/2.0")], ids=["plain", "TLS"])
def test_a_page_of_another_origin_sees_what_cors_allows(tls: bool, protocol: str, tmp_path: Path) -> None:
    asked = [
        ("/pets", {}),
        ("/pets", {"method": "PUT", "headers": {"X-Token": "a", "Content-Type": "application/json"}, "body": "{}"}),
        # Its preflight allows no DELETE.
        ("/pets", {"method": "DELETE"}),
        # Its preflight allows no such header.
        ("/pets", {"headers": {"X-Other": "a"}}),
        ("/silent", {}),
        # A preflight that nothing answers.
        ("/silent", {"method": "PUT", "headers": {"X-Token": "a"}}),
        # AWS: a gateway response has no CORS headers of its own.
        ("/missing", {}),
    ]
    log = tmp_path / "access.log"
    with site() as here, Gateway.from_documents([api(here.origin)], access_log=log) as gateway:
        stage = gateway.url("/", tls=tls).removesuffix("/")
        here.page = PAGE.replace("GATEWAY", json.dumps(stage)).replace("ASK", json.dumps(asked))
        with browser(tmp_path, here.origin):
            try:
                answers = here.reports.get(timeout=60)
            except queue.Empty:
                pytest.fail((tmp_path / "browser.log").read_text(errors="replace"))
        gateway.flush_access_log()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    refused = {"refused": "TypeError"}
    assert answers == [
        {"status": 200, "said": '["dog"]', "header": "seen", "hidden": None},
        {"status": 201, "said": "put", "header": None, "hidden": None},
        *[refused] * 5,
    ]
    assert [(line["httpMethod"], line["path"].rpartition("/")[2], line["status"]) for line in lines] == [
        ("GET", "pets", 200),
        ("OPTIONS", "pets", 204),
        ("PUT", "pets", 201),
        ("OPTIONS", "pets", 204),
        ("OPTIONS", "pets", 204),
        ("GET", "silent", 200),
        ("OPTIONS", "silent", 403),
        ("GET", "missing", 403),
    ]
    assert {line["userAgent"].partition("/")[0] for line in lines} == {"Mozilla"}
    assert {line["protocol"] for line in lines} == {protocol}
