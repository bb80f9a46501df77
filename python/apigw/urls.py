"""How clients on this machine reach a listener and the stages behind it."""

from __future__ import annotations


def reachable(listener: str) -> str:
    """How a client on this machine reaches a listener, which may be on all addresses."""
    host, _, port = listener.rpartition(":")
    return {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host) + f":{port}"  # noqa: S104


def invoke_url(listener: str, api_id: str, stage: str, *, scheme: str = "http") -> str:
    """A URL of a stage that needs no name service."""
    return f"{scheme}://{reachable(listener)}/_aws/execute-api/{api_id}/{stage}"


def host_url(listener: str, api_id: str, stage: str) -> str:
    """A URL of a stage whose host is the API, as on AWS (``*.localhost`` is this machine)."""
    return f"http://{api_id}.execute-api.localhost:{listener.rpartition(':')[2]}/{stage}"
