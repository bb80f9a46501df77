"""When a file that somebody edits has been saved: pure, told what the file looks like and when, knows no clock.

Editors write in place, or write another file and rename it over the old one; between, the file may be missing or half
written. So a change counts when the file has looked the same for a moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

QUIET = 0.1
"""Seconds that a changed file must look the same."""

# Device, inode, size and the time of the last change; ``None`` while there is no file.
Look = tuple[int, int, int, int] | None


class Watched:
    """One file between two looks."""

    def __init__(self, look: Look, content: bytes) -> None:
        """``look`` was taken before ``content`` was read, so that nothing between is missed."""
        self._look = look
        self._since = 0.0
        self._seen = True
        self._digest = _digest(content)

    def came_to_rest(self, look: Look, now: float) -> bool:
        """Should the file be read? True once for every time it was changed and then left alone."""
        if look != self._look:
            self._look, self._since, self._seen = look, now, False
            return False
        if self._seen or look is None or now - self._since < QUIET:
            return False
        self._seen = True
        return True

    def is_new(self, content: bytes) -> bool:
        """Is this other content than the last one? It is remembered."""
        digest = _digest(content)
        changed, self._digest = digest != self._digest, digest
        return changed


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def look_at(path: Path) -> Look:
    """How the file looks now."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def saves(path: Path, watched: Watched, pause: Callable[[], float]) -> Iterator[bytes | None]:
    """The file's content whenever it was saved, ``None`` whenever it was not; ``pause`` waits and tells the time."""
    while True:
        now = pause()
        content = None
        if watched.came_to_rest(look_at(path), now):
            try:
                content = path.read_bytes()
            except OSError:
                pass  # It went away again; its next look will differ.
            else:
                content = content if watched.is_new(content) else None
        yield content
