"""What a server has logged: counted between slots, then given back to the file system.

A file that only grows takes fresh memory for its cache. On a virtual machine the host backs fresh memory when it is
touched first, many times the price of the write itself, and charges it to whoever writes: measured: 0.08 to 1.2 µs for
the same 440 bytes. A log that is rotated meets memory that was used before, so every contender's log is emptied between
slots.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_PIECE = 1 << 22
_PAGE = 4096


@dataclass
class Logged:
    """Lines so far; complete once the server has ended and `count` was called again."""

    path: Path
    lines: int = 0
    bad_lines: int = 0
    """Those that are not of a 200."""
    _offset: int = 0
    _rest: bytes = b""

    def count(self) -> None:
        """Counts what came since, and frees it: the file keeps its length, the server its place in it."""
        with self.path.open("rb") as file:
            file.seek(self._offset)
            while piece := file.read(_PIECE):
                self._offset += len(piece)
                *lines, self._rest = (self._rest + piece).split(b"\n")
                self.lines += len(lines)
                self.bad_lines += sum(not _is_of_200(line) for line in lines)
        freed = self._offset // _PAGE * _PAGE
        if freed:
            # Where the file system cannot, the file stays as it is.
            command = ["fallocate", "--punch-hole", "--offset", "0", "--length", str(freed), str(self.path)]
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)


def _is_of_200(line: bytes) -> bool:
    return b'"status":200' in line.replace(b" ", b"").replace(b'"200"', b"200")
