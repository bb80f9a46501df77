"""User memory of an idle connection: many are opened, each asks once and stays."""

import resource
import tempfile
from functools import partial
from pathlib import Path

from bench import api, certificate, memory
from bench.contenders import rivals
from bench.contenders.gateway import Starter
from bench.findings import Findings, amount, write
from bench.lockstep import Lockstep
from bench.machine import machine

CONNECTIONS = 5_000
BAR_BYTES = 1_280.0
SECURE_CONNECTIONS = 1_000
SECURE_GOAL_BYTES = 8_192.0


def bytes_a_connection(start: Starter, connections: int, *, asked: bool, secure: bool) -> float:
    """Bytes of anonymous memory a connection takes after one MOCK, or without any request."""
    answers = api.Answers(bytes=200, backend_port=None)
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary:
        directory = Path(temporary)
        server = start(directory, None, answers, certificate.make(directory) if secure else None)
        try:
            # One connection first: what the first request of all makes belongs to none.
            with Lockstep(server, 1, answers) as warm_up:
                warm_up.ask(api.targets(answers, 100, seed=3))
            before = memory.anonymous(server.pid)
            with Lockstep(server, connections, answers) as client:
                if asked:
                    client.ask_in_turn(api.targets(answers, connections, seed=4))
                # Connections are taken up in order: once the last answers, all are there.
                client.ask_last(api.targets(answers, 1, seed=5)[0])
                return (memory.anonymous(server.pid) - before) / connections
        finally:
            server.stop()


def run(results: Path, start: Starter) -> Findings:
    """Plain connections: measures, writes `idle.json`, judges."""
    allow_files(CONNECTIONS + 500)
    measure = partial(bytes_a_connection, start, CONNECTIONS, secure=False)
    measured = {"asked": measure(asked=True), "silent": measure(asked=False)}
    found = Findings()
    found.bar(f"user memory of an idle connection ({CONNECTIONS:,} open)", measured["asked"], BAR_BYTES, "B")
    content = {"machine": machine().as_json(), "connections": CONNECTIONS, "bytes": measured}
    write(results, "idle", content, found)
    return found


def run_secure(results: Path | None, start: Starter, connections: int = SECURE_CONNECTIONS) -> Findings:
    """TLS connections, and nginx's beside them."""
    allow_files(connections + 500)
    measure = partial(bytes_a_connection, connections=connections, asked=True, secure=True)
    ours, theirs = measure(start), measure(rivals.nginx)
    what = f"user memory of an idle TLS connection ({connections:,} open)"
    found = Findings()
    found.goal(what, ours, SECURE_GOAL_BYTES, "B", nginx=f"{amount(theirs)} B")
    if results is not None:
        content = {"machine": machine().as_json(), "connections": connections, "bytes": ours, "bytes_nginx": theirs}
        write(results, "idle_tls", content, found)
    return found


def allow_files(count: int) -> None:
    """Raises this process's limit of open files, which its children inherit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        wanted = hard if hard != resource.RLIM_INFINITY else max(count, 20_000)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
