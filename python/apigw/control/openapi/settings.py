"""The RestApi itself: name, description, media types, policy, endpoint and the other settings of a document.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import orjson
from msgspec.structs import replace

from apigw.control.openapi.documentation import Documentation, pick
from apigw.control.openapi.endpoint import endpoint_configuration
from apigw.control.openapi.fields import Object, choice, integer, mapping, report_unknown, scalar, sequence, text, texts
from apigw.control.openapi.findings import Findings, Place
from apigw.control.openapi.importing import Import
from apigw.domain import rest_api_rules as rules
from apigw.domain.errors import ControlError
from apigw.domain.rest_api import DocumentationLocation, RestApi

LARGEST_MINIMUM: Final = 10_485_760
_INFO: Final = frozenset({"title", "description", "version", "termsOfService", "contact", "license"})
_SPDX: Final = re.compile(r"[A-Za-z0-9.+-]+")
_EXTENSION: Final = "x-amazon-apigateway-"
CUSTOM_ID: Final = "_custom_id_"


def read_rest_api(work: Import, documentation: Documentation) -> RestApi:
    """The record of the API: over what exists when merging, over AWS's defaults otherwise."""
    tree, findings, target = work.document.tree, work.findings, work.target
    info = mapping(findings, tree, "info", None)
    place: Place = (None, "info")
    report_unknown(findings, info, _INFO | {"summary"} if work.document.version_31 else _INFO, place, "info")
    existing = target.existing.rest_api
    merging = existing is not None and not target.overwrite
    kept = (
        existing if existing is not None and merging else RestApi(id="", name="", root_resource_id="", created_date=0)
    )
    name = (scalar(findings, info, "title", place) or "").strip()
    configuration, disabled = endpoint_configuration(work, existing)
    _document(work, documentation, info)
    api = replace(
        kept,
        id=target.api_id,
        name=name or kept.name or f"Imported on {datetime.fromtimestamp(target.now, UTC):%Y-%m-%dT%H:%M:%SZ}",
        root_resource_id=target.root_resource_id,
        created_date=target.now if existing is None else existing.created_date,
        description=scalar(findings, info, "description", place) or kept.description,
        version=scalar(findings, info, "version", place) or kept.version,
        api_key_source=choice(findings, tree, f"{_EXTENSION}api-key-source", None, ("HEADER", "AUTHORIZER"))
        or kept.api_key_source,
        binary_media_types=_binary_media_types(findings, tree, kept.binary_media_types),
        minimum_compression_size=_minimum_compression_size(findings, tree, kept.minimum_compression_size),
        endpoint_configuration=configuration,
        policy=_policy(work) or kept.policy,
        disable_execute_api_endpoint=kept.disable_execute_api_endpoint if disabled is None else disabled,
        security_policy=_security_policy(findings, tree)
        or (existing.security_policy if existing is not None else None),
        endpoint_access_mode=choice(findings, tree, f"{_EXTENSION}endpoint-access-mode", None, ("BASIC", "STRICT"))
        or (existing.endpoint_access_mode if existing is not None else None),
        tags=_tags(work, existing),
    )
    try:
        rules.check(api, existing)
    except ControlError as error:
        findings.error(None, error.message)
    return api


def _binary_media_types(findings: Findings, tree: Object, kept: tuple[str, ...] | None) -> tuple[str, ...] | None:
    key = f"{_EXTENSION}binary-media-types"
    if tree.get(key) is None:
        return kept
    return tuple(dict.fromkeys((*(kept or ()), *texts(findings, tree, key, None)))) or None


def _minimum_compression_size(findings: Findings, tree: Object, kept: int | None) -> int | None:
    key = f"{_EXTENSION}minimum-compression-size"
    size = integer(findings, tree, key, None)
    if size is None:
        return kept
    if not 0 <= size <= LARGEST_MINIMUM:
        findings.error((None, key), rules.BAD_COMPRESSION)
        return kept
    return size


