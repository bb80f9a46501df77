"""What the control plane asks of a store, and nothing about how it is kept.

One table of records: ``(family, region, parent, id) → body`` (JSON bytes of a ``domain`` Struct) with a version that
counts up, a log of the latest 100,000 changes, and blobs for what deployments froze. One writer at a time; every
operation runs in its own savepoint inside a transaction that may hold several (group commit).

Families and parents: ``rest_api`` (parent ``""``), ``resource`` (parent api id), ``method`` (parent api id, id
``{resource_id}/{VERB}``), ``model`` (id = name), ``request_validator``, ``authorizer``, ``gateway_response``
(id = type), ``documentation_part``, ``deployment``, ``stage`` (id = name) — all with parent api id —,
``client_certificate`` and ``account`` (parent ``""``, the latter's id ``account``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import msgspec

from apigw.errors import GatewayError

R = TypeVar("R", bound=msgspec.Struct)


class StoreError(GatewayError):
    """The store cannot do this now (full disk, locked, closed); one sentence. Nothing was changed."""


class Damaged(StoreError):
    """The file is not ours, of a newer version, or damaged; one sentence. It was not touched."""


class Change(msgspec.Struct, frozen=True):
    """One record put or deleted within the current savepoint."""

    family: str
    region: str
    parent: str
    id: str
    deleted: bool


Changes = list[Change]  # named here because ``list`` is a method below


class Transaction(Protocol):
    """A write transaction; reads see its own writes. ``kind`` arguments are ``domain`` Struct classes to decode to."""

    def get(self, kind: type[R], family: str, region: str, parent: str, id: str) -> R | None:
        """The record, or ``None``."""

    def list(
        self,
        kind: type[R],
        family: str,
        region: str,
        parent: str,
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[tuple[str, R]]:
        """``(id, record)`` in creation order, those after the record ``after``, at most ``limit``."""

    def scan(self, kind: type[R], family: str) -> Iterator[tuple[str, str, str, R]]:
        """``(region, parent, id, record)`` of the whole family in creation order; nothing may be written meanwhile."""

    def put(self, family: str, region: str, parent: str, id: str, record: msgspec.Struct) -> None:
        """Insert or replace; a replaced record keeps its place in the creation order."""

    def put_many(self, family: str, region: str, parent: str, records: Iterable[tuple[str, msgspec.Struct]]) -> None:
        """As ``put`` for many, in one statement."""

    def delete(self, family: str, region: str, parent: str, id: str) -> bool:
        """Delete one; says whether it was there."""

    def delete_children(self, family: str, region: str, parent: str) -> int:
        """Delete all records of ``family`` below ``parent``."""

    def find_rest_api(self, id: str) -> str | None:
        """The region of the REST API ``id`` (ids are unique in an installation), or ``None``."""

    def put_blob(self, key: str, compiler: int, body: bytes) -> None:
        """Keep what a deployment froze, with the version of the compiler that made ``body``."""

    def get_blob(self, key: str) -> tuple[int, bytes] | None:
        """``(compiler, body)``, or ``None``."""

    def delete_blob(self, key: str) -> None:
        """Forget a blob."""

    def changes(self) -> Changes:
        """What the current savepoint changed so far, in order."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Undo what happened inside when it raises."""

    def is_open(self) -> bool:
        """Whether the transaction still stands: after some errors (a full disk) the store had to undo all of it."""

    def commit(self) -> None:
        """Make everything durable (full sync); raises ``StoreError`` and rolls back."""

    def rollback(self) -> None:
        """Forget everything since ``begin``."""


class Store(Protocol):
    """An open store; used from one thread (the control thread) but for ``close``."""

    def begin(self) -> Transaction:
        """Start the one write transaction (``BEGIN IMMEDIATE``)."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A read-only view."""

    def blob_compilers(self, prefix: str) -> list[tuple[str, int]]:
        """``(key, compiler)`` of all blobs whose key starts with ``prefix``, without reading them."""

    def blobs(self, prefix: str) -> Iterator[tuple[str, int, bytes]]:
        """``(key, compiler, body)`` of all blobs whose key starts with ``prefix``."""

    def close(self) -> None:
        """Close it; idempotent."""
