"""Rules of tags, shared by whatever can be tagged.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from apigw.control.operation import Call
from apigw.domain.errors import BadRequest, Conflict

CUSTOM_ID: Final = "_custom_id_"
_API_ID = re.compile(r"[a-z0-9]{10}")


def checked(tags: Mapping[str, str] | None) -> dict[str, str] | None:
    """Tags as they are stored; none at all is ``None``."""
    if not tags:
        return None
    if len(tags) > 50:
        raise BadRequest("The number of tags exceeds the limit of 50")
    for key, value in tags.items():
        if not 1 <= len(key) <= 128:
            raise BadRequest(f"Invalid tag key specified: {key}. A key has 1 to 128 characters")
        if key.lower().startswith("aws:"):
            raise BadRequest(f"Invalid tag key specified: {key}. The prefix aws: is reserved")
        if len(value) > 256:
            raise BadRequest(f"Invalid tag value specified for key {key}. A value has at most 256 characters")
    return dict(tags)


def api_id(call: Call, tags: Mapping[str, str] | None) -> str:
    """The id of a new API: the one pinned by the ``_custom_id_`` tag, or a fresh one."""
    pinned = (tags or {}).get(CUSTOM_ID)
    if pinned is None:
        while True:
            fresh = call.ids.api()
            if call.store.find_rest_api(fresh) is None:
                return fresh
    if _API_ID.fullmatch(pinned) is None:
        raise BadRequest(f"Invalid {CUSTOM_ID} tag specified: {pinned}. An API id has 10 characters of a-z0-9")
    if call.store.find_rest_api(pinned) is not None:
        raise Conflict(f"API id {pinned} given by the {CUSTOM_ID} tag is already in use")
    return pinned
