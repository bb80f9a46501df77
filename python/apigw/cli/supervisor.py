"""What ``serve`` tells the process that supervises it (systemd's ``Type=notify``); silent where there is none.

Protocol: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress


def tell(*states: str) -> None:
    """Send ``READY=1`` and the like; a supervisor that does not listen is no reason to fail."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # An address with @ is in Linux's abstract namespace.
    where = "\0" + address[1:] if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as supervisor:
        supervisor.connect(where)
        supervisor.send("\n".join(states).encode())


def tell_reloading() -> None:
    """Settings and documents are read again; ``READY=1`` ends it."""
    tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")
