"""Starting: stored units reach the engine as bytes, in bounded patches, and none that fails hides the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from apigw.control.load import Loader, load
from apigw.domain.errors import BadRequest
from apigw.store.protocol import StoreError, Transaction
from tests.unit.commit.fakes import PrepareError, World


class Engine:
    """What was prepared and what is active."""

    def __init__(self) -> None:
        self.patches: list[list[str]] = []
        self.active: list[str] = []

    def prepare(self, patch: bytes) -> list[str]:
        decoded = json.loads(patch)
        assert decoded["remove"] == []
        keys = [unit["key"] for unit in decoded["put"]]
        self.patches.append(keys)
        if "deployment/bad" in keys:
            raise PrepareError([("put", "bad")])
        return keys

    def activate(self, tickets: list[Any]) -> None:
        for keys in tickets:
            self.active += keys


def unit(key: str) -> tuple[str, bytes]:
    return key, json.dumps({"key": key}).encode()


def loader(
    engine: Engine, recompile: Callable[[Transaction, str], bytes], stages: Iterable[tuple[str, bytes]] = ()
) -> Loader:
    return Loader(
        prepare=engine.prepare,
        activate=engine.activate,
        prepare_error=PrepareError,
        compiler=2,
        recompile=recompile,
        stages=lambda _: stages,
        patch_bytes=60,
    )


def never(transaction: Transaction, key: str) -> bytes:
    raise AssertionError(key)


def store(world: World, *keys: str, compiler: int = 2) -> None:
    transaction = world.inner.begin()
    for key in keys:
        transaction.put_blob(key, compiler, unit(key)[1])
    transaction.commit()


def test_deployments_come_before_stages_in_bounded_patches(world: World) -> None:
    store(world, *(f"deployment/{number}" for number in range(5)), "frozen/1")
    engine = Engine()
    loaded = load(world.inner, loader(engine, never, [unit("stage/a"), unit("stage/b")]))
    assert (loaded.deployments, loaded.stages, loaded.failures) == (5, 2, [])
    assert engine.patches == [
        ["deployment/0", "deployment/1"],
        ["deployment/2", "deployment/3"],
        ["deployment/4"],
        ["stage/a", "stage/b"],
    ]
    assert engine.active == [key for keys in engine.patches for key in keys]


def test_what_the_engine_refuses_is_named_and_hides_nothing(world: World) -> None:
    store(world, "deployment/a", "deployment/bad", "deployment/c")
    engine = Engine()
    loaded = load(world.inner, loader(engine, never))
    assert loaded.failures == [("deployment/bad", "put: bad")]
    assert loaded.deployments == 2
    assert engine.active == ["deployment/a", "deployment/c"]


def test_what_another_compiler_made_is_compiled_again_and_stored(world: World) -> None:
    store(world, "deployment/new")
    store(world, "deployment/lost", "deployment/old", "deployment/refused", compiler=1)

    def recompile(transaction: Transaction, key: str) -> bytes:
        if key == "deployment/refused":
            raise BadRequest("not enforced yet")
        if key == "deployment/lost":
            raise StoreError("frozen records are missing")
        return unit(key + "-again")[1]

    engine = Engine()
    loaded = load(world.inner, loader(engine, recompile))
    assert engine.active == ["deployment/new", "deployment/old-again"]
    assert loaded.failures == [
        ("deployment/lost", "frozen records are missing"),
        ("deployment/refused", "not enforced yet"),
    ]
    assert [(key, compiler) for key, compiler, _ in world.inner.blobs("")] == [
        ("deployment/lost", 1),
        ("deployment/new", 2),
        ("deployment/old", 2),
        ("deployment/refused", 1),
    ]
