"""Child processes of the bench: pinned to a core, listening on free loopback ports, ended by pid."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.logged import Logged


class DidNotStartError(Exception):
    """A server of the bench does not listen, with what it wrote."""


@dataclass
class Server:
    """A running server and how it is asked."""

    process: subprocess.Popen[bytes]
    port: int
    host: str = "127.0.0.1"
    """The Host header; the gateway finds the API by it."""
    secure: bool = False
    """Whether it speaks TLS on ``port``."""
    admin_port: int | None = None
    logged: Logged | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    def url(self, path: str) -> str:
        return f"{'https' if self.secure else 'http'}://127.0.0.1:{self.port}{path}"

    def stop(self) -> int | None:
        """Asks it to end and waits; its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    command: Sequence[str | Path],
    *,
    port: int,
    core: int | None,
    output: Path,
    environment: Mapping[str, str] | None = None,
) -> Server:
    """Starts a server, pinned when a core is given, and returns once it accepts connections on ``port``."""
    words = [str(word) for word in command]
    pinned = words if core is None else ["taskset", "-c", str(core), *words]
    with output.open("wb") as out:
        process = subprocess.Popen(
            pinned,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
    server = Server(process=process, port=port)
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.01)
    server.stop()
    raise DidNotStartError(f"{Path(words[0]).name} does not listen: {output.read_text(errors='replace')[-2000:]}")
