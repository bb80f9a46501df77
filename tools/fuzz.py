"""Runs every fuzz target of rust/fuzz for ``FUZZ_SECONDS`` (60), one after the other; ``make fuzz``.

Requests that were kept are then asked of parsers that share no code with ours.
The corpus begins with the tables of tests/framing and is kept in rust/fuzz/corpus. A find is an error; its input is in
rust/fuzz/artifacts. Needs a nightly toolchain and cargo-fuzz.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "rust" / "fuzz"


def targets() -> list[str]:
    """The names of all targets, in the order of the manifest."""
    manifest = tomllib.loads((FUZZ / "Cargo.toml").read_text(encoding="utf-8"))
    return [binary["name"] for binary in manifest["bin"]]


def missing() -> str | None:
    """What is not here and how to get it."""
    if shutil.which("cargo-fuzz") is None:
        return "cargo-fuzz is missing: cargo install cargo-fuzz --locked"
    if subprocess.run(["cargo", "+nightly", "--version"], capture_output=True, check=False).returncode != 0:
        return "a nightly toolchain is missing: rustup toolchain install nightly"
    return None


def seeds(target: str) -> Iterator[bytes]:
    """What the tests' tables have for a target; decisions that come first are zeros."""
    sys.path.insert(0, str(ROOT))
    from tests.framing import answers, corpus, vectors

    requests = [
        row[0] for row in (*corpus.FINE.values(), *corpus.REFUSED_HEADS.values(), *corpus.REFUSED_BODIES.values())
    ]
    form = vectors.FORMS["host"]
    requests += [vector.said for make in vectors.TECHNIQUES.values() for vector in make(form)]
    requests = [request for request in requests if len(request) < 4096]
    said = [each.said for make in answers.ANSWERS.values() for each in make() if len(each.said) < 4096]
    match target:
        case "request_head" | "differential":
            yield from requests
        case "request_stream":
            yield from (b"\x02\x00\x07\x00\x40" + request for request in requests)
        case "chunked_body":
            bodies = [*vectors.CHUNKS.values(), *(text for text, _ in vectors.FINE_CHUNKS.values())]
            yield from (b"\x02\x00\x01\x00\x05" + body for body in bodies if len(body) < 4096)
        case "response":
            yield from (b"\x01\x01\x00\x10" + each for each in said)
        case "mapping":
            yield from (request + b"\0\0" + said[number % len(said)] for number, request in enumerate(requests))
        case "address":
            for path in (
                b"/live/a",
                b"//live//a/",
                b"/restapis/abcdef1234/dev/_user_request_/a",
                b"/_aws/execute-api/abcdef1234/dev/a?b",
            ):
                yield b"abcdef1234.execute-api.localhost\n" + path
        case "yaml":
            for document in sorted((ROOT / "examples").rglob("*.yaml")):
                yield document.read_bytes()[:8192]
        case _:
            yield from requests[:50]


def write_seeds(target: str) -> Path:
    """The folder of a target's corpus, the tables in it."""
    corpus = FUZZ / "corpus" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (corpus / hashlib.sha256(seed).hexdigest()[:40]).write_bytes(seed)
    return corpus


def run(target: str, seconds: int) -> tuple[str, bool]:
    """One row of the report, and whether the target held."""
    command = ["cargo", "+nightly", "fuzz", "run", "--fuzz-dir", str(FUZZ), target, str(write_seeds(target))]
    options = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-timeout=60",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=1",
    ]
    done = subprocess.run(
        [*command, "--", *options], cwd=FUZZ, capture_output=True, text=True, errors="replace", check=False
    )
    executions = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    coverage = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)", done.stderr)
    if done.returncode != 0 or not executions or not coverage:
        print(done.stderr[-6000:], file=sys.stderr)
        return f"| {target} | found something, see above | | | |", False
    edges, features, inputs = coverage[-1]
    return f"| {target} | {int(executions[-1]):,} | {edges} | {features} | {inputs} |", True


def replay(target: str) -> tuple[str, bool]:
    """What h11, Node and Go make of the requests a target kept: as far as they read, they read what we read."""
    sys.path.insert(0, str(ROOT))
    from tests.framing import oracles

    command = [
        "cargo",
        "test",
        "--locked",
        "--quiet",
        "--test",
        "fuzz",
        "--",
        "--ignored",
        "--nocapture",
        "read_a_corpus",
    ]
    environment = os.environ | {"FUZZ_CORPUS": str(FUZZ / "corpus" / target)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    read = [json.loads(line.removeprefix("READ ")) for line in done.stdout.splitlines() if line.startswith("READ ")]
    rows = [(file, messages) for file, messages in read if messages]
    inputs = [("", Path(file).read_bytes()) for file, _ in rows]
    asked: dict[str, oracles.Oracle] = {"h11": oracles.by_h11}
    if shutil.which("node"):
        asked["node"] = oracles.node
    if shutil.which("go"):
        oracles.build_go(FUZZ / "target" / "parse-go")
        asked["go"] = oracles.go(FUZZ / "target" / "parse-go")
    wrong, refused = 0, 0
    for name, oracle in asked.items():
        for (file, messages), theirs in zip(rows, oracle("requests", inputs), strict=True):
            ours = [(method.encode("latin-1"), body.encode("latin-1")) for method, _, body in messages]
            whole = [(method.encode("latin-1"), body) for method, _, body in theirs.messages if body is not None]
            refused += len(whole) < len(ours)
            if whole[: len(ours)] != ours[: len(whole)]:
                wrong += 1
                print(f"{name} reads {file} otherwise: {theirs}", file=sys.stderr)
    said = (
        f"{len(rows)} inputs of {target} asked of {', '.join(asked)}: {wrong} read otherwise, {refused} refused by one"
    )
    return said, wrong == 0


def main() -> int:
    """Runs what is asked for; 1 when something was found, 2 when a tool is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="*", help="all by default")
    chosen = parser.parse_args().target or targets()
    if (reason := missing()) is not None:
        print(f"make fuzz: {reason}", file=sys.stderr)
        return 2
    seconds = int(os.environ.get("FUZZ_SECONDS", "60"))
    print("| target | executions | edges covered | features | corpus |\n|---|---|---|---|---|")
    held = True
    for target in chosen:
        row, ok = run(target, seconds)
        print(row, flush=True)
        held = held and ok
    for target in set(chosen) & {"request_head", "differential"}:
        said, ok = replay(target)
        print(said, flush=True)
        held = held and ok
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
