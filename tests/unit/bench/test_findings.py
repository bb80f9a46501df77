"""What the bench concludes: bars, tables and where instructions go."""

from pathlib import Path

import msgspec
import pytest

from bench import hotspots, latency, limits, report, routes
from bench.findings import GATEWAY, Findings, write
from bench.machine import Machine
from bench.measure import Measured, Plan, Record, have_equal_lengths
from bench.scenarios import SCENARIOS

PROXY = next(one for one in SCENARIOS if one.name == "http_proxy_64k")


def record(contender: str, cost: int, *, stolen: float = 0.0, errors: int = 0) -> Record:
    return Record(0, contender, requests=10, cpu_nanoseconds=cost * 10, stolen_share=stolen, errors=errors, bytes=0)


def test_a_bar_that_is_missed_is_a_complaint() -> None:
    found = Findings()
    found.bar("idle", 1_280.0, 1_280, "B")
    assert found.complaints == []
    found.bar("idle", 1_281.0, 1_280, "B")
    assert found.complaints == ["idle: 1,281 B is over 1,280"]
    assert report.table(found.rows)[2:] == [
        "| idle | 1,280 B | ≤ 1,280 B | yes |",
        "| idle | 1,281 B | ≤ 1,280 B | **no** |",
    ]


def test_a_goal_that_is_missed_is_shown_and_no_complaint() -> None:
    found = Findings()
    found.goal("idle", 9_000.0, 8_192, "B", nginx="15,000 B")
    assert found.complaints == []
    assert report.table(found.rows)[2:] == ["| idle | 15,000 B | 9,000 B | goal: ≤ 8,192 B | **no** |"]


def test_slots_are_dropped_for_steal_and_for_threads_that_ended() -> None:
    assert record("a", 7).cost() == 7
    assert record("a", 7, stolen=0.031).cost() is None
    assert Record(0, "a", requests=10, cpu_nanoseconds=None, stolen_share=0, errors=0, bytes=0).cost() is None
    assert Record(0, "a", requests=0, cpu_nanoseconds=5, stolen_share=0, errors=0, bytes=0).cost() is None


@pytest.mark.parametrize(
    ("requests", "length", "equal"),
    [(100, 50_000, True), (100, 51_816, True), (100, 49_000, False), (100, 51_817, False), (0, 0, False)],
)
def test_answers_that_were_only_counted_are_as_long_as_those_that_were_looked_at(
    requests: int, length: int, equal: bool
) -> None:
    looked_at = Record(-1, "a", requests=1000, cpu_nanoseconds=1, stolen_share=0, errors=0, bytes=500_000)
    counted = Record(0, "a", requests=requests, cpu_nanoseconds=1, stolen_share=0, errors=0, bytes=length)
    assert have_equal_lengths(counted, looked_at, in_flight=2) is equal


def test_wrong_answers_beside_the_rounds_count() -> None:
    assert Measured(PROXY, [record("a", 1, errors=1)], [], errors_beside=2).errors() == 3


@pytest.mark.parametrize(("haproxy", "met", "shown"), [(1.2, True, "yes"), (0.9, False, "**no**")])
def test_the_table_says_whether_the_bar_is_met(haproxy: float, met: bool, shown: str) -> None:
    records = [record("nginx", 1000), record("haproxy", int(1000 * haproxy)), record("apigw", 800)]
    measured = Measured(PROXY, records, [{"haproxy": haproxy, "apigw": 0.8}])
    assert report.passed(measured, "apigw") is met
    assert report.passed(measured, "engine") is None
    row = report.table([report.row(measured, "apigw")])[-1]
    assert "| 0.80 (0.80–0.80) |" in row
    assert row.endswith(f"{shown} |")


@pytest.mark.parametrize(("gateway", "met"), [(125.0, True), (126.0, False)])
def test_the_gateway_may_add_what_nginx_adds_and_differs_from_itself(gateway: float, met: bool) -> None:
    nginx = [(100, 120), (110, 100), (105, 105)]
    found = latency.judge("p50", [latency.Round(10, before, gateway, after) for before, after in nginx])
    (row,) = found.rows
    assert (row.met, row.cells["nginx"], row.bar) == (met, "95 ± 20 µs", "≤ 115 µs")
    assert bool(found.complaints) is not met


def test_the_table_is_made_of_all_results_that_are_there(tmp_path: Path) -> None:
    found = Findings(notes=["a note"])
    found.bar("idle", 5.0, 6.0, "B", nginx="4 B")
    write(tmp_path, "idle", {"bytes": 5.0}, found)
    measured = Measured(PROXY, [record("nginx", 1000), record("apigw", 800)], [{"apigw": 0.8, "haproxy": 1.0}])
    machine = Machine(cpu="a CPU", cores=2, kernel="Linux 6")
    plan = Plan(rounds=1, seconds=0.5, connections=64, warm_up_seconds=0)
    rows = Findings(rows=[report.row(measured, "apigw")])
    write(tmp_path, PROXY.name, report.content(measured, machine, plan, "apigw"), rows)
    (tmp_path / "old.json").write_text('{"from": "before there were rows"}')
    text = report.latest(tmp_path, ["http_proxy_64k", "missing", "old", "idle"], machine)
    assert "a CPU, 2 cores, Linux 6; 1 rounds of 0.5 s, 0 of 2 slots dropped;" in text
    assert text.index("| HTTP_PROXY, 64 KB | 1 (1–1 µs) | 0.80 (0.80–0.80) |") < text.index("| idle | 4 B | 5 B |")
    assert text.endswith("\n\n- a note\n")


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


def test_limits_are_held_to_their_bars() -> None:
    calm = limits.Slowest(clock_us=30_000, thread_us=1000, clock_pauses=7, thread_pauses=0)
    stopped = limits.Slowest(clock_us=30_000, thread_us=1001, clock_pauses=7, thread_pauses=1)
    cache = limits.Cache(
        setting=100, resident=104, weight=99, answers=7, filling=calm, full=calm, nothing=stopped, hit_ns=200.0
    )
    good = limits.Measured(
        throttles=limits.Throttles(alone_ns=30.0, shared_ns=90.0),
        cache=cache,
        templates=limits.Templates(template_pair_ns=4000.0, body=300, output=200),
        validation=limits.Validation(validated_ns=3000.0, bytes=1024),
    )
    found = limits.judge(good)
    assert not found.complaints
    assert ("the slowest call of nothing, on the clock", "30,000 µs, 7 over 1 ms") in [
        (row.title, row.cells[GATEWAY]) for row in found.rows
    ]
    bad = limits.Measured(
        throttles=limits.Throttles(alone_ns=301.0, shared_ns=0.0),
        cache=msgspec.structs.replace(cache, resident=106, filling=stopped, full=stopped),
        templates=limits.Templates(template_pair_ns=4001.0, body=300, output=200),
        validation=limits.Validation(validated_ns=3001.0, bytes=1024),
    )
    assert [complaint.partition(":")[0] for complaint in limits.judge(bad).complaints] == [
        "four levels of throttling",
        "memory of a cache with 7 answers over its setting",
        "the slowest call of a full cache, time of its thread",
        "the slowest call of a cache that fills, fresh memory included",
        "a request template and a response template",
        "validating a body of 1,024 bytes",
    ]
