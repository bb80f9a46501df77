"""From changed records to the SnapshotPatch that the engine prepares; and what an engine that starts needs.

A deployment's unit is compiled once, kept as a blob and reused as bytes; a stage edit never sends it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from apigw.domain import rest_api as domain
from apigw.domain.errors import Unavailable
from apigw.snapshot import compile as compiler
from apigw.snapshot import frozen
from apigw.snapshot.frozen import Frozen
from apigw.store.protocol import Change, Transaction

DEPLOYMENT, STAGE = "deployment", "stage"


def put_deployment(store: Transaction, records: Frozen, deployment: domain.Deployment) -> None:
    """Store a deployment: its record, what it froze, and its unit."""
    api_id = records.rest_api.id
    unit = compiler.deployment(records, deployment.id)
    store.put_blob(frozen.frozen_key(api_id, deployment.id), frozen.LAYOUT, msgspec.json.encode(records))
    store.put_blob(frozen.unit_key(api_id, deployment.id), compiler.COMPILER, msgspec.json.encode(unit))
    store.put(DEPLOYMENT, records.region, api_id, deployment.id, deployment)


def forget_deployment(store: Transaction, region: str, api_id: str, deployment_id: str) -> None:
    """Delete a deployment and its blobs."""
    store.delete(DEPLOYMENT, region, api_id, deployment_id)
    store.delete_blob(frozen.frozen_key(api_id, deployment_id))
    store.delete_blob(frozen.unit_key(api_id, deployment_id))


def affected(transaction: Transaction, changes: Iterable[Change]) -> bytes | None:
    """The JSON of the SnapshotPatch that ``changes`` call for; ``None`` when they change nothing served."""
    touched = {
        (change.family, change.region, change.parent, change.id): None
        for change in changes
        if change.family in (DEPLOYMENT, STAGE)
    }
    put: list[bytes] = []
    remove: list[str] = []
    # Deployments come before stages: a stage's deployment is there when the stage is.
    for family, region, api_id, name in sorted(touched, key=lambda key: key[0]):
        unit = (_deployment_unit if family == DEPLOYMENT else _stage_unit)(transaction, region, api_id, name)
        if unit is None:
            remove.append(f"{family}/{api_id}/{name}")
        else:
            put.append(unit)
    if not put and not remove:
        return None
    return b'{"put":[' + b",".join(put) + b'],"remove":' + msgspec.json.encode(remove) + b"}"


def stages(transaction: Transaction) -> Iterator[tuple[str, bytes]]:
    """Key and unit of every stage (for the start)."""
    for region, api_id, name, stage in transaction.scan(domain.Stage, STAGE):
        yield f"{STAGE}/{api_id}/{name}", _encoded(transaction, region, api_id, stage)


def recompile(transaction: Transaction, key: str) -> bytes:
    """The unit of the deployment with this blob key, made anew from what was frozen."""
    _, api_id, deployment_id = key.split("/")
    records = frozen.load(transaction, api_id, deployment_id)
    if records is None:
        raise Unavailable(f"The blob {frozen.frozen_key(api_id, deployment_id)} is missing")
    return msgspec.json.encode(compiler.deployment(records, deployment_id))


def _deployment_unit(transaction: Transaction, region: str, api_id: str, deployment_id: str) -> bytes | None:
    if transaction.get(domain.Deployment, DEPLOYMENT, region, api_id, deployment_id) is None:
        return None
    key = frozen.unit_key(api_id, deployment_id)
    blob = transaction.get_blob(key)
    if blob is None or blob[0] != compiler.COMPILER:
        return recompile(transaction, key)
    return blob[1]


def _stage_unit(transaction: Transaction, region: str, api_id: str, name: str) -> bytes | None:
    stage = transaction.get(domain.Stage, STAGE, region, api_id, name)
    return None if stage is None else _encoded(transaction, region, api_id, stage)


def _encoded(transaction: Transaction, region: str, api_id: str, stage: domain.Stage) -> bytes:
    certificate = None
    if stage.client_certificate_id is not None:
        certificate = transaction.get(
            domain.ClientCertificate, "client_certificate", region, "", stage.client_certificate_id
        )
        # Without it backends would be asked by nobody in particular: the engine refuses that stage alone.
        certificate = certificate or domain.ClientCertificate(
            client_certificate_id=stage.client_certificate_id,
            pem_encoded_certificate="",
            private_key="",
            created_date=0,
            expiration_date=0,
        )
    return msgspec.json.encode(compiler.stage(api_id, stage, certificate))
