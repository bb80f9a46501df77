"""What the engine says of texts before they are stored."""

from __future__ import annotations

import pytest

from apigw.engine import Engine


@pytest.mark.parametrize("pattern", [r"4\d{2}", r"(?!200).*", r"(\d)\1\1", r"\Q404\E", r"(\n|.)*", "(?>4|40)4++"])
def test_patterns_of_java_are_taken(pattern: str) -> None:
    assert Engine.check("selectionPattern", pattern) is None


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("(", 'a group without its closing parenthesis at position 1 of "("'),
        ("4**", "'*' has nothing to repeat at position 2 of \"4**\""),
        (r"é\y", 'the escape \\y is not known or not supported at position 2 of "é\\\\y"'),
    ],
)
def test_others_are_refused_with_the_position(pattern: str, complaint: str) -> None:
    assert Engine.check("selectionPattern", pattern) == complaint


def test_templates_are_compiled() -> None:
    assert Engine.check("template", '#set($a = 1){"a": $a, "b": $input.json("$.b")}') is None
    complaint = Engine.check("template", "{\n  #if($a)\n}")
    assert complaint is not None
    assert complaint.startswith("line ")
    assert "column" in complaint


@pytest.mark.parametrize("path", ["a", "pets[0].name", "$.a", "['a b'].c", ".a", "a[?(@.b > 1)]", "length()"])
def test_paths_into_bodies_are_taken(path: str) -> None:
    assert Engine.check("jsonPath", path) is None


def test_other_paths_are_refused_with_the_position() -> None:
    complaint = Engine.check("jsonPath", "pets[0")
    assert complaint is not None
    assert "at position" in complaint
    assert complaint.endswith('of "pets[0"')


def test_only_known_kinds_are_checked() -> None:
    with pytest.raises(ValueError, match="no text is of kind"):
        Engine.check("selectionpattern", ".*")
