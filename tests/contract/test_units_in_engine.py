"""Random operations, published to a real engine: it holds exactly what a compile from scratch gives."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw.engine import Engine
from apigw.snapshot import units
from apigw.store.sqlite import open_sqlite
from tests.unit.control.management import Management
from tests.unit.snapshot.random_operations import STEPS, Step, from_scratch, perform


def holding(put: list[units.Unit]) -> list[tuple[str, str]]:
    """Keys and hashes of an engine that was given ``put`` at once."""
    engine = Engine()
    engine.activate([engine.prepare(msgspec.json.encode(units.SnapshotPatch(put=put, remove=[])))])
    return sorted(engine.units())


@given(STEPS, st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_engine_holds_what_a_compile_from_scratch_gives(steps: list[Step], seed: int) -> None:
    with TemporaryDirectory() as directory:
        store = open_sqlite(Path(directory) / "apigw.db")
        transaction = store.begin()
        try:
            engine = Engine()
            management = Management(transaction, seed=seed)
            management.publish = lambda patch: engine.activate([engine.prepare(patch)])
            perform(management, steps)
            # Deployments come first: a stage needs its own.
            anew = sorted(from_scratch(management).items())
            assert sorted(engine.units()) == holding([unit for _, unit in anew])
        finally:
            transaction.rollback()
            store.close()
