"""Latency at a fixed rate, as what a contender adds to asking the backend directly.

A round asks the backend, nginx, the gateway and nginx again. What nginx differs from itself within a round is the
noise: the gateway's bar is that it adds no more than nginx does, give or take the widest such difference.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench import api, h2load
from bench.contenders import native, rivals
from bench.contenders.gateway import Starter
from bench.contenders.process import Server
from bench.findings import Findings, write
from bench.machine import cores, machine

RATE = 2_000
CLIENTS = 20


@dataclass(frozen=True)
class Plan:
    """How often and how long."""

    rounds: int = 12
    seconds: float = 3.0


@dataclass(frozen=True)
class Round:
    """Microseconds at one percentile."""

    direct: float
    nginx_before: float
    gateway: float
    nginx_after: float


def judge(name: str, rounds: list[Round]) -> Findings:
    """The row of one percentile."""
    nginx = [(one.nginx_before + one.nginx_after) / 2 - one.direct for one in rounds]
    gateway = [one.gateway - one.direct for one in rounds]
    spread = max(abs(one.nginx_after - one.nginx_before) for one in rounds)
    limit = round(median(nginx) + spread, 1)
    found = Findings()
    what = f"added {name} at {RATE:,} requests/s"
    # What is added can be negative when the backend alone was slowed by a neighbour.
    found.bar(what, round(median(gateway), 1), limit, "µs", nginx=f"{median(nginx):.0f} ± {spread:.0f} µs")
    return found


def run(results: Path | None, start: Starter, plan: Plan) -> Findings:
    """Measures, writes `latency.json`, judges."""
    pinned = cores()
    p50: list[Round] = []
    p99: list[Round] = []
    found = Findings()
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary, ExitStack() as running:
        directory = Path(temporary)

        def started(server: Server) -> Server:
            running.callback(server.stop)
            return server

        backend = started(native.backend(directory, pinned.load))
        answers = api.Answers(bytes=200, backend_port=backend.port)
        for name in ("nginx", "gateway"):
            (directory / name).mkdir()
        nginx = started(rivals.nginx(directory / "nginx", pinned.gateway, answers, None))
        gateway = started(start(directory / "gateway", pinned.gateway, answers, None))
        targets = directory / "targets"
        targets.write_text("\n".join(api.targets(answers, 2_000, seed=9)) + "\n")

        def ask(server: Server, seconds: float) -> tuple[float, float]:
            log = directory / "times"
            asked = h2load.at_rate(server, pinned.load, targets, clients=CLIENTS, rate=RATE, seconds=seconds, log=log)
            if asked.errors:
                found.complaints.append(f"latency: {asked.errors} wrong or missing answers")
            return h2load.percentiles(log)

        for server in (backend, nginx, gateway):
            ask(server, 0.3)
        for number in range(plan.rounds):
            measured = [ask(server, plan.seconds) for server in (backend, nginx, gateway, nginx)]
            p50.append(Round(*(one[0] for one in measured)))
            p99.append(Round(*(one[1] for one in measured)))
            print(f"latency round {number + 1}/{plan.rounds}: {p50[-1]} {p99[-1]}", flush=True)
    bars = Findings()
    for name, rounds in (("p50", p50), ("p99", p99)):
        bars.add(judge(name, rounds))
    found.rows += bars.rows
    if results is not None:
        found.complaints += bars.complaints
        content = {
            "machine": machine().as_json(),
            "rate": RATE,
            "clients": CLIENTS,
            "seconds": plan.seconds,
            "p50": [asdict(one) for one in p50],
            "p99": [asdict(one) for one in p99],
        }
        write(results, "latency", content, found)
    return found
