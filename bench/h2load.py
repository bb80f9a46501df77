"""Runs h2load: as fast as it goes, or at a fixed rate with the time of every request."""

import re
import subprocess
from pathlib import Path
from statistics import quantiles

from bench.contenders.process import Server
from bench.drivers import DriverFailedError, Load, Summary

_REQUESTS = re.compile(r"^requests: .*?(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", re.MULTILINE)
_STATUS = re.compile(r"^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", re.MULTILINE)
_DATA = re.compile(r"^traffic: .*\((\d+)\) data", re.MULTILINE)
_SECONDS = re.compile(r"^finished in ([\d.]+)(us|ms|s|m)\b", re.MULTILINE)
_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000}


def http2(server: Server, load: Load, seconds: float) -> Summary:
    """Loads ``server`` over HTTP/2 for ``seconds``."""
    return _drive(server, load, seconds, [])


def http1(server: Server, load: Load, seconds: float) -> Summary:
    """The same over HTTP/1.1; for bodies so long that wrk, which collects them, would be what is measured."""
    return _drive(server, load, seconds, ["--h1"])


def _drive(server: Server, load: Load, seconds: float, words: list[str]) -> Summary:
    words += ["-c", str(load.connections), "-m", str(load.streams), "-D", f"{round(seconds * 1000)}ms"]
    return read(_run(server, load.core, load.targets, words, seconds), load)


def at_rate(server: Server, core: int, targets: Path, *, clients: int, rate: int, seconds: float, log: Path) -> Summary:
    """Asks ``rate`` times a second over HTTP/1.1 for ``seconds``; ``log`` gets a line a request (`percentiles`)."""
    log.unlink(missing_ok=True)  # h2load appends
    words = ["--h1", "-c", str(clients), f"--rps={rate // clients}", "-n", str(round(rate * seconds))]
    output = _run(server, core, targets, [*words, f"--log-file={log}"], seconds)
    return read(output, None)


def percentiles(log: Path) -> tuple[float, float]:
    """The median and the 99th percentile in a log, in microseconds, after the first tenth: that has the connecting."""
    lines = sorted([int(number) for number in line.split(b"\t")] for line in log.read_bytes().splitlines())
    cuts = quantiles([took for _, _, took in lines[len(lines) // 10 :]], n=100, method="inclusive")
    return cuts[49], cuts[98]


def read(output: str, load: Load | None) -> Summary:
    """The numbers in h2load's report; with ``load`` the bytes of all bodies are checked too."""
    requests, status, data, took = (each.search(output) for each in (_REQUESTS, _STATUS, _DATA, _SECONDS))
    if requests is None or status is None or data is None or took is None:
        raise DriverFailedError(output[-2000:])
    succeeded, *failed = (int(one) for one in requests.groups())
    good, *others = (int(one) for one in status.groups())
    length = int(data[1])
    bad_body = 0
    if load is not None:
        # Of answers that were cut off at the end some bytes may have come.
        most = (succeeded + load.connections * load.streams) * load.body_bytes
        bad_body = int(not succeeded * load.body_bytes <= length <= most)
    return Summary(
        requests=good,
        microseconds=round(float(took[1]) * _UNITS[took[2]]),
        bytes=length,
        bad_status=sum(others),
        bad_body=bad_body,
        socket_errors=sum(failed) - sum(others),
    )


def _run(server: Server, core: int, targets: Path, words: list[str], seconds: float) -> str:
    command: list[str | Path] = ["taskset", "-c", str(core), "h2load", *words, "-B", server.url(""), "-i", targets]
    command += ["-H", f":authority: {server.host}"]
    # h2load waits for ever for answers that do not come.
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    return done.stdout + done.stderr
