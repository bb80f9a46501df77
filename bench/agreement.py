"""After the rounds: access log lines = metric count = requests that clients completed.

A driver leaves what is in flight unanswered when its time is over: at most one request a connection, stream or place
in a pipeline. The gateway counts those, the driver does not: so the gateway may be ahead by that many a run, never
behind. A closing load in lockstep has no such remainder: its increase must be exact. Log lines and metric are the
gateway's own and must always be equal.
"""

import re
import urllib.request
from dataclasses import dataclass
from itertools import cycle, islice

from bench import api
from bench.contenders.process import Server
from bench.findings import Findings
from bench.lockstep import Lockstep
from bench.measure import Record
from bench.scenarios import Scenario

CLOSING_REQUESTS = 6400
REQUESTS_METRIC = "apigw_requests_total"


def metric_sum(text: str, name: str) -> int:
    """The sum of all series of ``name`` in a Prometheus exposition."""
    values = re.findall(rf"^{re.escape(name)}(?:\{{[^}}]*\}})? (\S+)", text, flags=re.MULTILINE)
    return int(sum(float(value) for value in values))


def metrics(server: Server) -> str:
    """What `/metrics` says now."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.admin_port}/metrics", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def compare(
    scenario: Scenario, server: Server, answers: api.Answers, slots: list[Record], connections: int
) -> Findings:
    """Sends the closing load, stops the gateway and compares all counts."""
    if server.admin_port is None or server.logged is None:
        return Findings()
    completed = sum(slot.requests for slot in slots)
    if scenario.requests_a_slot is not None:
        completed = scenario.requests_a_slot * len(slots)
    in_flight = (scenario.connections or connections) * scenario.pipelined * max(1, scenario.streams)
    before = metric_sum(metrics(server), REQUESTS_METRIC)
    targets = islice(cycle(api.targets(answers, 1000, seed=2)), CLOSING_REQUESTS)
    with Lockstep(server, connections, answers) as client:
        asked = client.ask(targets)
    counted = metric_sum(metrics(server), REQUESTS_METRIC)
    status = server.stop()
    server.logged.count()
    return judge(
        scenario.name,
        Counts(completed, len(slots) * in_flight, before, asked, counted, server.logged.lines),
        bad_lines=server.logged.bad_lines,
        exit_status=status,
    )


@dataclass(frozen=True)
class Counts:
    """Everything that was counted."""

    completed: int
    cut_off_at_most: int
    metric_before_closing: int
    closing: int
    metric: int
    log_lines: int


def judge(name: str, counts: Counts, bad_lines: int, exit_status: int | None) -> Findings:
    """Whether the counts agree."""
    found = Findings()
    ahead = counts.metric_before_closing - counts.completed
    if not 0 <= ahead <= counts.cut_off_at_most:
        found.complaints.append(
            f"{name}: the metric is {ahead} ahead of the driver; 0 to {counts.cut_off_at_most} were cut off"
        )
    if counts.metric - counts.metric_before_closing != counts.closing:
        found.complaints.append(
            f"{name}: {counts.closing} answered in lockstep, the metric grew by "
            f"{counts.metric - counts.metric_before_closing}"
        )
    if counts.log_lines != counts.metric:
        found.complaints.append(f"{name}: {counts.log_lines} log lines, {counts.metric} in the metric")
    if bad_lines > counts.cut_off_at_most:
        found.complaints.append(f"{name}: {bad_lines} log lines are not of a 200")
    if exit_status != 0:
        found.complaints.append(f"{name}: the gateway ended with status {exit_status}")
    found.notes.append(
        f"{name}: {counts.log_lines} log lines, {counts.metric} in the metric; {counts.completed} completed by "
        f"the driver + {counts.closing} in lockstep + {ahead} that it cut off"
    )
    return found
