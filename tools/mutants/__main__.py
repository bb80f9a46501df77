"""Plants every mutant in a copy of the tree and runs the tests that should notice; ``make mutants``.

1 when a mutant survives, does not compile, or the place it belongs to is gone. Needs what ``cargo test`` needs.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from .rules import RULES
from .table import Mutant, Rule

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / "target" / "mutants"
TREE, BUILD = PLACE / "tree", PLACE / "build"
# A mutant that makes a test wait for ever is noticed too.
PATIENCE = 600


def copy_tree() -> None:
    """What is in the working tree, in a place of its own; unchanged files keep their times, so that little is compiled again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = ROOT / name, TREE / name
        if not source.is_file():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_bytes() != source.read_bytes():
            shutil.copyfile(source, target)


def copy_dependencies() -> None:
    """Compiled dependencies of an earlier ``cargo test``, if there was one."""
    compiled = ROOT / "target" / "debug"
    if BUILD.exists() or not compiled.exists():
        return
    for name in ("deps", "build", ".fingerprint"):
        shutil.copytree(
            compiled / name,
            BUILD / "debug" / name,
            symlinks=True,
            ignore=shutil.ignore_patterns("*apigw*", "fuzz-*", "routes-*"),
        )


def cargo_test(tests: Iterable[str]) -> tuple[bool, str]:
    """Whether these tests passed, and what was said."""
    said, passed = "", True
    chosen: dict[str, list[str]] = {"lib": [], "fuzz": []}
    for test in tests:
        where, _, name = test.partition("::")
        chosen["fuzz" if where == "fuzz" else "lib"].append(name if where == "fuzz" else test)
    for where, names in chosen.items():
        if not names:
            continue
        target = ["--lib"] if where == "lib" else ["--test", "fuzz"]
        command = [
            "cargo",
            "test",
            "--locked",
            "--quiet",
            "-p",
            "apigw-engine",
            *target,
            "--target-dir",
            str(BUILD),
            "--",
            "--exact",
            *names,
        ]
        try:
            done = subprocess.run(
                command, cwd=TREE, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            return False, "test result: FAILED. it did not end"
        said += done.stdout + done.stderr
        passed = passed and done.returncode == 0
        # One that is red is enough.
        if not passed:
            break
    return passed, said


def planted(mutant: Mutant, text: str) -> str:
    """The file's text with the mutant in it."""
    for old, new in mutant.edits:
        if text.count(old) != 1:
            raise SystemExit(f"{mutant.file}: this stands there {text.count(old)} times, not once: {old!r}")
        text = text.replace(old, new)
    return text


def judge(rule: Rule, mutant: Mutant) -> str:
    """``caught by …``, or what is wrong."""
    file = TREE / mutant.file
    text = file.read_text(encoding="utf-8")
    file.write_text(planted(mutant, text), encoding="utf-8")
    try:
        passed, said = cargo_test(rule.tests)
    finally:
        file.write_text(text, encoding="utf-8")
    if passed:
        return "SURVIVED"
    if "test result: FAILED" not in said:
        return "DOES NOT COMPILE\n" + "\n".join(line for line in said.splitlines() if line.startswith("error"))
    red = sorted(set(re.findall(r"^test (\S+) \.\.\. FAILED|^    (\S+)$", said, re.MULTILINE)))
    names = [name for pair in red for name in pair if name]
    return "caught by " + (", ".join(names) or "a test that did not end")


def main() -> int:
    """Judges what is asked for; 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("only", nargs="?", default="", help="part of a rule's text or of a file's name")
    only = parser.parse_args().only
    chosen = [
        (rule, mutant)
        for rule in RULES
        for mutant in rule.mutants
        if only.lower() in rule.text.lower() or only in mutant.file
    ]
    copy_tree()
    copy_dependencies()
    tests = sorted({test for rule, _ in chosen for test in rule.tests})
    for test in tests:
        # Names first: `--exact` runs nothing, and passes, where there is no such test.
        print(f"watched by {test}", flush=True)
    passed, said = cargo_test(tests)
    run = sum(int(count) for count in re.findall(r"^running (\d+) tests?$", said, re.MULTILINE))
    if not passed or run != len(tests):
        print(
            said[-4000:],
            f"\n{len(tests)} tests are named, {run} ran; without a mutant all must be there and pass",
            file=sys.stderr,
        )
        return 1
    wrong = 0
    for number, (rule, mutant) in enumerate(chosen, 1):
        began = time.monotonic()
        verdict = judge(rule, mutant)
        wrong += not verdict.startswith("caught")
        print(
            f"{number}/{len(chosen)} {time.monotonic() - began:.0f} s · {rule.text} · {mutant.file}: {verdict}",
            flush=True,
        )
    print(f"{len({rule.text for rule, _ in chosen})} rules, {len(chosen)} mutants, {len(chosen) - wrong} caught")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
