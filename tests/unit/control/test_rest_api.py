"""RestApi. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateRestApi.html"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from apigw.control.operation import OPERATIONS
from apigw.domain.errors import ControlError
from tests.unit.control.management import ACCOUNT, Management


def test_an_api_with_only_a_name_answers_as_aws_does(management: Management) -> None:
    made = management("CreateRestApi", name="pets")
    assert made == {
        "apiKeySource": "HEADER",
        "createdDate": 1_700_000_000,
        "disableExecuteApiEndpoint": False,
        "endpointConfiguration": {"ipAddressType": "ipv4", "types": ["EDGE"]},
        "id": made["id"],
        "name": "pets",
        "rootResourceId": made["rootResourceId"],
    }
    assert len(made["id"]) == 10
    assert len(made["rootResourceId"]) == 6


def test_get_and_update_show_empty_tags_but_create_and_list_do_not(management: Management) -> None:
    api_id, _ = management.api()
    assert management("GetRestApi", rest_api_id=api_id)["tags"] == {}
    assert management("UpdateRestApi", rest_api_id=api_id)["tags"] == {}
    assert "tags" not in management("GetRestApis")["item"][0]
    management.api(tags={"team": "a"})
    assert management("GetRestApis")["item"][1]["tags"] == {"team": "a"}


def test_a_new_api_has_its_root_and_the_built_in_models(management: Management) -> None:
    api_id, root = management.api()
    assert management("GetResources", rest_api_id=api_id)["item"] == [{"id": root, "path": "/"}]
    schemas = {name: json.loads(str(one["schema"])) for name, one in _stored(management, "model", api_id).items()}
    assert schemas["Empty"]["title"] == "Empty Schema"
    assert schemas["Error"]["properties"] == {"message": {"type": "string"}}


def _stored(management: Management, family: str, api_id: str) -> dict[str, Any]:
    found = management.store.list(msgspec.Raw, family, management.call.region, api_id)  # type: ignore[type-var]
    return {name: json.loads(bytes(raw)) for name, raw in found}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": " "}, "REST API name cannot be blank"),
        ({"description": ""}, "Description cannot be an empty string"),
        ({"minimum_compression_size": -1}, "Invalid minimum compression size, must be between 0 and 10485760"),
        ({"minimum_compression_size": 10485761}, "Invalid minimum compression size, must be between 0 and 10485760"),
        (
            {"endpoint_configuration": {"types": []}},
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            {"endpoint_configuration": {"types": ["EDGE", "REGIONAL"]}},
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            {"endpoint_configuration": {"types": ["PRIVATE"], "ip_address_type": "ipv4"}},
            "Only dualstack ipAddressType is supported for Private APIs.",
        ),
        (
            {"policy": "{"},
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ),
        ({"tags": {"aws:x": "1"}}, "Invalid tag key specified: aws:x. The prefix aws: is reserved"),
        (
            {"tags": {"_custom_id_": "UPPER"}},
            "Invalid _custom_id_ tag specified: UPPER. An API id has 10 characters of a-z0-9",
        ),
    ],
)
def test_create_refuses(management: Management, given: dict[str, Any], message: str) -> None:
    assert management.refused("CreateRestApi", **{"name": "pets", **given}) == ("BadRequest", message)


def test_the_custom_id_tag_pins_the_id_in_all_regions(management: Management) -> None:
    made = management("CreateRestApi", name="pets", tags={"_custom_id_": "pinned0123"})
    assert made["id"] == "pinned0123"
    assert made["tags"] == {"_custom_id_": "pinned0123"}
    elsewhere = Management(management.store, region="us-east-1")
    assert elsewhere.refused("CreateRestApi", name="x", tags={"_custom_id_": "pinned0123"}) == (
        "Conflict",
        "API id pinned0123 given by the _custom_id_ tag is already in use",
    )


def test_an_unknown_api_and_one_of_another_region_are_not_found(management: Management) -> None:
    api_id, _ = management.api()
    elsewhere = Management(management.store, region="us-east-1")
    for name in ("GetRestApi", "UpdateRestApi", "DeleteRestApi", "GetResources", "GetStages", "GetDeployments"):
        expected = ("NotFound", f"Invalid API identifier specified {ACCOUNT}:{api_id}")
        assert elsewhere.refused(name, rest_api_id=api_id) == expected


def test_the_policy_is_expanded_and_shown_with_escaped_quotes(management: Management) -> None:
    document = {"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": ["execute-api:/*/GET/pets"]}]}
    api_id, _ = management.api(policy=json.dumps(document))
    shown = management("GetRestApi", rest_api_id=api_id)["policy"]
    assert shown.startswith('{\\"Statement\\"')
    resource = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:{api_id}/*/GET/pets"
    assert json.loads(json.loads(f'"{shown}"'))["Statement"][0]["Resource"] == [resource]
    again = management.update("UpdateRestApi", ("replace", "/policy", shown), rest_api_id=api_id)
    assert again["policy"] == shown
    assert "policy" not in management.update("UpdateRestApi", ("replace", "/policy", ""), rest_api_id=api_id)


@pytest.mark.parametrize(
    ("operation", "member", "expected"),
    [
        (("replace", "/name", "cats"), "name", "cats"),
        (("replace", "/apiKeySource", "AUTHORIZER"), "apiKeySource", "AUTHORIZER"),
        (("replace", "/disableExecuteApiEndpoint", "true"), "disableExecuteApiEndpoint", True),
        (("replace", "/disableExecuteApiEndpoint", "maybe"), "disableExecuteApiEndpoint", False),
        (("replace", "/minimumCompressionSize", "0"), "minimumCompressionSize", 0),
        (("replace", "/minimumCompressionSize", ""), "minimumCompressionSize", None),
        (("replace", "/minimumCompressionSize"), "minimumCompressionSize", None),
        (("add", "/description", "d"), "description", "d"),
        (("remove", "/description"), "description", None),
        (("add", "/binaryMediaTypes/image~1png"), "binaryMediaTypes", ["image/gif", "image/jpeg", "image/png"]),
        (("add", "/binaryMediaTypes/-"), "binaryMediaTypes", ["image/gif", "image/jpeg", "-"]),
        (("replace", "/binaryMediaTypes/image~1gif"), "binaryMediaTypes", ["image/jpeg", "image/gif"]),
        (("remove", "/binaryMediaTypes/image~1gif"), "binaryMediaTypes", ["image/jpeg"]),
        (
            ("replace", "/endpointConfiguration/types/EDGE", "REGIONAL"),
            "endpointConfiguration",
            {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
        ),
        (
            ("replace", "/endpointConfiguration/types/0", "PRIVATE"),
            "endpointConfiguration",
            {"types": ["PRIVATE"], "ipAddressType": "dualstack"},
        ),
        (
            ("replace", "/endpointConfiguration/ipAddressType", "dualstack"),
            "endpointConfiguration",
            {"types": ["EDGE"], "ipAddressType": "dualstack"},
        ),
        (("replace", "/securityPolicy", "TLS_1_2"), "securityPolicy", "TLS_1_2"),
        (("replace", "/endpointAccessMode", "BASIC"), "endpointAccessMode", "BASIC"),
    ],
)
def test_update(management: Management, operation: tuple[str, ...], member: str, expected: Any) -> None:
    api_id, _ = management.api(description="old", binary_media_types=["image/gif", "image/jpeg"])
    answer = management.update("UpdateRestApi", operation, rest_api_id=api_id)
    assert answer.get(member) == expected
    assert management("GetRestApi", rest_api_id=api_id) == answer


def test_s16_conversions_of_a_private_api(management: Management) -> None:
    """rest-api §16: PRIVATE→REGIONAL is possible, PRIVATE→EDGE is not."""
    api_id, _ = management.api(endpoint_configuration={"types": ["PRIVATE"]})
    path = "/endpointConfiguration/types/PRIVATE"
    message = "A private API cannot be converted to an edge-optimized API."
    refused = management.update_refused("UpdateRestApi", ("replace", path, "EDGE"), rest_api_id=api_id)
    assert refused == ("BadRequest", message)
    answer = management.update("UpdateRestApi", ("replace", path, "REGIONAL"), rest_api_id=api_id)
    assert answer["endpointConfiguration"]["types"] == ["REGIONAL"]


def test_a_private_api_has_vpc_endpoints(management: Management) -> None:
    api_id, _ = management.api(endpoint_configuration={"types": ["PRIVATE"]})
    path = "/endpointConfiguration/vpcEndpointIds"
    made = management.update("UpdateRestApi", ("add", path, "vpce-1"), ("add", path, "vpce-2"), rest_api_id=api_id)
    assert made["endpointConfiguration"]["vpcEndpointIds"] == ["vpce-1", "vpce-2"]
    made = management.update("UpdateRestApi", ("remove", path, "vpce-1"), rest_api_id=api_id)
    assert made["endpointConfiguration"]["vpcEndpointIds"] == ["vpce-2"]


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/nothing", "x"), "Invalid patch path /nothing"),
        (("replace", "/version", "x"), "Invalid patch path /version"),
        (("add", "/binaryMediaTypes", "x"), "Invalid patch path /binaryMediaTypes"),
        (("remove", "/binaryMediaTypes/x~1y"), "Invalid patch path /binaryMediaTypes/x~1y"),
        (("add", "/name", "x"), "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"),
        (("copy", "/name", "x"), "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"),
        (("replace",), "Invalid patch path null"),
        (("replace", "/description", ""), "Description cannot be an empty string"),
        (
            ("replace", "/minimumCompressionSize", "x"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            ("replace", "/minimumCompressionSize", "-1"),
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            ("replace", "/endpointConfiguration/types/EDGE", "wrong"),
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        (
            ("replace", "/endpointConfiguration/types/REGIONAL", "EDGE"),
            "Invalid patch path /endpointConfiguration/types/REGIONAL",
        ),
        (
            ("replace", "/endpointConfiguration/ipAddressType", "wrong"),
            "ipAddressType must be either ipv4 or dualstack.",
        ),
        (("replace", "/name"), "REST API name cannot be blank"),
    ],
)
def test_update_refuses_all_or_nothing(management: Management, operation: tuple[str, ...], message: str) -> None:
    api_id, _ = management.api()
    first = ("replace", "/name", "other")
    assert management.update_refused("UpdateRestApi", first, operation, rest_api_id=api_id) == ("BadRequest", message)


def test_pages(management: Management) -> None:
    names = [f"api{number}" for number in range(27)]
    for name in names:
        management.api(name=name)
    first = management("GetRestApis")
    assert [one["name"] for one in first["item"]] == names[:25]
    # A script that deletes what it lists still reaches the next page.
    for one in first["item"]:
        management("DeleteRestApi", rest_api_id=one["id"])
    second = management("GetRestApis", position=first["position"])
    assert [one["name"] for one in second["item"]] == names[25:]
    assert "position" not in second
    assert management("GetRestApis", limit=1)["position"] == second["item"][1]["id"]
    assert len(management("GetRestApis", limit=500)["item"]) == 2
    for limit in (0, -1, 501):
        refused = ("BadRequest", "Invalid limit specified. Must be between 1 and 500")
        assert management.refused("GetRestApis", limit=limit) == refused
    assert management.refused("GetRestApis", position="nothing")[0] == "BadRequest"


def test_delete_takes_everything_below(management: Management) -> None:
    before = management.everything()
    api_id, root = management.api()
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    assert len(management.units) == 2
    management("DeleteRestApi", rest_api_id=api_id)
    assert management.everything() == before
    assert management.units == {}
    with pytest.raises(ControlError):
        OPERATIONS["GetRestApi"](management.call, {"rest_api_id": api_id})


def test_clone_copies_the_tree_under_ids_of_its_own(management: Management) -> None:
    api_id, root = management.api(description="first", binary_media_types=["image/png"])
    child = management("CreateResource", rest_api_id=api_id, parent_id=root, path_part="pets")["id"]
    management.mock(api_id, child)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    copy_id, copy_root = management.api(name="copy", clone_from=api_id)
    resources = management("GetResources", rest_api_id=copy_id, embed=["methods"])["item"]
    assert [one["path"] for one in resources] == ["/", "/pets"]
    assert resources[0]["id"] == copy_root != root
    assert resources[1]["id"] != child
    assert resources[1]["parentId"] == copy_root
    integration = resources[1]["resourceMethods"]["GET"]["methodIntegration"]
    assert integration["cacheNamespace"] == resources[1]["id"]
    assert management("GetStages", rest_api_id=copy_id)["item"] == []
    assert set(_stored(management, "model", copy_id)) == {"Empty", "Error"}
    copy = management("GetRestApi", rest_api_id=copy_id)
    assert (copy["description"], copy["binaryMediaTypes"]) == ("first", ["image/png"])


def test_a_clone_is_as_closed_as_its_source(management: Management) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "123456789012"},
                "Action": "execute-api:Invoke",
                "Resource": "execute-api:/*",
            }
        ],
    }
    api_id, _ = management.api(
        policy=json.dumps(policy),
        api_key_source="AUTHORIZER",
        minimum_compression_size=10,
        disable_execute_api_endpoint=True,
    )
    copy_id, _ = management.api(name="copy", clone_from=api_id)
    source, copy = (management("GetRestApi", rest_api_id=one) for one in (api_id, copy_id))
    assert copy["policy"] == source["policy"].replace(api_id, copy_id) != source["policy"]
    kept = ("apiKeySource", "minimumCompressionSize", "disableExecuteApiEndpoint")
    assert [copy[name] for name in kept] == [source[name] for name in kept] == ["AUTHORIZER", 10, True]
    own, _ = management.api(name="own", clone_from=api_id, minimum_compression_size=99)
    assert management("GetRestApi", rest_api_id=own)["minimumCompressionSize"] == 99
