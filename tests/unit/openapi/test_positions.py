"""Lines and columns of JSON paths, in JSON and in YAML of block and flow style; PyYAML's marks are the oracle."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from apigw.control.openapi import json_positions, yaml_positions
from apigw.control.openapi.findings import Keys, keys_of
from apigw.control.openapi.json_positions import line_and_column
from apigw.control.openapi.locate import locate


def marks(text: str) -> dict[Keys, tuple[int, int]]:
    """Where PyYAML says that keys and items are."""
    found: dict[Keys, tuple[int, int]] = {}

    def walk(node: yaml.Node, path: Keys) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found[(*path, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
                walk(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                found[(*path, index)] = (value.start_mark.line + 1, value.start_mark.column + 1)
                walk(value, (*path, index))

    node = yaml.compose(text, yaml.SafeLoader)
    if node is not None:
        walk(node, ())
    return found


def scanned(text: str) -> dict[Keys, tuple[int, int]]:
    return {keys_of(place): line_and_column(text, offset) for place, offset in yaml_positions.positions(text)}


def without_items(found: dict[Keys, tuple[int, int]]) -> dict[Keys, tuple[int, int]]:
    """Only keys: PyYAML marks an item where its value starts, we mark its dash."""
    return {path: where for path, where in found.items() if isinstance(path[-1], str)}


BLOCK = """\
%YAML 1.2
---
# a comment
swagger: "2.0"   # another
info:
  title: >-
    folded: not a key
      - not an item
  description: |

    paths:
      /no: here
  'quoted: key': 1
  "double\\tkey": 2
  plain: a long
    plain scalar
    of three lines
  empty:
  alias: &name {a: 1}
tags:
- name: x
  description: "two
    lines: of it"
-   name: y
- - nested
  -   - deeper: 1
        more: 2
-
  late: true
- &anchored key: 1
  other: *name
- !!str tagged
paths:
  /pets/{id}:
    get: {tags: [a, "b: c", 'd', {e: f}], responses: {200: {description: "x, y"},
      404: {}}, x: [one: 1, two],
      # a comment in between
      "quoted":1, url: http://x:80/#y}
    post:
    # only a comment
    put: ~
http://x: y
last: [x]
"""


def test_block_and_flow_style_as_people_write_it() -> None:
    expected = marks(BLOCK)
    del expected["tags", 4, "other", "a"]  # what an alias repeats has no place of its own
    assert without_items(scanned(BLOCK)) == without_items(expected)
    assert scanned(BLOCK).keys() == expected.keys()


def test_windows_line_ends() -> None:
    text = "a:\r\n  - b: 1\r\n    c: {d: 2}\r\n\r\n  - e\r\nf: >\r\n  g: h\r\n"
    assert without_items(scanned(text)) == without_items(marks(text))


KEYS = st.one_of(
    st.text(alphabet="abcXYZ/{}-_.: #'\"?&*!|>%@`,[]01é", min_size=1, max_size=12),
    st.sampled_from(["/pets/{id}", "x-amazon-apigateway-integration", "200", "true", "a: b", "#c", "- d", "~"]),
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(alphabet="ab: #-{}[]'\"\n\t,&*", max_size=60))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@given(TREES, st.sampled_from([True, False, None]), st.integers(20, 80), st.booleans())
def test_yaml_positions_are_those_of_pyyaml(tree: Any, flow: bool | None, width: int, unicode: bool) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, width=width, allow_unicode=unicode, sort_keys=False)
    if "? " in text:  # explicit keys are not looked for
        return
    assert scanned(text).keys() == marks(text).keys()
    assert without_items(scanned(text)) == without_items(marks(text))


@given(TREES, st.sampled_from([None, 1, 4]))
def test_json_positions_lead_back_to_the_value(tree: Any, indent: int | None) -> None:
    text = json.dumps(tree, indent=indent)
    for place, offset in json_positions.positions(text):
        keys, value = keys_of(place), tree
        for key in keys:
            value = value[key]
        rest = text[offset:]
        if isinstance(keys[-1], str):
            key, end = json.JSONDecoder().raw_decode(rest)
            assert key == keys[-1]
            rest = rest[end:].lstrip().removeprefix(":").lstrip()
        assert json.JSONDecoder().raw_decode(rest)[0] == value


@given(TREES)
def test_json_positions_know_every_path(tree: Any) -> None:
    text = json.dumps(tree, indent=2)
    assert {keys_of(place) for place, _ in json_positions.positions(text)} == marks(text).keys()


@pytest.mark.parametrize("yaml_", [False, True])
def test_a_missing_path_is_at_the_nearest_one_above(yaml_: bool) -> None:
    text = b'\n {"a": {"b":\n  [1, {"c": 2}]}}'
    places = locate(text, [("a", "b", 1, "nothing", "here"), ("zzz",), ()], yaml=yaml_)
    assert places[("a", "b", 1, "nothing", "here")] == (3, 7)
    assert places[("zzz",)] == (2, 2)
    assert places[()] == (2, 2)


def test_duplicate_keys_are_found_with_their_places() -> None:
    text = '{"a": 1, "b": {"c": 1, "c": [{"d": 1, "d": 2}]}, "a": {"a": 1}}'
    found = [(keys_of(place), key) for place, key in json_positions.duplicate_keys(text)]
    assert found == [(("b", "c"), "c"), (("b", "c", 0, "d"), "d"), (("a",), "a")]
