"""How much memory the process may use: the machine's, or what its container has of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def usable() -> int | None:
    """Bytes; ``None`` where the system does not say."""
    whole = None
    with contextlib.suppress(OSError, ValueError):
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    # "max" is no number, as is a missing file.
    limits = [
        limit
        for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
        if (limit := number(Path(path))) is not None
    ]
    return min([*limits, *([] if whole is None else [whole])], default=None)


def number(path: Path) -> int | None:
    """The number that a file of the kernel's holds."""
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text())
    return None
