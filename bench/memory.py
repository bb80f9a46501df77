"""Memory of a process with its descendants, from `/proc/*/smaps_rollup` and `/proc/*/status`."""

import re
from pathlib import Path

from bench.cpu_time import family


def anonymous(pid: int) -> int:
    """Bytes of anonymous memory (heap, stacks), shared pages counted by share: what connections are made of."""
    return sum(_kilobytes(Path(f"/proc/{member}/smaps_rollup"), "Pss_Anon") for member in family(pid)) * 1024


def resident_peak(pid: int) -> int:
    """Bytes of the highest resident set so far."""
    return sum(_kilobytes(Path(f"/proc/{member}/status"), "VmHWM") for member in family(pid)) * 1024


def resident(pid: int) -> int:
    """Bytes resident now."""
    return sum(_kilobytes(Path(f"/proc/{member}/status"), "VmRSS") for member in family(pid)) * 1024


def _kilobytes(file: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", file.read_text(), flags=re.MULTILINE)
    return int(found[1]) if found else 0
