"""The rules of a method and its responses, and the names that mappings may use.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Final

from apigw.domain import mapping_expression as expressions
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import VERBS, Authorizer, IntegrationResponse, Method

AUTHORIZATION_TYPES: Final = ("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS")
INVALID_VERB: Final = "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"
INVALID_AUTHORIZER: Final = (
    "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS "
    "requires a valid authorizer."
)


def check_verb(verb: str) -> str:
    """Give ``verb`` back if a method can have it."""
    if verb not in VERBS:
        raise BadRequest(INVALID_VERB)
    return verb


def check_authorization(authorization_type: str, authorizer: Authorizer | None) -> None:
    """``authorizer`` is the one the method names, if it exists."""
    if authorization_type not in AUTHORIZATION_TYPES:
        options = ",".join(AUTHORIZATION_TYPES)
        raise BadRequest(f"Invalid authorization type specified. Valid options are {options}")
    if authorization_type not in ("CUSTOM", "COGNITO_USER_POOLS"):
        return
    if authorizer is None or (authorizer.type == "COGNITO_USER_POOLS") != (authorization_type == "COGNITO_USER_POOLS"):
        raise BadRequest(INVALID_AUTHORIZER)


def check_request_parameters(declared: Iterable[str]) -> None:
    """Declarations are ``method.request.{path|querystring|header}.{name}`` with names unique across the three."""
    names: set[str] = set()
    for text in declared:
        name = expressions.parse_declaration(text).name
        if name in names:
            raise BadRequest("Parameter names must be unique across querystring, header and path")
        names.add(name)


def check_response_parameters(declared: Iterable[str]) -> None:
    """Declarations of a method response are ``method.response.header.{name}``."""
    for text in declared:
        expressions.parse_response_target(text)


def check_models(wanted: Iterable[str], existing: Iterable[str]) -> None:
    """Models named by a method or a method response must exist."""
    known = set(existing)
    for name in wanted:
        if name not in known:
            raise BadRequest(f"Invalid model identifier specified: {name}")


def undeclared_names(method: Method) -> list[str]:
    """AWS's complaints about every mapping of the method's integration whose parameter is not declared."""
    integration = method.method_integration
    if integration is None:
        return []
    complaints = []
    declared = method.request_parameters or {}
    for expression in (integration.request_parameters or {}).values():
        source = expressions.parse_request_source(expression)
        if isinstance(source, expressions.ParameterSource) and source.declared_as() not in declared:
            complaints.append(expressions.undeclared(expression))
    mapped = integration.request_parameters or {}
    if undeclared_cache_keys(integration.cache_key_parameters, declared, mapped):
        complaints.append(expressions.INVALID_CACHE_KEY)
    for response in (integration.integration_responses or {}).values():
        complaints.extend(undeclared_headers(method, response))
    return complaints


def undeclared_cache_keys(names: Iterable[str], declared: Container[str], mapped: Container[str]) -> list[str]:
    """Those of ``cacheKeyParameters`` that are neither declared by the method nor mapped for its backend."""
    undeclared = []
    for name in names:
        if name.startswith("integration."):
            is_known = name in mapped
        else:
            source = expressions.parse_request_source(name)
            is_known = isinstance(source, expressions.ParameterSource) and source.declared_as() in declared
        if not is_known:
            undeclared.append(name)
    return undeclared


def undeclared_headers(method: Method, response: IntegrationResponse) -> list[str]:
    """The same for the headers that one integration response maps."""
    if not response.response_parameters:
        return []
    method_response = (method.method_responses or {}).get(response.status_code)
    if method_response is None:
        return [expressions.NO_METHOD_RESPONSE]
    declared = method_response.response_parameters or {}
    return [expressions.undeclared(name) for name in response.response_parameters if name not in declared]


def check_declared(method: Method, before: Method | None = None) -> None:
    """Refuse ``method`` when a mapping uses an undeclared name that was fine ``before``."""
    known = set(undeclared_names(before)) if before is not None else set()
    for complaint in undeclared_names(method):
        if complaint not in known:
            raise BadRequest(complaint)
