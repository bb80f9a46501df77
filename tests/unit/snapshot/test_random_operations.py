"""Random operations: the tree keeps its rules, and what the patches left is what a compile from scratch gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from apigw.store.protocol import Store
from tests.unit.control.management import Management
from tests.unit.snapshot.random_operations import STEPS, Step, from_scratch, perform


@given(STEPS, st.integers(0, 99))
@settings(max_examples=100, deadline=None)
def test_patches_and_a_compile_from_scratch_agree(shared_store: Store, steps: list[Step], seed: int) -> None:
    transaction = shared_store.begin()
    try:
        management = Management(transaction, seed=seed)
        perform(management, steps)
        assert from_scratch(management) == management.units
    finally:
        transaction.rollback()
