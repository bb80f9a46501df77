"""What a starting engine needs beyond the stored units: stages, and units of another compiler, compiled again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from apigw.domain import rest_api as domain
from apigw.domain.errors import BadRequest
from apigw.snapshot import compile, frozen
from apigw.store.protocol import Transaction

COMPILER = compile.COMPILER


def stages(view: Transaction) -> Iterator[tuple[str, bytes]]:
    """Key and unit of every stage."""
    for _, api_id, name, stage in view.scan(domain.Stage, "stage"):
        yield f"stage/{api_id}/{name}", msgspec.json.encode(compile.stage(api_id, stage))


def recompile(transaction: Transaction, key: str) -> bytes:
    """The unit ``deployment/{api}/{id}`` from what the deployment froze; raises ``ControlError``."""
    _, api_id, deployment_id = key.split("/")
    records = frozen.load(transaction, api_id, deployment_id)
    if records is None:
        raise BadRequest(f"what deployment {deployment_id} froze is missing")
    return msgspec.json.encode(compile.deployment(records, deployment_id))
