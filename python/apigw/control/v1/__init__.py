"""Operations of REST APIs (API version 2015-07-09), one module per resource family; importing them registers them."""

from apigw.control.v1 import (
    account,
    deployment,
    imports,
    integration,
    integration_response,
    method,
    method_response,
    resource,
    rest_api,
    stage,
    tags,
    test_invoke,
)

__all__ = [
    "account",
    "deployment",
    "imports",
    "integration",
    "integration_response",
    "method",
    "method_response",
    "resource",
    "rest_api",
    "stage",
    "tags",
    "test_invoke",
]
