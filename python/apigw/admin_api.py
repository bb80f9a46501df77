"""The management API as its clients here use it: one call, and the lists that come page by page.

Knows no socket: ``send`` carries a call (in process for ``serve`` and the Python API, over HTTP for commands).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from apigw.errors import GatewayError

# method, path, query, body → status, JSON (or None)
Send = Callable[[str, str, list[tuple[str, str]], bytes], tuple[int, Any]]


class AdminError(GatewayError):
    """A management call that was refused."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def call(send: Send, method: str, path: str, query: list[tuple[str, str]] | None = None, body: bytes = b"") -> Any:
    """One management call's answer; raises ``AdminError``."""
    status, answer = send(method, path, query or [], body)
    if status >= 300:
        message = answer.get("message") or answer.get("Message") if isinstance(answer, dict) else None
        raise AdminError(status, message or f"the management API answered {status}")
    return answer if answer is not None else {}


def rest_apis(send: Send) -> Iterator[dict[str, Any]]:
    """All REST APIs."""
    return _pages(send, "/restapis", [])


def resources_with_methods(send: Send, api_id: str) -> Iterator[dict[str, Any]]:
    """All resources of an API, each with all that is said of its methods."""
    return _pages(send, f"/restapis/{quote(api_id, safe='')}/resources", [("embed", "methods")])


def stages(send: Send, api_id: str) -> list[str]:
    """The names of an API's stages."""
    return [each["stageName"] for each in call(send, "GET", f"/restapis/{api_id}/stages").get("item", [])]


def _pages(send: Send, path: str, query: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    position: list[tuple[str, str]] = []
    while True:
        page = call(send, "GET", path, [("limit", "500"), *query, *position])
        yield from page.get("item", [])
        if not page.get("position"):
            return
        position = [("position", page["position"])]
