"""What a run says: one table on the terminal, one JSON file a scenario and `latest.md`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.findings import write
from bench.machine import Machine
from bench.measure import Measured, Plan
from bench.rounds import Spread
from bench.scenarios import REFERENCE


def passed(measured: Measured, gateway: str) -> bool | None:
    """Whether the gateway meets the scenario's bar; None when it was not measured."""
    spread = measured.against_bar(gateway)
    return None if spread is None else spread.median <= measured.scenario.bar


def table(results: Sequence[Measured], gateway: str) -> list[str]:
    """The ratios as a Markdown table, which reads as well on a terminal."""
    names = list(dict.fromkeys(name for one in results for name in one.contenders()))
    heading = ["CPU a request ÷ nginx's", *names, "bar", "met"]
    lines = [_row(heading), _row(["---"] * len(heading))]
    for one in results:
        cells = [_ratio(one.ratio(name)) if name != REFERENCE else _reference(one) for name in names]
        spread, verdict = one.against_bar(gateway), passed(one, gateway)
        rivals = " or ".join([REFERENCE, *one.scenario.best_of])
        bar = f"≤ {one.scenario.bar} × {rivals}" + ("" if spread is None else f": {spread.median:.2f}")
        met = {True: "yes", False: "**no**", None: "not measured"}[verdict]
        lines.append(_row([one.scenario.title, *cells, bar, met]))
    return lines


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _ratio(spread: Spread | None) -> str:
    return "–" if spread is None else f"{spread.median:.2f} ({spread.lowest:.2f}–{spread.highest:.2f})"


def _reference(one: Measured) -> str:
    spread = one.microseconds(REFERENCE)
    return "1" if spread is None else f"1 ({spread.lowest:.0f}–{spread.highest:.0f} µs)"


def write_json(results: Path, one: Measured, machine: Machine, plan: Plan, gateway: str) -> None:
    """`results/{scenario}.json`: everything needed to compute the table again."""
    contenders = one.contenders()
    ratios = {name: one.ratio(name) for name in contenders if name != REFERENCE}
    bar = one.against_bar(gateway)
    text = {
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
    write(results, one.scenario.name, text)


def markdown(results: Sequence[Measured], machine: Machine, plan: Plan, gateway: str) -> str:
    """`latest.md`."""
    dropped = sum(one.dropped() for one in results)
    slots = sum(len(one.records) for one in results)
    lines = [
        "# The last run of `make bench`",
        "",
        f"{machine.cpu}, {machine.cores} cores, {machine.kernel}. {plan.rounds} rounds of {plan.seconds} s, "
        f"{plan.connections} connections; median (min–max) of the ratio to nginx just before and after; "
        f"{dropped} of {slots} slots dropped. How: [bench/README.md](../README.md).",
        "",
        *table(results, gateway),
        "",
    ]
    return "\n".join([*lines, ""])
