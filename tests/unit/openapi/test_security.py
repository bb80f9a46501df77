"""Security schemes and requirements: authorizers, IAM, API keys.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from __future__ import annotations

import pytest

from apigw.domain.rest_api import Authorizer
from tests.unit.openapi.documents import LAMBDA, method, openapi, swagger
from tests.unit.openapi.imports import Json, definition, errors

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


OPEN = (
    "Everybody may call this method: its security scheme 'oauth' of type 'oauth2' has no authorizer and is not enforced"
)


def test_a_scheme_without_an_authorizer_leaves_the_method_open_and_is_told_first() -> None:
    schemes: Json = {"components": {"securitySchemes": SCHEMES}}
    made, warnings = definition(openapi({"security": [{"oauth": []}, {"oauth": ["a"]}], "callbacks": {}}, **schemes))
    assert made.methods[0].authorization_type == "NONE"
    assert warnings[0] == f"{OPEN} (at $.paths['/pets'].get)"
    assert len(warnings) > 1


def test_methods_that_the_documents_security_leaves_open_are_counted() -> None:
    document = openapi({}, components={"securitySchemes": SCHEMES}, security=[{"oauth": []}])
    (path,) = document["paths"].values()
    path["put"], path["post"] = path["get"], {**path["get"], "security": []}
    assert definition(document)[1][0] == f"{OPEN} (2 places) (at $.paths['/pets'].get)"


@pytest.mark.parametrize(
    "operation",
    [
        {"security": [{"oauth": [], "key": []}]},
        {"security": [{"oauth": []}, {"token": []}]},
        {"security": [{"oauth": []}], "x-amazon-apigateway-auth": {"type": "AWS_IAM"}},
    ],
)
def test_a_scheme_beside_one_that_is_enforced_is_told(operation: Json) -> None:
    warnings = definition(openapi(operation, components={"securitySchemes": SCHEMES}))[1]
    told = [warning for warning in warnings if "oauth" in warning and ".security[0]" in warning]
    if "x-amazon-apigateway-auth" in operation:
        assert told == []
    else:
        assert told == [
            "The security scheme 'oauth' of type 'oauth2' has no authorizer and is not enforced "
            "(at $.paths['/pets'].get.security[0].oauth)"
        ]
    assert not any(warning.startswith("Everybody") for warning in warnings)


def test_whoever_says_none_is_not_warned() -> None:
    operation = {"security": [{"oauth": []}], "x-amazon-apigateway-auth": {"type": "NONE"}}
    warnings = definition(openapi(operation, components={"securitySchemes": SCHEMES}))[1]
    assert not any(warning.startswith("Everybody") for warning in warnings)


def test_scopes_that_no_operation_asks_for_are_told_beside_an_authorizer() -> None:
    flows = {"clientCredentials": {"tokenUrl": "https://example.com", "scopes": {"read": "all"}}}
    schemes: Json = {"components": {"securitySchemes": {"pool": {**SCHEMES["pool"], "flows": flows}}}}
    assert definition(openapi({"security": [{"pool": []}]}, **schemes))[1] == [
        "The flows of a security scheme with an authorizer were left out: they are not enforced "
        "(at $.components.securitySchemes.pool.flows)"
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


@pytest.mark.parametrize(("ttl", "refused"), [(None, True), (1, True), (0, False)])
def test_a_request_authorizer_that_caches_needs_an_identity_source(ttl: int | None, refused: bool) -> None:
    extension = {"type": "request", "authorizerUri": LAMBDA, "authorizerResultTtlInSeconds": ttl}
    schemes = {"a": {"type": "apiKey", "x-amazon-apigateway-authorizer": extension}}
    found = errors(openapi({}, components={"securitySchemes": schemes}))
    assert bool(found) == refused
