"""Every rule of framing has a mutant whose place is still there and tests that still exist; docs/framing.md lists the same rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.mutants.rules import RULES
from tools.mutants.table import Rule

SOURCE = ROOT / "rust" / "src"


def test_rules_are_told_apart_and_documented() -> None:
    listed = re.findall(r"^- (.+)\.$", (ROOT / "docs" / "framing.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == [rule.text for rule in RULES]
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text)
def test_a_rule_has_a_mutant_with_a_place(rule: Rule) -> None:
    assert rule.mutants, "plant a bug that loosens this rule"
    for mutant in rule.mutants:
        text = (ROOT / mutant.file).read_text(encoding="utf-8")
        for old, new in mutant.edits:
            assert text.count(old) == 1, f"{mutant.file}: not there once: {old!r}"
            assert old != new
            text = text.replace(old, new)


def _files(module: str) -> list[Path]:
    """Where the tests of a module may be."""
    # Tests of many subjects lie in a folder: `request::tests::headers` is request_tests/headers.rs.
    # What runs again over TLS is the same function.
    module = module.replace("over_tls::", "")
    path = SOURCE / module.removesuffix("::tests").replace("::tests::", "_tests::").replace("::", "/")
    return [
        each
        for each in (
            path.with_suffix(".rs"),
            path.with_name(f"{path.name}_tests.rs"),
            path / "tests.rs",
            path / "mod.rs",
        )
        if each.exists()
    ]


@pytest.mark.parametrize("test", sorted({test for rule in RULES for test in rule.tests}))
def test_the_watching_tests_exist(test: str) -> None:
    module, _, name = test.rpartition("::")
    files = [ROOT / "rust/fuzz/src/lib.rs"] if module == "fuzz" else _files(module)
    wanted = f'("{name}",' if module == "fuzz" else f"fn {name}("
    assert any(wanted in file.read_text(encoding="utf-8") for file in files), f"no test {test}"
