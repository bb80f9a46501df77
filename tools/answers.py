"""What Java itself answers to patterns and paths, kept in ``tests/golden``; ``make answers``.

Compares the committed answers with what java.util.regex and json-path 2.9 say now, then has fresh random ones
compared with ours. ``--write`` writes the committed answers anew. Needs Java 17, and Maven for json-path's jars
(fetched and checked by tools/velocity).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from velocity.__main__ import fetch

ROOT = Path(__file__).resolve().parent.parent
# What is asked, the committed seed and count, the fresh count, the variable of the test that reads a file.
ASKED = (
    ("java_regex", "2026", "1800", "50000", "JAVA_REGEX_ANSWERS"),
    ("jsonpath", "12", "3500", "50000", "JSONPATH_ANSWERS"),
)


def class_path(asked: str) -> list[str]:
    """The jars that a program needs."""
    if asked == "java_regex":
        return []
    return ["-cp", f"{fetch()}/*"]


def answers(asked: str, *arguments: str) -> str:
    """What the program of a folder writes; cases come from the file beside it."""
    folder = ROOT / "tools" / asked
    command = ["java", *class_path(asked), str(folder / "Answers.java"), *arguments]
    with (folder / "cases.txt").open("rb") as cases:
        done = subprocess.run(command, stdin=cases, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return done.stdout.decode("utf-8")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the committed answers anew")
    parser.add_argument("--seed", default="1000000", help="of the fresh answers")
    given = parser.parse_args()
    for asked, seed, count, fresh, variable in ASKED:
        golden = ROOT / "tests" / "golden" / asked
        made = {"cases": answers(asked, "cases"), "random": answers(asked, "random", seed, count)}
        for name, text in made.items():
            committed = golden / f"{name}.jsonl"
            if given.write:
                committed.write_text(text, encoding="utf-8")
            elif committed.read_text(encoding="utf-8") != text:
                raise SystemExit(f"{committed} is not what Java answers: run with --write and look at the difference")
        file = ROOT / "target" / f"{asked}-answers.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text(answers(asked, "random", given.seed, fresh), encoding="utf-8")
        command = ["cargo", "test", "--lib", "--", "--ignored", "--nocapture", f"{asked}::tests"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, variable: str(file)}, check=True)
    sys.stdout.write("Java answers as committed\n")


if __name__ == "__main__":
    main()
