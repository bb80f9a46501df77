"""What a load is and what a driver of it says; `wrk`, `h2load` and `handshakes` are the drivers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from bench.contenders.process import Server


@dataclass(frozen=True)
class Load:
    """The same load for every contender of a scenario."""

    core: int
    connections: int
    targets: Path
    body_bytes: int
    request_bytes: int = 0
    """Bytes of a POST's body; 0: GET."""
    pipelined: int = 1
    """Requests sent before their answers are awaited (HTTP/1.1)."""
    streams: int = 1
    """Requests at once on a connection (HTTP/2)."""
    closing: bool = False
    """Every request asks for its connection to be closed."""
    looked_at: bool = False
    """Every answer's body is looked at. wrk is then slower than a fast server, which then mostly waits."""

    @property
    def in_flight(self) -> int:
        """Requests whose answers may be cut off at the end."""
        return self.connections * self.pipelined * self.streams


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a driver counted; a request cut off at the end is in none of the numbers."""

    requests: int
    microseconds: int
    bytes: int
    bad_status: int
    bad_body: int
    socket_errors: int

    @property
    def errors(self) -> int:
        return self.bad_status + self.bad_body + self.socket_errors


class DriverFailedError(Exception):
    """A driver ended without a summary, with what it wrote."""


Driver: TypeAlias = Callable[[Server, Load, float], Summary]
"""Loads a server for about so many seconds."""
