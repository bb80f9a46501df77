"""A world of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw.store.sqlite import open_sqlite
from tests.unit.commit.fakes import World


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "apigw.db"


@pytest.fixture
def world(path: Path) -> Iterator[World]:
    store = open_sqlite(path, busy_seconds=0)
    yield World(store)
    store.close()
