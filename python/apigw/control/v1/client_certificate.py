"""GenerateClientCertificate, GetClientCertificate(s), UpdateClientCertificate, DeleteClientCertificate.

A certificate belongs to an account in a region; stages name it, and the gateway shows it to their backends.
AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_GenerateClientCertificate.html
"""

from __future__ import annotations

from typing import Any, Final

from apigw.control import patch
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, patch_tables, tagging
from apigw.domain import quotas
from apigw.domain.errors import Conflict
from apigw.domain.rest_api import ClientCertificate, Stage

FAMILY: Final = "client_certificate"
LIFETIME: Final = 365 * 86_400
"""Seconds."""


@operation("GenerateClientCertificate")
def generate_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """201; self-signed, valid for a year. Nobody is ever shown its key."""
    others = len(call.store.list(ClientCertificate, FAMILY, call.region, ""))
    quotas.check_count(call.quotas.client_certificates, others + 1, "Client certificates", "account")
    made = call.new_certificate(call.now, call.now + LIFETIME)
    certificate = ClientCertificate(
        client_certificate_id=lookup.new_id(call, FAMILY, ""),
        description=given.get("description") or None,
        pem_encoded_certificate=made.certificate,
        private_key=made.private_key,
        created_date=call.now,
        expiration_date=call.now + LIFETIME,
        tags=tagging.checked(given.get("tags")),
    )
    return _put(call, certificate)


@operation("GetClientCertificate")
def get_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """200."""
    return lookup.client_certificate(call, given["client_certificate_id"])


@operation("GetClientCertificates")
def get_client_certificates(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    certificates, position = lookup.page(call, ClientCertificate, FAMILY, "", given)
    return lookup.listing(certificates, position)


@operation("UpdateClientCertificate")
def update_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """200; its description is all that can be changed."""
    before = lookup.client_certificate(call, given["client_certificate_id"])
    certificate = patch.apply(patch_tables.CLIENT_CERTIFICATE, before, given.get("patch_operations"))
    return before if certificate is before else _put(call, certificate)


@operation("DeleteClientCertificate")
def delete_client_certificate(call: Call, given: Input) -> None:
    """202; not while a stage shows it."""
    certificate = lookup.client_certificate(call, given["client_certificate_id"])
    for region, api_id, name, stage in call.store.scan(Stage, "stage"):
        if region == call.region and stage.client_certificate_id == certificate.client_certificate_id:
            raise Conflict(
                f"Cannot delete client certificate '{certificate.client_certificate_id}', "
                f"is used by stage: {api_id}/{name}"
            )
    call.store.delete(FAMILY, call.region, "", certificate.client_certificate_id)


def _put(call: Call, certificate: ClientCertificate) -> ClientCertificate:
    call.store.put(FAMILY, call.region, "", certificate.client_certificate_id, certificate)
    return certificate
