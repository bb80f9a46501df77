"""The rules of a REST API's own settings: endpoint configuration, compression, policy, built-in models.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import EndpointConfiguration, RestApi

BAD_COMPRESSION: Final = "Invalid minimum compression size, must be between 0 and 10485760"
BAD_ENDPOINT_TYPE: Final = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE"
BAD_IP_ADDRESS_TYPE: Final = "ipAddressType must be either ipv4 or dualstack."
BAD_POLICY: Final = "Invalid policy document. Please check the policy syntax and ensure that Principals are valid."
ENDPOINT_TYPES: Final = ("REGIONAL", "EDGE", "PRIVATE")
LARGEST_POLICY: Final = 8192
SECURITY_POLICIES: Final = (
    "TLS_1_0",
    "TLS_1_2",
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
    "SecurityPolicy_TLS12_2018_EDGE",
)

_EMPTY_SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Empty Schema",
    "type": "object",
}
_ERROR_SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Error Schema",
    "type": "object",
    "properties": {"message": {"type": "string"}},
}
BUILT_IN_MODELS: Final = (
    ("Empty", "This is a default empty schema model", json.dumps(_EMPTY_SCHEMA, indent=2)),
    ("Error", "This is a default error schema model", json.dumps(_ERROR_SCHEMA, indent=2)),
)


def endpoint_configuration(given: Mapping[str, Any] | None) -> EndpointConfiguration:
    """What CreateRestApi asked for, with AWS's defaults."""
    if given is None:
        return EndpointConfiguration()
    types = given.get("types")
    if types is not None and not types:
        raise BadRequest("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")
    types = tuple(types or ("EDGE",))
    if len(types) > 1:
        raise BadRequest("Cannot create an api with multiple Endpoint Types.")
    private = types[0] == "PRIVATE"
    ip_address_type = given.get("ip_address_type") or ("dualstack" if private else "ipv4")
    return EndpointConfiguration(
        types=types,
        ip_address_type=ip_address_type,
        vpc_endpoint_ids=tuple(dict.fromkeys(given.get("vpc_endpoint_ids") or ())) or None,
    )


def check(api: RestApi, before: RestApi | None = None) -> None:
    """Everything about the API's settings; ``before`` is what an update started from."""
    if not api.name or not api.name.strip():
        raise BadRequest("REST API name cannot be blank")
    if api.description == "":
        raise BadRequest("Description cannot be an empty string")
    size = api.minimum_compression_size
    if size is not None and not 0 <= size <= 10_485_760:
        raise BadRequest(BAD_COMPRESSION)
    _check_endpoint(api.endpoint_configuration)
    _check_security(api, before)


def _check_endpoint(endpoint: EndpointConfiguration) -> None:
    if endpoint.types[0] not in ENDPOINT_TYPES:
        raise BadRequest(BAD_ENDPOINT_TYPE)
    if endpoint.ip_address_type not in ("ipv4", "dualstack"):
        raise BadRequest(BAD_IP_ADDRESS_TYPE)
    private = endpoint.types[0] == "PRIVATE"
    if private and endpoint.ip_address_type != "dualstack":
        raise BadRequest("Only dualstack ipAddressType is supported for Private APIs.")
    if endpoint.vpc_endpoint_ids and not private:
        raise BadRequest("vpcEndpointIds can only be specified for Private APIs.")


def _check_security(api: RestApi, before: RestApi | None) -> None:
    policy, endpoint_type = api.security_policy, api.endpoint_configuration.types[0]
    if policy is not None and policy.endswith("_EDGE") and endpoint_type != "EDGE":
        raise BadRequest(f"Security policy {policy} is supported only for EDGE APIs")
    if policy is not None and policy.startswith("SecurityPolicy_") and api.endpoint_access_mode is None:
        raise BadRequest(f"Endpoint access mode must be specified for security policy {policy}")
    if before is None:
        return
    if before.security_policy == "TLS_1_0" and policy == "TLS_1_2":
        raise BadRequest("Security policy cannot be changed from TLS_1_0 to TLS_1_2")
    strict = before.endpoint_access_mode == api.endpoint_access_mode == "STRICT"
    if strict and before.endpoint_configuration.types != api.endpoint_configuration.types:
        raise BadRequest("Endpoint type cannot be changed while the endpoint access mode is STRICT")


def policy(text: str, execute_api_arn: str) -> str:
    """A resource policy as it is stored: compact JSON, ``execute-api:/…`` expanded to the full ARN."""
    if len(text.encode()) > LARGEST_POLICY:
        raise BadRequest(BAD_POLICY)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        # What GetRestApi shows has its quotes escaped; clients hand it back like that.
        try:
            document = json.loads(json.loads(f'"{text}"'))
        except (ValueError, RecursionError) as error:
            raise BadRequest(BAD_POLICY) from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise BadRequest(BAD_POLICY)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            raise BadRequest(BAD_POLICY)
        for member in ("Resource", "NotResource"):
            if member in statement:
                statement[member] = _expanded(statement[member], execute_api_arn)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _expanded(resource: Any, arn: str) -> Any:
    if isinstance(resource, list):
        return [_expanded(one, arn) for one in resource]
    if isinstance(resource, str) and resource.startswith("execute-api:/"):
        return f"{arn}/{resource.removeprefix('execute-api:/')}"
    return resource


def escaped(text: str) -> str:
    """AWS shows a policy as the inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
