"""The lock of a data directory: one gateway at a time, refused with the first one's pid.

The kernel drops the lock with its process, so a lock file left behind by a killed gateway never stands in the way.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from apigw.store.protocol import StoreError

LOCK_NAME = "apigw.lock"


class InUse(StoreError):
    """Another gateway has the data directory; one sentence with its pid."""


class DirectoryLock:
    """A held lock; ``release`` gives it back and is idempotent."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Give the directory back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock_directory(directory: Path) -> DirectoryLock:
    """Make ``directory`` (0700) if needed and lock it; raises ``InUse`` or ``StoreError``."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"The data directory {directory} cannot be used: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(descriptor)
        raise InUse(f"The data directory {directory} is in use by another gateway (pid {pid})") from None
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"The data directory {directory} cannot be locked: {error.strerror}") from error
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        os.close(descriptor)
        raise StoreError(f"The data directory {directory} cannot be written: {error.strerror}") from error
    return DirectoryLock(descriptor)
