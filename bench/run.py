"""`python -m bench.run`: measures the gateway beside nginx, HAProxy and the floor, and says which bars are met.

`make bench` builds a release and runs this. `--quick` is a smoke run for tests: one short round, no bars, nothing
written. `--engine-only` serves a snapshot file with the engine alone, for profiling.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import idle, imports, instructions, ratios, routes
from bench.contenders import gateway
from bench.findings import Findings
from bench.machine import cores
from bench.measure import Plan
from bench.scenarios import SCENARIOS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
NEEDED = ("nginx", "haproxy", "wrk", "taskset", "cc")
QUICK = Plan(rounds=1, seconds=0.3, connections=64, warm_up_seconds=0.3)
PARTS = ("ratios", "idle", "import", "routes", "instructions")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of 0.3 s, no bars, nothing written")
    parser.add_argument("--part", action="append", choices=PARTS, help="only these parts")
    parser.add_argument("--only", action="append", choices=[one.name for one in SCENARIOS], help="only these ratios")
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
    for part in parts(given):
        print(f"bench: {part}", flush=True)
        found.add(one_part(part, given))
    print("\n".join(found.notes))
    if not given.quick and "ratios" in parts(given):
        given.results.mkdir(exist_ok=True)
        latest = given.results / "latest.md"
        latest.write_text(latest.read_text() + "".join(f"- {note}\n" for note in found.notes))
    for complaint in found.complaints:
        print(f"bench: {complaint}", file=sys.stderr)
    return 1 if found.complaints else 0


def parts(given: argparse.Namespace) -> Sequence[str]:
    """What is to be measured, the ratios first: they make the file that the others add to."""
    if given.part:
        return [part for part in PARTS if part in given.part]
    if given.quick or given.no_gateway or given.engine_only:
        return ["ratios"]
    return [part for part in PARTS if part != "instructions" or shutil.which("valgrind")]


def one_part(part: str, given: argparse.Namespace) -> Findings:
    """Measures one part."""
    start = gateway.engine(given.engine_only) if given.engine_only else gateway.apigw(given.apigw)
    if part == "idle":
        return idle.run(given.results, start)
    if part == "import":
        return imports.run(given.results, given.apigw)
    if part == "routes":
        return routes.run(given.results, cores().gateway)
    if part == "instructions":
        return instructions.run(given.results, given.engine_only)
    name = "engine" if given.engine_only else "apigw"
    entrants = ratios.Entrants(name, None if given.no_gateway else start, given.also)
    plan = QUICK if given.quick else Plan(given.rounds, given.seconds, given.connections, warm_up_seconds=1.0)
    chosen = [one for one in SCENARIOS if given.only is None or one.name in given.only]
    return ratios.run(chosen, plan, entrants, None if given.quick else given.results)


if __name__ == "__main__":
    raise SystemExit(main())
