"""One scenario, measured: starts its contenders, goes through the rounds, keeps every slot."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from bench import rounds, wrk
from bench.contenders.process import Server
from bench.cpu_time import cpu_time
from bench.drivers import Load
from bench.machine import Cores, ticks
from bench.scenarios import REFERENCE, Contender, Scenario

STEAL_LIMIT = 0.03
# Bytes by which numbers in the headers of an answer grow in the course of a run (Age, X-Varnish).
DIGITS = 8


@dataclass(frozen=True)
class Plan:
    """How long and how often."""

    rounds: int
    seconds: float
    connections: int
    warm_up_seconds: float


@dataclass(frozen=True)
class Record:
    """One slot as it was measured."""

    round: int
    contender: str
    requests: int
    cpu_nanoseconds: int | None
    stolen_share: float
    errors: int
    bytes: int

    def cost(self) -> float | None:
        """Nanoseconds of CPU a request; None when the slot is to be dropped."""
        if self.cpu_nanoseconds is None or self.requests == 0 or self.stolen_share > STEAL_LIMIT:
            return None
        return self.cpu_nanoseconds / self.requests


@dataclass(frozen=True)
class Measured:
    """All slots of a scenario."""

    scenario: Scenario
    records: list[Record]
    ratios: list[dict[str, float]]
    """By round."""
    errors_beside: int = 0
    """Wrong answers before and after the rounds, where every one is looked at."""

    def dropped(self) -> int:
        return sum(record.cost() is None for record in self.records)

    def errors(self) -> int:
        return sum(record.errors for record in self.records) + self.errors_beside

    def contenders(self) -> list[str]:
        return list(dict.fromkeys(record.contender for record in self.records))

    def ratio(self, contender: str) -> rounds.Spread | None:
        """The contender's CPU a request over the reference's."""
        return rounds.spread([by_name[contender] for by_name in self.ratios if contender in by_name])

    def microseconds(self, contender: str) -> rounds.Spread | None:
        """CPU a request; moves with the machine's mood, only ratios are to be compared."""
        costs = [record.cost() for record in self.records if record.contender == contender]
        return rounds.spread([cost / 1000 for cost in costs if cost is not None])

    def against_bar(self, contender: str) -> rounds.Spread | None:
        """The ratio the bar is about."""
        return rounds.spread(rounds.against_best(self.ratios, contender, self.scenario.best_of))


def measure(
    scenario: Scenario,
    contenders: Sequence[Contender],
    *,
    cores: Cores,
    plan: Plan,
    targets: Path,
    directory: Path,
    afterwards: Callable[[dict[str, Server], list[Record]], None],
    say: Callable[[str], None],
) -> Measured:
    """Runs all rounds; ``afterwards`` sees the servers while they still run, with every slot and warm-up."""
    load = scenario.load(cores.load, plan.connections, targets)
    slot = partial(_slot, scenario, load, cores)
    looked_at = partial(_slot, scenario, replace(load, looked_at=True), cores)
    with ExitStack() as running:
        servers = {}
        for contender in contenders:
            own = directory / contender.name
            own.mkdir()
            servers[contender.name] = contender.start(own)
            running.callback(servers[contender.name].stop)
        # Before and after the rounds every answer is looked at; in them its status and its bytes are counted.
        every = [looked_at(-1, name, server, plan.warm_up_seconds) for name, server in servers.items()]
        ratios = []
        challengers = [contender.name for contender in contenders if contender.name != REFERENCE]
        for number in range(plan.rounds):
            records = [
                slot(number, name, servers[name], plan.seconds) for name in rounds.order(REFERENCE, challengers, number)
            ]
            every += records
            ratios.append(rounds.ratios([rounds.Slot(one.contender, one.cost()) for one in records], REFERENCE))
            line = "  ".join(f"{name} {ratios[-1][name]:.2f}" for name in challengers if name in ratios[-1])
            say(f"{scenario.name} round {number + 1}/{plan.rounds}: {line}")
        every += [looked_at(-1, name, server, plan.warm_up_seconds / 2) for name, server in servers.items()]
        if scenario.driver is wrk.drive:  # h2load counts the bytes of bodies itself
            every = [_judged(one, every, load.in_flight) for one in every]
        afterwards(servers, every)
    measured, beside = ([one for one in every if (one.round >= 0) is counts] for counts in (True, False))
    return Measured(scenario, measured, ratios, errors_beside=sum(one.errors for one in beside))


def _slot(
    scenario: Scenario, load: Load, cores: Cores, number: int, name: str, server: Server, seconds: float
) -> Record:
    ticks_before, cpu_before = ticks(cores), cpu_time(server.pid)
    summary = scenario.driver(server, load, seconds)
    cpu = cpu_time(server.pid).since(cpu_before)
    stolen = ticks(cores).stolen_share_since(ticks_before)
    if server.logged is not None:
        server.logged.count()
    return Record(
        round=number,
        contender=name,
        requests=summary.requests,
        cpu_nanoseconds=cpu,
        stolen_share=round(stolen, 4),
        errors=summary.errors,
        bytes=summary.bytes,
    )


def _judged(record: Record, every: Sequence[Record], in_flight: int) -> Record:
    """With one error more where its answers were not as long as those of the same contender that were looked at."""
    model = next(one for one in every if one.contender == record.contender)
    return record if have_equal_lengths(record, model, in_flight) else replace(record, errors=record.errors + 1)


def have_equal_lengths(one: Record, other: Record, in_flight: int) -> bool:
    """Whether the answers of two slots can be equally long, where at most so many were cut off at the end of each."""
    if not one.requests or not other.requests:
        return False
    shortest = other.bytes / (other.requests + in_flight) - DIGITS
    longest = other.bytes / other.requests + DIGITS
    return shortest * one.requests <= one.bytes <= longest * (one.requests + in_flight)
