"""What is read from h2load's report and its log."""

from pathlib import Path

import pytest

from bench.drivers import DriverFailedError, Load
from bench.h2load import percentiles, read

REPORT = """\
finished in 301.42ms, 43996.67 req/s, 3.86MB/s
requests: {requests}
status codes: {status}
traffic: 1.16MB (1214504) total, 631.59KB (646751) headers (space savings 50.51%), 322.24KB ({data}) data
"""
GOOD = {
    "requests": "100 total, 104 started, 100 done, 100 succeeded, 0 failed, 0 errored, 0 timeout",
    "status": "100 2xx, 0 3xx, 0 4xx, 0 5xx",
    "data": "20400",
}
LOAD = Load(core=0, connections=2, targets=Path("targets"), body_bytes=200, streams=2)


def test_a_report_is_read() -> None:
    summary = read(REPORT.format(**GOOD), LOAD)
    assert (summary.requests, summary.microseconds, summary.bytes, summary.errors) == (100, 301_420, 20_400, 0)


@pytest.mark.parametrize(
    ("changed", "bad_status", "bad_body", "socket_errors"),
    [
        ({"status": "97 2xx, 0 3xx, 1 4xx, 2 5xx", "requests": "100 total, 104 started, 100 done, 97 succeeded, 3 failed, 0 errored, 0 timeout", "data": "19400"}, 3, 0, 0),
        ({"requests": "100 total, 104 started, 100 done, 100 succeeded, 2 failed, 0 errored, 1 timeout"}, 0, 0, 3),
        ({"data": "19999"}, 0, 1, 0),
        ({"data": "20801"}, 0, 1, 0),
    ],
)  # fmt: skip
def test_what_went_wrong_is_counted(
    changed: dict[str, str], bad_status: int, bad_body: int, socket_errors: int
) -> None:
    summary = read(REPORT.format(**{**GOOD, **changed}), LOAD)
    assert (summary.bad_status, summary.bad_body, summary.socket_errors) == (bad_status, bad_body, socket_errors)


def test_a_report_that_is_none_is_an_error() -> None:
    with pytest.raises(DriverFailedError, match="could not connect"):
        read("could not connect", LOAD)


def test_percentiles_leave_out_the_first_tenth(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [f"{1000 + number}\t200\t{90_000 if number < 11 else number}" for number in range(111)]
    log.write_text("\n".join(reversed(lines)) + "\n")
    assert percentiles(log) == (60.5, pytest.approx(109.01))
