"""What the machine allows: open files, waiting connections, memory, cores, the clock.

Facts come in as arguments, so that a test can make them up; ``facts`` reads the real ones. Linux tells most; where a
fact is not to be had, its check is left out.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from apigw.config import Settings
from apigw.doctor.finding import Finding, amount, failure, ok, warning
from apigw.machine import memory

_OWN_FILES = 128
_BACKLOG = 4096
# The engine itself, its stacks and plans of a few thousand routes.
_ENGINE_BYTES = 64 * 1024 * 1024
_TIME_ERROR = 5
# Nobody's clock may say that this program does not exist yet: signatures would be refused, certificates not be valid.
_WRITTEN = 1_760_000_000


class Facts(msgspec.Struct, frozen=True):
    """What was found out; ``None`` where the system does not say."""

    open_files: int | None
    """The hard limit; ``None`` is no limit."""
    backlog: int | None
    memory: int | None
    cores: int
    now: float
    synchronised: bool | None


def facts() -> Facts:
    """Those of this machine, and of the container we are in."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Facts(
        open_files=None if hard == resource.RLIM_INFINITY else hard,
        backlog=memory.number(Path("/proc/sys/net/core/somaxconn")),
        memory=memory.usable(),
        cores=_cores(),
        now=time.time(),
        synchronised=_synchronised(),
    )


def examine(found: Facts, settings: Settings | None) -> Iterator[Finding]:
    """All checks; those that need settings only with settings."""
    if settings is not None:
        yield _open_files(found, settings)
        if found.memory is not None:
            yield _enough_memory(found.memory, settings)
        yield _enough_cores(found.cores, settings)
    if found.backlog is not None:
        yield _waiting(found.backlog)
    yield _clock(found)


def _open_files(found: Facts, settings: Settings) -> Finding:
    # A client's connection may need one to a backend.
    needed = 2 * settings.max_connections + _OWN_FILES
    if found.open_files is None or found.open_files >= needed:
        limit = "no limit" if found.open_files is None else f"{found.open_files:,} allowed"
        return ok("open files", f"{limit}, {needed:,} needed for {settings.max_connections:,} connections")
    return warning(
        "open files",
        f"{found.open_files:,} are allowed, but {settings.max_connections:,} connections with as many to backends "
        f"need {needed:,}",
        f"raise the hard limit (ulimit -Hn {needed}, LimitNOFILE={needed} in a systemd unit, --ulimit nofile={needed} "
        f"for docker run) or set max_connections to {max((found.open_files - _OWN_FILES) // 2, 1)}",
    )


def _enough_memory(usable: int, settings: Settings) -> Finding:
    needed = settings.max_buffered_bytes + _ENGINE_BYTES
    if usable >= needed:
        return ok("memory", f"{amount(usable)}, {amount(needed)} needed when bodies fill max_buffered_bytes")
    return warning(
        "memory",
        f"{amount(usable)} may be used, but bodies may take {amount(settings.max_buffered_bytes)}",
        f"give it {amount(needed)} or lower max_buffered_bytes",
    )


def _enough_cores(cores: int, settings: Settings) -> Finding:
    if settings.workers <= cores:
        return ok("cores", f"{cores} usable, {settings.workers or cores} serve requests")
    return warning(
        "cores",
        f"workers is {settings.workers}, but {cores} cores are usable",
        f"set workers to 0 (one for each usable core) or at most {cores}",
    )


def _waiting(backlog: int) -> Finding:
    if backlog >= _BACKLOG:
        return ok("waiting connections", f"{backlog:,} may wait to be accepted")
    return warning(
        "waiting connections",
        f"the kernel lets {backlog:,} wait to be accepted; a burst of more is turned away",
        f"sysctl net.core.somaxconn={_BACKLOG}",
    )


def _clock(found: Facts) -> Finding:
    shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(found.now))
    if found.now < _WRITTEN:
        return failure(
            "clock", f"it says {shown}, which is past", "set it: signatures and certificates depend on the time"
        )
    if found.synchronised is False:
        return warning(
            "clock",
            f"it says {shown}, and nothing keeps it right",
            "run a time service (chrony, systemd-timesyncd): a signature of more than 5 minutes' difference is refused",
        )
    return ok("clock", f"{shown}{', synchronised' if found.synchronised else ''}")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _synchronised() -> bool | None:
    """Does the kernel believe that something keeps its clock right? Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        # struct timex with modes = 0 only asks; the answer is the clock's state.
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
