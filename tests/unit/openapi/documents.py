"""Small documents of both versions around one operation."""

from __future__ import annotations

from apigw.domain.rest_api import Method
from tests.unit.openapi.imports import Json, definition

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
