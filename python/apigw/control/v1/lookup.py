"""Finding what a call names, or AWS's own 404; and pages of lists."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from msgspec import Struct

from apigw.control.operation import Call, Input
from apigw.domain.errors import BadRequest, NotFound
from apigw.domain.rest_api import ClientCertificate, Deployment, Integration, Method, Resource, RestApi, Stage

R = TypeVar("R", bound=Struct)

INVALID_RESOURCE: Final = "Invalid Resource identifier specified"
INVALID_METHOD: Final = "Invalid Method identifier specified"
INVALID_INTEGRATION: Final = "Invalid Integration identifier specified"
INVALID_STATUS_CODE: Final = "Invalid Response status code specified"
INVALID_STAGE: Final = "Invalid stage identifier specified"
INVALID_DEPLOYMENT: Final = "Invalid Deployment identifier specified"
INVALID_CLIENT_CERTIFICATE: Final = "Invalid Client Certificate identifier specified"


def rest_api(call: Call, id: str) -> RestApi:
    """The REST API ``id`` in the call's region."""
    found = call.store.get(RestApi, "rest_api", call.region, "", id)
    if found is None:
        raise NotFound(f"Invalid API identifier specified {call.account}:{id}")
    return found


def _one(call: Call, kind: type[R], family: str, api_id: str, id: str, missing: str) -> R:
    found = call.store.get(kind, family, call.region, api_id, id)
    if found is None:
        raise NotFound(missing)
    return found


def resource(call: Call, api_id: str, id: str) -> Resource:
    """The resource ``id``; AWS says the same of an unknown API."""
    return _one(call, Resource, "resource", api_id, id, INVALID_RESOURCE)


def method(call: Call, given: Input) -> Method:
    """The method that ``given`` names by ``rest_api_id``, ``resource_id`` and ``http_method``."""
    api_id, resource_id, verb = given["rest_api_id"], given["resource_id"], given["http_method"]
    resource(call, api_id, resource_id)
    return _one(call, Method, "method", api_id, f"{resource_id}/{verb}", INVALID_METHOD)


def integration(call: Call, given: Input) -> tuple[Method, Integration]:
    """The method and its integration."""
    found = method(call, given)
    if found.method_integration is None:
        raise NotFound(INVALID_INTEGRATION)
    return found, found.method_integration


def deployment(call: Call, api_id: str, id: str) -> Deployment:
    """The deployment ``id``."""
    return _one(call, Deployment, "deployment", api_id, id, INVALID_DEPLOYMENT)


def stage(call: Call, api_id: str, name: str) -> Stage:
    """The stage ``name``."""
    return _one(call, Stage, "stage", api_id, name, INVALID_STAGE)


def client_certificate(call: Call, id: str) -> ClientCertificate:
    """The client certificate ``id`` in the call's region."""
    found = call.store.get(ClientCertificate, "client_certificate", call.region, "", id)
    if found is None:
        raise NotFound(INVALID_CLIENT_CERTIFICATE)
    return found


def put_method(call: Call, api_id: str, method: Method) -> None:
    """Store a method with everything below it."""
    call.store.put("method", call.region, api_id, f"{method.resource_id}/{method.http_method}", method)


def new_id(call: Call, family: str, parent: str) -> str:
    """An id that no record of ``family`` below ``parent`` (an API) has: six characters collide in large APIs."""
    while True:
        fresh = call.ids.short()
        if call.store.get(Struct, family, call.region, parent, fresh) is None:
            return fresh


def limit(given: Input) -> int:
    """How many records a page may have: 25 unless the call says otherwise, at most 500; 0 is no page."""
    wanted: int | None = given.get("limit")
    if wanted is not None and not 1 <= wanted <= 500:
        raise BadRequest("Invalid limit specified. Must be between 1 and 500")
    return 25 if wanted is None else wanted


def page(call: Call, kind: type[R], family: str, parent: str, given: Input) -> tuple[list[R], str | None]:
    """Records and the ``position`` of the next page: the id of its first record.

    Deleting a page's records before asking for the next, as cleaning scripts do, so keeps the position valid.
    """
    most, position = limit(given), given.get("position")
    records: list[tuple[str, R]] = []
    if position is not None:
        first = call.store.get(kind, family, call.region, parent, position)
        if first is None:
            raise BadRequest("Invalid position parameter specified")
        records.append((position, first))
    missing = most + 1 - len(records)
    records += call.store.list(kind, family, call.region, parent, after=position, limit=missing)
    following = records[most][0] if len(records) > most else None
    return [record for _, record in records[:most]], following


def listing(items: list[Any], position: str | None) -> dict[str, Any]:
    """A list answer."""
    return {"items": items, "position": position}
