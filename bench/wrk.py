"""Runs wrk with `load/drive.lua` and reads its summary line."""

import signal
import subprocess
from pathlib import Path

import msgspec

from bench.contenders.process import Server
from bench.drivers import DriverFailedError, Load, Summary

DRIVE = Path(__file__).parent / "load" / "drive.lua"


def drive(server: Server, load: Load, seconds: float) -> Summary:
    """Loads ``server`` for about ``seconds`` (wrk looks at the clock ten times a second)."""
    command = ["taskset", "-c", str(load.core), "wrk", "--threads", "1", "--connections", str(load.connections)]
    command += ["--duration", "1h", "--timeout", "10s", "--script", str(DRIVE), "--header", f"Host: {server.host}"]
    if load.closing:
        command += ["--header", "Connection: close"]
    command += [server.url("/"), "--", str(load.targets), str(load.body_bytes)]
    command += [str(load.request_bytes), str(load.pipelined), str(int(load.looked_at))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = _interrupted(process, seconds)
    for line in output.decode(errors="replace").splitlines():
        if line.startswith("summary "):
            return msgspec.json.decode(line.removeprefix("summary "), type=Summary)
    raise DriverFailedError(output.decode(errors="replace")[-2000:])


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
