"""What ``apigw top`` makes of metrics: rates, latencies, restarts, names; and how their text is read."""

from __future__ import annotations

import pytest

from apigw.metrics.activity import Row, moment, quantile, rows
from apigw.metrics.exposition import Sample, samples

BEFORE = """\
# HELP apigw_requests_total Completed requests by class of status.
# TYPE apigw_requests_total counter
apigw_connections 3
apigw_requests_in_flight 1
apigw_requests_total{api="abc",stage="dev",status="2xx"} 100
apigw_requests_total{api="abc",stage="dev",status="5xx"} 2
apigw_requests_total{api="",stage="",status="4xx"} 5
apigw_latency_seconds_bucket{api="abc",stage="dev",le="0.001"} 100
apigw_latency_seconds_bucket{api="abc",stage="dev",le="0.01"} 102
apigw_latency_seconds_bucket{api="abc",stage="dev",le="+Inf"} 102
"""
AFTER = """\
apigw_connections 7
apigw_requests_in_flight 2
apigw_requests_total{api="abc",stage="dev",status="2xx"} 110
apigw_requests_total{api="abc",stage="dev",status="4xx"} 4
apigw_requests_total{api="abc",stage="dev",status="5xx"} 8
apigw_requests_total{api="",stage="",status="4xx"} 5
apigw_latency_seconds_bucket{api="abc",stage="dev",le="0.001"} 110
apigw_latency_seconds_bucket{api="abc",stage="dev",le="0.01"} 112
apigw_latency_seconds_bucket{api="abc",stage="dev",le="+Inf"} 122
apigw_integration_latency_seconds_bucket{api="abc",stage="dev",le="0.001"} 20
apigw_integration_latency_seconds_bucket{api="abc",stage="dev",le="+Inf"} 20
"""


def between(before: str, after: str, seconds: float = 2.0) -> list[Row]:
    return rows(moment(samples(before), 10.0), moment(samples(after), 10.0 + seconds), lambda api: f"<{api}>")


def test_rates_and_latencies_are_those_of_the_interval() -> None:
    busy, unknown = between(BEFORE, AFTER)
    assert (busy.api_id, busy.name, busy.stage) == ("abc", "<abc>", "dev")
    assert (busy.requests, busy.errors_4xx, busy.errors_5xx) == (122, 4, 8)
    assert (busy.rate, busy.rate_4xx, busy.rate_5xx) == (10.0, 2.0, 3.0)
    # 10 of 20 took at most 1 ms, 10 longer than the last bucket.
    assert (busy.p50_ms, busy.p99_ms, busy.integration_p99_ms) == (1.0, float("inf"), 1.0)
    assert (unknown.api_id, unknown.name, unknown.rate, unknown.p50_ms) == ("", "", 0.0, None)


def test_the_gateway_was_started_again() -> None:
    (row,) = between(AFTER, 'apigw_requests_total{api="abc",stage="dev",status="2xx"} 6\n')
    assert (row.requests, row.rate) == (6, 3.0)


def test_a_stage_that_nobody_asked_is_no_row() -> None:
    assert between("", 'apigw_requests_total{api="abc",stage="dev",status="2xx"} 0\n') == []


def test_no_time_between() -> None:
    assert {row.rate for row in between(BEFORE, AFTER, 0.0)} == {0.0}


def test_the_moment() -> None:
    now = moment(samples(AFTER), 1.0)
    assert (now.connections, now.in_flight) == (7, 2)


@pytest.mark.parametrize(("share", "wanted"), [(0.0, 1.0), (0.5, 1.0), (0.51, 2.0), (0.9, 2.0), (0.91, float("inf"))])
def test_a_quantile_is_the_upper_bound_of_its_bucket(share: float, wanted: float) -> None:
    assert quantile({0.001: 5, 0.002: 9, float("inf"): 10}, share) == wanted


def test_openmetrics_is_read_too() -> None:
    text = (
        "# TYPE a counter\n"
        'a_total{x="1",y="q\\"u\\\\o\\nte, }"} 1.5e3 1795000000.1 # {trace_id="t"} 1\n'
        'h_bucket{le="1"} 4 # {trace_id="a # b"} 0.5\n'
        "bare +Inf\n"
        "a{no number\n"
        "# EOF\n"
    )
    assert samples(text) == [
        Sample("a_total", {"x": "1", "y": 'q"u\\o\nte, }'}, 1500.0),
        Sample("h_bucket", {"le": "1"}, 4.0),
        Sample("bare", {}, float("inf")),
    ]
