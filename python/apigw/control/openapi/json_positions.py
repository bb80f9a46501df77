"""Where things stand in a JSON text: an own, slow scanner, used only when there is something to say about a document.

It trusts that the text is valid JSON (it was parsed before) and walks it without recursion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from apigw.control.openapi.findings import Place

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR: Final = re.compile(r"[^,\]}\s]+")


class Entry(Struct, frozen=True):
    """A member of an object or an item of a list; ``offset`` is where its key (or the item) starts."""

    place: Place
    offset: int
    duplicate: bool


class _Open(Struct):
    """A container being walked; ``keys`` is ``None`` in a list."""

    place: Place
    keys: set[str] | None
    count: int = 0


def entries(text: str) -> Iterator[Entry]:
    """Every member and item, in the order of the text."""
    at = _skip(text, 0)
    stack: list[_Open] = []
    place: Place = None
    while at < len(text):
        if text[at] in "{[":
            stack.append(_Open(place, set() if text[at] == "{" else None))
            at = _skip(text, at + 1)
        else:
            at = _skip(text, _scalar_end(text, at))
        while stack and at < len(text) and text[at] in "]},":
            if text[at] != ",":
                stack.pop()
            at = _skip(text, at + 1)
        if not stack or at >= len(text):
            return
        inside = stack[-1]
        if inside.keys is None:
            place = (inside.place, inside.count)
            inside.count += 1
            yield Entry(place, at, False)
            continue
        end = _scalar_end(text, at)
        key = text[at + 1 : end - 1]
        if "\\" in key:
            key = json.loads(text[at:end])
        place = (inside.place, key)
        yield Entry(place, at, key in inside.keys)
        inside.keys.add(key)
        at = _skip(text, _skip(text, end) + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _scalar_end(text: str, at: int) -> int:
    match = (_STRING if text[at] == '"' else _SCALAR).match(text, at)
    return match.end() if match else at + 1


def duplicate_keys(text: str) -> Iterator[tuple[Place, str]]:
    """The members whose key stands earlier in the same object."""
    for entry in entries(text):
        if entry.duplicate and entry.place is not None:
            yield entry.place, str(entry.place[1])


def positions(text: str) -> Iterator[tuple[Place, int]]:
    """``(place, offset)`` of every member and item."""
    for entry in entries(text):
        yield entry.place, entry.offset


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both counted from 1."""
    before = text.rfind("\n", 0, offset)
    return text.count("\n", 0, offset) + 1, offset - before
