"""A store for the tests of imports; every test's transaction is undone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw.store.sqlite import open_sqlite
from tests.unit.openapi.imports import Imports


@pytest.fixture
def imports(tmp_path: Path) -> Iterator[Imports]:
    store = open_sqlite(tmp_path / "apigw.db")
    transaction = store.begin()
    yield Imports(transaction)
    transaction.rollback()
    store.close()
