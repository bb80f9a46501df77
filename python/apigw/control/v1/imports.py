"""ImportRestApi and PutRestApi: an OpenAPI document becomes an API, or replaces or extends one.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from apigw.control.openapi.build import build
from apigw.control.openapi.document import is_document
from apigw.control.openapi.findings import Findings, refusal
from apigw.control.openapi.importing import Definition, Existing, Parameters, Target
from apigw.control.openapi.read import INVALID_INPUT, NotADocument, read
from apigw.control.openapi.settings import pinned_id
from apigw.control.openapi.variables import substitute
from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, rest_api, tagging
from apigw.domain import quotas
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Authorizer, DocumentationPart, Model, RequestValidator, Resource

# AWS ignores parameters that it does not know, so these tell us alone: tags that are given in the same commit.
_TAG: Final = "apigw:"
_BASE_PATHS: Final = ("ignore", "prepend", "split")
_ENDPOINT_TYPES: Final = ("EDGE", "REGIONAL", "PRIVATE")


@operation("ImportRestApi")
def import_rest_api(call: Call, given: Input) -> dict[str, Any]:
    """201; a new API from a document."""
    findings = Findings()
    parameters = _parameters(given.get("parameters"), findings)
    tree = _tree(call, given, findings)
    target = _target(call, tagging.api_id(call, pinned_id(tree)), call.ids.short(), Existing(), overwrite=True)
    definition = _checked(tree, target, parameters, findings, given)
    rest_api.check_quota(call, definition.rest_api)
    _write(call, definition, target)
    return _answer(definition, findings)


@operation("PutRestApi")
def put_rest_api(call: Call, given: Input) -> dict[str, Any]:
    """200; ``mode`` ``merge`` (default) keeps what the document does not mention, ``overwrite`` drops it."""
    findings = Findings()
    parameters = _parameters(given.get("parameters"), findings)
    tree = _tree(call, given, findings)
    api = lookup.rest_api(call, given["rest_api_id"])
    target = _target(call, api.id, api.root_resource_id, _existing(call, api.id), given.get("mode") == "overwrite")
    definition = _checked(tree, target, parameters, findings, given)
    rest_api.check_quota(call, definition.rest_api, api)
    if target.overwrite:
        for family in rest_api.CHILDREN:
            call.store.delete_children(family, call.region, api.id)
    _write(call, definition, target)
    answer = _answer(definition, findings)
    return {**answer, "tags": definition.rest_api.tags or {}}


def _parameters(given: dict[str, str] | None, findings: Findings) -> Parameters:
    given = dict(given or {})
    given.pop("mode", None)
    ignore = given.pop("ignore", None)
    if ignore not in (None, "documentation"):
        raise BadRequest("Invalid parameter ignore specified. Valid options are [documentation]")
    base_path = given.pop("basepath", None) or given.pop("basePath", None) or "ignore"
    if base_path not in _BASE_PATHS:
        raise BadRequest("Invalid parameter basepath specified. Valid options are [ignore, prepend, split]")
    endpoint_type = given.pop("endpointConfigurationTypes", None)
    if endpoint_type is not None and endpoint_type not in _ENDPOINT_TYPES:
        raise BadRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
    tags = tagging.checked({name: given.pop(name) for name in list(given) if name.startswith(_TAG)})
    for name in given:
        findings.warn(None, f"The import parameter '{name}' is not known and was ignored", named=True)
    return Parameters(
        ignore_documentation=ignore is not None, endpoint_type=endpoint_type, base_path=base_path, tags=tags or {}
    )


def _tree(call: Call, given: Input, findings: Findings) -> dict[str, Any]:
    quotas.check_document(call.quotas.document, len(given.get("body") or b""))
    body = substitute(given.get("body") or b"", call.account, call.partition, call.region)
    try:
        source = read(body, call.yaml_to_json, findings)
    except NotADocument as error:
        raise BadRequest(INVALID_INPUT) from error
    if not is_document(source.tree):
        raise BadRequest(INVALID_INPUT)
    return source.tree


def _target(call: Call, api_id: str, root_resource_id: str, existing: Existing, overwrite: bool) -> Target:
    return Target(
        api_id=api_id,
        root_resource_id=root_resource_id,
        account=call.account,
        region=call.region,
        partition=call.partition,
        now=call.now,
        ids=call.ids,
        check_text=call.check_text,
        existing=existing,
        overwrite=overwrite,
    )


def _existing(call: Call, api_id: str) -> Existing:
    store, region = call.store, call.region
    return Existing(
        rest_api=lookup.rest_api(call, api_id),
        resources={one.path: one for _, one in store.list(Resource, "resource", region, api_id)},
        models=dict(store.list(Model, "model", region, api_id)),
        authorizers={one.name: one for _, one in store.list(Authorizer, "authorizer", region, api_id)},
        request_validators={
            one.name: one for _, one in store.list(RequestValidator, "request_validator", region, api_id)
        },
        documentation_parts={
            one.location: one for _, one in store.list(DocumentationPart, "documentation_part", region, api_id)
        },
    )


def _checked(
    tree: dict[str, Any], target: Target, parameters: Parameters, findings: Findings, given: Input
) -> Definition:
    """Read the whole document; refuse it with everything there is to say."""
    definition = build(tree, target, parameters, findings)
    warnings = findings.warnings()
    if definition is None or findings.failed or (warnings and given.get("fail_on_warnings")):
        raise BadRequest(refusal(findings.errors(), warnings))
    return definition


def _write(call: Call, definition: Definition, target: Target) -> None:
    store, region, api_id = call.store, call.region, target.api_id
    store.put("rest_api", region, "", api_id, definition.rest_api)
    families: tuple[tuple[str, list[tuple[str, msgspec.Struct]]], ...] = (
        ("resource", [(one.id, one) for one in definition.resources]),
        ("model", [(one.name, one) for one in definition.models]),
        ("request_validator", [(one.id, one) for one in definition.request_validators]),
        ("authorizer", [(one.id, one) for one in definition.authorizers]),
        ("gateway_response", [(one.response_type, one) for one in definition.gateway_responses]),
        ("method", [(f"{one.resource_id}/{one.http_method}", one) for one in definition.methods]),
        ("documentation_part", [(one.id, one) for one in definition.documentation_parts]),
    )
    for family, records in families:
        if records:
            store.put_many(family, region, api_id, records)
    for most, record, family, things in (
        (call.quotas.resources, Resource, "resource", "Resources"),
        (call.quotas.authorizers, Authorizer, "authorizer", "Authorizers"),
        (call.quotas.documentation_parts, DocumentationPart, "documentation_part", "Documentation parts"),
    ):
        if most is not None:
            quotas.check_count(most, len(store.list(record, family, region, api_id)), things)


def _answer(definition: Definition, findings: Findings) -> dict[str, Any]:
    warnings = [str(warning) for warning in findings.warnings()]
    return {**msgspec.structs.asdict(rest_api.shown(definition.rest_api)), "warnings": warnings or None}
