"""What throttles and the cache cost in process: runs `rust/benches/limits.rs` and `rust/benches/cache.rs`."""

import subprocess
from pathlib import Path

import msgspec

from bench.findings import Findings, write
from bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent
BAR_THROTTLES = 300.0
BAR_MEMORY = 1.05
BAR_PAUSE = 1000.0


class Throttles(msgspec.Struct, frozen=True):
    """Nanoseconds that four levels take a request: one core alone, and two that share the buckets."""

    alone_ns: float
    shared_ns: float


class Cache(msgspec.Struct, frozen=True):
    """A cache that was filled beyond its setting: bytes, microseconds of its slowest calls, nanoseconds of a hit."""

    setting: int
    resident: int
    weight: int
    answers: int
    filling_us: int
    longest_us: int
    over_1ms: int
    over_100us: int
    hit_ns: float


def measure(core: int) -> tuple[Throttles, Cache]:
    """Builds and runs the Rust programs; the one of throttles has two threads, so it is not pinned."""
    cargo = ["cargo", "bench", "--quiet", "--locked", "--bench"]
    for name in ("limits", "cache"):
        subprocess.run([*cargo, name, "--no-run"], cwd=ROOT, check=True)
    return (
        msgspec.json.decode(_output([*cargo, "limits"]), type=Throttles),
        msgspec.json.decode(_output(["taskset", "-c", str(core), *cargo, "cache"]), type=Cache),
    )


def _output(command: list[str]) -> bytes:
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    return next(line for line in output.splitlines() if line.startswith(b"{"))


def judge(throttles: Throttles, cache: Cache) -> Findings:
    """Holds both to their bars."""
    found = Findings()
    found.bar("four levels of throttling", throttles.alone_ns, BAR_THROTTLES, "ns")
    found.figure("four levels of throttling, two cores at once", f"{throttles.shared_ns:.0f} ns")
    share = cache.resident / cache.setting
    found.bar(f"memory of a cache with {cache.answers:,} answers over its setting", share, BAR_MEMORY, "×")
    found.bar("the slowest call of a full cache", float(cache.longest_us), BAR_PAUSE, "µs")
    found.figure("the slowest call of a cache that fills, fresh memory included", f"{cache.filling_us} µs")
    found.figure("finding an answer in it", f"{cache.hit_ns:.0f} ns")
    return found


def run(results: Path, core: int) -> Findings:
    """Measures, writes `limits.json`, judges."""
    throttles, cache = measure(core)
    content = {
        "machine": machine().as_json(),
        "throttles": msgspec.to_builtins(throttles),
        "cache": msgspec.to_builtins(cache),
    }
    found = judge(throttles, cache)
    write(results, "limits", content, found)
    return found
