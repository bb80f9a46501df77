"""Acknowledged is durable: a process that writes in a loop is killed, and every id it acknowledged is there.

The whole gateway is killed a hundred times by the journeys; here it is the control thread's batches over the store.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from apigw.store.sqlite import open_sqlite
from tests.unit.commit.fakes import World

WRITER = """
import itertools, os, pathlib, sys
from msgspec import structs
from apigw.control.commit import Batch
from apigw.store.sqlite import open_sqlite
from tests.unit.commit.fakes import World
world = World(open_sqlite(pathlib.Path(sys.argv[1])))
wiring = structs.replace(world.wiring, answer=lambda number, head, body: os.write(1, body + b"\\n"))
for round in itertools.count():
    names = [f"put {sys.argv[2]}-{round}-{number}" for number in range(3)]
    Batch(wiring, [(number, "control", name.encode(), b"") for number, name in enumerate(names)]).run()
"""


@pytest.mark.parametrize("seed", range(5))
def test_what_was_acknowledged_survives_a_kill(path: Path, seed: int) -> None:
    acknowledged: list[str] = []
    for life in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), f"life{life}"],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout is not None
        # Killed at a random write rather than at a random time: no clock, and never before the first answer.
        for _ in range(random.Random(seed * 2 + life).randrange(1, 60)):
            acknowledged.append(process.stdout.readline().decode().strip())
        process.send_signal(signal.SIGKILL)
        acknowledged += process.stdout.read().decode().split("\n")[:-1]
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
    store = open_sqlite(path)
    names = World(store).names()
    store.close()
    assert len(acknowledged) >= 2
    assert set(acknowledged) <= set(names)
    # A batch is there as a whole or not at all.
    batches = [name.rpartition("-")[0] for name in names]
    assert all(batches.count(batch) == 3 for batch in batches)
