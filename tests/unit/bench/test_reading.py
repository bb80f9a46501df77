"""What the bench reads from the kernel, from valgrind and from the gateway, and how it judges counts."""

import os
import subprocess

import pytest

from bench.agreement import Counts, judge, metric_sum
from bench.cpu_time import CpuTime, cpu_time, family
from bench.instructions import total
from bench.lockstep import content_length, steps
from bench.machine import Cores, ticks
from bench.memory import anonymous, resident, resident_peak


def test_stolen_time_counts_on_the_two_cores_only() -> None:
    ours = "cpu0 10 0 10 70 0 0 0 10 0 0\ncpu1 50 0 50 0 0 0 0 0 0 0\n"
    stat = f"cpu 9 9 9 9 9 9 9 9 0 0\n{ours}cpu2 0 0 0 0 0 0 0 900 0 0\n"
    before = ticks(Cores(gateway=1, load=0), "cpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\n")
    now = ticks(Cores(gateway=1, load=0), stat)
    assert (now.total, now.stolen) == (200, 10)
    assert now.stolen_share_since(before) == pytest.approx(0.05)


def test_cpu_time_sums_threads_and_knows_when_one_has_ended() -> None:
    before = CpuTime({(1, 1): 100, (1, 2): 50})
    assert CpuTime({(1, 1): 130, (1, 2): 50, (7, 7): 20}).since(before) == 50
    assert CpuTime({(1, 1): 130}).since(before) is None


def test_the_cpu_time_of_this_process_grows() -> None:
    before = cpu_time(os.getpid())
    sum(range(3_000_000))
    assert (cpu_time(os.getpid()).since(before) or 0) > 0


def test_a_family_holds_children_and_starts_with_the_parent() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as child:
        found = family(os.getpid())
    assert found[0] == os.getpid()
    assert child.pid in found


def test_memory_of_this_process_is_read() -> None:
    assert 0 < anonymous(os.getpid()) <= resident(os.getpid()) <= resident_peak(os.getpid())


def test_a_metric_is_summed_over_its_series_and_no_others() -> None:
    text = (
        "# TYPE apigw_requests_total counter\n"
        'apigw_requests_total{api="a",status="2xx"} 12\n'
        'apigw_requests_total{api="b",status="4xx"} 3\n'
        "apigw_requests_total_more 100\napigw_panics_total 1\n"
    )
    assert metric_sum(text, "apigw_requests_total") == 15
    assert metric_sum(text, "apigw_panics_total") == 1


AGREE = Counts(completed=100, cut_off_at_most=64, metric_before_closing=110, closing=50, metric=160, log_lines=160)


def test_counts_that_agree_are_noted() -> None:
    found = judge("mock", AGREE, bad_lines=0, exit_status=0)
    assert found.complaints == []
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("counts", "bad_lines", "exit_status", "complaint"),
    [
        (Counts(111, 64, 110, 50, 160, 160), 0, 0, "-1 ahead of the driver"),
        (Counts(45, 64, 110, 50, 160, 160), 0, 0, "65 ahead of the driver"),
        (Counts(100, 64, 110, 50, 161, 161), 0, 0, "50 answered in lockstep, the metric grew by 51"),
        (Counts(100, 64, 110, 50, 160, 159), 0, 0, "159 log lines, 160 in the metric"),
        (AGREE, 65, 0, "65 log lines are not of a 200"),
        (AGREE, 0, 1, "ended with status 1"),
    ],
)
def test_counts_that_disagree_are_complained_about(
    counts: Counts, bad_lines: int, exit_status: int, complaint: str
) -> None:
    found = judge("mock", counts, bad_lines, exit_status)
    assert [complaint in one for one in found.complaints] == [True]


def test_callgrind_totals_are_read() -> None:
    assert total("version: 1\nevents: Ir\nfn=main\n12 3\nsummary: 98765\n") == 98765
    with pytest.raises(ValueError, match="no totals"):
        total("version: 1\n")


def test_heads_and_steps() -> None:
    assert content_length(b"HTTP/1.1 200 OK\r\nx: y\r\nCONTENT-length: 12") == 12
    assert content_length(b"HTTP/1.1 200 OK") is None
    assert list(steps(["a", "b", "c"], 2)) == [["a", "b"], ["c"]]
