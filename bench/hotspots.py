"""Where a request's instructions go: two callgrind profiles, subtracted and divided by the requests between them.

Prints instructions a request by function (what was inlined into it counts as its own) and by file and function.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

_NAMED = re.compile(r"(cfn|cfl|cfi|fn|fl|fi|fe)=\((\d+)\)(?: (.*))?")
_COST = re.compile(r"[+*-]?\d* (\d+)$|\* (\d+)$")


def own_costs(lines: Iterable[str]) -> Counter[tuple[str, str]]:
    """Instructions by (file, function), without what they call."""
    names: dict[tuple[bool, str], str] = {}
    file = function = ""
    costs: Counter[tuple[str, str]] = Counter()
    called = False
    for line in lines:
        if line.startswith("calls="):
            called = True  # the next line is the cost of the callee
            continue
        if named := _NAMED.match(line):
            kind, number, name = named.groups()
            key = (kind.endswith("fn"), number)
            if name is not None:
                names[key] = name
            if kind == "fn":
                function = names[key]
            elif not kind.startswith("c"):  # those of a callee only teach names
                file = names[key]
        elif cost := _COST.match(line):
            if not called:
                costs[file, function] += int(cost[1] or cost[2])
            called = False
    return costs


def difference(fewer: Path, more: Path, requests: int) -> dict[tuple[str, str], float]:
    """Instructions a request by (file, function)."""
    costs = own_costs(more.read_text().splitlines())
    costs.subtract(own_costs(fewer.read_text().splitlines()))
    return {place: cost / requests for place, cost in costs.items() if cost}


def table(costs: dict[str, float], least: float) -> list[str]:
    """The dearest first."""
    rows = sorted(costs.items(), key=lambda one: -one[1])
    return [f"{cost:9.1f}  {name}" for name, cost in rows if cost >= least]


def short(file: str) -> str:
    """The end of a path, as much as is needed to know it."""
    return "/".join(file.split("/")[-3:])


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.hotspots", description=__doc__)
    parser.add_argument("fewer", type=Path)
    parser.add_argument("more", type=Path)
    parser.add_argument("--requests", type=int, default=3_840, help="how many requests lie between the two")
    parser.add_argument("--least", type=float, default=20.0, help="leave out what costs fewer instructions a request")
    given = parser.parse_args()
    costs = difference(given.fewer, given.more, given.requests)
    functions: Counter[str] = Counter()
    places: dict[str, float] = {}
    for (file, function), cost in costs.items():
        functions[function] += cost  # type: ignore[assignment]
        places[f"{short(file)}  in  {function}"] = cost
    print(f"{sum(costs.values()):.0f} instructions a request\n")
    print("\n".join([*table(dict(functions), given.least), "", *table(places, given.least)]))


if __name__ == "__main__":
    main()
