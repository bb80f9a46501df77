"""Where things stand in a YAML text, block and flow style: an own, slow scanner, used only for findings.

It trusts that the text is valid YAML (it was parsed before). What it does not know (explicit ``?`` keys, merge keys)
is missing from its answer, and so is what an alias repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from apigw.control.openapi.findings import Place

Position = tuple[Place, int]

_DOUBLE: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SINGLE: Final = re.compile(r"'(?:[^']|'')*'", re.DOTALL)
_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+|[&!][^\s,\[\]{}]*(?=$|[\r\n]))*")
_PLAIN_KEY: Final = re.compile(
    r"""(?![\s,\[\]{}#&*!|>'"%@`]|[-?:](?:\s|$))(?:[^:#\n]|:(?=\S)|(?<=\S)\#)*?(?=[ \t]*:(?:\s|$))"""
)
_ESCAPE: Final = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U000[0-9a-fA-F]{5}|.)", re.DOTALL)
_ESCAPES: Final = dict(zip("0abtnvfreNLP_", "\0\a\b\t\n\v\f\r\x1b\x85\u2028\u2029\xa0", strict=True))
_COLON: Final = re.compile(r"[ \t]*:(?=\s|$)")
_BLANK: Final = re.compile(r"[ \t\r]*(?:\#.*)?$")
_INDENT: Final = re.compile(r" *")
_FLOW_SPACE: Final = re.compile(r"(?:\s|(?<=\s)\#[^\n]*)*")
_FLOW_PLAIN: Final = re.compile(r"(?:[^,\[\]{}:#]|:(?=[^\s,\[\]{}])|(?<=\S)\#)+")
_FLOW_COLON: Final = re.compile(r"\s*:(?=[\s,\[\]{}]|$)")
_FLOW_COLON_AFTER_QUOTE: Final = re.compile(r"\s*:")


class _Block(Struct):
    """A block collection being read; ``count`` is ``None`` in a mapping."""

    indent: int
    place: Place
    count: int | None


class _FlowCollection(Struct):
    place: Place
    count: int | None


def positions(text: str) -> Iterator[Position]:
    """``(place, offset)`` of every key of a mapping and every item of a sequence."""
    return _Scanner(text).scan()


