"""Writes docs/compatibility.md: what is proven to answer as AWS does, by which test, and what is known to differ.

Read from the tests themselves, without importing them: ``test_N_…`` in ``tests/journeys/test_edge_cases*.py``
proves row N of the list of edge cases, ``test_sX_Y_…`` in ``tests/journeys/test_fidelity_*.py`` a rule of
section X.Y (the management API's own, in ``test_fidelity_control.py``, are left out), and
``@differs("reason")`` marks what is answered differently on purpose. ``python -m tools.compatibility`` writes
the page; a test of the repository fails while it is stale.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/compatibility.md"
JOURNEYS = ROOT / "tests/journeys"
ROW = re.compile(r"test_(\d+)_(\w+)")
SECTION = re.compile(r"test_s(\d+(?:_\d+)*)(?:_and_s\d+(?:_\d+)*)?_([A-Za-z]\w*)")
SUBJECTS = {
    1: "Addresses and paths",
    2: "Resources and methods",
    3: "What every answer carries",
    4: "The order of a request",
    5: "Gateway responses",
    6: "Models and request validators",
    7: "Integration requests",
    8: "Integration responses",
    9: "Payload encoding",
    10: "Mapping templates",
    11: "Test invocations",
    12: "CORS",
    13: "Caching",
    14: "Throttling",
    15: "Stages and canary releases",
    16: "Endpoint types",
    19: "Limits",
}
# Edge cases that need what a deployment is refused for today.
EDGE_CASES = 24
COMING = {
    6: ("An authorizer that is not configured well answers with a null message", "authorizers"),
    7: ("What a function's answer may be: `{}`, an extra key, a status in quotes, a bare string", "functions"),
    8: ("A function's base64 stays text for a client that accepts no such type", "functions"),
    23: ("The stricter of a plan's own throttle and that of one of its methods refuses first", "usage plans"),
}
OPENING = """\
# Compatibility

What a deployed REST API is proven to do as AWS does, and where it differs on purpose. Every line is a test that
drives a gateway with AWS's own client and plain HTTP; this page is generated from them (`python -m
tools.compatibility`), so that it says nothing that is not tested. What can be configured but is not served yet
is refused when it is deployed, with its place.
"""


@dataclass(frozen=True, order=True)
class Proof:
    """One test: its place in the page, what it says, where it stands, and why it differs (empty: it does not)."""

    place: tuple[int, ...]
    behaviour: str
    test: str
    differs: str


def proofs(pattern: str, named: re.Pattern[str]) -> Iterator[Proof]:
    """Every test in the files of ``pattern`` whose name ``named`` reads."""
    for path in sorted(JOURNEYS.glob(pattern)):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            found = named.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
            if found is None or not isinstance(node, ast.FunctionDef):
                continue
            said = (ast.get_docstring(node) or "").partition("\n")[0].rstrip(".")
            words = found.group(2).replace("_", " ")
            place = tuple(int(number) for number in found.group(1).split("_"))
            yield Proof(place, said or _sentence(words), f"{path.name}::{node.name}", _reason(node))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _reason(test: ast.FunctionDef) -> str:
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id == "differs":
            (reason,) = decorator.args
            return str(ast.literal_eval(reason))
    return ""


def _table(heading: str, rows: list[Proof]) -> Iterator[str]:
    yield from ("", f"## {heading}", "", "| behaviour | status | test |", "|---|---|---|")
    for row in rows:
        status = f"differs: {row.differs}" if row.differs else "as AWS"
        yield f"| {row.behaviour} | {status} | `{row.test}` |"


def _edge_cases() -> Iterator[str]:
    """Every number of the list: its tests, or what it comes with."""
    rows = sorted(proofs("test_edge_cases*.py", ROW))
    heading, lines = 5, list(_table("Edge cases", rows))
    yield from lines[:heading]
    for number in range(1, EDGE_CASES + 1):
        found = [line for row, line in zip(rows, lines[heading:], strict=True) if row.place == (number,)]
        if bool(found) == (number in COMING):
            raise ValueError(f"edge case {number} has a test, or comes with something: one of the two")
        yield from found
        if number in COMING:
            behaviour, what = COMING[number]
            yield f"| {behaviour} | comes with {what} | |"


def page() -> str:
    """The whole page."""
    lines = [OPENING.rstrip("\n"), *_edge_cases()]
    rules = [proof for proof in sorted(proofs("test_fidelity_*.py", SECTION)) if "_control" not in proof.test]
    for number, subject in SUBJECTS.items():
        rows = [proof for proof in rules if proof.place[0] == number]
        if rows:
            lines += _table(subject, rows)
    if homeless := [proof.test for proof in rules if proof.place[0] not in SUBJECTS]:
        raise ValueError(f"no subject for {', '.join(homeless)}")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
