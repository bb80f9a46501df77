"""CPU time of a process with all its threads and all its descendants, in nanoseconds, from ``/proc/*/schedstat``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CpuTime:
    """Nanoseconds on a core by (process, thread)."""

    by_thread: dict[tuple[int, int], int]

    def since(self, before: "CpuTime") -> int | None:
        """Nanoseconds spent since ``before``; None when a thread has ended in between and took its count along."""
        if before.by_thread.keys() - self.by_thread.keys():
            return None
        return sum(self.by_thread.values()) - sum(before.by_thread.values())


def cpu_time(pid: int) -> CpuTime:
    """The CPU time so far of ``pid``, its threads, its children and theirs."""
    found: dict[tuple[int, int], int] = {}
    for process in family(pid):
        for task in Path(f"/proc/{process}/task").iterdir():
            try:
                found[process, int(task.name)] = int((task / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended while we looked: `since` notices
    return CpuTime(found)


def family(pid: int) -> list[int]:
    """``pid`` and all its living descendants."""
    children: dict[int, list[int]] = {}
    for child, parent in parents():
        children.setdefault(parent, []).append(child)
    found = [pid]
    for member in found:
        found.extend(children.get(member, []))
    return found


def parents() -> Iterator[tuple[int, int]]:
    """Every process with its parent. A command name may hold spaces and brackets: fields count from the last one."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
