"""What the APIs of a gateway are doing, from its metrics at two moments; pure.

The one place in Python that knows what the metrics are called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from apigw.metrics.exposition import Sample

_REQUESTS: Final = "apigw_requests_total"
_LATENCY: Final = "apigw_latency_seconds"
_INTEGRATION: Final = "apigw_integration_latency_seconds"
_CONNECTIONS: Final = "apigw_connections"
_IN_FLIGHT: Final = "apigw_requests_in_flight"

Key = tuple[str, str]
# Upper bounds of a histogram's buckets in seconds → how many were at most that long.
Buckets = dict[float, float]


class Counts(msgspec.Struct):
    """What one stage's metrics have counted since the start."""

    by_class: dict[str, float]
    latency: Buckets
    integration: Buckets


class Moment(msgspec.Struct, frozen=True):
    """All that is wanted of the metrics at one time; requests of no known stage are those of ``("", "")``."""

    at: float
    stages: dict[Key, Counts]
    connections: int
    in_flight: int


class Row(msgspec.Struct, frozen=True):
    """One stage: totals since the gateway's start, rates a second and latencies between two moments.

    A latency is the upper bound of the bucket it lies in; ``None`` when nothing was asked, infinite beyond the last.
    """

    api_id: str
    name: str
    stage: str
    requests: int
    errors_4xx: int
    errors_5xx: int
    rate: float
    rate_4xx: float
    rate_5xx: float
    p50_ms: float | None
    p99_ms: float | None
    integration_p99_ms: float | None


def moment(samples: Iterable[Sample], at: float) -> Moment:
    """What the samples say that were taken ``at`` seconds of a clock that only runs forward."""
    stages: dict[Key, Counts] = defaultdict(lambda: Counts({}, {}, {}))
    single = {_CONNECTIONS: 0.0, _IN_FLIGHT: 0.0}
    for sample in samples:
        labels = sample.labels
        key = labels.get("api", ""), labels.get("stage", "")
        if sample.name in single:
            single[sample.name] = sample.value
        elif sample.name == _REQUESTS:
            by_class = stages[key].by_class
            status = labels.get("status", "")
            by_class[status] = by_class.get(status, 0) + sample.value
        elif sample.name == f"{_LATENCY}_bucket":
            stages[key].latency[float(labels.get("le", "inf"))] = sample.value
        elif sample.name == f"{_INTEGRATION}_bucket":
            stages[key].integration[float(labels.get("le", "inf"))] = sample.value
    return Moment(at, dict(stages), int(single[_CONNECTIONS]), int(single[_IN_FLIGHT]))


def rows(before: Moment, after: Moment, name_of: Callable[[str], str]) -> list[Row]:
    """A row for each stage that was ever asked, the busiest first."""
    seconds = after.at - before.at
    found = [
        _row(key, before.stages.get(key), counts, seconds, name_of)
        for key, counts in after.stages.items()
        if any(counts.by_class.values())
    ]
    return sorted(found, key=lambda row: (-row.rate, -row.requests, row.api_id, row.stage))


def _row(key: Key, before: Counts | None, after: Counts, seconds: float, name_of: Callable[[str], str]) -> Row:
    was = before or Counts({}, {}, {})
    if sum(was.by_class.values()) > sum(after.by_class.values()):
        was = Counts({}, {}, {})  # the gateway was started again meanwhile

    def rate(classes: Iterable[str]) -> float:
        grown = sum(after.by_class.get(each, 0) - was.by_class.get(each, 0) for each in classes)
        return grown / seconds if seconds > 0 else 0.0

    latency = _between(was.latency, after.latency)
    return Row(
        api_id=key[0],
        name=name_of(key[0]) if key[0] else "",
        stage=key[1],
        requests=int(sum(after.by_class.values())),
        errors_4xx=int(after.by_class.get("4xx", 0)),
        errors_5xx=int(after.by_class.get("5xx", 0)),
        rate=rate(after.by_class),
        rate_4xx=rate(["4xx"]),
        rate_5xx=rate(["5xx"]),
        p50_ms=quantile(latency, 0.5),
        p99_ms=quantile(latency, 0.99),
        integration_p99_ms=quantile(_between(was.integration, after.integration), 0.99),
    )


def _between(before: Buckets, after: Buckets) -> Buckets:
    return {bound: count - before.get(bound, 0) for bound, count in after.items()}


def quantile(buckets: Buckets, share: float) -> float | None:
    """The upper bound, in milliseconds, of the bucket that holds the ``share`` of all."""
    total = buckets.get(float("inf"), 0)
    if total <= 0:
        return None
    return next((bound * 1000 for bound in sorted(buckets) if buckets[bound] >= share * total), None)
