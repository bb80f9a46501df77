"""What is measured: three kinds of answers, the bar of each, and the contenders that can give it."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import api
from bench.contenders import native, rivals
from bench.contenders.process import Server, free_port, start

REFERENCE = "nginx"


@dataclass(frozen=True)
class Scenario:
    """One row of the table: an answer's size and origin, and the bar on the gateway's CPU a request."""

    name: str
    title: str
    bytes: int
    proxied: bool
    bar: float
    best_of: tuple[str, ...]
    """Rivals besides nginx against whose best the bar stands."""

    def answers(self, backend_port: int) -> api.Answers:
        return api.Answers(bytes=self.bytes, backend_port=backend_port if self.proxied else None)


SCENARIOS = (
    Scenario("http_proxy_200", "HTTP_PROXY, 200 B", bytes=200, proxied=True, bar=0.85, best_of=()),
    Scenario("http_proxy_64k", "HTTP_PROXY, 64 KB", bytes=65_536, proxied=True, bar=0.85, best_of=("haproxy",)),
    Scenario("mock_200", "MOCK, 200 B", bytes=200, proxied=False, bar=0.85, best_of=()),
)


@dataclass(frozen=True)
class Contender:
    """A name in the table and how its server is started in a directory of its own."""

    name: str
    start: Callable[[Path], Server]


def rivals_of(scenario: Scenario, backend_port: int, core: int) -> list[Contender]:
    """nginx, the floor and HAProxy for a scenario; the floor of an own answer is the C program that only answers."""
    answers = scenario.answers(backend_port)
    if scenario.proxied:
        lowest = Contender("floor", lambda directory: native.floor(directory, core, backend_port))
    else:
        lowest = Contender("floor", lambda directory: native.backend(directory, core))
    return [
        Contender(REFERENCE, lambda directory: rivals.nginx(directory, core, answers)),
        lowest,
        Contender("haproxy", lambda directory: rivals.haproxy(directory, core, answers)),
    ]


def also(scenario: Scenario, backend_port: int, core: int, name: str, command: str) -> Contender:
    """Any other program: words of ``command`` may hold {port}, {backend} and {scenario}."""

    def begin(directory: Path) -> Server:
        port = free_port()
        words = [word.format(port=port, backend=backend_port, scenario=scenario.name) for word in shlex.split(command)]
        server = start(words, port=port, core=core, output=directory / "out")
        server.host = "api.example.com"
        return server

    return Contender(name, begin)
