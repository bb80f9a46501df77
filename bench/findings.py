"""What a part of the bench has to say: rows of the table, sentences below it, and complaints that fail the run."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

GATEWAY = "apigw"
"""The column of what was measured of the gateway alone."""


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    title: str
    cells: dict[str, str]
    """By contender."""
    bar: str = "–"
    met: bool | None = None
    """None: there is no bar, or the gateway was not measured."""


@dataclass
class Findings:
    """Rows and notes go into `latest.md`; one complaint makes the run fail."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        self.rows += other.rows
        self.notes += other.notes
        self.complaints += other.complaints

    def bar(self, what: str, measured: float, limit: float, unit: str, **others: str) -> None:
        """A row with a limit, and a complaint when it is missed; ``others`` are cells of other contenders."""
        met = measured <= limit
        shown = f"{amount(measured)} {unit}"
        self.rows.append(Row(what, {**others, GATEWAY: shown}, f"≤ {limit:,g} {unit}", met))
        if not met:
            self.complaints.append(f"{what}: {shown} is over {limit:,g}")

    def goal(self, what: str, measured: float, limit: float, unit: str, **others: str) -> None:
        """The same for a number that is aimed at, not promised: missing it fails nothing."""
        shown = f"{amount(measured)} {unit}"
        self.rows.append(Row(what, {**others, GATEWAY: shown}, f"goal: ≤ {limit:,g} {unit}", measured <= limit))

    def figure(self, what: str, shown: str, **others: str) -> None:
        """A row without a limit."""
        self.rows.append(Row(what, {**others, GATEWAY: shown}))

    def as_json(self) -> dict[str, Any]:
        return {"rows": [asdict(row) for row in self.rows], "notes": self.notes}


def amount(number: float) -> str:
    """A number with as many digits as mean something."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def write(results: Path, name: str, content: dict[str, Any], found: Findings) -> None:
    """`results/{name}.json`: what was measured, and what it means."""
    results.mkdir(exist_ok=True)
    text = orjson.dumps({**content, **found.as_json()}, option=orjson.OPT_INDENT_2)
    (results / f"{name}.json").write_bytes(text + b"\n")
