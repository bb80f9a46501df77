"""The patch engine. AWS: https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html"""

from __future__ import annotations

import pytest
from msgspec import Struct

from apigw.control import patch
from apigw.control.patch import ADD_REMOVE, ANY_EDIT, REPLACE, Row, Table
from apigw.domain.errors import BadRequest, NotFound


class Thing(Struct, frozen=True):
    name: str | None = None
    flags: dict[str, bool] | None = None
    members: tuple[str, ...] | None = None
    count: int = 0


ROWS = (
    Row("/name", REPLACE, patch.text("name")),
    Row("/flags/{name}", ANY_EDIT, patch.entry("flags", missing="gone", as_boolean=True)),
    Row("/members", ADD_REMOVE, patch.member("members")),
    Row("/count", REPLACE, patch.integer("count", "no number")),
)
TABLE = Table(rows=ROWS)


def applied(*operations: dict[str, str], thing: Thing = Thing(), table: Table = TABLE) -> Thing:  # noqa: B008  frozen
    return patch.apply(table, thing, operations)


def test_without_operations_the_very_record_comes_back() -> None:
    thing = Thing()
    assert patch.apply(TABLE, thing, None) is thing
    assert patch.apply(TABLE, thing, []) is thing


@pytest.mark.parametrize(("segment", "name"), [("a~1b", "a/b"), ("a~0b", "a~b"), ("a~01b", "a~1b"), ("a.b-c", "a.b-c")])
def test_pointers_are_decoded(segment: str, name: str) -> None:
    assert applied({"op": "add", "path": f"/flags/{segment}", "value": "true"}).flags == {name: True}


def test_the_last_entry_takes_the_map_with_it_and_the_old_record_stays() -> None:
    before = Thing(flags={"a": True})
    assert applied({"op": "remove", "path": "/flags/a"}, thing=before) == Thing()
    assert before.flags == {"a": True}


def test_members_are_unique() -> None:
    add = {"op": "add", "path": "/members"}
    assert applied({**add, "value": "a"}, {**add, "value": "b"}, {**add, "value": "a"}).members == ("b", "a")
    remove = {"op": "remove", "path": "/members", "value": "a"}
    assert applied(remove, thing=Thing(members=("a",))).members is None
    with pytest.raises(NotFound):
        applied(remove)
    with pytest.raises(BadRequest, match="Invalid null or empty value in members"):
        applied(add)


@pytest.mark.parametrize("value", ["", "x", "1.5", "1e3", "٣", "1" * 19, "- 1"])
def test_numbers_are_whole(value: str) -> None:
    with pytest.raises(BadRequest, match="no number"):
        applied({"op": "replace", "path": "/count", "value": value})


@pytest.mark.parametrize("value", ["-3", "0", "29000"])
def test_numbers(value: str) -> None:
    assert applied({"op": "replace", "path": "/count", "value": value}).count == int(value)


@pytest.mark.parametrize("path", ["", "name", "/name/", "/flags", "/flags/", "/flags/a/b", "/Name", "//name"])
def test_unknown_paths(path: str) -> None:
    with pytest.raises(BadRequest) as refused:
        applied({"op": "replace", "path": path, "value": "x"})
    assert refused.value.message == f"Invalid patch path {path}"


def test_a_listed_table_names_its_paths() -> None:
    table = Table(rows=ROWS[:1] + ROWS[3:], listed=True)
    with pytest.raises(BadRequest) as refused:
        applied({"op": "replace", "path": "/x", "value": "x"}, table=table)
    assert (
        refused.value.message == "Invalid patch path  '/x' specified for op 'replace'. Must be one of: [/name, /count]"
    )
