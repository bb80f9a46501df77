"""TagResource, UntagResource, GetTags.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging.html
"""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from apigw.control.operation import Call, Input, operation
from apigw.control.v1 import lookup, tagging
from apigw.domain.errors import BadRequest, NotYet
from apigw.domain.integration_rules import INVALID_ARN
from apigw.domain.rest_api import ClientCertificate, RestApi, Stage

_ARN = re.compile(r"arn:([a-z-]+):apigateway:([a-z0-9-]+):(\d*):?(/[^?#]+)")
_REST_API = re.compile(r"/restapis/([^/]+)")
_STAGE = re.compile(r"/restapis/([^/]+)/stages/([^/]+)")
_CLIENT_CERTIFICATE = re.compile(r"/clientcertificates/([^/]+)")
_OTHERS = re.compile(r"/(?:apikeys|domainnames|domainnameaccessassociations|usageplans|vpclinks)/.+")
Tagged = RestApi | Stage | ClientCertificate
_V2 = re.compile(r"/(?:apis|portals|portalproducts)/.+")


@operation("TagResource")
def tag_resource(call: Call, given: Input) -> None:
    """204; overwrites tags of the same keys."""
    found = _find(call, given["resource_arn"])
    pinned = given["tags"].get(tagging.CUSTOM_ID)
    if pinned is not None and not (isinstance(found, RestApi) and pinned == found.id):
        raise BadRequest(f"The tag {tagging.CUSTOM_ID} can only be given when an API is created")
    _put(call, given["resource_arn"], found, {**(found.tags or {}), **given["tags"]})


@operation("UntagResource")
def untag_resource(call: Call, given: Input) -> None:
    """204; keys that are not there are no error."""
    found = _find(call, given["resource_arn"])
    left = {key: value for key, value in (found.tags or {}).items() if key not in given["tag_keys"]}
    _put(call, given["resource_arn"], found, left)


@operation("GetTags")
def get_tags(call: Call, given: Input) -> dict[str, Any]:
    """200; AWS has paging members here and never pages."""
    return {"tags": _find(call, given["resource_arn"]).tags or {}}


def _path(call: Call, arn: str) -> str:
    match = _ARN.fullmatch(arn)
    if match is None or match[1] != call.partition or match[2] != call.region:
        raise BadRequest(INVALID_ARN)
    return match[4]


def _find(call: Call, arn: str) -> Tagged:
    path = _path(call, arn)
    if match := _REST_API.fullmatch(path):
        return lookup.rest_api(call, match[1])
    if match := _STAGE.fullmatch(path):
        lookup.rest_api(call, match[1])
        return lookup.stage(call, match[1], match[2])
    if match := _CLIENT_CERTIFICATE.fullmatch(path):
        return lookup.client_certificate(call, match[1])
    if _OTHERS.fullmatch(path) or _V2.fullmatch(path):
        raise NotYet(f"apigw does not have the resources of {arn} yet")
    raise BadRequest(INVALID_ARN)


def _put(call: Call, arn: str, found: Tagged, tags: dict[str, str]) -> None:
    kept = tagging.checked(tags)
    if isinstance(found, RestApi):
        call.store.put("rest_api", call.region, "", found.id, replace(found, tags=kept))
        return
    if isinstance(found, ClientCertificate):
        changed = replace(found, tags=kept)
        call.store.put("client_certificate", call.region, "", found.client_certificate_id, changed)
        return
    match = _STAGE.fullmatch(_path(call, arn))
    if match is not None:
        call.store.put("stage", call.region, match[1], match[2], replace(found, tags=kept))
