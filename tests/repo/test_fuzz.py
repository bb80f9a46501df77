"""What `make fuzz` begins with, and what it says when it cannot."""

from __future__ import annotations

import pytest

from tools import fuzz


def test_every_target_begins_with_the_tests_tables() -> None:
    for target in fuzz.targets():
        found = list(fuzz.seeds(target))
        assert found, target
        assert all(isinstance(seed, bytes) for seed in found)


@pytest.mark.parametrize(("there", "missing"), [((), "cargo-fuzz"), (("cargo-fuzz",), "a nightly toolchain")])
def test_a_missing_tool_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], there: tuple[str, ...], missing: str
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: name if name in there else None)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: type("Done", (), {"returncode": 1})())
    monkeypatch.setattr("sys.argv", ["fuzz.py"])
    assert fuzz.main() == 2
    assert f"{missing} is missing" in capsys.readouterr().err
