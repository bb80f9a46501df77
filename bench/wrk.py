"""Runs wrk with `load/drive.lua` and reads its summary line."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.contenders.process import Server

DRIVE = Path(__file__).parent / "load" / "drive.lua"


class Summary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What wrk counted; a request cut off at the end is in none of the numbers."""

    requests: int
    microseconds: int
    bytes: int
    bad_status: int
    bad_body: int
    socket_errors: int

    @property
    def errors(self) -> int:
        return self.bad_status + self.bad_body + self.socket_errors


class WrkFailedError(Exception):
    """wrk ended without a summary, with what it wrote."""


@dataclass(frozen=True)
class Load:
    """The same load for every contender of a scenario."""

    core: int
    connections: int
    targets: Path
    body_bytes: int


def drive(server: Server, load: Load, seconds: float) -> Summary:
    """Loads ``server`` for about ``seconds`` (wrk looks at the clock ten times a second)."""
    command = ["taskset", "-c", str(load.core), "wrk", "--threads", "1", "--connections", str(load.connections)]
    command += ["--duration", "1h", "--timeout", "10s", "--script", str(DRIVE), "--header", f"Host: {server.host}"]
    command += [f"http://127.0.0.1:{server.port}/", "--", str(load.targets), str(load.body_bytes)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = _interrupted(process, seconds)
    for line in output.decode(errors="replace").splitlines():
        if line.startswith("summary "):
            return msgspec.json.decode(line.removeprefix("summary "), type=Summary)
    raise WrkFailedError(output.decode(errors="replace")[-2000:])


def _interrupted(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """What wrk wrote after ``seconds``. Its own durations are whole seconds; interrupted, it still reports."""
    patience = [seconds, *[1.0] * 30]
    try:
        for wait in patience:
            try:
                return process.communicate(timeout=wait)[0]
            except subprocess.TimeoutExpired:
                # Again each second: one that comes before wrk listens, or between its clock and its sleep, is lost.
                process.send_signal(signal.SIGINT)
    finally:
        if process.poll() is None:
            process.kill()
    return process.communicate()[0]
