"""patchOperations: one engine for every family; a family brings a table of paths.

Operations apply in order to a copy of the record's members, all or nothing. Paths are JSON pointers (``~1``, ``~0``).
AWS: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from apigw.domain.errors import BadRequest, NotFound
from apigw.domain.integration_rules import check_content_types

Fields = dict[str, Any]
R = TypeVar("R", bound=Struct)

ADD: Final = frozenset({"add"})
REPLACE: Final = frozenset({"replace"})
REMOVE: Final = frozenset({"remove"})
ADD_REMOVE: Final = ADD | REMOVE
ANY_EDIT: Final = ADD | REPLACE | REMOVE

ANY_OF_THREE: Final = "Invalid patch operation specified. Must be 'add'|'remove'|'replace'"
ONLY_REPLACE: Final = "Invalid patch operation specified. Must be one of: [replace]"


class Step(Struct, frozen=True):
    """One operation that met its row; ``names`` are the decoded variable segments of its path."""

    op: str
    path: str
    value: str | None
    source: str | None
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The only variable segment."""
        return self.names[0]


Apply = Callable[[Fields, Step], None]


class Row(Struct, frozen=True):
    """A path as AWS's table writes it (``/requestParameters/{name}``), the operations on it, and what they do."""

    path: str
    ops: frozenset[str]
    apply: Apply


class Table(Struct, frozen=True):
    """The rows of a family. ``listed``: an unknown path is answered with the list of ``Row`` paths.

    ``unsupported`` answers an operation that no row has; ``strict`` gives that answer to a wrong one on a known path too.
    ``otherwise`` takes what no row knows.
    """

    rows: tuple[Row, ...]
    listed: bool = False
    unsupported: str = ANY_OF_THREE
    strict: bool = False
    otherwise: Apply | None = None


def apply(table: Table, record: R, operations: Sequence[Mapping[str, Any]] | None) -> R:
    """``record`` after ``operations``; the very ``record`` when there are none."""
    if not operations:
        return record
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    for operation in operations:
        _apply_one(table, fields, operation)
    return type(record)(**fields)


def _apply_one(table: Table, fields: Fields, operation: Mapping[str, Any]) -> None:
    op, path = str(operation.get("op")), operation.get("path")
    if path is None:
        raise BadRequest("Invalid patch path null")
    found = _find(table.rows, path)
    if found is not None and op in found[0].ops:
        row, names = found
        row.apply(fields, Step(op, path, operation.get("value"), operation.get("from"), names))
        return
    if table.otherwise is not None:
        table.otherwise(fields, Step(op, path, operation.get("value"), operation.get("from"), ()))
        return
    raise BadRequest(_complaint(table, op, path, known=found is not None))


def _complaint(table: Table, op: str, path: str, *, known: bool) -> str:
    supported = any(op in row.ops for row in table.rows)
    if table.listed and not (supported and not known):
        return choose(op, path)
    if not supported or (known and table.strict):
        return table.unsupported
    if known:
        return choose(op, path)
    if table.listed:
        paths = ", ".join(row.path for row in table.rows)
        return f"Invalid patch path  '{path}' specified for op '{op}'. Must be one of: [{paths}]"
    return f"Invalid patch path {path}"


def choose(op: str, path: str) -> str:
    """What AWS says of an operation that a known path does not take."""
    return f"Invalid patch path  '{path}' specified for op '{op}'. Please choose supported operations"


def _find(rows: Iterable[Row], path: str) -> tuple[Row, tuple[str, ...]] | None:
    segments = path.split("/")
    for row in rows:
        names = _match(row.path.split("/"), segments)
        if names is not None:
            return row, names
    return None


def _match(template: list[str], segments: list[str]) -> tuple[str, ...] | None:
    if len(template) != len(segments):
        return None
    names = []
    for expected, given in zip(template, segments, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            names.append(decode(given))
        elif expected != given:
            return None
    return tuple(names)


def decode(segment: str) -> str:
    """A JSON pointer's segment as text."""
    return segment.replace("~1", "/").replace("~0", "~")


def boolean(value: str | None) -> bool:
    """AWS: text that is no boolean is false."""
    return value is not None and value.lower() == "true"


def text(field: str) -> Apply:
    """Set a string member; an empty one is kept."""

    def run(fields: Fields, step: Step) -> None:
        fields[field] = step.value

    return run


def cleared(field: str) -> Apply:
    """Set a string member; an empty one clears it, as ``remove`` does."""

    def run(fields: Fields, step: Step) -> None:
        fields[field] = (step.value or None) if step.op != "remove" else None

    return run


def flag(field: str) -> Apply:
    """Set a boolean member."""

    def run(fields: Fields, step: Step) -> None:
        fields[field] = boolean(step.value)

    return run


def choice(field: str, options: Sequence[str], what: str) -> Apply:
    """Set a member that takes one of ``options``."""

    def run(fields: Fields, step: Step) -> None:
        if step.value not in options:
            raise BadRequest(f"Invalid {what} specified. Valid options are {','.join(options)}")
        fields[field] = step.value

    return run


def integer(field: str, complaint: str) -> Apply:
    """Set a member that is a whole number; its range is checked with the whole record."""

    def run(fields: Fields, step: Step) -> None:
        fields[field] = whole_number(step.value, complaint)

    return run


def whole_number(value: str | None, complaint: str) -> int:
    """``value`` as an int."""
    if value is None or not value.isascii() or not value.removeprefix("-").isdigit() or len(value) > 18:
        raise BadRequest(complaint)
    return int(value)


def entry(field: str, *, missing: str, empty: str | None = None, as_boolean: bool = False) -> Apply:
    """Add, replace or remove an entry of a map member; the last one to go takes the map with it.

    ``missing`` answers (404) a replace or remove of what is not there, ``empty`` (400) a missing or empty value.
    """

    def run(fields: Fields, step: Step) -> None:
        entries = dict(fields[field] or {})
        if step.op != "add" and step.name not in entries:
            raise NotFound(missing)
        if step.op == "remove":
            del entries[step.name]
        else:
            if empty is not None and not step.value:
                raise BadRequest(empty)
            entries[step.name] = boolean(step.value) if as_boolean else step.value or None
        fields[field] = entries or None

    return run


def by_content_type(field: str, *, empty: str | None = None) -> Apply:
    """As ``entry`` for a map whose keys are content types."""
    change = entry(field, missing="Content-Type specified was not found", empty=empty)

    def run(fields: Fields, step: Step) -> None:
        if step.op == "add":
            check_content_types([step.name])
        change(fields, step)

    return run


def member(field: str) -> Apply:
    """Add or remove ``value`` as a member of a list without duplicates."""

    def run(fields: Fields, step: Step) -> None:
        if not step.value:
            raise BadRequest(f"Invalid null or empty value in {step.path.removeprefix('/')}")
        members = [one for one in fields[field] or () if one != step.value]
        if step.op == "add":
            members.append(step.value)
        elif len(members) == len(fields[field] or ()):
            raise NotFound("Invalid parameter name specified")
        fields[field] = tuple(members) or None

    return run
