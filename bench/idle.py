"""User memory of an idle plain connection: 5,000 are opened, each asks once and stays."""

import resource
import tempfile
from pathlib import Path

from bench import api, memory
from bench.contenders.gateway import Starter
from bench.findings import Findings, write
from bench.lockstep import Lockstep
from bench.machine import machine

CONNECTIONS = 5_000
BAR_BYTES = 1_280.0


def bytes_a_connection(start: Starter, connections: int) -> dict[str, float]:
    """Bytes of anonymous memory a connection takes after one MOCK and, measured apart, without any request."""
    answers = api.Answers(bytes=200, backend_port=None)
    found = {}
    for asked in (True, False):
        with tempfile.TemporaryDirectory(prefix="apigw-bench-") as directory:
            server = start(Path(directory), None, answers)
            try:
                # One connection first: what the first request of all makes belongs to none.
                with Lockstep(server, 1, answers.bytes) as warm_up:
                    warm_up.ask(api.targets(answers, 100, seed=3))
                before = memory.anonymous(server.pid)
                with Lockstep(server, connections, answers.bytes) as client:
                    if asked:
                        client.ask_in_turn(api.targets(answers, connections, seed=4))
                    # Connections are taken up in order: once the last answers, all are there.
                    client.ask_last(api.targets(answers, 1, seed=5)[0])
                    after = memory.anonymous(server.pid)
            finally:
                server.stop()
        found["asked" if asked else "silent"] = (after - before) / connections
    return found


def run(results: Path, start: Starter) -> Findings:
    """Measures, writes `idle.json`, judges."""
    allow_files(CONNECTIONS + 500)
    measured = bytes_a_connection(start, CONNECTIONS)
    write(results, "idle", {"machine": machine().as_json(), "connections": CONNECTIONS, "bytes": measured})
    found = Findings()
    found.bar(f"user memory of an idle connection ({CONNECTIONS:,} open)", measured["asked"], BAR_BYTES, "B")
    return found


def allow_files(count: int) -> None:
    """Raises this process's limit of open files, which its children inherit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        wanted = hard if hard != resource.RLIM_INFINITY else max(count, 20_000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
