"""At the start: what the store holds becomes what the engine serves, without building Python objects for deployments.

Deployments are stored compiled, so their bytes are joined into patches of bounded size; what another version of the
compiler made is compiled again from its frozen records and stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from apigw.domain.errors import ControlError
from apigw.store.protocol import Store, StoreError, Transaction

DEPLOYMENTS = "deployment/"
_PATCH_BYTES = 8 << 20
_RECOMPILED_AT_ONCE = 256


class Loaded(msgspec.Struct, frozen=True):
    """What is served now; ``failures`` are ``(key, reason)`` of units the engine refused."""

    deployments: int
    stages: int
    failures: list[tuple[str, str]]


class Loader(msgspec.Struct, frozen=True):
    """What loading needs; ``app`` puts it together."""

    prepare: Callable[[bytes], Any]
    activate: Callable[[list[Any]], None]
    prepare_error: type[Exception]
    compiler: int
    """The version of this compiler."""
    recompile: Callable[[Transaction, str], bytes]
    """The unit of a deployment's key, compiled again from its frozen records; raises what refuses it."""
    stages: Callable[[Transaction], Iterable[tuple[str, bytes]]]
    """Key and unit of every stage."""
    patch_bytes: int = _PATCH_BYTES


def load(store: Store, loader: Loader) -> Loaded:
    """Serve all deployments, then all stages. One unit that is refused does not keep the others from being served."""
    failures: list[tuple[str, str]] = _recompile(store, loader)
    skipped = {key for key, _ in failures}
    blobs = ((key, body) for key, _, body in store.blobs(DEPLOYMENTS) if key not in skipped)
    deployments = _serve(loader, blobs, failures)
    with store.read() as view:
        stages = _serve(loader, loader.stages(view), failures)
    return Loaded(deployments, stages, failures)


def _recompile(store: Store, loader: Loader) -> list[tuple[str, str]]:
    """Bring all blobs to this compiler's version; returns those that this version refuses."""
    stale = [key for key, compiler in store.blob_compilers(DEPLOYMENTS) if compiler != loader.compiler]
    failures = []
    for begin in range(0, len(stale), _RECOMPILED_AT_ONCE):
        transaction = store.begin()
        try:
            for key in stale[begin : begin + _RECOMPILED_AT_ONCE]:
                try:
                    unit = loader.recompile(transaction, key)
                except (ControlError, StoreError, msgspec.MsgspecError) as error:
                    failures.append((key, str(error)))
                else:
                    transaction.put_blob(key, loader.compiler, unit)
            transaction.commit()
        finally:
            transaction.rollback()
    return failures


def _serve(loader: Loader, units: Iterable[tuple[str, bytes]], failures: list[tuple[str, str]]) -> int:
    served = 0
    for chunk in _chunks(units, loader.patch_bytes):
        if _put(loader, chunk) is None:
            served += len(chunk)
            continue
        for unit in chunk:
            reason = _put(loader, [unit])
            if reason is None:
                served += 1
            else:
                failures.append((unit[0], reason))
    return served


def _put(loader: Loader, units: list[tuple[str, bytes]]) -> str | None:
    """Serve ``units``; says why not."""
    try:
        ticket = loader.prepare(b'{"put":[' + b",".join(body for _, body in units) + b'],"remove":[]}')
    except loader.prepare_error as error:
        return "; ".join(f"{path}: {message}" for path, message in error.args[0])
    loader.activate([ticket])
    return None


def _chunks(units: Iterable[tuple[str, bytes]], limit: int) -> Iterator[list[tuple[str, bytes]]]:
    chunk: list[tuple[str, bytes]] = []
    size = 0
    for unit in units:
        if chunk and size + len(unit[1]) > limit:
            yield chunk
            chunk, size = [], 0
        chunk.append(unit)
        size += len(unit[1])
    if chunk:
        yield chunk
