"""The page on logs lists exactly the ``$context`` variables that the engine has values for."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Ours, for the gateway's own line.
UNDOCUMENTED = {"gatewayMembers"}


def arms(file: str, function: str) -> set[str]:
    """The texts that a function of the engine matches."""
    text = (ROOT / file).read_text(encoding="utf-8")
    body = text[text.index(f"fn {function}") :]
    body = body[: body.index("\n    }\n" if body.startswith("fn parse") else "\n}\n")]
    patterns = re.findall(r'^\s*((?:"[\w.]+"(?: \| )?)+) =>', body, re.MULTILINE)
    return {name for pattern in patterns for name in re.findall(r'"([\w.]+)"', pattern)}


def test_the_page_lists_what_the_engine_knows() -> None:
    page = (ROOT / "docs/logs.md").read_text(encoding="utf-8")
    _, _, after = page.partition("These have values:\n\n")
    listed = re.findall(r"`([\w.]+)`", after.partition("\n\n")[0])
    assert listed == sorted(listed)
    mapped = arms("rust/src/snapshot/plan.rs", "parse(path: &str)")
    known = arms("rust/src/observe/variable.rs", "known<'a>") | mapped
    assert "isCanaryRequest" in mapped
    assert set(listed) == known - UNDOCUMENTED
