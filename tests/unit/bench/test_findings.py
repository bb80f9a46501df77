"""What the bench concludes: bars, tables and where instructions go."""

import pytest

from bench import hotspots, report, routes
from bench.findings import Findings
from bench.measure import Measured, Record
from bench.scenarios import SCENARIOS

PROXY = next(one for one in SCENARIOS if one.name == "http_proxy_64k")


def record(contender: str, cost: int, *, stolen: float = 0.0, errors: int = 0) -> Record:
    return Record(0, contender, requests=10, cpu_nanoseconds=cost * 10, stolen_share=stolen, errors=errors)


def test_a_bar_that_is_missed_is_a_complaint() -> None:
    found = Findings()
    found.bar("idle", 1_280.0, 1_280, "B")
    assert found.complaints == []
    found.bar("idle", 1_281.0, 1_280, "B")
    assert found.complaints == ["idle: 1,281 B is over 1,280"]
    assert found.notes == ["idle: 1,280 B (bar: ≤ 1,280; met)", "idle: 1,281 B (bar: ≤ 1,280; **not met**)"]


def test_slots_are_dropped_for_steal_and_for_threads_that_ended() -> None:
    assert record("a", 7).cost() == 7
    assert record("a", 7, stolen=0.031).cost() is None
    assert Record(0, "a", requests=10, cpu_nanoseconds=None, stolen_share=0, errors=0).cost() is None
    assert Record(0, "a", requests=0, cpu_nanoseconds=5, stolen_share=0, errors=0).cost() is None


@pytest.mark.parametrize(("haproxy", "met", "shown"), [(1.2, True, "yes"), (0.9, False, "**no**")])
def test_the_table_says_whether_the_bar_is_met(haproxy: float, met: bool, shown: str) -> None:
    records = [record("nginx", 1000), record("haproxy", int(1000 * haproxy)), record("apigw", 800)]
    measured = Measured(PROXY, records, [{"haproxy": haproxy, "apigw": 0.8}])
    assert report.passed(measured, "apigw") is met
    assert report.passed(measured, "engine") is None
    row = report.table([measured], "apigw")[-1]
    assert "| 0.80 (0.80–0.80) |" in row
    assert row.endswith(f"{shown} |")


def test_the_bar_on_routes_is_on_the_worse_of_hits_and_misses() -> None:
    least = routes.Lookup(routes=10, hit_ns=50, miss_ns=40, memory=1)
    found = routes.judge([least, routes.Lookup(routes=100_000, hit_ns=100, miss_ns=541, memory=2)])
    assert found.complaints == [
        "lookup among 100,000 routes over 10, the worse of hits and misses: 501 ns is over 500",
    ]


PROFILE = """\
events: Ir
fl=(1) src/a.rs
fn=(1) main
10 5
+2 7
cfi=(2) src/b.rs
cfn=(2) work
calls=3 20
* 900
fi=(2)
21 1
fe=(1)
-4 2
fn=(2)
21 900
totals: 915
"""


def test_own_costs_leave_out_what_is_called() -> None:
    costs = hotspots.own_costs(PROFILE.splitlines())
    assert costs == {("src/a.rs", "main"): 14, ("src/b.rs", "main"): 1, ("src/a.rs", "work"): 900}
