"""The machine the bench runs on: which cores it may use, how it is described, how much of it the neighbours take.

Descriptions hold the CPU model and the kernel only: results are published.
"""

import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """One core for the contender under test, the other for everything that loads it."""

    gateway: int
    load: int


def cores() -> Cores:
    """The last usable core serves, the one before it loads; raises when there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        raise SystemExit("bench: two cores are needed, one to serve and one to load; this process may use one")
    return Cores(gateway=usable[-1], load=usable[-2])


@dataclass(frozen=True)
class Machine:
    """What a reader of the results may know of the machine."""

    cpu: str
    cores: int
    kernel: str

    def as_json(self) -> dict[str, str | int]:
        return asdict(self)


def machine() -> Machine:
    """The CPU's model, how many cores this process may use, the kernel's release number."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    release = platform.release().split("-")[0]
    return Machine(cpu=model, cores=len(os.sched_getaffinity(0)), kernel=f"Linux {release}")


@dataclass(frozen=True)
class Ticks:
    """Clock ticks of some cores: all of them, and those the hypervisor gave to others."""

    total: int
    stolen: int

    def stolen_share_since(self, before: "Ticks") -> float:
        """The share of time stolen since ``before``, 0 to 1."""
        total = self.total - before.total
        return (self.stolen - before.stolen) / total if total > 0 else 0.0


def ticks(of: Cores, stat: str | None = None) -> Ticks:
    """Reads ``/proc/stat`` for the two cores (user nice system idle iowait irq softirq steal …)."""
    text = Path("/proc/stat").read_text() if stat is None else stat
    total = stolen = 0
    for line in text.splitlines():
        name, *numbers = line.split()
        if name in (f"cpu{of.gateway}", f"cpu{of.load}"):
            total += sum(int(number) for number in numbers[:8])
            stolen += int(numbers[7])
    return Ticks(total=total, stolen=stolen)
