"""`python -m bench.run`: measures the gateway beside others and the floor, and says which bars are met.

`make bench` builds a release and runs this. `--only` measures some of the rows. `--quick` is a smoke run for tests: a
short round, no bars, nothing written. `--engine-only` serves a snapshot file with the engine alone, for profiling.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import hostile, idle, imports, instructions, latency, limits, ratios, report, routes
from bench.contenders import gateway
from bench.findings import GATEWAY, Findings
from bench.machine import cores, machine
from bench.measure import Plan
from bench.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
NEEDED = ("nginx", "haproxy", "varnishd", "wrk", "h2load", "openssl", "taskset", "cc")
QUICK = Plan(rounds=1, seconds=0.3, connections=64, warm_up_seconds=0.3)
QUICK_LATENCY = latency.Plan(rounds=1, seconds=0.3)
QUICK_HOSTILE = hostile.Plan(silent=50, slow=50, unread=5, seconds=0.3)
QUICK_IDLE = 20
RATIOS = {one.name: one for one in SCENARIOS}
NAMES = (*RATIOS, "latency", "hostile", "idle", "idle_tls", "import", "routes", "limits", "instructions")
"""What there is to measure, in the order of the table."""
SLOW = ("idle", "import", "routes", "limits", "instructions")
"""What has no short form."""


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of 0.3 s, no bars, nothing written")
    parser.add_argument("--only", action="append", choices=NAMES, help="only these rows; may be given several times")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=1.2, help="length of a slot")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--apigw", type=Path, default=ROOT / ".venv/bin/apigw", help="the gateway, built in release")
    parser.add_argument("--engine-only", type=Path, metavar="BINARY", help="the engine alone, serving a snapshot file")
    parser.add_argument("--no-gateway", action="store_true", help="ratios of the others only")
    parser.add_argument(
        "--also", action="append", default=[], metavar="NAME=COMMAND", help="{port} {backend} {scenario}"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the results go")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Measures; 1 when an answer was wrong, a count disagreed or a bar was missed."""
    given = arguments(words)
    os.environ["PATH"] += f"{os.pathsep}/usr/sbin"  # where Debian puts servers
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        print(f"bench: not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    found = Findings()
    for name in chosen(given):
        print(f"bench: {name}", flush=True)
        found.add(measure(name, given))
    print("\n".join(["", *report.table(found.rows), "", *found.notes]))
    if not given.quick:
        (given.results / "latest.md").write_text(report.latest(given.results, NAMES, machine()))
    for complaint in found.complaints:
        print(f"bench: {complaint}", file=sys.stderr)
    return 1 if found.complaints else 0


def chosen(given: argparse.Namespace) -> Sequence[str]:
    """What is to be measured."""
    if given.only:
        return [name for name in NAMES if name in given.only]
    if given.no_gateway or given.engine_only:
        return list(RATIOS)
    left_out = SLOW if given.quick else () if shutil.which("valgrind") else ("instructions",)
    return [name for name in NAMES if name not in left_out]


def measure(name: str, given: argparse.Namespace) -> Findings:
    """Measures one of `NAMES`."""
    start = gateway.engine(given.engine_only) if given.engine_only else gateway.apigw(given.apigw)
    results = None if given.quick else given.results
    if name == "latency":
        return latency.run(results, start, QUICK_LATENCY if given.quick else latency.Plan(given.rounds))
    if name == "hostile":
        return hostile.run(results, start, QUICK_HOSTILE if given.quick else hostile.Plan())
    if name == "idle":
        return idle.run(given.results, start)
    if name == "idle_tls":
        return idle.run_secure(results, start, QUICK_IDLE if given.quick else idle.SECURE_CONNECTIONS)
    if name == "import":
        return imports.run(given.results, given.apigw)
    if name == "routes":
        return routes.run(given.results, cores().gateway)
    if name == "limits":
        return limits.run(given.results, cores().gateway)
    if name == "instructions":
        return instructions.run(given.results, given.engine_only)
    entrants = ratios.Entrants(
        "engine" if given.engine_only else GATEWAY, None if given.no_gateway else start, given.also
    )
    plan = QUICK if given.quick else Plan(given.rounds, given.seconds, given.connections, warm_up_seconds=1.0)
    return ratios.run(RATIOS[name], plan, entrants, results)


if __name__ == "__main__":
    raise SystemExit(main())