class _Scanner:
    """One pass over a text, line by line; ``_at`` is the start of the next line to look at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._blocks: list[_Block] = []
        self._pending: tuple[Place] | None = (None,)

    def scan(self) -> Iterator[Position]:
        while self._at < len(self._text):
            start = self._at
            line = self._line(start)
            self._at = start + len(line) + 1
            if _BLANK.match(line) or line.startswith("%") or line.rstrip() == "...":
                continue
            indent = len(line) - len(line.lstrip(" "))
            if line.startswith("---") and line[3:4] in ("", " ", "\t"):
                indent = len(line) - len(line[3:].lstrip())
                if _BLANK.match(line[3:]):
                    continue
            self._close(indent, line[indent:])
            yield from self._content(start, indent)

    def _line(self, start: int) -> str:
        end = self._text.find("\n", start)
        return self._text[start:] if end < 0 else self._text[start:end]

    def _close(self, indent: int, content: str) -> None:
        dash = content.startswith(("- ", "-\t")) or content.rstrip() == "-"
        while self._blocks:
            block = self._blocks[-1]
            if block.indent < indent or (block.indent == indent and (block.count is None or dash)):
                return
            self._blocks.pop()
            self._pending = None

    def _content(self, start: int, column: int) -> Iterator[Position]:
        """The content of a line from ``column`` on: any number of dashes and a key, then perhaps a value."""
        text = self._text
        while True:
            at = start + column
            dash = self._is_dash(at)
            if dash:
                place = self._item(column)
                yield place, at
                rest = at + 1
            else:
                key = self._key(at)
                if key is None:
                    yield from self._value(at)
                    return
                name, rest = key
                place = (self._block(column, None).place, name)
                yield place, at
            self._pending = (place,)
            while rest < len(text) and text[rest] in " \t":
                rest += 1
            if rest >= len(text) or text[rest] in "\r\n" or (text[rest] == "#" and text[rest - 1] in " \t"):
                return
            column = rest - start
            if not dash or not (self._is_dash(rest) or self._key(rest) is not None):
                yield from self._value(rest)
                return

    def _is_dash(self, at: int) -> bool:
        return self._text[at] == "-" and self._text[at + 1 : at + 2] in ("", " ", "\t", "\r", "\n")

    def _item(self, column: int) -> Place:
        block = self._block(column, 0)
        count = block.count or 0
        block.count = count + 1
        return block.place, count

    def _block(self, column: int, count: int | None) -> _Block:
        """The collection that is open at ``column``, opened if it is new."""
        if self._blocks:
            block = self._blocks[-1]
            if block.indent == column and (block.count is None) == (count is None):
                return block
        place = self._pending[0] if self._pending else None
        self._blocks.append(_Block(column, place, count))
        return self._blocks[-1]

    def _key(self, at: int) -> tuple[str, int] | None:
        """``(key, offset after its colon)`` if a key of a block mapping stands here."""
        text = self._text
        properties = _PROPERTIES.match(text, at)
        at = properties.end() if properties else at
        if at >= len(text):
            return None
        quoted = _quoted(text, at)
        end = quoted if quoted else at
        if not quoted:
            plain = _PLAIN_KEY.match(text, at)
            if plain is None:
                return None
            end = plain.end()
        colon = _COLON.match(text, end)
        if colon is None or "\n" in text[at:end]:
            return None
        return _key_text(text[at:end]), colon.end()

    def _value(self, at: int) -> Iterator[Position]:
        """A value that is no block collection; leaves ``_at`` at the line after it."""
        text = self._text
        place = self._pending[0] if self._pending else None
        properties = _PROPERTIES.match(text, at)
        at = properties.end() if properties else at
        if at >= len(text) or text[at] in "\r\n#":
            return  # only properties: the value follows on the next lines
        self._pending = None
        if text[at] in "{[":
            flow = _Flow(text, at, place)
            yield from flow.scan()
            self._next_line(flow.at)
            return
        quoted = _quoted(text, at)
        if quoted:
            self._next_line(quoted)
            return
        # A plain or block scalar: every deeper line belongs to it.
        self._next_line(at)
        parent = self._blocks[-1].indent if self._blocks else -1
        while self._at < len(text):
            line = self._line(self._at)
            match = _INDENT.match(line)
            if line.strip() and (match.end() if match else 0) <= parent:
                return
            self._at += len(line) + 1

    def _next_line(self, at: int) -> None:
        end = self._text.find("\n", at)
        self._at = len(self._text) if end < 0 else end + 1


class _Flow:
    """A flow collection and everything in it, however many lines it takes."""

    def __init__(self, text: str, at: int, place: Place) -> None:
        self._text = text
        self.at = at
        self._place = place
        self._open: list[_FlowCollection] = []

    def scan(self) -> Iterator[Position]:
        place = self._place
        text = self._text
        while self.at < len(text):
            character = text[self.at]
            if character in "{[":
                self._open.append(_FlowCollection(place, None if character == "{" else 0))
                self.at += 1
            elif character in "}]":
                self._open.pop()
                self.at += 1
                if not self._open:
                    return
            elif character == ",":
                self.at += 1
            self._skip()
            if self.at >= len(text) or text[self.at] in "}],":
                continue
            inside = self._open[-1]
            start = self.at
            if inside.count is None:
                place = (inside.place, self._scalar())
                yield place, start
                self._colon()
                continue
            place = (inside.place, inside.count)
            inside.count += 1
            yield place, start
            if text[self.at] in "{[":
                continue
            name = self._scalar()
            if self._colon():
                place = (place, name)
                yield place, start

    def _skip(self) -> None:
        match = _FLOW_SPACE.match(self._text, self.at)
        self.at = match.end() if match else self.at

    def _scalar(self) -> str:
        properties = _PROPERTIES.match(self._text, self.at)
        start = properties.end() if properties else self.at
        quoted = _quoted(self._text, start)
        if quoted:
            self.at = quoted
        else:
            match = _FLOW_PLAIN.match(self._text, start)
            self.at = match.end() if match else start + 1
        return _key_text(self._text[start : self.at])

    def _colon(self) -> bool:
        """Past a colon and the scalar after it; a collection after it is left to the caller."""
        after_quote = self._text[self.at - 1] in "\"'"
        match = (_FLOW_COLON_AFTER_QUOTE if after_quote else _FLOW_COLON).match(self._text, self.at)
        if match is None:
            return False
        self.at = match.end()
        self._skip()
        properties = _PROPERTIES.match(self._text, self.at)
        self.at = properties.end() if properties else self.at
        if self.at < len(self._text) and self._text[self.at] not in ",{}[]":
            self._scalar()
        return True


def _quoted(text: str, at: int) -> int | None:
    """Where a quoted scalar ends that starts here."""
    if text[at] == '"':
        match = _DOUBLE.match(text, at)
    elif text[at] == "'":
        match = _SINGLE.match(text, at)
    else:
        return None
    return match.end() if match else None


def _key_text(written: str) -> str:
    written = written.strip()
    if written.startswith("'") and written.endswith("'") and len(written) > 1:
        return written[1:-1].replace("''", "'")
    return _ESCAPE.sub(_unescaped, written[1:-1]) if written.startswith('"') else written


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] in "xuU":
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)
