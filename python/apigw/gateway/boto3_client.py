"""A boto3 client for a gateway, where boto3 is installed; apigw does not need it."""

from __future__ import annotations

from typing import Any

from apigw.errors import GatewayError

SERVICES = ("apigateway", "apigatewayv2")


def client(environment: dict[str, str], service: str, options: dict[str, Any]) -> Any:
    """A client of ``service`` with the endpoint and the credentials of ``environment``."""
    if service not in SERVICES:
        raise GatewayError(f"a gateway has no {service!r}; it has {' and '.join(SERVICES)}")
    try:
        import boto3
    except ModuleNotFoundError:
        raise GatewayError("Gateway.client needs boto3: pip install boto3") from None
    given = {
        "endpoint_url": environment["AWS_ENDPOINT_URL"],
        "region_name": environment["AWS_REGION"],
        "aws_access_key_id": environment["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
    }
    return boto3.session.Session().client(service, **{**given, **options})
