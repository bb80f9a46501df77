"""Operations of REST APIs (API version 2015-07-09), one module per resource family; importing them registers them."""

from apigw.control.v1 import (
    account,
    client_certificate,
    deployment,
    gateway_response,
    imports,
    integration,
    integration_response,
    method,
    method_response,
    model,
    request_validator,
    resource,
    rest_api,
    stage,
    tags,
    test_invoke,
)

__all__ = [
    "account",
    "client_certificate",
    "deployment",
    "gateway_response",
    "imports",
    "integration",
    "integration_response",
    "method",
    "method_response",
    "model",
    "request_validator",
    "resource",
    "rest_api",
    "stage",
    "tags",
    "test_invoke",
]
