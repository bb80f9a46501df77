"""What each part of a document becomes, in both versions.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import orjson
import pytest

from apigw.control.openapi.build import build
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.importing import Parameters, Target
from apigw.domain.rest_api import Authorizer, Integration, Method
from tests.unit.openapi.imports import ACCOUNT, NOW, PARTITION, REGION, Json, SeededIds, definition, errors

LAMBDA = (
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:f/invocations"
)


def openapi(operation: Json, path: str = "/pets", verb: str = "get", **more: Json) -> Json:
    return {"openapi": "3.0.1", "info": {"title": "t"}, "paths": {path: {verb: operation}}, **more}


def swagger(operation: Json, path: str = "/pets", verb: str = "get", **more: Json) -> Json:
    return {"swagger": "2.0", "info": {"title": "t"}, "paths": {path: {verb: operation}}, **more}


def method(document: Json, **parameters: Json) -> Method:
    made, _ = definition(document, **parameters)
    assert len(made.methods) == 1
    return made.methods[0]


def integration(**given: Json) -> Integration:
    operation = {
        "parameters": [{"name": "q", "in": "query"}],
        "responses": {"200": {"description": "", "headers": {"X": {}}}, "404": {"description": ""}},
        "x-amazon-apigateway-integration": given,
    }
    found = method(openapi(operation)).method_integration
    assert found is not None
    return found


# Paths and operations


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "options", "head", "patch"])
def test_verbs(verb: str) -> None:
    assert method(openapi({}, verb=verb)).http_method == verb.upper()


def test_any_method() -> None:
    assert method(swagger({}, verb="x-amazon-apigateway-any-method")).http_method == "ANY"


def test_paths_become_resources_with_those_between() -> None:
    made, _ = definition(openapi({}, path="/a/b/{c}/{d+}"))
    assert [(one.path, one.path_part) for one in made.resources] == [
        ("/", None),
        ("/a", "a"),
        ("/a/b", "b"),
        ("/a/b/{c}", "{c}"),
        ("/a/b/{c}/{d+}", "{d+}"),
    ]
    parents = {one.id: one.path for one in made.resources}
    assert [parents.get(one.parent_id or "") for one in made.resources] == [None, "/", "/a", "/a/b", "/a/b/{c}"]


def test_the_root_and_a_trailing_slash() -> None:
    document = {"openapi": "3.0.1", "paths": {"/": {"get": {}}, "/pets/": {"get": {}}}}
    assert [one.path for one in definition(document)[0].resources] == ["/", "/pets"]


def test_two_keys_of_one_path() -> None:
    document = {"openapi": "3.0.1", "paths": {"/pets": {"get": {}}, "/pets/": {"get": {}, "put": {}}}}
    text = "Unable to put method 'GET' on resource at path '/pets': Method already exists for this resource"
    assert errors(document) == [("$.paths['/pets/']", text)]


def test_variables_of_the_path_are_declared_on_every_method() -> None:
    """AWS: ANY /echo/{data} without parameters reads back with method.request.path.data."""
    declared = method(openapi({}, path="/{a}/{b+}")).request_parameters
    assert declared == {"method.request.path.a": True, "method.request.path.b": True}


@pytest.mark.parametrize("path", ["/a//b", "/a?b", "/a b", "/x{y}", "/{x}y", "/{x+}y", "/{}", "/ä", "//"])
def test_paths_that_are_rejected(path: str) -> None:
    ((where, message),) = errors(openapi({}, path=path))
    assert where == f"$.paths['{path}']"
    assert "Resource's path part only allow" in message


def test_operation_id_becomes_the_operation_name() -> None:
    assert method(openapi({"operationId": "List"})).operation_name == "List"


def test_a_path_item_by_reference() -> None:
    document = {"openapi": "3.0.1", "paths": {"/a": {"$ref": "#/paths/~1b%7Bx%7D~0"}, "/c": {}}, "x": 1}
    assert errors(document)[0][1] == "Unable to resolve reference '#/paths/~1b%7Bx%7D~0'"
    document = {"openapi": "3.0.1", "paths": {"/a": {"$ref": "#/paths/~1b~1%7Bx%7D"}, "/b/{x}": {"get": {}}}}
    made, _ = definition(document)
    assert [one.http_method for one in made.methods] == ["GET", "GET"]


# Base path


@pytest.mark.parametrize(
    ("mode", "path"), [("ignore", "/pets"), ("prepend", "/base/part/pets"), ("split", "/part/pets")]
)
@pytest.mark.parametrize(
    "document",
    [
        swagger({}, basePath="/base/part"),
        openapi({}, servers=[{"url": "https://a.example/base/part/"}, {"url": "https://b.example/other"}]),
        openapi({}, servers=[{"url": "https://a.example", "variables": {"basePath": {"default": "base/part"}}}]),
    ],
)
def test_base_path(document: Json, mode: str, path: str) -> None:
    assert definition(document, base_path=mode)[0].resources[-1].path == path


@pytest.mark.parametrize("mode", ["prepend", "split"])
@pytest.mark.parametrize("document", [swagger({}), openapi({}), openapi({}, servers=[{"url": "https://a.example"}])])
def test_no_base_path(document: Json, mode: str) -> None:
    assert definition(document, base_path=mode)[0].resources[-1].path == "/pets"


# Parameters


@pytest.mark.parametrize("build", [swagger, openapi])
def test_parameters(build: Json) -> None:
    parameters = [
        {"name": "id", "in": "path", "required": False},
        {"name": "limit", "in": "query", "required": True},
        {"name": "X-Trace", "in": "header"},
    ]
    assert method(build({"parameters": parameters}, path="/{id}")).request_parameters == {
        "method.request.path.id": True,
        "method.request.querystring.limit": True,
        "method.request.header.X-Trace": False,
    }


def test_parameters_of_the_path_are_merged_into_each_operation() -> None:
    common = [{"name": "a", "in": "query"}, {"name": "b", "in": "query"}]
    item = {"parameters": common, "get": {"parameters": [{"name": "b", "in": "query", "required": True}]}, "put": {}}
    made, _ = definition({"openapi": "3.0.1", "paths": {"/p": item}})
    assert [one.request_parameters for one in made.methods] == [
        {"method.request.querystring.a": False, "method.request.querystring.b": True},
        {"method.request.querystring.a": False, "method.request.querystring.b": False},
    ]


def test_a_parameter_given_twice() -> None:
    parameters = [{"name": "a", "in": "query"}, {"name": "a", "in": "query"}]
    assert errors(openapi({"parameters": parameters})) == [
        ("$.paths['/pets'].get.parameters[1]", "The query parameter 'a' is given more than once")
    ]


def test_names_are_unique_across_locations() -> None:
    parameters = [{"name": "a", "in": "query"}, {"name": "a", "in": "header"}]
    ((_, message),) = errors(openapi({"parameters": parameters}))
    assert message.endswith("Parameter names must be unique across querystring, header and path")


@pytest.mark.parametrize(
    ("document", "warning"),
    [
        (swagger({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}), "A formData parameter is not"),
        (openapi({"parameters": [{"name": "c", "in": "cookie"}]}), "A cookie parameter is not supported"),
        (openapi({"parameters": [{"name": "c", "in": "query", "content": {}}]}), "The field 'content' of a parameter"),
        (swagger({"parameters": [{"name": "c", "in": "query", "maximum": 3}]}), "The keyword 'maximum' of a parameter"),
        (
            openapi({"parameters": [{"name": "c", "in": "query", "schema": {"type": "object", "properties": {}}}]}),
            "The keyword 'properties' of a parameter",
        ),
    ],
)
def test_parameters_that_cannot_be_kept(document: Json, warning: str) -> None:
    (found,) = definition(document)[1]
    assert found.startswith(warning)


# Bodies


def test_a_body_of_swagger_has_a_model_per_consumed_type() -> None:
    body = {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}
    more: Json = {"definitions": {"Pet": {"type": "object"}}}
    own = {"consumes": ["text/json", "application/pet"], "parameters": [body]}
    document = swagger(own, verb="post", consumes=["application/xml"], **more)
    assert method(document).request_models == {"text/json": "Pet", "application/pet": "Pet"}
    del own["consumes"]
    assert method(document).request_models == {"application/xml": "Pet"}
    del document["consumes"]
    assert method(document).request_models == {"application/json": "Pet"}


def test_a_body_of_openapi_has_a_model_per_content_type() -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}, "text/plain": {}}
    document = openapi({"requestBody": {"content": content}}, components={"schemas": {"Pet": {"type": "object"}}})
    assert method(document).request_models == {"application/json": "Pet"}


def test_responses_of_swagger() -> None:
    responses = {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}, "headers": {"X-A": {}}}, "404": {}}
    document = swagger({"responses": responses, "produces": ["a/b"]}, definitions={"Pet": {"type": "object"}})
    found = method(document).method_responses or {}
    assert found["200"].response_models == {"a/b": "Pet"}
    assert found["200"].response_parameters == {"method.response.header.X-A": False}
    assert (found["404"].response_models, found["404"].response_parameters) == (None, None)


def test_responses_of_openapi() -> None:
    content = {"a/b": {"schema": {"$ref": "#/components/schemas/Pet"}}, "c/d": {"schema": {"type": "string"}}}
    document = openapi({"responses": {"200": {"content": content}}}, components={"schemas": {"Pet": {}}})
    models = (method(document).method_responses or {})["200"].response_models or {}
    assert models["a/b"] == "Pet"
    assert models["c/d"].startswith("MODEL")


# Integrations


@pytest.mark.parametrize("kind", ["mock", "MOCK", "Mock"])
def test_types_in_any_case(kind: str) -> None:
    assert integration(type=kind).type == "MOCK"


def test_a_mock_keeps_neither_verb_nor_uri() -> None:
    """AWS: httpMethod of a mock integration is not read back."""
    found = integration(type="mock", httpMethod="POST", uri="http://x.example")
    assert (found.http_method, found.uri, found.connection_type) == (None, None, None)


def test_everything_of_an_integration() -> None:
    found = integration(
        type="http",
        httpMethod="post",
        uri="http://backend.example/{q}",
        credentials="arn:aws:iam::123456789012:role/r",
        connectionType="vpc_link",
        connectionId="${stageVariables.link}",
        integrationTarget="arn:aws:elasticloadbalancing:x",
        passthroughBehavior="when_no_templates",
        contentHandling="convert_to_text",
        timeoutInMillis=50,
        cacheNamespace="n",
        cacheKeyParameters=["method.request.querystring.q", "integration.request.path.q"],
        tlsConfig={"insecureSkipVerification": True},
        responseTransferMode="buffered",
        requestParameters={"integration.request.path.q": "method.request.multivaluequerystring.q"},
        requestTemplates={"application/json": "{}", "text/plain": "", "a/b": None},
    )
    assert (found.type, found.http_method, found.uri) == ("HTTP", "POST", "http://backend.example/{q}")
    assert found.credentials == "arn:aws:iam::123456789012:role/r"
    assert (found.connection_type, found.connection_id) == ("VPC_LINK", "${stageVariables.link}")
    assert found.integration_target == "arn:aws:elasticloadbalancing:x"
    assert (found.passthrough_behavior, found.content_handling) == ("WHEN_NO_TEMPLATES", "CONVERT_TO_TEXT")
    assert (found.timeout_in_millis, found.cache_namespace) == (50, "n")
    assert found.cache_key_parameters == ("method.request.querystring.q", "integration.request.path.q")
    assert found.tls_config is not None
    assert found.tls_config.insecure_skip_verification is True
    assert found.response_transfer_mode == "BUFFERED"
    assert found.request_parameters == {"integration.request.path.q": "method.request.multivaluequerystring.q"}
    assert found.request_templates == {"application/json": "{}", "text/plain": None, "a/b": None}


def test_defaults_of_an_integration() -> None:
    document = openapi(
        {"x-amazon-apigateway-integration": {"type": "http_proxy", "httpMethod": "ANY", "uri": "http://a"}}
    )
    found = method(document)
    backend = found.method_integration
    assert backend is not None
    assert (backend.passthrough_behavior, backend.timeout_in_millis) == ("WHEN_NO_MATCH", 29_000)
    assert (backend.connection_type, backend.cache_namespace) == ("INTERNET", found.resource_id)
    assert (backend.cache_key_parameters, backend.integration_responses) == ((), None)


def test_lambda_keeps_no_connection_type() -> None:
    assert (
        integration(type="aws_proxy", httpMethod="POST", uri=LAMBDA, connectionType="INTERNET").connection_type is None
    )


def test_responses_are_keyed_by_pattern() -> None:
    responses = {
        "default": {"statusCode": 200, "contentHandling": "CONVERT_TO_BINARY", "responseTemplates": {"a/b": "x"}},
        "4\\d\\d": {"statusCode": "404", "responseParameters": {}},
    }
    found = integration(type="mock", responses=responses).integration_responses or {}
    assert (found["200"].selection_pattern, found["404"].selection_pattern) == (None, "4\\d\\d")
    assert found["200"].content_handling == "CONVERT_TO_BINARY"
    assert found["200"].response_templates == {"a/b": "x"}


def test_headers_of_responses() -> None:
    mapped = {"method.response.header.X": "integration.response.header.Y"}
    responses = {"default": {"statusCode": "200", "responseParameters": mapped}}
    found = integration(type="mock", responses=responses).integration_responses or {}
    assert found["200"].response_parameters == mapped


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("method.request.header.no", "Invalid mapping expression parameter specified: method.request.header.no"),
        ("method.request.multivalueheader.no", "expression parameter specified: method.request.multivalueheader.no"),
        ("method.request.path.no", "Invalid mapping expression parameter specified: method.request.path.no"),
        ("nothing", "Invalid mapping expression specified: nothing"),
        ("", "Invalid mapping expression specified: "),
    ],
)
def test_mappings_are_checked(source: str, message: str) -> None:
    given = {"type": "mock", "requestParameters": {"integration.request.header.A": source}}
    ((path, found),) = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert path.endswith("requestParameters['integration.request.header.A']")
    assert found.startswith("Unable to put integration on 'GET' for resource at path '/pets': Invalid mapping expr")
    assert message in found


def test_a_mapping_that_is_no_string_is_left_out_with_the_words_of_aws() -> None:
    given = {"type": "mock", "requestParameters": {"integration.request.header.nothing": True}}
    document = openapi({"x-amazon-apigateway-integration": given}, path="/test")
    assert definition(document)[1] == [
        "Invalid format for 'requestParameters'. Expected type string for property "
        "'integration.request.header.nothing' of resource '/test' and method 'GET' but got 'true'"
    ]


def test_an_integration_by_reference() -> None:
    document = openapi({"x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/m"}})
    document["components"] = {"x-amazon-apigateway-integrations": {"m": {"type": "mock"}}}
    found = method(document).method_integration
    assert found is not None
    assert found.type == "MOCK"


# Models


def test_definitions_become_models() -> None:
    schema = {"type": "object", "description": "d", "properties": {"a": {"$ref": "#/definitions/B"}}}
    made, _ = definition(swagger({}, definitions={"A": schema, "B": {"type": "string"}}))
    first, second = made.models
    assert (first.name, first.description, first.content_type) == ("A", "d", "application/json")
    assert orjson.loads(first.schema or "")["properties"]["a"] == {
        "$ref": "https://apigateway.amazonaws.com/restapis/abcdefghij/models/B"
    }
    assert (second.name, second.description) == ("B", None)


@pytest.mark.parametrize("name", ["a_b", "a-b", "a.b", "ä", ""])
def test_model_names_are_alphanumeric(name: str) -> None:
    ((_, message),) = errors(openapi({}, components={"schemas": {name: {}}}))
    assert message == f"Unable to create model for '{name}': Model name must be alphanumeric: {name}"


@pytest.mark.parametrize(
    "keyword",
    ["default", "deprecated", "discriminator", "example", "readOnly", "nullable", "exclusiveMinimum", "xml", "x-own"],
)
def test_keywords_that_models_do_not_have(keyword: str) -> None:
    schema = {"type": "object", keyword: True, "properties": {keyword: {"type": "string", keyword: True}}}
    made, warnings = definition(openapi({}, components={"schemas": {"A": schema}}))
    assert orjson.loads(made.models[0].schema or "") == {"type": "object", "properties": {keyword: {"type": "string"}}}
    place = "$.components.schemas.A" + (f".{keyword}")
    assert warnings == [f"The keyword '{keyword}' is not part of models and was left out (2 places) (at {place})"]


def test_min_items_and_formats_stay() -> None:
    """AWS: a model with minItems and format byte reads back with both."""
    schema = {"type": "array", "minItems": 1, "items": {"type": "string", "format": "byte", "enum": [None, 1.0, "x"]}}
    made, warnings = definition(openapi({}, components={"schemas": {"A": schema}}))
    assert (orjson.loads(made.models[0].schema or ""), warnings) == (schema, [])


def test_one_of_in_swagger_is_kept_and_told() -> None:
    made, warnings = definition(swagger({}, definitions={"A": {"oneOf": [{"type": "null"}]}}))
    assert orjson.loads(made.models[0].schema or "") == {"oneOf": [{"type": "null"}]}
    assert warnings[0].startswith("The keyword 'oneOf' is not part of Swagger 2.0")


def test_a_generated_name_is_the_same_every_time_and_never_one_of_the_document() -> None:
    content = {"a/b": {"schema": {"type": "integer"}}}
    document = openapi({"requestBody": {"content": content}})
    name = (method(document).request_models or {})["a/b"]
    assert (method(document).request_models or {})["a/b"] == name
    document["components"] = {"schemas": {name: {"type": "object"}}}
    assert (method(document).request_models or {})["a/b"] not in ("", name)


# Security


SCHEMES: Json = {
    "key": {"type": "apiKey", "name": "X-API-Key", "in": "header"},
    "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header"},
    "iam": {"type": "apiKey", "name": "A", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
    "token": {
        "type": "apiKey",
        "name": "Auth",
        "in": "header",
        "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": LAMBDA},
    },
    "request": {
        "type": "apiKey",
        "name": "x-api-key",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": {
            "type": "REQUEST",
            "authorizerUri": LAMBDA,
            "authorizerCredentials": "arn:aws:iam::123456789012:role/r",
            "identitySource": "method.request.header.A",
            "authorizerResultTtlInSeconds": 0,
            "identityValidationExpression": ".*",
        },
    },
    "pool": {
        "type": "oauth2",
        "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools", "providerARNs": ["arn:aws:cognito-idp:x"]},
    },
    "oauth": {"type": "oauth2"},
}


@pytest.mark.parametrize("build", [swagger, openapi])
@pytest.mark.parametrize(
    ("security", "kind", "authorizer", "scopes", "key"),
    [
        ([], "NONE", None, None, False),
        ([{}], "NONE", None, None, False),
        ([{"key": []}], "NONE", None, None, True),
        ([{"sigv4": []}], "AWS_IAM", None, None, False),
        ([{"iam": []}], "AWS_IAM", None, None, False),
        ([{"token": []}], "CUSTOM", "token", None, False),
        ([{"request": []}], "CUSTOM", "request", None, False),
        ([{"pool": ["a", "b"]}], "COGNITO_USER_POOLS", "pool", ("a", "b"), False),
        ([{"pool": []}], "COGNITO_USER_POOLS", "pool", None, False),
        ([{"key": []}, {"token": []}], "CUSTOM", "token", None, True),
        ([{"token": [], "key": []}], "CUSTOM", "token", None, True),
        ([{"token": []}, {"iam": []}], "AWS_IAM", None, None, False),
        ([{"iam": []}, {"token": []}], "CUSTOM", "token", None, False),
        ([{"token": []}, {"oauth": []}], "CUSTOM", "token", None, False),
        ([{"token": []}, {}], "CUSTOM", "token", None, False),
    ],
)
def test_security(
    build: Json, security: Json, kind: str, authorizer: str | None, scopes: tuple[str, ...] | None, key: bool
) -> None:
    schemes: Json = (
        {"components": {"securitySchemes": SCHEMES}} if build is openapi else {"securityDefinitions": SCHEMES}
    )
    for document in (build({"security": security}, **schemes), build({}, security=security, **schemes)):
        made, _ = definition(document)
        found = made.methods[0]
        names = {one.id: one.name for one in made.authorizers}
        assert (found.authorization_type, found.authorization_scopes, found.api_key_required) == (kind, scopes, key)
        assert (names[found.authorizer_id] if found.authorizer_id else None) == authorizer


def test_an_operation_may_open_what_the_document_closes() -> None:
    schemes: Json = {"components": {"securitySchemes": SCHEMES}, "security": [{"token": []}]}
    assert method(openapi({"security": []}, **schemes)).authorization_type == "NONE"
    assert method(openapi({}, **schemes)).authorization_type == "CUSTOM"


@pytest.mark.parametrize(
    ("given", "kind"), [("NONE", "NONE"), ("none", "NONE"), ("AWS_IAM", "AWS_IAM"), ("CUSTOM", "CUSTOM")]
)
def test_auth_overrides_security(given: str, kind: str) -> None:
    operation = {"security": [{"token": []}, {"key": []}], "x-amazon-apigateway-auth": {"type": given}}
    found = method(openapi(operation, components={"securitySchemes": SCHEMES}))
    assert (found.authorization_type, found.api_key_required) == (kind, True)
    assert (found.authorizer_id is not None) == (kind == "CUSTOM")


def test_what_is_not_enforced_is_told() -> None:
    schemes: Json = {"components": {"securitySchemes": SCHEMES}}
    assert definition(openapi({"security": [{"oauth": []}]}, **schemes))[1] == [
        "The security scheme 'oauth' of type 'oauth2' has no authorizer and is not enforced "
        "(at $.paths['/pets'].get.security[0].oauth)"
    ]


def test_authorizers() -> None:
    found = {one.name: one for one in definition(openapi({}, components={"securitySchemes": SCHEMES}))[0].authorizers}
    assert list(found) == ["token", "request", "pool"]
    assert found["token"] == Authorizer(
        id=found["token"].id,
        name="token",
        type="TOKEN",
        auth_type="custom",
        authorizer_uri=LAMBDA,
        identity_source="method.request.header.Auth",
        authorizer_result_ttl_in_seconds=300,
    )
    assert found["request"] == Authorizer(
        id=found["request"].id,
        name="request",
        type="REQUEST",
        auth_type="custom",
        authorizer_uri=LAMBDA,
        authorizer_credentials="arn:aws:iam::123456789012:role/r",
        identity_source="method.request.header.A",
        identity_validation_expression=".*",
        authorizer_result_ttl_in_seconds=0,
    )
    assert found["pool"] == Authorizer(
        id=found["pool"].id,
        name="pool",
        type="COGNITO_USER_POOLS",
        auth_type="cognito_user_pools",
        provider_arns=("arn:aws:cognito-idp:x",),
        identity_source="method.request.header.Authorization",
        authorizer_result_ttl_in_seconds=300,
    )


# The API and the rest of the extensions


def test_request_validators() -> None:
    more: Json = {
        "x-amazon-apigateway-request-validators": {"a": {"validateRequestBody": True}, "b": {}},
        "x-amazon-apigateway-request-validator": "a",
    }
    made, _ = definition(openapi({}, **more))
    ids = {one.name: one.id for one in made.request_validators}
    assert [(one.validate_request_body, one.validate_request_parameters) for one in made.request_validators] == [
        (True, False),
        (False, False),
    ]
    assert made.methods[0].request_validator_id == ids["a"]
    made, _ = definition(openapi({"x-amazon-apigateway-request-validator": "b"}, **more))
    assert made.methods[0].request_validator_id == made.request_validators[1].id


def test_settings_of_the_api() -> None:
    document = openapi({})
    document["x-amazon-apigateway-security-policy"] = "TLS_1_2"
    document["x-amazon-apigateway-endpoint-access-mode"] = "basic"
    document["servers"] = [
        {
            "url": "/",
            "x-amazon-apigateway-endpoint-configuration": {"vpcEndpointIds": ["vpce-1"], "ipAddressType": "dualstack"},
        }
    ]
    api = definition(document, endpoint_type="PRIVATE")[0].rest_api
    assert (api.security_policy, api.endpoint_access_mode) == ("TLS_1_2", "BASIC")
    assert (api.endpoint_configuration.types, api.endpoint_configuration.vpc_endpoint_ids) == (
        ("PRIVATE",),
        ("vpce-1",),
    )
    found = [message for _, message in errors(document, endpoint_type="EDGE")]
    assert found == ["vpcEndpointIds can only be specified for Private APIs."]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("api-key-source", "COOKIE", "Invalid value 'COOKIE'"),
        ("binary-media-types", ["a/b", 1], "Expected type string but got '1'"),
        ("minimum-compression-size", 10_485_761, "Invalid minimum compression size, must be between 0 and 10485760"),
        ("minimum-compression-size", True, "Expected type integer but got 'true'"),
        ("policy", {"Statement": ["x"]}, "Invalid policy document"),
        ("endpoint-configuration", {"disableExecuteApiEndpoint": "yes"}, "Expected type boolean but got 'yes'"),
        ("request-validator", "nothing", "Invalid Request Validator identifier specified"),
        ("security-policy", "SecurityPolicy_TLS13_2025_EDGE", "Endpoint access mode must be specified"),
    ],
)
def test_settings_that_are_refused(name: str, value: Json, message: str) -> None:
    ((_, found),) = errors({**swagger({}), f"x-amazon-apigateway-{name}": value})
    assert found.startswith(message)


def test_gateway_responses() -> None:
    given = {"THROTTLED": {"statusCode": 420, "responseTemplates": {"a/b": "x"}}, "DEFAULT_5XX": {}}
    found = definition({**swagger({}), "x-amazon-apigateway-gateway-responses": given})[0].gateway_responses
    assert [(one.response_type, one.status_code, one.response_templates) for one in found] == [
        ("THROTTLED", "420", {"a/b": "x"}),
        ("DEFAULT_5XX", None, None),
    ]


def test_documentation_of_everything() -> None:
    operation = {
        "summary": "s",
        "description": "d",
        "parameters": [
            {"name": "q", "in": "query", "description": "q"},
            {"name": "h", "in": "header", "description": "h"},
        ],
        "requestBody": {"description": "b", "content": {}},
        "responses": {"200": {"description": "r", "headers": {"X": {"description": "x"}}}},
    }
    document = openapi(operation, path="/{p}", verb="put", externalDocs={"url": "u"})
    document["paths"]["/{p}"]["description"] = "path"
    document["paths"]["/{p}"]["parameters"] = [{"name": "p", "in": "path", "description": "p"}]
    document["info"] |= {"description": "i", "license": {"name": "l"}}
    parts = definition(document)[0].documentation_parts
    found = {
        (one.location.type, one.location.path, one.location.method, one.location.status_code, one.location.name):
        orjson.loads(one.properties)
        for one in parts
    }  # fmt: skip
    assert found == {
        ("API", None, None, None, None): {
            "externalDocs": {"url": "u"},
            "info": {"description": "i", "license": {"name": "l"}},
        },
        ("RESOURCE", "/{p}", None, None, None): {"description": "path"},
        ("METHOD", "/{p}", "PUT", None, None): {"summary": "s", "description": "d"},
        ("PATH_PARAMETER", "/{p}", "PUT", None, "p"): {"description": "p"},
        ("QUERY_PARAMETER", "/{p}", "PUT", None, "q"): {"description": "q"},
        ("REQUEST_HEADER", "/{p}", "PUT", None, "h"): {"description": "h"},
        ("REQUEST_BODY", "/{p}", "PUT", None, None): {"description": "b"},
        ("RESPONSE", "/{p}", "PUT", "200", None): {"description": "r"},
        ("RESPONSE_HEADER", "/{p}", "PUT", "200", "X"): {"description": "x"},
    }


def test_listed_documentation_wins_and_gets_the_defaults_of_its_location() -> None:
    document = openapi({"description": "derived", "summary": "kept"}, path="/")
    part = {"location": {"type": "METHOD", "method": "GET"}, "properties": '{"description": "listed"}'}
    other = {"location": {"type": "RESPONSE"}, "properties": {"description": "all"}}
    document["x-amazon-apigateway-documentation"] = {"version": "1", "documentationParts": [part, other]}
    first, second = definition(document)[0].documentation_parts
    assert orjson.loads(first.properties) == {"summary": "kept", "description": "listed"}
    location = second.location
    assert (location.path, location.method, location.status_code) == ("/", "*", "*")


# One test for each rule that nothing above depends on


def test_pointers_are_unescaped_in_the_right_order() -> None:
    document = openapi({"parameters": [{"$ref": "#/x/a~01%20b"}]}, x={"a~1 b": {"name": "q", "in": "query"}})
    assert method(document).request_parameters == {"method.request.querystring.q": False}


def test_a_gateway_response_has_no_body_to_map() -> None:
    given = {"THROTTLED": {"responseParameters": {"gatewayresponse.header.A": "method.request.body.a"}}}
    ((_, message),) = errors({**swagger({}), "x-amazon-apigateway-gateway-responses": given})
    assert "Invalid mapping expression specified: method.request.body.a" in message


def test_unknown_components_are_told() -> None:
    (found,) = definition(openapi({}, components={"things": {}}))[1]
    assert found.startswith("The field 'things' of components is not supported")


@pytest.mark.parametrize(("ttl", "refused"), [(None, True), (1, True), (0, False)])
def test_a_request_authorizer_that_caches_needs_an_identity_source(ttl: int | None, refused: bool) -> None:
    extension = {"type": "request", "authorizerUri": LAMBDA, "authorizerResultTtlInSeconds": ttl}
    schemes = {"a": {"type": "apiKey", "x-amazon-apigateway-authorizer": extension}}
    found = errors(openapi({}, components={"securitySchemes": schemes}))
    assert bool(found) == refused


@pytest.mark.parametrize("kind", ["mock", "http"])
def test_streaming_is_for_proxies(kind: str) -> None:
    given: Json = {"type": kind, "httpMethod": "GET", "uri": "http://a", "responseTransferMode": "STREAM"}
    ((path, _),) = errors(openapi({"x-amazon-apigateway-integration": given}))
    assert path.endswith("responseTransferMode")
    given |= {"type": "http_proxy", "timeoutInMillis": 900_000}
    assert errors(openapi({"x-amazon-apigateway-integration": given})) == []


def test_a_vpc_link_of_a_lambda_is_told() -> None:
    given = {"type": "aws_proxy", "httpMethod": "POST", "uri": LAMBDA, "connectionType": "VPC_LINK"}
    (found,) = definition(openapi({"x-amazon-apigateway-integration": given}))[1]
    assert found.startswith("A VPC link is used by HTTP and HTTP_PROXY integrations only")


@pytest.mark.parametrize(
    ("api", "model", "refused"), [("abcdefghij", "A", 0), ("other12345", "A", 1), ("abcdefghij", "B", 1)]
)
def test_canonical_references(api: str, model: str, refused: int) -> None:
    reference = {"$ref": f"https://apigateway.amazonaws.com/restapis/{api}/models/{model}"}
    found = errors(swagger({}, definitions={"A": {"items": reference}}))
    assert len(found) == refused


def test_ids_are_never_given_twice() -> None:
    class Repeating(SeededIds):
        def short(self) -> str:
            return super().short()[:1]

    findings = Findings()
    target = Target("abcdefghij", "a", ACCOUNT, REGION, PARTITION, NOW, Repeating())
    made = build(openapi({}, path="/a/b/c/d/e/f/g/h/i/j/k/l"), target, Parameters(), findings)
    assert made is not None
    assert len({one.id for one in made.resources}) == len(made.resources) == 13
