"""What an API needs before it can be deployed.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from apigw.domain.errors import BadRequest
from apigw.domain.mapping_expression import NO_METHOD_RESPONSE
from apigw.domain.method_rules import undeclared_headers
from apigw.domain.rest_api import Integration, Method

NO_METHODS: Final = "The REST API doesn't contain any methods"
NO_INTEGRATION: Final = "No integration defined for method"


def check(methods: Iterable[Method]) -> None:
    """Refuse an API that cannot be deployed."""
    any_method = False
    for method in methods:
        any_method = True
        integration = method.method_integration
        if integration is None:
            raise BadRequest(NO_INTEGRATION)
        if not integration.type.endswith("_PROXY"):
            _check_responses(method, integration)
    if not any_method:
        raise BadRequest(NO_METHODS)


def _check_responses(method: Method, integration: Integration) -> None:
    """AWS: DeleteMethodResponse leaves integration responses alone; what is put after it may declare less."""
    declared = method.method_responses or {}
    for response in (integration.integration_responses or {}).values():
        if response.status_code not in declared:
            raise BadRequest(NO_METHOD_RESPONSE)
        for complaint in undeclared_headers(method, response):
            raise BadRequest(complaint)
