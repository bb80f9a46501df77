"""The certificate of a data directory: made once, never replaced."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from apigw import data_dir
from apigw.data_dir import DataDirError


def test_it_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    numbers = itertools.count()

    def make() -> tuple[str, str]:
        number = next(numbers)
        return f"certificate {number}", f"key {number}"

    files = data_dir.certificate(tmp_path, make)
    assert files == (tmp_path / "tls.crt", tmp_path / "tls.key")
    assert data_dir.certificate(tmp_path, make) == files
    assert [file.read_text() for file in files] == ["certificate 0", "key 0"]
    assert files[1].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("lost", ["tls.crt", "tls.key"])
def test_half_of_it_is_not_replaced(tmp_path: Path, lost: str) -> None:
    data_dir.certificate(tmp_path, lambda: ("certificate", "key"))
    (tmp_path / lost).unlink()
    with pytest.raises(DataDirError, match=rf"is there but .*{lost} is not; remove it to have both made anew"):
        data_dir.certificate(tmp_path, lambda: ("other", "other"))
    assert not (tmp_path / lost).exists()
