"""A pipelining client that knows which answers are right while a stage flips between deployments.

Every request notes which flips were finished when it was sent and which had started when its answer came: the answer must
be of one of the deployments served in between. It speaks raw bytes over asyncio, so that thousands of requests are in flight.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field


@dataclass
class Flips:
    """The deployments in the order they were asked for; ``finished`` counts calls that returned."""

    deployments: list[str]
    finished: int = 0
    started: int = 0

    def begin(self, deployment: str) -> None:
        """A call that moves the stage to ``deployment`` is about to be made."""
        self.deployments.append(deployment)
        self.started = len(self.deployments) - 1

    def end(self) -> None:
        """That call has returned."""
        self.finished = self.started


@dataclass
class Tally:
    """What came back."""

    answered: int = 0
    by_deployment: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """One parsed answer: names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read one answer with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    status_line, *lines = head[:-4].decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return Answer(int(status_line.split(" ", 2)[1]), headers, await reader.readexactly(int(headers["content-length"])))


def problem(answer: Answer, allowed: list[str], literals: dict[str, bytes]) -> str | None:
    """Why ``answer`` is wrong, or ``None``: its body and its header must name one and the same allowed deployment."""
    deployment = answer.headers.get("x-deployment", "")
    if answer.status != 200:
        return f"status {answer.status}: {answer.body!r}"
    if literals.get(deployment) != answer.body:
        return f"header {deployment!r} with body {answer.body!r}"
    if deployment not in allowed:
        return f"{deployment!r} answered, allowed was {allowed}"
    return None


async def flood(
    address: tuple[str, int],
    request: bytes,
    flips: Flips,
    literals: dict[str, bytes],
    stop: asyncio.Event,
    *,
    connections: int,
    depth: int,
) -> Tally:
    """Keep ``connections`` × ``depth`` requests in flight until ``stop``; ``literals`` is each deployment's body."""
    tally = Tally()

    async def one() -> None:
        reader, writer = await asyncio.open_connection(*address)
        try:
            while not stop.is_set():
                finished = flips.finished
                writer.write(request * depth)
                for _ in range(depth):
                    answer = await read_answer(reader)
                    allowed = flips.deployments[finished : flips.started + 1]
                    tally.answered += 1
                    name = answer.headers.get("x-deployment", "")
                    tally.by_deployment[name] = tally.by_deployment.get(name, 0) + 1
                    if (why := problem(answer, allowed, literals)) is not None:
                        tally.wrong.append(why)
        except (asyncio.IncompleteReadError, OSError) as error:
            tally.wrong.append(f"connection lost: {error!r}")
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(connections)))
    return tally
