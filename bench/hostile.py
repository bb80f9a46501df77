"""What good requests notice while hostile connections are held: their p99 with and without, and that none fails.

Held are connections that send nothing, that send their head a byte at a time, and that ask again and again and never
read. Good requests come at a fixed rate from well-behaved clients.
"""

import os
import socket
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bench import api, h2load
from bench.contenders import native, rivals
from bench.contenders.gateway import Starter
from bench.contenders.process import Server
from bench.findings import Findings, write
from bench.idle import allow_files
from bench.machine import Cores, cores, machine

RATE = 1_000
CLIENTS = 20
BYTES = 8_192
# Asked for at once by those who never read: more than the sockets' buffers hold.
ASKED = 600


@dataclass(frozen=True)
class Plan:
    """How many of each kind, and for how long good requests are asked."""

    silent: int = 1_000
    slow: int = 1_000
    unread: int = 100
    seconds: float = 5.0


class Held:
    """Hostile connections, as long as the context lasts; slow heads grow by a byte each second."""

    def __init__(self, server: Server, plan: Plan, target: str) -> None:
        self._server, self._plan, self._target = server, plan, target
        self._open: list[socket.socket] = []
        self._stopped = threading.Event()

    def __enter__(self) -> "Held":
        head = f"GET {self._target} HTTP/1.1\r\nHost: {self._server.host}\r\n"
        for _ in range(self._plan.silent):
            self._connect()
        self._slow = [self._connect() for _ in range(self._plan.slow)]
        for one in self._slow:
            one.send(head.encode())
        for _ in range(self._plan.unread):
            one = self._connect()
            one.send(f"{head}\r\n".encode() * ASKED)
        self._drip = threading.Thread(target=self._run, name="slow heads")
        self._drip.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._drip.join()
        for one in self._open:
            one.close()

    def _connect(self) -> socket.socket:
        one = socket.socket()
        # Little room, so that an answer that is not read stays with the server.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(("127.0.0.1", self._server.port))
        one.setblocking(False)
        self._open.append(one)
        return one

    def _run(self) -> None:
        while not self._stopped.wait(1.0):
            for one in self._slow:
                try:
                    one.send(b"x")
                except OSError:
                    continue  # The server had enough of it, which is its right.


def run(results: Path | None, start: Starter, plan: Plan) -> Findings:
    """Measures, writes `hostile.json`; good requests that fail are a complaint."""
    allow_files(plan.silent + plan.slow + plan.unread + 1_000)
    pinned = cores()
    # The hostile clients are threads of this process.
    usable = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {pinned.load})
    found = Findings()
    times: dict[str, dict[str, float]] = {}
    try:
        with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary, ExitStack() as running:
            directory = Path(temporary)
            backend = native.backend(directory, pinned.load)
            running.callback(backend.stop)
            answers = api.Answers(bytes=BYTES, backend_port=backend.port)
            targets = directory / "targets"
            targets.write_text("\n".join(api.targets(answers, 1_000, seed=10)) + "\n")
            for name, begin in (("nginx", rivals.nginx), ("apigw", start)):
                (directory / name).mkdir()
                server = begin(directory / name, pinned.gateway, answers, None)
                running.callback(server.stop)
                times[name] = _percentiles(server, plan, pinned, targets, found)
    finally:
        os.sched_setaffinity(0, usable)
    shown = {name: f"{one['held'] / 1000:.2f} ms (alone {one['alone'] / 1000:.2f})" for name, one in times.items()}
    held = plan.silent + plan.slow + plan.unread
    found.figure(
        f"p99 of good requests at {RATE:,}/s beside {held:,} hostile connections", shown["apigw"], nginx=shown["nginx"]
    )
    if results is not None:
        content = {"machine": machine().as_json(), "rate": RATE, "silent": plan.silent, "slow": plan.slow}
        write(results, "hostile", {**content, "unread": plan.unread, "p99_microseconds": times}, found)
    return found


def _percentiles(server: Server, plan: Plan, pinned: Cores, targets: Path, found: Findings) -> dict[str, float]:
    """The p99 without and with hostile connections, in microseconds."""
    measured = {}
    log = targets.with_name("times")
    for kind in ("alone", "held"):
        with ExitStack() as holding:
            if kind == "held":
                holding.enter_context(Held(server, plan, targets.read_text().partition("\n")[0]))
            asked = h2load.at_rate(
                server, pinned.load, targets, clients=CLIENTS, rate=RATE, seconds=plan.seconds, log=log
            )
        if asked.errors:
            found.complaints.append(f"hostile: {asked.errors} good requests failed ({kind})")
        measured[kind] = h2load.percentiles(log)[1]
    return measured
