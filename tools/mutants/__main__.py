"""Plants every mutant in a copy of the tree and runs the tests that should notice; ``make mutants``.

1 when a mutant survives, does not compile, or the place it belongs to is gone. Needs what ``cargo test`` needs.
"""

from __future__ import annotations

import argparse
import re
import sys
import time

from .rules import RULES
from .table import Mutant, Rule
from .workplace import TREE, prepare, run


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
        passed, said = run(list(rule.tests))
    finally:
        file.write_text(text, encoding="utf-8")
    if passed == len(rule.tests):
        return "SURVIVED"
    if "test result: FAILED" not in said:
        return "DOES NOT COMPILE\n" + "\n".join(line for line in said.splitlines() if line.startswith("error"))
    red = set(re.findall(r"^---- (\S+) stdout ----$", said, re.MULTILINE))
    return "caught by " + (", ".join(sorted(red)) or "a test that did not end")


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
    prepare()
    tests = sorted({test for rule, _ in chosen for test in rule.tests})
    passed, said = run(tests)
    # `--exact` passes where there is no such test.
    if passed != len(tests):
        print(said[-4000:], file=sys.stderr)
        print(f"without a mutant {len(tests)} tests should pass and {passed} did", file=sys.stderr)
        return 1
    wrong = 0
    for number, (rule, mutant) in enumerate(chosen, 1):
        began = time.monotonic()
        verdict = judge(rule, mutant)
        wrong += not verdict.startswith("caught")
        took = time.monotonic() - began
        print(f"{number}/{len(chosen)} {took:.0f} s · {rule.text} · {mutant.file}: {verdict}", flush=True)
    print(f"{len({rule.text for rule, _ in chosen})} rules, {len(chosen)} mutants, {len(chosen) - wrong} caught")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
