"""The order of a run and the arithmetic on it: pure, so that it is tested without a machine.

A slot measures one contender once. In a round the reference comes first, again after every third contender and last,
and each contender's cost is divided by the mean of the references just before and just after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Slot:
    """One measurement: nanoseconds of CPU a request, or None when the slot was dropped."""

    contender: str
    cost: float | None


@dataclass(frozen=True)
class Spread:
    """A median with its extremes and the number of values behind it."""

    median: float
    lowest: float
    highest: float
    count: int


def order(reference: str, contenders: Sequence[str], round_number: int) -> list[str]:
    """One round's slots. Contenders rotate from round to round so that none always follows the same neighbour."""
    turn = round_number % len(contenders) if contenders else 0
    rotated = [*contenders[turn:], *contenders[:turn]]
    slots = [reference]
    for position, contender in enumerate(rotated, start=1):
        slots.append(contender)
        if position % 3 == 0 or position == len(rotated):
            slots.append(reference)
    return slots


def ratios(slots: Sequence[Slot], reference: str) -> dict[str, float]:
    """Each contender's cost relative to the references around it; absent when it or both of those were dropped."""
    found: dict[str, float] = {}
    for index, slot in enumerate(slots):
        if slot.contender == reference or slot.cost is None:
            continue
        before = next((other for other in reversed(slots[:index]) if other.contender == reference), None)
        after = next((other for other in slots[index + 1 :] if other.contender == reference), None)
        around = [other.cost for other in (before, after) if other is not None and other.cost is not None]
        if around:
            found[slot.contender] = slot.cost / (sum(around) / len(around))
    return found


def spread(values: Sequence[float]) -> Spread | None:
    """The median, lowest and highest of ``values``; None without any."""
    if not values:
        return None
    return Spread(median=median(values), lowest=min(values), highest=max(values), count=len(values))


def against_best(rounds: Sequence[dict[str, float]], contender: str, rivals: Sequence[str]) -> list[float]:
    """Per round, the contender against the cheapest of the reference (which is 1) and the rivals measured in it."""
    found = []
    for by_name in rounds:
        if contender in by_name and all(rival in by_name for rival in rivals):
            found.append(by_name[contender] / min([1.0, *(by_name[rival] for rival in rivals)]))
    return found
