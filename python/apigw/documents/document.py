"""An OpenAPI document that is to become an API: its bytes, what it is known by, what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import orjson

from apigw.errors import GatewayError


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a document."""

    file: str
    """The document's path, or what it is called where it has none."""
    message: str
    path: str
    """The JSON path, such as ``$.paths['/pets'].get``."""
    line: int | None
    column: int | None
    """Both counted from 1; ``None`` where there is no text to count in."""
    text: str
    """All of it in one line, as editors understand it."""

    def shown(self) -> dict[str, Any]:
        """For programs that know the document."""
        return {"message": self.message, "path": self.path, "line": self.line, "column": self.column}


class DocumentError(GatewayError):
    """Why a document cannot be read or deployed; ``problems`` holds all that is known to be wrong with it."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class Document(msgspec.Struct, frozen=True):
    """An OpenAPI document: its bytes, and what it is known by."""

    name: str
    """What messages call it: the path of a file."""
    identity: str
    """What its API is found again by."""
    text: bytes
    has_lines: bool
    """Whether a user can count lines in ``text``."""


def read(path: Path) -> bytes:
    """The bytes of a document."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: {error.strerror}{_nearest(path)}") from None


def _nearest(path: Path) -> str:
    """A file that may be meant by the name of one that is not there."""
    try:
        names = [] if path.exists() else [each.name for each in path.parent.iterdir() if each.is_file()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.with_name(close[0])}?" if close else ""


def from_file(path: Path) -> Document:
    """The document in a file; its API is known by the file's full path. Raises ``DocumentError``."""
    return of_file(path, read(path))


def of_file(path: Path, text: bytes) -> Document:
    """The document that a file held when it was read."""
    return Document(str(path), str(path.resolve()), text, has_lines=True)


def from_mapping(tree: Mapping[str, Any]) -> Document:
    """A document in memory; its API is known by the document's title. Raises ``DocumentError``."""
    info = tree.get("info")
    title = info.get("title") if isinstance(info, Mapping) else None
    if not isinstance(title, str) or not title:
        raise DocumentError("a document in memory is known by its title: give it one as info.title")
    try:
        text = orjson.dumps(dict(tree), default=_plain, option=orjson.OPT_NON_STR_KEYS)
    except TypeError as error:
        raise DocumentError(f"the document {title!r} is not made of JSON values: {error}") from None
    return Document(f"the document {title!r}", f"title:{title}", text, has_lines=False)


def _plain(value: Any) -> Any:
    """A mapping that is no ``dict``, as JSON."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON type")
