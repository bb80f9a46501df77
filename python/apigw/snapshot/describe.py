"""Where the engine found fault with a patch, in the words of the management API.

``$.put[0].resources[1].methods[0].integration.responses[0].selection_pattern`` is what the engine counts;
``$.resources['/pets'].GET.methodIntegration.integrationResponses['200'].selectionPattern`` is what a client can find.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import orjson

_STEP: Final = re.compile(r"\.([a-z_]+)(?:\[(\d+)\])?")
_NAMES: Final = {
    "integration": "methodIntegration",
    "responses": "integrationResponses",
    "headers": "responseParameters",
    "templates": "responseTemplates",
}
_MAPPED: Final = {"response_parameters": "method.response.header.", "headers": "gatewayresponse.header."}


def problems(patch: bytes, found: Iterable[tuple[str, str]]) -> str:
    """All that the engine found wrong with ``patch``: ``(path, message)`` each, in one sentence."""
    return "; ".join(f"{place(patch, path)}: {message}" for path, message in found)


def place(patch: bytes, path: str) -> str:
    """``path`` into ``patch`` as a path into what the client wrote; as it is when it leads nowhere."""
    try:
        node: Any = orjson.loads(patch)
    except orjson.JSONDecodeError:
        return path
    shown = ["$"]
    at = 1
    while match := _STEP.match(path, at):
        at = match.end()
        try:
            node = node[match[1]]
            if match[2] is not None:
                node = node[int(match[2])]
        except (LookupError, TypeError):
            return path
        shown.append(_shown(match[1], match[2] is not None, node))
    return "".join(shown) if at == len(path) else path


def _shown(member: str, is_element: bool, node: Any) -> str:
    if member in ("put", "backend"):
        return f".stages['{node['stage_name']}']" if isinstance(node, dict) and node.get("kind") == "stage" else ""
    name = _camel(_NAMES.get(member, member))
    if not is_element or not isinstance(node, dict):
        return f".{name}"
    match node:
        case {"http_method": str(verb), "integration": _}:
            return f".{verb}"
        case {"response_type": str(key)}:
            pass
        case {"resource_id": _, "path": str(key)} | {"status_code": str(key)} | {"content_type": str(key)}:
            pass
        case {"location": str(location), "name": str(parameter)}:
            key = f"integration.request.{location}.{parameter}"
        case {"name": str(key)}:
            key = _MAPPED.get(member, "") + key
        case _:
            return f".{name}"
    return f".{name}['{key}']"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
