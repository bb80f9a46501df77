"""What a run says: one table, on the terminal and in `latest.md`; that is made of the JSON files, old and new."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from bench.findings import GATEWAY, Row
from bench.machine import Machine
from bench.measure import Measured, Plan
from bench.rounds import Spread
from bench.scenarios import REFERENCE

COLUMNS = (REFERENCE, "floor", "haproxy", "varnish", GATEWAY)
VERDICTS = {True: "yes", False: "**no**", None: "–"}


def passed(measured: Measured, gateway: str) -> bool | None:
    """Whether the gateway meets the scenario's bar; None when it was not measured or there is none."""
    spread = measured.against_bar(gateway)
    return None if spread is None or measured.scenario.bar is None else spread.median <= measured.scenario.bar


def row(one: Measured, gateway: str) -> Row:
    """A scenario's ratios."""
    cells = {name: _reference(one) if name == REFERENCE else _ratio(one.ratio(name)) for name in one.contenders()}
    spread, bar = one.against_bar(gateway), "–"
    if one.scenario.bar is not None:
        bar = f"≤ {one.scenario.bar} × {' or '.join([REFERENCE, *one.scenario.best_of])}"
        bar += "" if spread is None else f": {spread.median:.2f}"
    return Row(one.scenario.title, cells, bar, passed(one, gateway))


def table(rows: Sequence[Row]) -> list[str]:
    """All rows as a Markdown table, which reads as well on a terminal."""
    others = list(dict.fromkeys(name for row in rows for name in row.cells if name not in COLUMNS))
    names = [name for name in (*COLUMNS, *others) if any(name in row.cells for row in rows)]
    heading = ["", *names, "bar", "met"]
    lines = [_line(heading), _line(["---"] * len(heading))]
    return lines + [
        _line([row.title, *(row.cells.get(n, "") for n in names), row.bar, VERDICTS[row.met]]) for row in rows
    ]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _ratio(spread: Spread | None) -> str:
    return "–" if spread is None else f"{spread.median:.2f} ({spread.lowest:.2f}–{spread.highest:.2f})"


def _reference(one: Measured) -> str:
    spread = one.microseconds(REFERENCE)
    return "1" if spread is None else f"1 ({spread.lowest:.0f}–{spread.highest:.0f} µs)"


def content(one: Measured, machine: Machine, plan: Plan, gateway: str) -> dict[str, Any]:
    """Everything needed to compute a scenario's row again."""
    contenders = one.contenders()
    ratios = {name: one.ratio(name) for name in contenders if name != REFERENCE}
    bar = one.against_bar(gateway)
    return {
        "scenario": one.scenario.name,
        "machine": machine.as_json(),
        "plan": asdict(plan),
        "reference": REFERENCE,
        "ratios": {name: asdict(spread) for name, spread in ratios.items() if spread is not None},
        "microseconds": {name: asdict(cost) for name in contenders if (cost := one.microseconds(name)) is not None},
        "bar": {
            "limit": one.scenario.bar,
            "against": [REFERENCE, *one.scenario.best_of],
            "measured": None if bar is None else asdict(bar),
            "met": passed(one, gateway),
        },
        "dropped_slots": one.dropped(),
        "errors": one.errors(),
        "slots": [asdict(record) for record in one.records],
    }


def latest(results: Path, names: Sequence[str], machine: Machine) -> str:
    """`latest.md`: the rows of every result that is there, in the order of ``names``."""
    found = [orjson.loads(file.read_bytes()) for name in names if (file := results / f"{name}.json").exists()]
    rows = [Row(**each) for one in found for each in one.get("rows", [])]
    plan = next((one["plan"] for one in found if "plan" in one), None)
    slots = sum(len(one.get("slots", [])) for one in found)
    dropped = sum(one.get("dropped_slots", 0) for one in found)
    how = (
        "" if plan is None else f" {plan['rounds']} rounds of {plan['seconds']} s, {dropped} of {slots} slots dropped;"
    )
    lines = [
        "# The last run of `make bench`",
        "",
        f"{machine.cpu}, {machine.cores} cores, {machine.kernel};{how} ratios are CPU a request ÷ nginx's just before "
        "and after, median (min–max). How: [bench/README.md](../README.md).",
        "",
        *table(rows),
        "",
        *(f"- {note}" for one in found for note in one.get("notes", [])),
    ]
    return "\n".join(lines) + "\n"
