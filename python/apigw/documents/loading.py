"""OpenAPI documents as deployed APIs, by the management API alone: import, put, deploy, tag.

``serve FILE`` finds the API it made from a file again by a tag, and touches it only when the content changed.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec
import orjson

from apigw import admin_api
from apigw.admin_api import AdminError, Send
from apigw.documents.document import Document

DOCUMENT_TAG = "apigw:document"
DIGEST_TAG = "apigw:sha256"
_NOT_DONE = "-"
_TAG_VALUE = re.compile(r"[\w +=.:/@-]{1,256}", re.ASCII)


class Deployed(msgspec.Struct, frozen=True):
    """What became of a document; ``stage`` is ``None`` when it was imported only."""

    api_id: str
    name: str
    stage: str | None
    changed: bool
    warnings: list[str]
    example: str
    """A path worth trying."""


def import_document(send: Send, text: bytes, *, into: str | None = None, stage: str | None = None) -> Deployed:
    """Import a document as a new API, or over the API ``into``; deploy it to ``stage`` if that is given. What cannot be
    deployed does not stay as a new API."""
    api = put(send, text, into)
    if stage is not None:
        try:
            deploy(send, api["id"], stage)
        except AdminError as error:
            if into is not None:
                message = f"{into} is what the document says, but could not be deployed to {stage}: {error}"
                raise AdminError(error.status, message) from None
            # A second attempt would make a second API.
            admin_api.call(send, "DELETE", f"/restapis/{api['id']}")
            message = f"it could not be deployed to {stage}, and nothing was kept: {error}"
            raise AdminError(error.status, message) from None
    return Deployed(api["id"], api.get("name", ""), stage, True, api.get("warnings", []), "/")


def load_document(send: Send, document: Document, *, stage: str, region: str, partition: str = "aws") -> Deployed:
    """Make the API of a document what it says and have it on ``stage``; doing it twice changes nothing."""
    identity, text = _tag_value(document.identity), document.text
    digest = hashlib.sha256(text).hexdigest()
    api = _find(send, identity)
    changed = api is None or api["tags"].get(DIGEST_TAG) != digest
    warnings: list[str] = []
    if changed:
        # In the import's own commit: whoever is killed after it finds the API again, and knows that it is not done.
        api = put(send, text, None if api is None else api["id"], {DOCUMENT_TAG: identity, DIGEST_TAG: _NOT_DONE})
        warnings = api.get("warnings", [])
    assert api is not None
    if changed or stage not in admin_api.stages(send, api["id"]):
        deploy(send, api["id"], stage)
        # The digest comes last: until everything else is done, a second start does it again.
        _tag(send, f"arn:{partition}:apigateway:{region}::/restapis/{api['id']}", {DIGEST_TAG: digest})
        changed = True
    return Deployed(api["id"], api.get("name", ""), stage, changed, warnings, _example(send, api["id"]))


def find(send: Send, document: Document) -> str | None:
    """The id of the API that the document became before."""
    api = _find(send, _tag_value(document.identity))
    return None if api is None else str(api["id"])


def _find(send: Send, identity: str) -> dict[str, Any] | None:
    apis = admin_api.rest_apis(send)
    return next((each for each in apis if each.get("tags", {}).get(DOCUMENT_TAG) == identity), None)


def put(send: Send, text: bytes, api_id: str | None, tags: Mapping[str, str] | None = None) -> Any:
    """Import a document as a new API, or over the API ``api_id``; ``tags``, named ``apigw:…``, are given with it."""
    given = list((tags or {}).items())
    if api_id is None:
        return admin_api.call(send, "POST", "/restapis", [("mode", "import"), *given], text)
    return admin_api.call(send, "PUT", f"/restapis/{api_id}", [("mode", "overwrite"), *given], text)


def deploy(send: Send, api_id: str, stage: str) -> None:
    """Deploy an API to a stage, which is made if it is not there."""
    admin_api.call(send, "POST", f"/restapis/{api_id}/deployments", body=orjson.dumps({"stageName": stage}))


def _tag(send: Send, arn: str, tags: dict[str, str]) -> None:
    admin_api.call(send, "PUT", f"/tags/{quote(arn, safe='')}", body=orjson.dumps({"tags": tags}))


def _example(send: Send, api_id: str) -> str:
    """A path that GET answers without parameters, the longest of the first page; else the root."""
    page = admin_api.call(send, "GET", f"/restapis/{api_id}/resources", [("limit", "500")])
    paths = [
        each["path"]
        for each in page.get("item", [])
        if "{" not in each["path"] and {"GET", "ANY"} & set(each.get("resourceMethods", {}))
    ]
    return max(paths, key=len, default="/")


def _tag_value(text: str) -> str:
    """A text, or its hash where AWS's rules for tag values do not admit it."""
    return text if _TAG_VALUE.fullmatch(text) else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
