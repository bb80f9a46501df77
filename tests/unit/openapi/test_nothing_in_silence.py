"""Every member of a document becomes (part of) a record or is named in a warning: each is taken out and must be missed.

Silent on purpose: where the document was served before (``host``, ``basePath``, ``schemes``, ``servers``; AWS ignores them),
media types that no body uses, the types of parameters and headers (a REST API takes any text), what only names an
authorizer's header, and what stands inside of something that a warning names.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from apigw.control.openapi.build import build
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.importing import Parameters, Target
from tests.unit.openapi.documents import LAMBDA
from tests.unit.openapi.imports import ACCOUNT, NOW, PARTITION, REGION, CountedIds, check_text

Path = tuple[str | int, ...]

INTEGRATION = {
    "type": "http",
    "httpMethod": "POST",
    "uri": "http://a.example/",
    "requestParameters": {"integration.request.header.h": "method.request.header.h"},
    "requestTemplates": {"application/json": "x"},
    "passthroughBehavior": "never",
    "contentHandling": "CONVERT_TO_TEXT",
    "timeoutInMillis": 5000,
    "cacheNamespace": "ns",
    "cacheKeyParameters": ["method.request.header.h"],
    "connectionId": "abc",
    "credentials": "arn:aws:iam::123456789012:role/x",
    "tlsConfig": {"insecureSkipVerification": True},
    "responseTransferMode": "BUFFERED",
    "integrationTarget": "target",
    "payloadFormatVersion": "1.0",
    "responses": {
        "default": {
            "statusCode": "200",
            "responseParameters": {"method.response.header.X": "'x'"},
            "responseTemplates": {"application/json": "x"},
            "contentHandling": "CONVERT_TO_TEXT",
            "x-more": 1,
        }
    },
}
MOCK = {"type": "mock", "uri": "http://x.example/", "httpMethod": "POST", "connectionId": "x"}
OPENAPI = {
    "openapi": "3.0.1",
    "info": {"title": "t", "description": "d", "version": "1", "contact": {"name": "n"}, "x-info": 1},
    "servers": [
        {
            "url": "https://a.example",
            "x-server": 1,
            "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": True, "more": 1},
        },
        {"x-amazon-apigateway-endpoint-configuration": {"ipAddressType": "dualstack"}},
    ],
    "externalDocs": {"url": "u"},
    "tags": [{"name": "n", "description": "d", "x-tag": 1, "x-amazon-apigateway-tag-value": "v"}],
    "security": [{"key": []}],
    "paths": {
        "x-paths": 1,
        "/p/{id}": {
            "summary": "s",
            "servers": [{"url": "x"}],
            "x-item": 1,
            "parameters": [
                {"name": "id", "in": "path", "required": True, "description": "d", "style": "simple", "x-parameter": 1}
            ],
            "trace": {},
            "post": {
                "tags": ["n"],
                "operationId": "o",
                "deprecated": True,
                "servers": [{"url": "x"}],
                "callbacks": {"x": {}},
                "security": [{"token": []}],
                "x-operation": 1,
                "parameters": [
                    {"name": "h", "in": "header", "required": True, "schema": {"enum": ["a"], "x-schema": 1}},
                    {"name": "c", "in": "cookie"},
                    {"name": "ct", "in": "query", "content": {"application/json": {}}},
                ],
                "requestBody": {
                    "description": "d",
                    "required": True,
                    "x-body": 1,
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/M"}, "example": 1},
                        "text/plain": {},
                    },
                },
                "responses": {
                    "200": {
                        "description": "d",
                        "x-response": 1,
                        "headers": {"X": {"description": "d", "x-header": 1, "schema": {"minimum": 1, "x-schema": 1}}},
                        "content": {"application/json": {"schema": {"type": "string"}}, "text/html": {}},
                        "links": {"l": {}},
                    },
                    "default": {},
                },
                "x-amazon-apigateway-integration": INTEGRATION,
            },
            "x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": MOCK},
        },
    },
    "components": {
        "schemas": {"M": {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}, "xml": {}}},
        "responses": {"R": {}},
        "parameters": {"P": {}},
        "examples": {"E": {}},
        "requestBodies": {"B": {}},
        "headers": {"H": {}},
        "links": {"L": {}},
        "callbacks": {"C": {}},
        "x-amazon-apigateway-integrations": {"I": {}},
        "x-components": {},
        "securitySchemes": {
            "key": {"type": "apiKey", "name": "x-api-key", "in": "header", "description": "d", "x-scheme": 1},
            "token": {
                "description": "d",
                "x-amazon-apigateway-authorizer": {
                    "type": "token",
                    "authorizerUri": LAMBDA,
                    "enableSimpleResponses": True,
                },
            },
            "oauth": {"type": "oauth2", "flows": {}},
            "iam": {"x-amazon-apigateway-authtype": "awsSigv4"},
        },
    },
    "x-amazon-apigateway-request-validators": {"v": {"validateRequestBody": True, "more": 1}},
    "x-amazon-apigateway-request-validator": "v",
    "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"statusCode": "400", "more": 1}},
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "x-amazon-apigateway-minimum-compression-size": 5,
    "x-amazon-apigateway-api-key-source": "AUTHORIZER",
    "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": []},
    "x-amazon-apigateway-documentation": {
        "more": 1,
        "documentationParts": [{"location": {"type": "API", "more": 1}, "properties": {"a": "b"}, "more": 1}],
    },
    "x-amazon-apigateway-security-policy": "TLS_1_0",
    "x-amazon-apigateway-endpoint-access-mode": "BASIC",
    "x-amazon-apigateway-cors": {},
    "x-amazon-apigateway-importexport-version": "1.0",
    "x-other": 1,
}
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/q": {
            "post": {
                "consumes": ["text/plain"],
                "produces": ["text/plain"],
                "schemes": ["http"],
                "parameters": [
                    {"name": "b", "in": "body", "required": True, "x-body": 1, "schema": {"$ref": "#/definitions/M"}},
                    {"name": "q", "in": "query", "collectionFormat": "csv", "default": "a"},
                    {"name": "f", "in": "formData", "type": "file"},
                ],
                "responses": {
                    "200": {
                        "schema": {"type": "string"},
                        "headers": {"X": {"enum": [1]}},
                        "examples": {"application/json": 1},
                    }
                },
            }
        }
    },
    "definitions": {"M": {"type": "object", "discriminator": "a"}},
    "parameters": {"P": {}},
    "responses": {"R": {}},
    "securityDefinitions": {"basic": {"type": "basic"}},
}
OPENAPI_31 = {
    "openapi": "3.1.0",
    "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
    "info": {"title": "t", "summary": "s", "license": {"name": "n", "identifier": "MIT"}},
    "webhooks": {"w": {}},
    "paths": {
        "/p": {
            "$ref": "#/components/pathItems/P",
            "summary": "s",
            "post": {
                "requestBody": {"$ref": "#/components/requestBodies/B", "description": "d"},
                "responses": {
                    "200": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/N", "title": "t"}}}}
                },
            },
        }
    },
    "components": {
        "pathItems": {"P": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"const": "a"}}]}}, "U": {}},
        "requestBodies": {"B": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/N", "maxLength": 1}}}}},
        "schemas": {
            "N": True,
            "M": {
                "$id": "i",
                "$schema": "s",
                "$comment": "c",
                "$defs": {"D": {"const": 1}},
                "type": ["object", "null"],
                "properties": {
                    "a": {"prefixItems": [{"const": 1}], "items": False, "contains": {"const": 1}, "maxContains": 1},
                    "b": {"if": {"const": 1}, "then": {"const": 2}, "else": False},
                    "c": {"exclusiveMinimum": 1, "exclusiveMaximum": 2, "examples": [1]},
                    "d": {"contentEncoding": "base64"},
                    "e": {"contentMediaType": "a/b", "contentSchema": True},
                    "f": {"contains": {"const": 1}},
                },
                "dependentRequired": {"a": ["b"]},
                "dependentSchemas": {"a": True},
                "propertyNames": {"const": "a"},
                "unevaluatedProperties": False,
            },
        },
    },
}
MEANT = {
    "servers.0.url",
    "servers.1.x-amazon-apigateway-endpoint-configuration.ipAddressType",
    "paths./p/{id}.servers.0",
    "paths./p/{id}.servers.0.url",
    "paths./p/{id}.post.servers.0",
    "paths./p/{id}.post.servers.0.url",
    "paths./p/{id}.post.callbacks.x",
    "paths./p/{id}.parameters.0.required",  # a path parameter always is
    "paths./p/{id}.post.parameters.0.schema.enum.0",
    "paths./p/{id}.post.parameters.2.content.application/json",
    "paths./p/{id}.post.responses.200.links.l",
    "components.securitySchemes.oauth.type",
    "components.securitySchemes.oauth.flows",
    "components.securitySchemes.iam.x-amazon-apigateway-authtype",
    "paths./q.post.schemes.0",
    "paths./q.post.parameters.2.type",
    "paths./q.post.responses.200.headers.X.enum.0",
    "securityDefinitions.basic.type",
    "webhooks.w",
    "components.schemas.M.propertyNames.const",
    "components.schemas.M.properties.a.contains.const",
    "components.schemas.M.properties.c.examples.0",
}


def outcome(document: Any) -> tuple[bytes, list[str], list[str]]:
    findings = Findings()
    target = Target("abcdefghij", "root00", ACCOUNT, REGION, PARTITION, NOW, CountedIds(), check_text)
    made = build(copy.deepcopy(document), target, Parameters(), findings)
    return msgspec.json.encode(made), [str(one) for one in findings.errors()], [str(one) for one in findings.warnings()]


def members(node: Any, path: Path = ()) -> Iterator[Path]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from members(value, (*path, key))


def without(document: Any, path: Path) -> Any:
    less = copy.deepcopy(document)
    node = less
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return less


@pytest.mark.parametrize("document", [OPENAPI, SWAGGER, OPENAPI_31], ids=["openapi", "swagger", "openapi-3.1"])
def test_nothing_is_dropped_in_silence(document: Any) -> None:
    whole = outcome(document)
    assert whole[1] == []
    missed_by_nobody = set()
    for path in members(document):
        records, errors, warnings = outcome(without(document, path))
        if not errors and (records, warnings) == (whole[0], whole[2]):
            missed_by_nobody.add(".".join(map(str, path)))
    assert missed_by_nobody - MEANT == set()
