"""From changed records to the SnapshotPatch that the engine prepares, and back to all of it at start.

A deployment's unit is compiled once, kept as a blob and reused as bytes; a stage edit never sends it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from apigw.domain import rest_api as domain
from apigw.snapshot import compile, frozen
from apigw.snapshot.frozen import Frozen
from apigw.store.protocol import Change, Store, Transaction

DEPLOYMENT, STAGE = "deployment", "stage"


def put_deployment(store: Transaction, records: Frozen, deployment: domain.Deployment) -> None:
    """Store a deployment: its record, what it froze, and its unit."""
    api_id = records.rest_api.id
    unit = compile.deployment(records, deployment.id)
    store.put_blob(frozen.frozen_key(api_id, deployment.id), frozen.LAYOUT, msgspec.json.encode(records))
    store.put_blob(frozen.unit_key(api_id, deployment.id), compile.COMPILER, msgspec.json.encode(unit))
    store.put(DEPLOYMENT, records.region, api_id, deployment.id, deployment)


def forget_deployment(store: Transaction, region: str, api_id: str, id: str) -> None:
    """Delete a deployment and its blobs."""
    store.delete(DEPLOYMENT, region, api_id, id)
    store.delete_blob(frozen.frozen_key(api_id, id))
    store.delete_blob(frozen.unit_key(api_id, id))


def affected(transaction: Transaction, changes: Iterable[Change]) -> bytes | None:
    """The JSON of the SnapshotPatch that ``changes`` call for; ``None`` when they change nothing served."""
    touched = dict.fromkeys(
        (change.family, change.region, change.parent, change.id)
        for change in changes
        if change.family in (DEPLOYMENT, STAGE)
    )
    put: list[bytes] = []
    remove: list[str] = []
    # Deployments come before stages: a stage's deployment is there when the stage is.
    for family, region, api_id, id in sorted(touched, key=lambda key: key[0]):
        unit = (_deployment_unit if family == DEPLOYMENT else _stage_unit)(transaction, region, api_id, id)
        if unit is None:
            remove.append(f"{family}/{api_id}/{id}")
        else:
            put.append(unit)
    return _patch(put, remove) if put or remove else None


def everything(store: Store) -> Iterator[bytes]:
    """One patch for each API that has deployments: what an engine that starts needs."""

    def api_of(blob: tuple[str, int, bytes]) -> str:
        return blob[0].split("/")[1]

    with store.read() as view:
        for api_id, blobs in groupby(store.blobs(f"{DEPLOYMENT}/"), key=api_of):
            region = view.find_rest_api(api_id)
            if region is None:
                continue
            put = [_current(view, key, compiler, body) for key, compiler, body in blobs]
            stages = view.list(domain.Stage, STAGE, region, api_id)
            put += [msgspec.json.encode(compile.stage(api_id, stage)) for _, stage in stages]
            yield _patch(put, [])


def _deployment_unit(transaction: Transaction, region: str, api_id: str, id: str) -> bytes | None:
    if transaction.get(domain.Deployment, DEPLOYMENT, region, api_id, id) is None:
        return None
    key = frozen.unit_key(api_id, id)
    blob = transaction.get_blob(key)
    if blob is None:
        raise LookupError(f"the blob {key} is missing")
    return _current(transaction, key, *blob)


def _stage_unit(transaction: Transaction, region: str, api_id: str, name: str) -> bytes | None:
    stage = transaction.get(domain.Stage, STAGE, region, api_id, name)
    return None if stage is None else msgspec.json.encode(compile.stage(api_id, stage))


def _current(transaction: Transaction, key: str, compiler: int, body: bytes) -> bytes:
    """The unit's bytes; those of another compiler are made anew from what was frozen."""
    if compiler == compile.COMPILER:
        return body
    _, api_id, id = key.split("/")
    records = frozen.load(transaction, api_id, id)
    if records is None:
        raise LookupError(f"the blob {frozen.frozen_key(api_id, id)} is missing")
    return msgspec.json.encode(compile.deployment(records, id))


def _patch(put: list[bytes], remove: list[str]) -> bytes:
    return b'{"put":[' + b",".join(put) + b'],"remove":' + msgspec.json.encode(remove) + b"}"
