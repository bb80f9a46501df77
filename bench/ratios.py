"""The table of ratios: every scenario with every contender, and the agreement of counts after each."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import agreement, api, report
from bench.contenders import native
from bench.contenders.gateway import Starter
from bench.contenders.process import Server
from bench.findings import Findings
from bench.machine import Cores, cores, machine
from bench.measure import Measured, Plan, Record, measure
from bench.scenarios import Contender, Scenario, also, rivals_of

TARGETS = 20_000


@dataclass(frozen=True)
class Entrants:
    """Who is measured beside nginx, the floor and HAProxy."""

    gateway: str
    """The gateway's name in the table."""
    start: Starter | None
    """None: only the others."""
    also: Sequence[str]
    """`NAME=COMMAND` of other programs."""


def run(scenarios: Sequence[Scenario], plan: Plan, entrants: Entrants, results: Path | None) -> Findings:
    """Measures all scenarios and prints the table; with ``results``, writes files and holds the gateway to its bars."""
    pinned = cores()
    found = Findings()
    measured = []
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary, ExitStack() as running:
        directory = Path(temporary)
        backend = native.backend(directory, pinned.load)
        running.callback(backend.stop)
        for scenario in scenarios:
            own = directory / scenario.name
            own.mkdir()
            measured.append(_scenario(scenario, plan, pinned, entrants, backend.port, own, found))
    print("\n".join(["", *report.table(measured, entrants.gateway), ""]))
    for one in measured:
        if one.errors():
            found.complaints.append(f"{one.scenario.name}: {one.errors()} wrong or missing answers")
        if results is not None:
            report.write_json(results, one, machine(), plan, entrants.gateway)
            if report.passed(one, entrants.gateway) is False:
                found.complaints.append(f"{one.scenario.title}: the bar of {one.scenario.bar} is missed")
    if results is not None:
        (results / "latest.md").write_text(report.markdown(measured, machine(), plan, entrants.gateway))
    return found


def _scenario(
    scenario: Scenario,
    plan: Plan,
    pinned: Cores,
    entrants: Entrants,
    backend_port: int,
    directory: Path,
    found: Findings,
) -> Measured:
    answers = scenario.answers(backend_port)
    targets = directory / "targets"
    targets.write_text("\n".join(api.targets(answers, TARGETS, seed=1)) + "\n")
    contenders = rivals_of(scenario, backend_port, pinned.gateway)
    start = entrants.start
    if start is not None:
        contenders.append(Contender(entrants.gateway, lambda own: start(own, pinned.gateway, answers)))
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
