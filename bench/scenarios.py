"""What is measured against nginx: kinds of requests and answers, their bars, who drives them and who can answer."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import api, h2load, handshakes, wrk
from bench.certificate import Certificate
from bench.contenders import native, rivals
from bench.contenders.process import Server, free_port, start
from bench.drivers import Driver, Load

REFERENCE = "nginx"


@dataclass(frozen=True)
class Scenario:
    """One row of the table: what is asked, how, and the bar on the gateway's CPU a request relative to nginx's."""

    name: str
    title: str
    bytes: int = 200
    proxied: bool = True
    bar: float | None = None
    """None: measured and shown, nobody promised a number."""
    best_of: tuple[str, ...] = ()
    """Rivals besides nginx against whose best the bar stands."""
    request_bytes: int = 0
    pipelined: int = 1
    closing: bool = False
    secure: bool = False
    streams: int = 0
    """Requests at once on an HTTP/2 connection; 0: HTTP/1.1."""
    connections: int | None = None
    """None: as many as the plan says."""
    driver: Driver = wrk.drive
    requests_a_slot: int | None = None
    """HTTP requests in a slot when these are not what is counted (handshakes)."""
    rivals: tuple[str, ...] = ("floor", "haproxy")
    cached: bool = False
    targets: int = 20_000
    """Different ones; of what is cached, as many as there is memory for."""

    def answers(self, backend_port: int) -> api.Answers:
        backend = backend_port if self.proxied else None
        return api.Answers(bytes=self.bytes, backend_port=backend, request_bytes=self.request_bytes, cached=self.cached)

    def load(self, core: int, connections: int, targets: Path) -> Load:
        return Load(
            core=core,
            connections=self.connections or connections,
            targets=targets,
            body_bytes=self.bytes,
            request_bytes=self.request_bytes,
            pipelined=self.pipelined,
            streams=max(1, self.streams),
            closing=self.closing,
        )


def _http2(streams: int, bar: float | None) -> Scenario:
    return Scenario(
        f"http2_{streams}",
        f"HTTP/2 over TLS, HTTP_PROXY, 200 B, {streams} stream{'s' if streams > 1 else ''}",
        bar=bar,
        secure=True,
        streams=streams,
        connections=16,
        driver=h2load.http2,
        rivals=("haproxy",),
    )


def _cached(name: str, size: str, length: int) -> Scenario:
    return Scenario(
        name,
        f"cache hit, {size}",
        bytes=length,
        bar=0.85,
        best_of=("varnish",),
        rivals=("varnish",),
        cached=True,
        targets=1000,
    )


SCENARIOS = (
    Scenario("http_proxy_200", "HTTP_PROXY, 200 B", bar=0.85),
    Scenario("http_proxy_64k", "HTTP_PROXY, 64 KB", bytes=65_536, bar=0.85, best_of=("haproxy",)),
    Scenario("http_proxy_1m", "HTTP_PROXY, 1 MB streamed", bytes=1 << 20, connections=16, driver=h2load.http1),
    Scenario("post_10k", "HTTP_PROXY, POST of 10 KB", request_bytes=10_240),
    _cached("cache_hit_200", "200 B", 200),
    _cached("cache_hit_64k", "64 KB", 65_536),
    Scenario("mock_200", "MOCK, 200 B", proxied=False, bar=0.85),
    Scenario("pipelined", "MOCK, 200 B, 16 requests pipelined", proxied=False, pipelined=16),
    # The programs of the floor do not close when they are asked to.
    Scenario(
        "connections", "a new connection for each MOCK", proxied=False, bar=1.0, closing=True, rivals=("haproxy",)
    ),
    Scenario("tls_http_proxy_200", "HTTP_PROXY, 200 B, over TLS", bar=0.9, secure=True, rivals=("haproxy",)),
    Scenario(
        "tls_full",
        "full TLS handshake",
        bar=1.0,
        secure=True,
        connections=1,
        driver=handshakes.full,
        requests_a_slot=0,
        rivals=("haproxy",),
    ),
    Scenario(
        "tls_resumed",
        "resumed TLS handshake",
        secure=True,
        connections=1,
        driver=handshakes.resumed,
        requests_a_slot=1,
        rivals=("haproxy",),
    ),
    _http2(1, None),
    _http2(32, 1.0),
    _http2(100, None),
)


@dataclass(frozen=True)
class Contender:
    """A name in the table and how its server is started in a directory of its own."""

    name: str
    start: Callable[[Path], Server]


def rivals_of(scenario: Scenario, backend_port: int, core: int, tls: Certificate | None) -> list[Contender]:
    """nginx and who else can do it; the floor of an own answer is the C program that only answers."""
    answers = scenario.answers(backend_port)
    if scenario.proxied:
        lowest = Contender("floor", lambda directory: native.floor(directory, core, backend_port))
    else:
        lowest = Contender("floor", lambda directory: native.backend(directory, core))
    others = [
        lowest,
        Contender("haproxy", lambda directory: rivals.haproxy(directory, core, answers, tls)),
        Contender("varnish", lambda directory: rivals.varnish(directory, core, answers)),
    ]
    reference = Contender(REFERENCE, lambda directory: rivals.nginx(directory, core, answers, tls))
    return [reference, *(one for one in others if one.name in scenario.rivals)]


def also(scenario: Scenario, backend_port: int, core: int, name: str, command: str) -> Contender:
    """Any other program: words of ``command`` may hold {port}, {backend} and {scenario}."""

    def begin(directory: Path) -> Server:
        port = free_port()
        words = [word.format(port=port, backend=backend_port, scenario=scenario.name) for word in shlex.split(command)]
        server = start(words, port=port, core=core, output=directory / "out")
        server.host, server.secure = "api.example.com", scenario.secure
        return server

    return Contender(name, begin)