def _security_policy(findings: Findings, tree: Object) -> str | None:
    key = f"{_EXTENSION}security-policy"
    policy = text(findings, tree, key, None)
    if policy is not None and policy not in rules.SECURITY_POLICIES:
        findings.error(
            (None, key), f"Invalid security policy specified. Valid options are {','.join(rules.SECURITY_POLICIES)}"
        )
        return None
    return policy


def _tags(work: Import, existing: RestApi | None) -> dict[str, str] | None:
    """Root tags become the API's own; those it has already stay; those of the call's parameters come last."""
    findings, tree, api_id = work.findings, work.document.tree, work.target.api_id
    tags = dict((existing.tags if existing is not None else None) or {})
    known = frozenset({"name", "description", "externalDocs", "x-amazon-apigateway-tag-value"})
    for index, tag in enumerate(sequence(findings, tree, "tags", None)):
        place: Place = ((None, "tags"), index)
        if type(tag) is not dict:
            findings.error(place, "Expected type object for a tag")
            continue
        report_unknown(findings, tag, known, place, "a tag")
        key = scalar(findings, tag, "name", place)
        value = scalar(findings, tag, "x-amazon-apigateway-tag-value", place) or ""
        if not key or len(key) > 128 or len(value) > 256:
            findings.error(place, "A tag needs a name of at most 128 characters and a value of at most 256")
        elif key == CUSTOM_ID and value != api_id:
            findings.warn(place, f"The tag '{CUSTOM_ID}' gives a new API its id; that of an API which exists stays")
        elif key.lower().startswith("aws:"):
            findings.error((place, "name"), "Tag names that begin with 'aws:' are reserved")
        else:
            tags[key] = value
    tags |= work.parameters.tags
    if len(tags) > 50:
        findings.error((None, "tags"), "An API has at most 50 tags")
    return tags or None


def _name_licence(findings: Findings, described: Object) -> None:
    """OpenAPI 3.1 may name a licence by its SPDX identifier; 3.0, which AWS exports, has a URL only."""
    licence = described.get("license")
    if type(licence) is not dict or "identifier" not in licence:
        return
    place: Place = (((None, "info"), "license"), "identifier")
    named = {name: value for name, value in licence.items() if name != "identifier"}
    identifier = licence["identifier"]
    if type(identifier) is str and _SPDX.fullmatch(identifier) and "url" not in named:
        named["url"] = f"https://spdx.org/licenses/{identifier}.html"
    else:
        findings.left_out("The field 'identifier' of a licence is not supported and was left out", place)
    described["license"] = named


def _policy(work: Import) -> str | None:
    """The resource policy, with ``execute-api:/…`` expanded."""
    key = f"{_EXTENSION}policy"
    policy = work.document.tree.get(key)
    if policy is None:
        return None
    target = work.target
    try:
        text = orjson.dumps(policy).decode() if type(policy) is dict else ""
        return rules.policy(
            text, f"arn:{target.partition}:execute-api:{target.region}:{target.account}:{target.api_id}"
        )
    except (ControlError, orjson.JSONEncodeError):
        work.findings.error((None, key), rules.BAD_POLICY)
        return None


def pinned_id(tree: Object) -> dict[str, str] | None:
    """The tag that pins the id of a new API: it is needed before anything else is read."""
    tags = tree.get("tags")
    for tag in tags if type(tags) is list else ():
        if type(tag) is dict and tag.get("name") == CUSTOM_ID:
            return {CUSTOM_ID: str(tag.get("x-amazon-apigateway-tag-value"))}
    return None


def _document(work: Import, documentation: Documentation, info: Object) -> None:
    properties = pick(work.document.tree, ("externalDocs",))
    described = pick(info, ("description", "termsOfService", "contact", "license"))
    if work.document.version_31:
        described |= pick(info, ("summary",))
        _name_licence(work.findings, described)
    if described:
        properties["info"] = described
    tags = work.document.tree.get("tags")
    if type(tags) is list:
        texts_of = [pick(tag, ("name", "description", "externalDocs")) for tag in tags if type(tag) is dict]
        if any(len(tag) > 1 for tag in texts_of):
            properties["tags"] = texts_of
    documentation.add(DocumentationLocation(type="API"), properties, (None, "info"))
