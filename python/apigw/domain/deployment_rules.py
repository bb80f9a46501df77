"""What an API needs before it can be deployed.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDeployment.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from apigw.domain.errors import BadRequest
from apigw.domain.mapping_expression import NO_METHOD_RESPONSE
from apigw.domain.rest_api import Method

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
            declared = method.method_responses or {}
            if any(code not in declared for code in integration.integration_responses or ()):
                raise BadRequest(NO_METHOD_RESPONSE)
    if not any_method:
        raise BadRequest(NO_METHODS)
