"""The arithmetic of the bench: which slots in which order, and which reference a cost is divided by."""

import pytest

from bench.rounds import Slot, Spread, against_best, order, ratios, spread


def test_the_reference_is_measured_first_after_every_third_and_last() -> None:
    assert order("nginx", ["a", "b", "c", "d"], 0) == ["nginx", "a", "b", "c", "nginx", "d", "nginx"]
    assert order("nginx", ["a", "b", "c"], 0) == ["nginx", "a", "b", "c", "nginx"]
    assert order("nginx", [], 5) == ["nginx"]


def test_contenders_rotate_from_round_to_round() -> None:
    assert order("nginx", ["a", "b"], 1) == ["nginx", "b", "a", "nginx"]
    assert order("nginx", ["a", "b"], 2) == ["nginx", "a", "b", "nginx"]


def test_a_ratio_is_to_the_references_just_before_and_after() -> None:
    slots = [Slot("nginx", 10), Slot("a", 30), Slot("nginx", 20), Slot("b", 30), Slot("nginx", 40)]
    assert ratios(slots, "nginx") == {"a": 2.0, "b": 1.0}


def test_dropped_slots_make_no_ratio_unless_one_reference_is_left() -> None:
    assert ratios([Slot("nginx", None), Slot("a", 30), Slot("nginx", 20)], "nginx") == {"a": 1.5}
    assert ratios([Slot("nginx", None), Slot("a", 30), Slot("nginx", None)], "nginx") == {}
    assert ratios([Slot("nginx", 10), Slot("a", None), Slot("nginx", 20)], "nginx") == {}


def test_a_spread_is_median_and_extremes() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(median=2.0, lowest=1.0, highest=3.0, count=3)
    assert spread([]) is None


def test_the_bar_stands_against_the_best_of_that_round() -> None:
    by_round = [{"us": 0.8, "haproxy": 1.2}, {"us": 0.6, "haproxy": 0.5}, {"us": 0.6}]
    assert against_best(by_round, "us", ["haproxy"]) == pytest.approx([0.8, 1.2])
    assert against_best(by_round, "us", []) == pytest.approx([0.8, 0.6, 0.6])
