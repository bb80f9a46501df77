"""Parsers that share no code with ours: h11, Node's, Go's, nginx. Each reads whole batches of connections.

An input is a connection's bytes (for answers with the method that was asked); what comes back is the messages in it, and
whether the parser refused something. Node and Go read a batch from standard input as JSON and write one result an input.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h11

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Read:
    """``messages``: method (or status), target (or nothing), body (``None``: cut); ``error``: what ended the reading."""

    messages: list[tuple[str, str, bytes | None]]
    error: str | None = None


Inputs = list[tuple[str, bytes]]
Oracle = Callable[[str, Inputs], list[Read]]


def _program(command: list[str], kind: str, inputs: Inputs) -> list[Read]:
    asked = {"kind": kind, "inputs": [[method, base64.b64encode(said).decode()] for method, said in inputs]}
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    results = json.loads(done.stdout)
    assert len(results) == len(inputs)
    return [
        Read(
            [
                (head, target, None if body is None else base64.b64decode(body))
                for head, target, body in result["messages"]
            ],
            result["error"],
        )
        for result in results
    ]


def node(kind: str, inputs: Inputs) -> list[Read]:
    """Node's http."""
    return _program(["node", str(HERE / "parse.js")], kind, inputs)


def build_go(target: Path) -> None:
    """Compile the program that ``go`` runs."""
    environment = os.environ | {"GO111MODULE": "off", "CGO_ENABLED": "0"}
    subprocess.run(["go", "build", "-o", str(target), str(HERE / "parse.go")], env=environment, check=True, timeout=110)


def go(built: Path) -> Oracle:
    """Go's net/http, in a program that was built."""
    return lambda kind, inputs: _program([str(built)], kind, inputs)


def by_h11(kind: str, inputs: Inputs) -> list[Read]:
    """h11, in this process."""
    return [(_requests if kind == "requests" else _answer)(method, said) for method, said in inputs]


def _requests(_: str, said: bytes) -> Read:
    messages: list[tuple[str, str, bytes | None]] = []
    while said:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(said)
        connection.receive_data(b"")
        try:
            head, body = message(connection)
        except h11.RemoteProtocolError as error:
            return Read(messages, str(error))
        assert isinstance(head, h11.Request)
        messages.append((head.method.decode(), head.target.decode(), body))
        if connection.their_state is h11.MUST_CLOSE:
            break
        said = connection.trailing_data[0]
    return Read(messages)


def _answer(method: str, said: bytes) -> Read:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "h")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(said)
    connection.receive_data(b"")
    try:
        head, body = message(connection)
    except h11.RemoteProtocolError as error:
        return Read([], str(error))
    assert isinstance(head, h11.Response)
    rest = connection.trailing_data[0]
    return Read([(str(head.status_code), "", body)], f"{len(rest)} more bytes" if rest else None)


def message(connection: h11.Connection) -> tuple[h11.Request | h11.Response, bytes]:
    """Head and body of one complete message that was received."""
    head, body = None, b""
    while True:
        match event := connection.next_event():
            case h11.Request() | h11.Response():
                head = event
            case h11.Data():
                body += bytes(event.data)
            case h11.EndOfMessage():
                assert head is not None
                return head, body
            case h11.InformationalResponse():
                pass
            case _:
                raise h11.RemoteProtocolError(f"no whole message: {event}")
