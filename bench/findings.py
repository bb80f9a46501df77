"""What a part of the bench has to say: sentences for the results, and complaints that fail the run."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson


@dataclass
class Findings:
    """Notes go into `latest.md`; one complaint makes the run fail."""

    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def add(self, other: "Findings") -> None:
        self.notes += other.notes
        self.complaints += other.complaints

    def bar(self, what: str, measured: float, limit: float, unit: str) -> None:
        """Notes a measurement and whether it stays within its limit."""
        met = measured <= limit
        shown = f"{measured:,.0f}" if measured >= 100 else f"{measured:.3g}"
        self.notes.append(f"{what}: {shown} {unit} (bar: ≤ {limit:,g}; {'met' if met else '**not met**'})")
        if not met:
            self.complaints.append(f"{what}: {shown} {unit} is over {limit:,g}")


def write(results: Path, name: str, content: dict[str, Any]) -> None:
    """`results/{name}.json`."""
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
