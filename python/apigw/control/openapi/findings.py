"""What an import has to say about a document: all errors and warnings, each with the place it is about.

A place is a chain of keys from the document's root, built cheaply while reading and rendered only when it is shown.
AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-errors-warnings.html
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson
from msgspec import Struct

Place = tuple["Place", "str | int"] | None
Keys = tuple["str | int", ...]

MOST_SHOWN: Final = 1_000
_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Finding(Struct, frozen=True):
    """An error or a warning; ``keys`` lead to its place, ``named`` says that ``message`` already tells where it is."""

    message: str
    keys: Keys
    named: bool = False
    line: int | None = None
    column: int | None = None

    @property
    def path(self) -> str:
        """The place as a JSON path, such as ``$.paths['/pets'].get``."""
        return json_path(self.keys)

    def __str__(self) -> str:
        return self.message if self.named else f"{self.message} (at {self.path})"


def keys_of(place: Place) -> Keys:
    """The keys of a place, outermost first."""
    keys: list[str | int] = []
    while place is not None:
        place, key = place
        keys.append(key)
    return tuple(reversed(keys))


def json_path(keys: Keys) -> str:
    """Keys as a JSON path."""
    shown = ["$"]
    for key in keys:
        if isinstance(key, int):
            shown.append(f"[{key}]")
        elif _PLAIN_KEY.fullmatch(key):
            shown.append(f".{key}")
        else:
            shown.append("['" + key.replace("\\", "\\\\").replace("'", "\\'") + "']")
    return "".join(shown)


def shown(value: Any) -> str:
    """A wrong value as messages quote it: its JSON, cut to a readable length."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text[:120]}…'" if len(text) > 120 else f"'{text}'"


class Findings:
    """Collects errors and warnings; the same finding at the same place is kept once."""

    def __init__(self) -> None:
        self._errors: dict[tuple[Place, str], bool] = {}
        self._warnings: dict[tuple[Place, str], bool] = {}
        self._left_out: dict[str, list[Any]] = {}
        self._exposed: dict[str, list[Any]] = {}
        self._unshown_errors = 0

    def error(self, place: Place, message: str) -> None:
        """The document cannot be imported."""
        if len(self._errors) < MOST_SHOWN:
            self._errors[(place, message)] = False
        elif (place, message) not in self._errors:
            self._unshown_errors += 1

    def warn(self, place: Place, message: str, *, named: bool = False) -> None:
        """Something is imported otherwise than it was written."""
        if len(self._warnings) < MOST_SHOWN or (place, message) in self._warnings:
            self._warnings[(place, message)] = named
        else:
            self.left_out("There are more warnings than are shown", place)

    def left_out(self, what: str, place: Place) -> None:
        """Something that a REST API cannot hold; one warning a kind, with a count and the first place."""
        _count(self._left_out, what, place)

    def exposed(self, what: str, place: Place) -> None:
        """Something that is less protected than it is written; told as ``left_out``, but first of all."""
        _count(self._exposed, what, place)

    @property
    def failed(self) -> bool:
        """Was there any error?"""
        return bool(self._errors)

    def errors(self) -> list[Finding]:
        """All errors, in the order of their finding."""
        found = [Finding(message, keys_of(place)) for place, message in self._errors]
        if self._unshown_errors:
            found.append(Finding(f"{self._unshown_errors} more errors are not shown", (), True))
        return found

    def warnings(self) -> list[Finding]:
        """All warnings; what is exposed comes first, what was left out last."""
        warned = [Finding(message, keys_of(place), named) for (place, message), named in self._warnings.items()]
        return [*_counted(self._exposed), *warned, *_counted(self._left_out)]


def _count(kinds: dict[str, list[Any]], what: str, place: Place) -> None:
    seen = kinds.get(what)
    if seen is None:
        kinds[what] = [1, place]
    else:
        seen[0] += 1


def _counted(kinds: dict[str, list[Any]]) -> list[Finding]:
    return [
        Finding(f"{what} ({count} places)" if count > 1 else what, keys_of(place))
        for what, (count, place) in kinds.items()
    ]


def refusal(errors: list[Finding], warnings: list[Finding]) -> str:
    """The message of the 400 that refuses a document; without errors, warnings were asked to count as such."""
    lines = []
    if errors:
        lines.append("Errors found during import:")
        lines.extend(f"\t{finding}" for finding in errors)
    if warnings:
        lines.append("Additionally, these warnings were found:" if errors else "Warnings found during import:")
        lines.extend(f"\t{finding}" for finding in warnings)
    return "\n".join(lines)
