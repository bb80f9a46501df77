"""GenerateClientCertificate, GetClientCertificate(s), UpdateClientCertificate, DeleteClientCertificate.

The private key stays here: no answer has it; the engine is given it with the stages that show the certificate.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html
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
# AWS: "API Gateway … generates a certificate that is valid for 365 days".
LIFETIME: Final = 365 * 24 * 60 * 60


@operation("GenerateClientCertificate")
def generate_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """201; an RSA certificate that nobody else has the key of."""
    tags = tagging.checked(given.get("tags"))
    count = len(list(call.store.list(ClientCertificate, FAMILY, call.region, "")))
    quotas.check_count(call.quotas.client_certificates, count + 1, "Client certificates", "account")
    certificate, key = call.client_certificate(call.now)
    made = ClientCertificate(
        client_certificate_id=lookup.new_id(call, FAMILY, ""),
        description=given.get("description"),
        pem_encoded_certificate=certificate,
        private_key=key,
        created_date=call.now,
        expiration_date=call.now + LIFETIME,
        tags=tags,
    )
    return _put(call, made)


@operation("GetClientCertificate")
def get_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """200."""
    return lookup.client_certificate(call, given["client_certificate_id"])


@operation("GetClientCertificates")
def get_client_certificates(call: Call, given: Input) -> dict[str, Any]:
    """200."""
    found, position = lookup.page(call, ClientCertificate, FAMILY, "", given)
    return lookup.listing(found, position)


@operation("UpdateClientCertificate")
def update_client_certificate(call: Call, given: Input) -> ClientCertificate:
    """200; its description alone."""
    before = lookup.client_certificate(call, given["client_certificate_id"])
    after = patch.apply(patch_tables.CLIENT_CERTIFICATE, before, given.get("patch_operations"))
    return before if after is before else _put(call, after)


@operation("DeleteClientCertificate")
def delete_client_certificate(call: Call, given: Input) -> None:
    """202; not while a stage shows it."""
    found = lookup.client_certificate(call, given["client_certificate_id"])
    for region, api_id, name, stage in call.store.scan(Stage, "stage"):
        if region == call.region and stage.client_certificate_id == found.client_certificate_id:
            id = found.client_certificate_id
            raise Conflict(f"Cannot delete client certificate '{id}', is referenced in stage: {api_id}/{name}")
    call.store.delete(FAMILY, call.region, "", found.client_certificate_id)


def _put(call: Call, certificate: ClientCertificate) -> ClientCertificate:
    call.store.put(FAMILY, call.region, "", certificate.client_certificate_id, certificate)
    return certificate
