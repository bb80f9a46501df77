"""What throttles, the cache, templates and validation cost in process: runs the programs in `rust/benches`."""

import subprocess
from pathlib import Path

import msgspec

from bench.findings import Findings, write
from bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent
BAR_THROTTLES = 300.0
BAR_MEMORY = 1.05
BAR_PAUSE = 1000.0
BAR_TEMPLATES = 4000.0
BAR_VALIDATION = 3000.0


class Throttles(msgspec.Struct, frozen=True):
    """Nanoseconds that four levels take a request: one core alone, and two that share the buckets."""

    alone_ns: float
    shared_ns: float


class Slowest(msgspec.Struct, frozen=True):
    """Microseconds of the slowest of many calls, and how many took over 1 ms: on the clock, and of the thread."""

    clock_us: int
    thread_us: int
    clock_pauses: int
    thread_pauses: int


class Cache(msgspec.Struct, frozen=True):
    """A cache filled beyond its setting: bytes, nanoseconds of a hit, its slowest calls while it fills and when
    it is full, and those of a loop that calls nothing."""

    setting: int
    resident: int
    weight: int
    answers: int
    filling: Slowest
    full: Slowest
    nothing: Slowest
    hit_ns: float


class Templates(msgspec.Struct, frozen=True):
    """Nanoseconds of a request template and a response template together; bytes of the body, and of what came of it."""

    template_pair_ns: float
    body: int
    output: int


class Validation(msgspec.Struct, frozen=True):
    """Nanoseconds that a body takes to be judged, reading it included."""

    validated_ns: float
    bytes: int


class Measured(msgspec.Struct, frozen=True):
    """What each of the programs said."""

    throttles: Throttles
    cache: Cache
    templates: Templates
    validation: Validation


def measure(core: int) -> Measured:
    """Builds and runs the Rust programs; the one of throttles has two threads, so it is not pinned."""
    cargo = ["cargo", "bench", "--quiet", "--locked", "--bench"]
    for name in ("limits", "cache", "templates", "validation"):
        subprocess.run([*cargo, name, "--no-run"], cwd=ROOT, check=True)
    pinned = ["taskset", "-c", str(core), *cargo]
    return Measured(
        msgspec.json.decode(_output([*cargo, "limits"]), type=Throttles),
        msgspec.json.decode(_output([*pinned, "cache"]), type=Cache),
        msgspec.json.decode(_output([*pinned, "templates"]), type=Templates),
        msgspec.json.decode(_output([*pinned, "validation"]), type=Validation),
    )


def _output(command: list[str]) -> bytes:
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    return next(line for line in output.splitlines() if line.startswith(b"{"))


def judge(measured: Measured) -> Findings:
    """Holds all to their bars. A pause is the cache's while its thread had a core; the rest is the machine's."""
    found = Findings()
    throttles, cache = measured.throttles, measured.cache
    found.bar("four levels of throttling", throttles.alone_ns, BAR_THROTTLES, "ns")
    found.figure("four levels of throttling, two cores at once", f"{throttles.shared_ns:.0f} ns")
    share = cache.resident / cache.setting
    found.bar(f"memory of a cache with {cache.answers:,} answers over its setting", share, BAR_MEMORY, "×")
    found.bar("the slowest call of a full cache, time of its thread", float(cache.full.thread_us), BAR_PAUSE, "µs")
    found.bar(
        "the slowest call of a cache that fills, fresh memory included", float(cache.filling.thread_us), BAR_PAUSE, "µs"
    )
    for what, slowest in (("a full cache", cache.full), ("one that fills", cache.filling), ("nothing", cache.nothing)):
        shown = f"{slowest.clock_us:,} µs, {slowest.clock_pauses:,} over 1 ms"
        found.figure(f"the slowest call of {what}, on the clock", shown)
    found.figure("finding an answer in it", f"{cache.hit_ns:.0f} ns")
    found.bar("a request template and a response template", measured.templates.template_pair_ns, BAR_TEMPLATES, "ns")
    size = measured.validation.bytes
    found.bar(f"validating a body of {size:,} bytes", measured.validation.validated_ns, BAR_VALIDATION, "ns")
    return found


def run(results: Path, core: int) -> Findings:
    """Measures, writes `limits.json`, judges."""
    measured = measure(core)
    content = {"machine": machine().as_json(), **msgspec.to_builtins(measured)}
    found = judge(measured)
    write(results, "limits", content, found)
    return found
