"""A store for the tests of operations: one file for all, every test's transaction is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apigw.store.protocol import Store, Transaction
from apigw.store.sqlite import open_sqlite
from tests.unit.control.management import Management


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_sqlite(tmp_path_factory.mktemp("store") / "apigw.db")
    yield store
    store.close()


@pytest.fixture
def transaction(shared_store: Store) -> Iterator[Transaction]:
    opened = shared_store.begin()
    yield opened
    opened.rollback()


@pytest.fixture
def management(transaction: Transaction) -> Management:
    return Management(transaction)
