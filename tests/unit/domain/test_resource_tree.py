"""The tree's own rules. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateResource.html"""

from __future__ import annotations

import pytest

from apigw.domain import resource_tree
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Resource

ROOT = Resource(id="root", path="/")
A = Resource(id="a", path="/a", parent_id="root", path_part="a")
AB = Resource(id="ab", path="/a/b", parent_id="a", path_part="b")
ABC = Resource(id="abc", path="/a/b/{c}", parent_id="ab", path_part="{c}")
X = Resource(id="x", path="/x", parent_id="root", path_part="x")
TREE = [ABC, AB, ROOT, X, A]


def test_child_path() -> None:
    assert resource_tree.child_path("/", "a") == "/a"
    assert resource_tree.child_path("/a", "{b+}") == "/a/{b+}"


def test_subtree_has_parents_before_children() -> None:
    assert [one.id for one in resource_tree.subtree(TREE, "a")] == ["ab", "abc"]
    assert resource_tree.subtree(TREE, "abc") == []
    assert {one.id for one in resource_tree.subtree(TREE, "root")} == {"a", "x", "ab", "abc"}


def test_a_moved_resource_takes_its_subtree_along() -> None:
    written = resource_tree.place(TREE, Resource(id="ab", path="?", parent_id="x", path_part="y"))
    assert [(one.id, one.path) for one in written] == [("ab", "/x/y"), ("abc", "/x/y/{c}")]


def test_a_resource_does_not_stand_in_its_own_way() -> None:
    assert [one.path for one in resource_tree.place(TREE, X)] == ["/x"]
    assert [one.path for one in resource_tree.place(TREE, Resource(id="x", path="?", parent_id="root", path_part="{x+}"))] == ["/{x+}"]  # fmt: skip


@pytest.mark.parametrize("parent", ["a", "ab", "abc"])
def test_cycles(parent: str) -> None:
    with pytest.raises(BadRequest, match="Resources cannot be cyclical"):
        resource_tree.place(TREE, Resource(id="a", path="?", parent_id=parent, path_part="a"))
