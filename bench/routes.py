"""What a path lookup costs in process as the number of routes grows: runs `rust/benches/routes.rs`."""

import subprocess
from pathlib import Path

import msgspec

from bench.findings import Findings, write
from bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent
BAR_ROUTES = 100_000
BAR_NANOSECONDS = 500.0


class Lookup(msgspec.Struct, frozen=True):
    """Nanoseconds a lookup, and the tree's bytes."""

    routes: int
    hit_ns: float
    miss_ns: float
    memory: int


def measure(core: int) -> list[Lookup]:
    """Builds and runs the Rust program."""
    command = ["taskset", "-c", str(core), "cargo", "bench", "--quiet", "--locked", "--bench", "routes"]
    subprocess.run(["cargo", "bench", "--quiet", "--locked", "--bench", "routes", "--no-run"], cwd=ROOT, check=True)
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    return [msgspec.json.decode(line, type=Lookup) for line in output.splitlines() if line.startswith(b"{")]


def judge(lookups: list[Lookup]) -> Findings:
    """Each size relative to the smallest; the bar is on 100,000."""
    found = Findings()
    least = lookups[0]
    for one in lookups[1:]:
        hit, miss = one.hit_ns - least.hit_ns, one.miss_ns - least.miss_ns
        what = f"lookup among {one.routes:,} routes over {least.routes}"
        if one.routes == BAR_ROUTES:
            found.bar(f"{what}, the worse of hits and misses", max(hit, miss), BAR_NANOSECONDS, "ns")
        else:
            found.figure(what, f"{hit:.0f} ns for a hit, {miss:.0f} ns for a miss")
    last = lookups[-1]
    found.figure(f"memory of {last.routes:,} routes", f"{last.memory / 1e6:.0f} MB")
    return found


def run(results: Path, core: int) -> Findings:
    """Measures, writes `routes.json`, judges."""
    lookups = measure(core)
    content = {"machine": machine().as_json(), "lookups": [msgspec.to_builtins(one) for one in lookups]}
    found = judge(lookups)
    write(results, "routes", content, found)
    return found
