"""What a deployment freezes: the records of an API at one moment, kept as a blob beside the compiled unit.

Blobs: ``deployment/{api}/{id}`` is the unit (with the compiler's version), ``frozen/{api}/{id}`` these records.
"""

from __future__ import annotations

from typing import Final

import msgspec

from apigw.domain.rest_api import (
    Authorizer,
    GatewayResponse,
    Method,
    Model,
    RequestValidator,
    Resource,
    RestApi,
)
from apigw.store.protocol import Transaction

LAYOUT: Final = 1


class Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The records of one deployment, and where they live."""

    account_id: str
    region: str
    rest_api: RestApi
    resources: list[Resource]
    methods: list[Method]
    models: list[Model]
    request_validators: list[RequestValidator]
    authorizers: list[Authorizer]
    gateway_responses: list[GatewayResponse]


_DECODER: Final = msgspec.json.Decoder(Frozen)


def read(store: Transaction, account_id: str, region: str, api: RestApi) -> Frozen:
    """The API as it is now."""
    return Frozen(
        account_id=account_id,
        region=region,
        rest_api=api,
        resources=[one for _, one in store.list(Resource, "resource", region, api.id)],
        methods=[one for _, one in store.list(Method, "method", region, api.id)],
        models=[one for _, one in store.list(Model, "model", region, api.id)],
        request_validators=[one for _, one in store.list(RequestValidator, "request_validator", region, api.id)],
        authorizers=[one for _, one in store.list(Authorizer, "authorizer", region, api.id)],
        gateway_responses=[one for _, one in store.list(GatewayResponse, "gateway_response", region, api.id)],
    )


def unit_key(api_id: str, deployment_id: str) -> str:
    """The blob of the compiled unit; also the unit's key in the engine."""
    return f"deployment/{api_id}/{deployment_id}"


def frozen_key(api_id: str, deployment_id: str) -> str:
    """The blob of the frozen records."""
    return f"frozen/{api_id}/{deployment_id}"


def load(store: Transaction, api_id: str, deployment_id: str) -> Frozen | None:
    """What a deployment froze."""
    blob = store.get_blob(frozen_key(api_id, deployment_id))
    return None if blob is None else _DECODER.decode(blob[1])
