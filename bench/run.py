"""`python -m bench.run`: measures the gateway beside nginx, HAProxy and the floor, and says which bars are met.

`make bench` builds a release and runs this. `--quick` is a smoke run for tests: one short round, no bars, nothing
written. `--engine-only` serves a snapshot file with the engine alone, for profiling.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import agreement, api, report
from bench.contenders import gateway, native
from bench.contenders.process import Server
from bench.machine import Cores, cores, machine
from bench.measure import Measured, Plan, Record, measure
from bench.scenarios import SCENARIOS, Contender, Scenario, also, rivals_of

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
NEEDED = ("nginx", "haproxy", "wrk", "taskset", "cc")
QUICK = Plan(rounds=1, seconds=0.3, connections=64, warm_up_seconds=0.3)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of 0.3 s, no bars, nothing written")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=1.2, help="length of a slot")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--only", action="append", choices=[one.name for one in SCENARIOS], help="these scenarios")
    parser.add_argument("--apigw", type=Path, default=ROOT / ".venv/bin/apigw", help="the gateway, built in release")
    parser.add_argument("--engine-only", type=Path, metavar="BINARY", help="the engine alone, serving a snapshot file")
    parser.add_argument("--no-gateway", action="store_true", help="only the others")
    parser.add_argument(
        "--also", action="append", default=[], metavar="NAME=COMMAND", help="{port} {backend} {scenario}"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results go")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Measures; 1 when an answer was wrong, a count disagreed or a bar was missed."""
    given = arguments(words)
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        print(f"bench: not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    plan = QUICK if given.quick else Plan(given.rounds, given.seconds, given.connections, warm_up_seconds=1.0)
    chosen = [one for one in SCENARIOS if given.only is None or one.name in given.only]
    pinned = cores()
    results, notes, complaints = [], [], []
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary, ExitStack() as running:
        directory = Path(temporary)
        backend = native.backend(directory, pinned.load)
        running.callback(backend.stop)
        for scenario in chosen:
            measured, found = one_scenario(scenario, given, plan, pinned, backend, directory / scenario.name)
            results.append(measured)
            notes += found.notes
            complaints += found.complaints
            if measured.errors():
                complaints.append(f"{scenario.name}: {measured.errors()} wrong or missing answers")
    name = gateway_name(given)
    print("\n".join(["", *report.table(results, name), "", *notes]))
    if not given.quick:
        for one in results:
            report.write_json(given.results, one, machine(), plan, name)
            if report.passed(one.scenario, one, name) is False:
                complaints.append(f"{one.scenario.title}: the bar of {one.scenario.bar} is missed")
        (given.results / "latest.md").write_text(report.markdown(results, machine(), plan, name, notes))
    for complaint in complaints:
        print(f"bench: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


def gateway_name(given: argparse.Namespace) -> str:
    """The gateway's name in the table."""
    return "engine" if given.engine_only else "apigw"


def one_scenario(
    scenario: Scenario, given: argparse.Namespace, plan: Plan, pinned: Cores, backend: Server, directory: Path
) -> tuple[Measured, agreement.Findings]:
    """Measures one scenario and then compares the gateway's counts with wrk's."""
    directory.mkdir()
    answers = scenario.answers(backend.port)
    targets = directory / "targets"
    targets.write_text("\n".join(api.targets(answers, 20_000, seed=1)) + "\n")
    contenders = rivals_of(scenario, backend.port, pinned.gateway)
    name = gateway_name(given)
    if not given.no_gateway:
        contenders.append(Contender(name, starter(given, answers, pinned)))
    for words in given.also:
        contenders.append(also(scenario, backend.port, pinned.gateway, *words.split("=", 1)))
    found = agreement.Findings([], [])

    def afterwards(servers: dict[str, Server], records: list[Record]) -> None:
        if name in servers:
            own = [record for record in records if record.contender == name]
            found.add(agreement.compare(scenario, servers[name], answers, own, plan.connections))

    return (
        measure(
            scenario,
            contenders,
            cores=pinned,
            plan=plan,
            targets=targets,
            directory=directory,
            afterwards=afterwards,
            say=lambda line: print(line, flush=True),
        ),
        found,
    )


def starter(given: argparse.Namespace, answers: api.Answers, pinned: Cores) -> Callable[[Path], Server]:
    """How the gateway of this run is started."""
    if given.engine_only:
        return lambda directory: gateway.engine(directory, pinned.gateway, answers, given.engine_only)
    return lambda directory: gateway.apigw(directory, pinned.gateway, answers, given.apigw)


if __name__ == "__main__":
    raise SystemExit(main())
