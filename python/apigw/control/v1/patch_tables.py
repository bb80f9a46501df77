"""The paths of patchOperations, family by family; the stage has its own module.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from apigw.control import patch
from apigw.control.patch import ADD_REMOVE, ANY_EDIT, ONLY_REPLACE, REPLACE, Fields, Row, Step, Table
from apigw.domain import integration_rules, rest_api_rules
from apigw.domain.errors import BadRequest, NotFound
from apigw.domain.rest_api import EndpointConfiguration, TlsConfig

NO_PARAMETER: Final = "Invalid parameter name specified"
EMPTY_PARAMETER: Final = "Invalid null or empty value in responseParameters"
EMPTY_TEMPLATE: Final = "Invalid null or empty value in responseTemplates"
NEVER: Final = frozenset[str]()


def _description(fields: Fields, step: Step) -> None:
    fields["description"] = None if step.op == "remove" else step.value


def _compression(fields: Fields, step: Step) -> None:
    size = patch.whole_number(step.value, rest_api_rules.BAD_COMPRESSION) if step.value else None
    fields["minimum_compression_size"] = size


def _endpoint_type(fields: Fields, step: Step) -> None:
    endpoint: EndpointConfiguration = fields["endpoint_configuration"]
    if step.value not in rest_api_rules.ENDPOINT_TYPES:
        raise BadRequest(rest_api_rules.BAD_ENDPOINT_TYPE)
    # The guide names the current type; Terraform sends its index.
    if step.name not in (endpoint.types[0], "0"):
        raise BadRequest(f"Invalid patch path {step.path}")
    if endpoint.types[0] == "PRIVATE" and step.value == "EDGE":
        raise BadRequest("A private API cannot be converted to an edge-optimized API.")
    ip_address_type = "dualstack" if step.value == "PRIVATE" else endpoint.ip_address_type
    fields["endpoint_configuration"] = replace(endpoint, types=(step.value,), ip_address_type=ip_address_type)


def _ip_address_type(fields: Fields, step: Step) -> None:
    if step.value not in ("ipv4", "dualstack"):
        raise BadRequest(rest_api_rules.BAD_IP_ADDRESS_TYPE)
    fields["endpoint_configuration"] = replace(fields["endpoint_configuration"], ip_address_type=step.value)


def _vpc_endpoint_ids(fields: Fields, step: Step) -> None:
    endpoint: EndpointConfiguration = fields["endpoint_configuration"]
    members: Fields = {"ids": endpoint.vpc_endpoint_ids}
    patch.member("ids")(members, step)
    fields["endpoint_configuration"] = replace(endpoint, vpc_endpoint_ids=members["ids"])


def _binary_media_type(fields: Fields, step: Step) -> None:
    # The value sits in the path; a replaced type moves to the end (observed).
    types = [one for one in fields["binary_media_types"] or () if one != step.name]
    if step.op != "add" and len(types) == len(fields["binary_media_types"] or ()):
        raise BadRequest(f"Invalid patch path {step.path}")
    if step.op != "remove":
        types.append(step.name)
    fields["binary_media_types"] = tuple(types) or None


REST_API: Final = Table(
    rows=(
        Row("/apiKeySource", REPLACE, patch.choice("api_key_source", ("HEADER", "AUTHORIZER"), "API key source")),
        Row("/disableExecuteApiEndpoint", REPLACE, patch.flag("disable_execute_api_endpoint")),
        Row("/endpointAccessMode", REPLACE, patch.choice("endpoint_access_mode", ("BASIC", "STRICT"), "access mode")),
        Row("/endpointConfiguration/ipAddressType", REPLACE, _ip_address_type),
        Row("/endpointConfiguration/types/{type}", REPLACE, _endpoint_type),
        Row("/endpointConfiguration/vpcEndpointIds", ADD_REMOVE, _vpc_endpoint_ids),
        Row("/minimumCompressionSize", REPLACE, _compression),
        Row("/name", REPLACE, patch.text("name")),
        Row("/policy", REPLACE, patch.cleared("policy")),
        Row(
            "/securityPolicy",
            REPLACE,
            patch.choice("security_policy", rest_api_rules.SECURITY_POLICIES, "security policy"),
        ),
        Row("/description", ANY_EDIT, _description),
        Row("/binaryMediaTypes/{type}", ANY_EDIT, _binary_media_type),
    ),
    strict=True,
)

RESOURCE: Final = Table(
    rows=(
        Row("/parentId", REPLACE, patch.text("parent_id")),
        Row("/pathPart", REPLACE, patch.text("path_part")),
    ),
    listed=True,
    unsupported=ONLY_REPLACE,
)


METHOD: Final = Table(
    rows=(
        Row("/apiKeyRequired", REPLACE, patch.flag("api_key_required")),
        Row("/authorizationType", REPLACE, patch.text("authorization_type")),
        Row("/authorizerId", REPLACE, patch.cleared("authorizer_id")),
        Row("/operationName", REPLACE, patch.cleared("operation_name")),
        Row("/requestValidatorId", REPLACE, patch.cleared("request_validator_id")),
        Row("/authorizationScopes", ADD_REMOVE, patch.member("authorization_scopes")),
        Row(
            "/requestParameters/{name}",
            ANY_EDIT,
            patch.entry("request_parameters", missing=NO_PARAMETER, as_boolean=True),
        ),
        Row(
            "/requestModels/{type}",
            ANY_EDIT,
            patch.by_content_type("request_models", empty="Invalid null or empty value in requestModels"),
        ),
    ),
)

METHOD_RESPONSE: Final = Table(
    rows=(
        Row(
            "/responseParameters/{name}",
            ANY_EDIT,
            patch.entry("response_parameters", missing=NO_PARAMETER, as_boolean=True),
        ),
        Row(
            "/responseModels/{type}",
            ANY_EDIT,
            patch.by_content_type("response_models", empty="Invalid null or empty value in responseModels"),
        ),
    ),
)


def _backend(field: str) -> patch.Apply:
    def run(fields: Fields, step: Step) -> None:
        if fields["type"] == "MOCK":
            raise BadRequest(f"Invalid patch path {step.path}")
        fields[field] = step.value

    return run


_change_parameter = patch.entry(
    "request_parameters", missing=NO_PARAMETER, empty="Invalid null or empty value in requestParameters"
)


def _request_parameter(fields: Fields, step: Step) -> None:
    _change_parameter(fields, step)
    if step.op == "remove":
        # AWS: a cache key that was a mapped parameter goes with it.
        fields["cache_key_parameters"] = tuple(one for one in fields["cache_key_parameters"] if one != step.name)


def _cache_key_parameter(fields: Fields, step: Step) -> None:
    names = [one for one in fields["cache_key_parameters"] if one != step.name]
    if step.op != "add" and len(names) == len(fields["cache_key_parameters"]):
        raise NotFound(NO_PARAMETER)
    if step.op != "remove":
        names.append(step.name)
    fields["cache_key_parameters"] = tuple(names)


_change_connection_type = patch.choice("connection_type", ("INTERNET", "VPC_LINK"), "connection type")


def _connection_type(fields: Fields, step: Step) -> None:
    _change_connection_type(fields, step)
    if fields["type"] in ("HTTP", "HTTP_PROXY"):
        return
    if step.value == "VPC_LINK":
        raise BadRequest(integration_rules.NO_VPC_LINK)
    # AWS shows a connection type for HTTP backends only.
    fields["connection_type"] = None


def _insecure_skip_verification(fields: Fields, step: Step) -> None:
    fields["tls_config"] = TlsConfig(insecure_skip_verification=patch.boolean(step.value))


def _unchangeable(_fields: Fields, step: Step) -> None:
    raise BadRequest(f"Invalid patch path {step.path}")


_INVALID_TIMEOUT = f"Timeout should be between 50 ms and {integration_rules.DEFAULT_TIMEOUT} ms"
INTEGRATION: Final = Table(
    rows=(
        Row("/cacheKeyParameters/{name}", ANY_EDIT, _cache_key_parameter),
        Row("/requestParameters/{name}", ANY_EDIT, _request_parameter),
        Row("/requestTemplates/{type}", ANY_EDIT, patch.by_content_type("request_templates")),
        Row("/cacheNamespace", REPLACE, patch.cleared("cache_namespace")),
        Row("/connectionId", REPLACE, patch.cleared("connection_id")),
        Row("/connectionType", REPLACE, _connection_type),
        Row("/contentHandling", REPLACE, patch.cleared("content_handling")),
        Row("/credentials", REPLACE, patch.cleared("credentials")),
        Row("/httpMethod", REPLACE, _backend("http_method")),
        Row("/uri", REPLACE, _backend("uri")),
        Row("/integrationTarget", REPLACE, patch.cleared("integration_target")),
        Row("/passthroughBehavior", REPLACE, patch.text("passthrough_behavior")),
        Row(
            "/responseTransferMode",
            REPLACE,
            patch.choice("response_transfer_mode", ("BUFFERED", "STREAM"), "response transfer mode"),
        ),
        Row("/timeoutInMillis", REPLACE, patch.integer("timeout_in_millis", _INVALID_TIMEOUT)),
        Row("/tlsConfig/insecureSkipVerification", REPLACE, _insecure_skip_verification),
        Row("/type", NEVER, _unchangeable),
    ),
)

INTEGRATION_RESPONSE: Final = Table(
    rows=(
        Row("/contentHandling", REPLACE, patch.cleared("content_handling")),
        Row("/selectionPattern", REPLACE, patch.text("selection_pattern")),
        Row(
            "/responseParameters/{name}",
            ANY_EDIT,
            patch.entry("response_parameters", missing=NO_PARAMETER, empty=EMPTY_PARAMETER),
        ),
        Row("/responseTemplates/{type}", ANY_EDIT, patch.by_content_type("response_templates", empty=EMPTY_TEMPLATE)),
    ),
)


def _schema(fields: Fields, step: Step) -> None:
    fields["schema"] = step.value
    fields["imported"] = False


MODEL: Final = Table(
    rows=(
        Row("/description", REPLACE, patch.cleared("description")),
        Row("/schema", REPLACE, _schema),
    ),
    listed=True,
    unsupported=ONLY_REPLACE,
)

REQUEST_VALIDATOR: Final = Table(
    rows=(
        Row("/name", REPLACE, patch.text("name")),
        Row("/validateRequestParameters", REPLACE, patch.flag("validate_request_parameters")),
        Row("/validateRequestBody", REPLACE, patch.flag("validate_request_body")),
    ),
    listed=True,
    unsupported=ONLY_REPLACE,
)

GATEWAY_RESPONSE: Final = Table(
    rows=(
        Row("/statusCode", REPLACE, patch.cleared("status_code")),
        Row(
            "/responseParameters/{name}",
            ANY_EDIT,
            patch.entry("response_parameters", missing=NO_PARAMETER, empty=EMPTY_PARAMETER),
        ),
        Row("/responseTemplates/{type}", ANY_EDIT, patch.by_content_type("response_templates", empty=EMPTY_TEMPLATE)),
    ),
)

CLIENT_CERTIFICATE: Final = Table(
    rows=(Row("/description", REPLACE, patch.cleared("description")),), unsupported=ONLY_REPLACE
)
DEPLOYMENT: Final = Table(rows=(Row("/description", REPLACE, patch.text("description")),), unsupported=ONLY_REPLACE)


def _feature(_fields: Fields, step: Step) -> None:
    if step.op == "remove" and step.value == "UsagePlans":
        raise BadRequest("Usage Plans cannot be disabled once enabled")
    if step.value != "UsagePlans":
        raise BadRequest("Invalid feature specified. Valid options are UsagePlans")


ACCOUNT: Final = Table(
    rows=(
        Row("/cloudwatchRoleArn", REPLACE | patch.REMOVE, patch.cleared("cloudwatch_role_arn")),
        Row("/features", ADD_REMOVE, _feature),
    ),
)
