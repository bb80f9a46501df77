"""Runs `load/handshakes.py`: one TLS connection after the other, each closed once its handshake is done."""

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.contenders.process import Server
from bench.drivers import DriverFailedError, Load, Summary

PROGRAM = Path(__file__).parent / "load" / "handshakes.py"


def full(server: Server, load: Load, seconds: float) -> Summary:
    """Every handshake is a whole one."""
    return _drive(server, load, seconds, "full")


def resumed(server: Server, load: Load, seconds: float) -> Summary:
    """Every handshake resumes a session whose ticket came with the answer to one request."""
    return _drive(server, load, seconds, "resumed")


def _drive(server: Server, load: Load, seconds: float, kind: str) -> Summary:
    target = load.targets.read_text().partition("\n")[0]
    command: list[str | Path] = ["taskset", "-c", str(load.core), sys.executable, PROGRAM]
    command += [str(server.port), kind, str(seconds), server.host, target]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    for line in done.stdout.splitlines():
        if line.startswith("summary "):
            return msgspec.json.decode(line.removeprefix("summary "), type=Summary)
    raise DriverFailedError((done.stdout + done.stderr)[-2000:])
