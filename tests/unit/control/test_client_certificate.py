"""Client certificates: what answers tell of them, and what stages do with them.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/getting-started-client-side-ssl-authentication.html
"""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from apigw.domain import quotas
from apigw.domain.rest_api import ClientCertificate
from apigw.snapshot import publish, units
from tests.unit.control.management import Management

GONE = ("NotFound", "Invalid Client Certificate identifier specified")
YEAR = 365 * 24 * 60 * 60


def test_a_certificate_is_told_of_without_its_key(management: Management) -> None:
    made = management("GenerateClientCertificate", description="first", tags={"a": "b"})
    assert made == {
        "clientCertificateId": made["clientCertificateId"],
        "description": "first",
        "pemEncodedCertificate": "certificate of 1700000000",
        "createdDate": 1_700_000_000,
        "expirationDate": 1_700_000_000 + YEAR,
        "tags": {"a": "b"},
    }
    names = {"client_certificate_id": made["clientCertificateId"]}
    assert management("GetClientCertificate", **names) == made
    assert management("GetClientCertificates")["item"] == [made]
    changed = management.update("UpdateClientCertificate", ("replace", "/description", "new"), **names)
    assert changed == {**made, "description": "new"}
    for path in ("/pemEncodedCertificate", "/tags", "/clientCertificateId", "/privateKey"):
        management.update_refused("UpdateClientCertificate", ("replace", path, "x"), **names)
    management("DeleteClientCertificate", **names)
    for name in ("GetClientCertificate", "UpdateClientCertificate", "DeleteClientCertificate"):
        assert management.refused(name, **names) == GONE
    (stored,) = [
        ClientCertificate(
            client_certificate_id="id", pem_encoded_certificate="c", private_key="k", created_date=0, expiration_date=1
        )
    ]
    assert "k'" not in repr(stored)
    assert "k'" not in repr(units.ClientCertificate(certificate="c", private_key="k"))


def test_its_tags_are_those_of_any_resource(management: Management) -> None:
    id = management("GenerateClientCertificate")["clientCertificateId"]
    arn = f"arn:aws:apigateway:{management.call.region}::/clientcertificates/{id}"
    management("TagResource", resource_arn=arn, tags={"a": "b", "c": "d"})
    management("UntagResource", resource_arn=arn, tag_keys=["a"])
    assert management("GetTags", resource_arn=arn) == {"tags": {"c": "d"}}
    assert management.refused("GetTags", resource_arn=f"{arn}x") == GONE


@pytest.fixture
def stage(management: Management) -> dict[str, str]:
    """The names of a stage."""
    api_id, root = management.api()
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="dev")
    return {"rest_api_id": api_id, "stage_name": "dev"}


def test_a_stage_shows_what_it_names_and_keeps_it_from_being_deleted(
    management: Management, stage: dict[str, str]
) -> None:
    id = management("GenerateClientCertificate")["clientCertificateId"]
    named = ("replace", "/clientCertificateId", id)
    assert management.update("UpdateStage", named, **stage)["clientCertificateId"] == id
    (unit,) = management.patches[-1].put
    assert isinstance(unit, units.Stage)
    assert unit.client_certificate == units.ClientCertificate(
        certificate="certificate of 1700000000", private_key="key"
    )
    assert management.refused("DeleteClientCertificate", client_certificate_id=id) == (
        "Conflict",
        f"Cannot delete client certificate '{id}', is referenced in stage: {stage['rest_api_id']}/dev",
    )
    assert management.update_refused("UpdateStage", ("replace", "/clientCertificateId", "nothing"), **stage) == GONE
    assert "clientCertificateId" not in management.update(
        "UpdateStage", ("replace", "/clientCertificateId", ""), **stage
    )
    (unit,) = management.patches[-1].put
    assert isinstance(unit, units.Stage)
    assert unit.client_certificate is None
    management("DeleteClientCertificate", client_certificate_id=id)


def test_a_stage_whose_certificate_is_lost_is_left_to_the_engine_to_refuse(
    management: Management, stage: dict[str, str]
) -> None:
    id = management("GenerateClientCertificate")["clientCertificateId"]
    management.update("UpdateStage", ("replace", "/clientCertificateId", id), **stage)
    management.store.delete("client_certificate", management.call.region, "", id)
    ((_, unit),) = publish.stages(management.store)
    assert msgspec.json.decode(unit)["client_certificate"] == {"certificate": "", "private_key": ""}


def test_an_account_has_sixty_where_quotas_are_those_of_aws(management: Management) -> None:
    for _ in range(61):
        management("GenerateClientCertificate")
    management.call = replace(management.call, quotas=quotas.AWS)
    kind, message = management.refused("GenerateClientCertificate")
    assert kind == "LimitExceeded"
    assert message.startswith("Maximum number of Client certificates for this account has been reached.")
