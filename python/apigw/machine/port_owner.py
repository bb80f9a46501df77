"""Who listens on a port of this machine: for one helpful sentence when it is taken.

Linux only; elsewhere nobody is named.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

_LISTENING = "0A"


def port_owner(port: int) -> int | None:
    """The pid of a process that listens on TCP ``port``, as far as this user may see."""
    sockets = _listening(port)
    if not sockets:
        return None
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if str(descriptor.readlink()) in sockets:
                        return int(process.name)
    return None


def _listening(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return found
