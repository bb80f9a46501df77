"""What an API needs before it can be deployed, and a method before it can be tested.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from apigw.domain.errors import BadRequest
from apigw.domain.mapping_expression import NO_METHOD_RESPONSE
from apigw.domain.method_rules import undeclared_headers
from apigw.domain.rest_api import IntegrationResponse, Method

NO_METHODS: Final = "The REST API doesn't contain any methods"
NO_INTEGRATION: Final = "No integration defined for method"


def check(methods: Iterable[Method]) -> None:
    """Refuse an API that cannot be deployed."""
    any_method = False
    for method in methods:
        any_method = True
        # AWS: DeleteMethodResponse leaves integration responses alone.
        if any(one.status_code not in (method.method_responses or {}) for one in _mapped(method)):
            raise BadRequest(NO_METHOD_RESPONSE)
        check_tested(method)
    if not any_method:
        raise BadRequest(NO_METHODS)


def check_tested(method: Method) -> None:
    """Refuse a method that nobody can ask. AWS: an undeclared status fails the requests that are answered with it."""
    declared = method.method_responses or {}
    for response in _mapped(method):
        # What is put after a DeleteMethodResponse may declare less.
        for complaint in undeclared_headers(method, response) if response.status_code in declared else ():
            raise BadRequest(complaint)


def _mapped(method: Method) -> Iterable[IntegrationResponse]:
    """The integration responses that answer: a proxy's are ignored."""
    integration = method.method_integration
    if integration is None:
        raise BadRequest(NO_INTEGRATION)
    return () if integration.type.endswith("_PROXY") else (integration.integration_responses or {}).values()
