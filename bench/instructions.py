"""User-space instructions a request, by callgrind: exact where times are noise.

The engine runs alone under valgrind and is asked in lockstep on 64 connections, twice: the second run has more
requests, and the difference of the two counts divided by the difference in requests is what one request costs.
Starting, connecting and stopping cancel out. What remains noisy is how many requests one `epoll_wait` finds ready.
"""

import argparse
import os
import re
import signal
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench import api
from bench.contenders import gateway, native
from bench.findings import Findings, write
from bench.lockstep import Lockstep
from bench.report import table

ROOT = Path(__file__).resolve().parent.parent
# Bars are for the release; the tests, which build no release, hold the development build to what was recorded.
PROFILES = {"release": ["--release"], "dev": []}
BARS = {"http_proxy_200": 12_000.0, "mock_200": 8_000.0}
CONNECTIONS = 64


def total(text: str) -> int:
    """The instructions in a callgrind file."""
    found = re.search(r"^(?:summary|totals): (\d+)", text, flags=re.MULTILINE)
    if found is None:
        raise ValueError("not a callgrind file: it has no totals")
    return int(found[1])


def count(engine: Path, answers: api.Answers, requests: int, profile: Path) -> int:
    """Instructions of one life of the engine that answers so many requests; the profile stays in ``profile``."""
    with tempfile.TemporaryDirectory(prefix="apigw-bench-") as temporary:
        valgrind = ["valgrind", "--quiet", "--tool=callgrind", "--dump-instr=no", f"--callgrind-out-file={profile}"]
        server = gateway.start_engine(valgrind, engine, Path(temporary), None, answers)
        try:
            with Lockstep(server, CONNECTIONS, answers) as client:
                client.ask(api.targets(answers, requests, seed=8))
        finally:
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(60)
    return total(profile.read_text())


def per_request(engine: Path, answers: api.Answers, fewer: int, more: int, profile: Path) -> float:
    """Instructions of one request."""
    low = count(engine, answers, fewer, profile.with_suffix(".fewer"))
    high = count(engine, answers, more, profile)
    return (high - low) / (more - fewer)


def measure(engine: Path, fewer: int = 1_280, more: int = 5_120, profiles: Path | None = None) -> dict[str, float]:
    """Instructions a request by scenario."""
    with ExitStack() as running:
        directory = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="apigw-bench-")))
        backend = native.backend(directory, None)
        running.callback(backend.stop)
        found = {}
        for name in BARS:
            answers = api.Answers(bytes=200, backend_port=backend.port if name.startswith("http_proxy") else None)
            profile = (profiles or directory) / f"{name}.more"
            found[name] = round(per_request(engine, answers, fewer, more, profile), 1)
        return found


def build(profile: str) -> Path:
    """The engine of a cargo profile, built when needed."""
    command = ["cargo", "build", "--quiet", "--locked", "--bin", "apigw-engine", *PROFILES[profile]]
    subprocess.run(command, cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / ("debug" if profile == "dev" else profile) / "apigw-engine"


def run(results: Path, engine: Path | None = None, profiles: Path | None = None) -> Findings:
    """Measures a given engine, or builds and measures both profiles; writes `instructions.json`, judges the release."""
    engines = {"release": engine} if engine else {profile: build(profile) for profile in PROFILES}
    measured = {profile: measure(one, profiles=profiles) for profile, one in engines.items()}
    found = Findings()
    for name, bar in BARS.items():
        found.bar(f"user-space instructions a request, {name}", measured["release"][name], bar, "instructions")
    write(results, "instructions", {"per_request": measured, "bars": BARS}, found)
    return found


def main() -> None:
    """Measures and prints; the profiles stay where asked, for `bench.hotspots`."""
    parser = argparse.ArgumentParser(prog="python -m bench.instructions")
    parser.add_argument("--engine", type=Path, help="measure this one only (default: build release and dev)")
    parser.add_argument("--results", type=Path, default=ROOT / "bench/results")
    parser.add_argument("--profiles", type=Path)
    given = parser.parse_args()
    print("\n".join(table(run(given.results, given.engine, given.profiles).rows)))


if __name__ == "__main__":
    main()
