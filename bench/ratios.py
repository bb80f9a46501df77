"""The ratios to nginx: a scenario with all its contenders, and the agreement of counts after it."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import agreement, api, certificate, report
from bench.contenders import native
from bench.contenders.gateway import Starter
from bench.contenders.process import Server
from bench.findings import Findings, write
from bench.machine import Cores, cores, machine
from bench.measure import Measured, Plan, Record, measure
from bench.scenarios import Contender, Scenario, also, rivals_of


@dataclass(frozen=True)
class Entrants:
    """Who is measured beside nginx, the floor and HAProxy."""

    gateway: str
    """The gateway's name in the table."""
    start: Starter | None
    """None: only the others."""
    also: Sequence[str]
    """`NAME=COMMAND` of other programs."""


def run(scenario: Scenario, plan: Plan, entrants: Entrants, results: Path | None) -> Findings:
    """Measures a scenario; with ``results``, writes its file and holds the gateway to its bar."""
    pinned = cores()
    found = Findings()
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary, ExitStack() as running:
        directory = Path(temporary)
        backend = native.backend(directory, pinned.load)
        running.callback(backend.stop)
        measured = _measure(scenario, plan, pinned, entrants, backend.port, directory, found)
    found.rows.append(report.row(measured, entrants.gateway))
    if measured.errors():
        found.complaints.append(f"{scenario.name}: {measured.errors()} wrong or missing answers")
    if results is not None:
        write(results, scenario.name, report.content(measured, machine(), plan, entrants.gateway), found)
        if report.passed(measured, entrants.gateway) is False:
            found.complaints.append(f"{scenario.title}: the bar of {scenario.bar} is missed")
    return found


def _measure(
    scenario: Scenario,
    plan: Plan,
    pinned: Cores,
    entrants: Entrants,
    backend_port: int,
    directory: Path,
    found: Findings,
) -> Measured:
    answers = scenario.answers(backend_port)
    tls = certificate.make(directory) if scenario.secure else None
    targets = directory / "targets"
    targets.write_text("\n".join(api.targets(answers, scenario.targets, seed=1)) + "\n")
    contenders = rivals_of(scenario, backend_port, pinned.gateway, tls)
    start = entrants.start
    if start is not None:
        contenders.append(Contender(entrants.gateway, lambda own: start(own, pinned.gateway, answers, tls)))
    for words in entrants.also:
        contenders.append(also(scenario, backend_port, pinned.gateway, *words.split("=", 1)))

    def afterwards(servers: dict[str, Server], records: list[Record]) -> None:
        if entrants.gateway in servers:
            own = [record for record in records if record.contender == entrants.gateway]
            found.add(agreement.compare(scenario, servers[entrants.gateway], answers, own, plan.connections))

    return measure(
        scenario,
        contenders,
        cores=pinned,
        plan=plan,
        targets=targets,
        directory=directory,
        afterwards=afterwards,
        say=lambda line: print(line, flush=True),
    )
