"""Bytes to a tree: JSON or YAML, told apart by their content; bounded in depth, duplicate keys noticed.

YAML is read by a callable (the engine's reader, which bounds aliases, depth and size); an error of it may carry
``(message, line, column)`` in ``args``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import orjson
from msgspec import Struct

from apigw.control.openapi.fields import Object
from apigw.control.openapi.findings import Findings
from apigw.control.openapi.json_positions import duplicate_keys

YamlToJson = Callable[[bytes], bytes]

DEEPEST: Final = 200
INVALID_INPUT: Final = "Invalid OpenAPI input."
_BOM: Final = b"\xef\xbb\xbf"


class NotADocument(Exception):
    """The text is no JSON or YAML object; says why, and where if that is known (both counted from 1)."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Source(Struct, frozen=True):
    """A document's text (without byte order mark) and the tree it holds."""

    text: bytes
    tree: Object
    yaml: bool


def read(body: bytes, yaml_to_json: YamlToJson, findings: Findings) -> Source:
    """Read a document; raises ``NotADocument``."""
    text = body.removeprefix(_BOM)
    refused: NotADocument | None = None
    tree: Any = None
    yaml = not text.lstrip(b" \t\r\n").startswith((b"{", b"["))
    if not yaml:
        try:
            tree = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            refused = NotADocument(f"This is no valid JSON: {error.msg}", error.lineno, error.colno)
            yaml = True  # a YAML flow mapping starts with a brace too
    if yaml:
        tree = _read_yaml(text, yaml_to_json, refused)
    if type(tree) is not dict:
        raise NotADocument("The document is no object", 1, 1)
    _check_depth(tree)
    if not yaml and _has_duplicates(text):
        for place, key in duplicate_keys(text.decode()):
            findings.warn(place, f"The key '{key}' is given more than once; only the last one counts")
    return Source(text, tree, yaml)


def _read_yaml(text: bytes, yaml_to_json: YamlToJson, refused: NotADocument | None) -> Any:
    try:
        return orjson.loads(yaml_to_json(text))
    except Exception as error:  # whatever the reader raises, the text is no document
        if refused is not None:
            raise refused from error
        message, line, column = (*error.args, None, None, None)[:3]
        raise NotADocument(
            f"This is no valid YAML: {message}",
            line if isinstance(line, int) else None,
            column if isinstance(column, int) else None,
        ) from error


def _check_depth(tree: Any) -> None:
    level = [tree]
    for _ in range(DEEPEST):
        level = [
            value
            for node in level
            for value in (node.values() if type(node) is dict else node)
            if type(value) is dict or type(value) is list
        ]
        if not level:
            return
    raise NotADocument(f"The document is nested deeper than {DEEPEST} levels")


class _DuplicateError(Exception):
    pass


def _count(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise _DuplicateError


def _has_duplicates(text: bytes) -> bool:
    """Does any object name a key twice? (``orjson`` keeps the last one and says nothing.)"""
    try:
        json.loads(text, object_pairs_hook=_count)
    except _DuplicateError:
        return True
    return False
