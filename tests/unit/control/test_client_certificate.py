"""Client certificates: the key is kept, and shown to nobody but the engine.

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

UNKNOWN = ("NotFound", "Invalid Client Certificate identifier specified")
NOW = 1_700_000_000


@pytest.fixture
def names(management: Management) -> dict[str, str]:
    """A stage."""
    api_id, root = management.api()
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    return {"rest_api_id": api_id, "stage_name": "prod"}


def shown(management: Management, names: dict[str, str]) -> units.ClientCertificate | None:
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    return unit.client_certificate


def test_generate_get_list_update_and_delete(management: Management) -> None:
    made = management("GenerateClientCertificate", description="one", tags={"team": "a"})
    assert made == {
        "clientCertificateId": made["clientCertificateId"],
        "description": "one",
        "pemEncodedCertificate": "CERTIFICATE",
        "createdDate": NOW,
        "expirationDate": NOW + 365 * 86_400,
        "tags": {"team": "a"},
    }
    names = {"client_certificate_id": made["clientCertificateId"]}
    assert management("GetClientCertificate", **names) == made
    other = management("GenerateClientCertificate")
    assert sorted(other) == ["clientCertificateId", "createdDate", "expirationDate", "pemEncodedCertificate"]
    page = management("GetClientCertificates", limit=1)
    assert page["item"] == [made]
    assert management("GetClientCertificates", position=page["position"])["item"] == [other]
    updated = management.update("UpdateClientCertificate", ("replace", "/description", "two"), **names)
    assert updated == {**made, "description": "two"} == management("GetClientCertificate", **names)
    management("DeleteClientCertificate", **names)
    for name in ("GetClientCertificate", "UpdateClientCertificate", "DeleteClientCertificate"):
        assert management.refused(name, **names) == UNKNOWN


@pytest.mark.parametrize(
    "operation",
    [("replace", "/pemEncodedCertificate", "x"), ("add", "/description", "x"), ("remove", "/description")],
)
def test_nothing_but_the_description_changes(management: Management, operation: tuple[str, ...]) -> None:
    made = management("GenerateClientCertificate")["clientCertificateId"]
    kind, message = management.update_refused("UpdateClientCertificate", operation, client_certificate_id=made)
    assert kind == "BadRequest"
    assert message.startswith("Invalid patch ")


def test_a_stage_shows_it_at_once_and_keeps_it_from_being_deleted(
    management: Management, names: dict[str, str]
) -> None:
    made = management("GenerateClientCertificate")["clientCertificateId"]
    assert shown(management, names) is None
    stage = management.update("UpdateStage", ("replace", "/clientCertificateId", made), **names)
    assert stage["clientCertificateId"] == made
    assert shown(management, names) == units.ClientCertificate(certificate="CERTIFICATE", private_key="KEY")
    kind, message = management.refused("DeleteClientCertificate", client_certificate_id=made)
    assert (kind, message) == (
        "Conflict",
        f"Cannot delete client certificate '{made}', is used by stage: {names['rest_api_id']}/prod",
    )
    stage = management.update("UpdateStage", ("replace", "/clientCertificateId", ""), **names)
    assert "clientCertificateId" not in stage
    assert shown(management, names) is None
    management("DeleteClientCertificate", client_certificate_id=made)


def test_a_stage_whose_certificate_is_lost_is_the_only_one_that_is_refused(
    management: Management, names: dict[str, str]
) -> None:
    """At a start: the engine refuses a stage whose certificate is empty, and serves the others."""
    made = management("GenerateClientCertificate")["clientCertificateId"]
    management.update("UpdateStage", ("replace", "/clientCertificateId", made), **names)
    management.store.delete("client_certificate", management.call.region, "", made)
    ((_, unit),) = publish.stages(management.store)
    assert msgspec.json.decode(unit)["client_certificate"] == {"certificate": "", "private_key": ""}


def test_keys_are_never_printed(management: Management, names: dict[str, str]) -> None:
    made = management("GenerateClientCertificate")["clientCertificateId"]
    management.update("UpdateStage", ("replace", "/clientCertificateId", made), **names)
    ((_, _, _, stored),) = management.store.scan(ClientCertificate, "client_certificate")
    assert stored.private_key == "KEY"
    assert "KEY" not in f"{stored!r} {shown(management, names)!r} {management.patches!r}"


def test_an_unknown_one_is_shown_by_no_stage(management: Management, names: dict[str, str]) -> None:
    assert management.update_refused("UpdateStage", ("replace", "/clientCertificateId", "abc"), **names) == UNKNOWN


def test_tags(management: Management) -> None:
    made = management("GenerateClientCertificate")["clientCertificateId"]
    arn = f"arn:aws:apigateway:{management.call.region}::/clientcertificates/{made}"
    management("TagResource", resource_arn=arn, tags={"a": "1", "b": "2"})
    management("UntagResource", resource_arn=arn, tag_keys=["a"])
    assert management("GetTags", resource_arn=arn) == {"tags": {"b": "2"}}
    assert management("GetClientCertificate", client_certificate_id=made)["tags"] == {"b": "2"}
    assert management.refused("GetTags", resource_arn=f"{arn}x") == UNKNOWN


def test_a_quota(management: Management) -> None:
    management.call = replace(management.call, quotas=quotas.AWS)
    for _ in range(60):
        management("GenerateClientCertificate")
    assert management.refused("GenerateClientCertificate") == (
        "LimitExceeded",
        "Maximum number of Client certificates for this account has been reached.  "
        "Please contact AWS if you need additional Client certificates.",
    )
