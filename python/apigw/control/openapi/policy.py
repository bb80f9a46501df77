"""The resource policy of an API: stored as JSON text, with ``execute-api:/…`` expanded to the API's ARN.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from apigw.control.openapi.fields import wrong
from apigw.control.openapi.importing import Import

LONGEST: Final = 8_192
_EXTENSION: Final = "x-amazon-apigateway-policy"
_SHORT: Final = "execute-api:/"


def read_policy(work: Import) -> str | None:
    """The policy's text, or ``None``."""
    policy = work.document.tree.get(_EXTENSION)
    if policy is None:
        return None
    place = (None, _EXTENSION)
    if type(policy) is not dict:
        wrong(work.findings, place, "object", policy)
        return None
    target = work.target
    prefix = f"arn:{target.partition}:execute-api:{target.region}:{target.account}:{target.api_id}/"
    expanded = dict(policy)
    statements = expanded.get("Statement")
    if type(statements) is list:
        expanded["Statement"] = [_expand(statement, prefix) for statement in statements]
    elif statements is not None:
        expanded["Statement"] = _expand(statements, prefix)
    try:
        text = orjson.dumps(expanded).decode()
    except orjson.JSONEncodeError:
        work.findings.error(place, "Invalid policy document: it is nested too deeply")
        return None
    if len(text) > LONGEST:
        work.findings.error(place, f"Invalid policy document: it is longer than {LONGEST} characters")
    return text


def _expand(statement: Any, prefix: str) -> Any:
    if type(statement) is not dict:
        return statement
    expanded = dict(statement)
    for key in ("Resource", "NotResource"):
        resources = statement.get(key)
        if type(resources) is str:
            expanded[key] = _expand_resource(resources, prefix)
        elif type(resources) is list:
            expanded[key] = [_expand_resource(resource, prefix) for resource in resources]
    return expanded


def _expand_resource(resource: Any, prefix: str) -> Any:
    if type(resource) is str and resource.startswith(_SHORT):
        return prefix + resource.removeprefix(_SHORT)
    return resource
