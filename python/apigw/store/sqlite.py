"""The store in one SQLite file: WAL, full sync, one writer, explicit transactions and savepoints.

Knows nothing of what the records mean; see ``protocol.py`` for the promises. Any error of SQLite becomes a
``StoreError`` of one sentence.
"""

from __future__ import annotations

import functools
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from apigw.store import migrations
from apigw.store.protocol import Change, Changes, R, StoreError

_ENCODE = msgspec.json.Encoder().encode
_PUT = """
    INSERT INTO records (family, region, parent, id, version, body) VALUES (?, ?, ?, ?, 1, ?)
    ON CONFLICT (family, region, parent, id) DO UPDATE SET version = version + 1, body = excluded.body
"""
_CHANGED = "INSERT INTO changes (family, region, parent, id, deleted) VALUES (?, ?, ?, ?, ?)"
# The log of changes keeps this many, about 10 MB; a reader that is further behind has to read all records.
KEPT_CHANGES = 100_000
_TRIM = "DELETE FROM changes WHERE sequence <= (SELECT max(sequence) FROM changes) - ?"
_FULL = 13  # SQLITE_FULL
_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED


@functools.cache
def _decoder(kind: type[R]) -> msgspec.json.Decoder[R]:
    return msgspec.json.Decoder(kind)


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
        if code == _FULL:
            message = "The disk of the store is full"
        elif code in _BUSY:
            message = "The store is locked by another program"
        elif isinstance(error, sqlite3.ProgrammingError):
            message = "The store is closed"
        else:
            message = f"The store failed: {error}"
        raise StoreError(message) from error


class SqliteTransaction:
    """One open transaction; ends with ``commit`` or ``rollback`` (see ``protocol.Transaction``)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes: list[list[Change]] = [[]]

    def get(self, kind: type[R], family: str, region: str, parent: str, id: str) -> R | None:
        """The record, or ``None``."""
        with _store_errors():
            row = self._connection.execute(
                "SELECT body FROM records WHERE family = ? AND region = ? AND parent = ? AND id = ?",
                (family, region, parent, id),
            ).fetchone()
        return None if row is None else _decoded(kind, family, id, row[0])

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
        """``(id, record)`` in creation order; nothing when ``after`` is no record."""
        key = (family, region, parent)
        begin = 0
        with _store_errors():
            if after is not None:
                row = self._connection.execute(
                    "SELECT sequence FROM records WHERE family = ? AND region = ? AND parent = ? AND id = ?",
                    (*key, after),
                ).fetchone()
                if row is None:
                    return []
                begin = row[0]
            rows = self._connection.execute(
                "SELECT id, body FROM records WHERE family = ? AND region = ? AND parent = ? AND sequence > ? "
                "ORDER BY sequence LIMIT ?",
                (*key, begin, -1 if limit is None else limit),
            ).fetchall()
        decode = _decoder(kind).decode
        try:
            return [(name, decode(body)) for name, body in rows]
        except msgspec.MsgspecError:
            return [(name, _decoded(kind, family, name, body)) for name, body in rows]

    def scan(self, kind: type[R], family: str) -> Iterator[tuple[str, str, str, R]]:
        """``(region, parent, id, record)`` of the whole family in creation order."""
        with _store_errors():
            rows = self._connection.execute(
                "SELECT region, parent, id, body FROM records WHERE family = ? ORDER BY sequence", (family,)
            )
            for region, parent, name, body in rows:
                yield region, parent, name, _decoded(kind, family, name, body)

    def put(self, family: str, region: str, parent: str, id: str, record: msgspec.Struct) -> None:
        """Insert or replace one record."""
        self.put_many(family, region, parent, [(id, record)])

    def put_many(self, family: str, region: str, parent: str, records: Iterable[tuple[str, msgspec.Struct]]) -> None:
        """Insert or replace many."""
        rows = [(family, region, parent, name, _ENCODE(record)) for name, record in records]
        with self._open():
            self._connection.executemany(_PUT, rows)
        self._changed([Change(family, region, parent, row[3], False) for row in rows])

    def delete(self, family: str, region: str, parent: str, id: str) -> bool:
        """Delete one; says whether it was there."""
        with self._open():
            found = self._connection.execute(
                "DELETE FROM records WHERE family = ? AND region = ? AND parent = ? AND id = ?",
                (family, region, parent, id),
            ).rowcount
        if found:
            self._changed([Change(family, region, parent, id, True)])
        return bool(found)

    def delete_children(self, family: str, region: str, parent: str) -> int:
        """Delete all records of ``family`` below ``parent``."""
        key = (family, region, parent)
        with self._open():
            ids = self._connection.execute(
                "SELECT id FROM records WHERE family = ? AND region = ? AND parent = ? ORDER BY sequence", key
            ).fetchall()
            self._connection.execute("DELETE FROM records WHERE family = ? AND region = ? AND parent = ?", key)
        self._changed([Change(family, region, parent, name, True) for (name,) in ids])
        return len(ids)

    def find_rest_api(self, id: str) -> str | None:
        """The region of the REST API ``id``, or ``None``."""
        with _store_errors():
            row = self._connection.execute(
                "SELECT region FROM records WHERE family = 'rest_api' AND id = ?", (id,)
            ).fetchone()
        return None if row is None else str(row[0])

    def put_blob(self, key: str, compiler: int, body: bytes) -> None:
        """Insert or replace a blob."""
        with self._open():
            self._connection.execute(
                "INSERT INTO blobs (key, compiler, body) VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET compiler = excluded.compiler, body = excluded.body",
                (key, compiler, body),
            )

    def get_blob(self, key: str) -> tuple[int, bytes] | None:
        """``(compiler, body)``, or ``None``."""
        with _store_errors():
            row = self._connection.execute("SELECT compiler, body FROM blobs WHERE key = ?", (key,)).fetchone()
        return None if row is None else (row[0], row[1])

    def delete_blob(self, key: str) -> None:
        """Forget a blob."""
        with self._open():
            self._connection.execute("DELETE FROM blobs WHERE key = ?", (key,))

    def changes(self) -> Changes:
        """What the current savepoint changed so far, in order."""
        return list(self._changes[-1])

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happened inside when it raises."""
        name = f"s{len(self._changes)}"
        with self._open():
            self._connection.execute(f"SAVEPOINT {name}")
        self._changes.append([])
        try:
            yield
        except BaseException:
            self._changes.pop()
            # SQLite ends the whole transaction by itself after some errors (a full disk); nothing is left to undo then.
            if self.is_open():
                self._end_savepoint(f"ROLLBACK TO {name}", f"RELEASE {name}")
            else:
                for lost in self._changes:
                    lost.clear()
            raise
        inner = self._changes.pop()
        self._end_savepoint(f"RELEASE {name}")
        self._changes[-1] += inner

    def is_open(self) -> bool:
        """Whether the transaction still stands; SQLite ends it by itself after some errors."""
        try:
            return self._connection.in_transaction
        except sqlite3.ProgrammingError:
            return False

    def commit(self) -> None:
        """Make everything durable; raises ``StoreError`` and rolls back."""
        try:
            with self._open():
                if self._changes[0]:
                    self._connection.execute(_TRIM, (KEPT_CHANGES,))
                self._connection.execute("COMMIT")
        except StoreError:
            self.rollback()
            raise

    def rollback(self) -> None:
        """Forget everything since ``begin``."""
        self._changes = [[]]
        if self.is_open():
            with _store_errors():
                self._connection.execute("ROLLBACK")

    @contextmanager
    def _open(self) -> Iterator[None]:
        """What writes: outside of a transaction SQLite would make each statement durable by itself."""
        with _store_errors():
            if not self._connection.in_transaction:
                raise StoreError("The store had to undo the transaction")
            yield

    def _end_savepoint(self, *statements: str) -> None:
        """A savepoint that cannot be ended leaves a state nobody knows: everything is undone then."""
        try:
            with _store_errors():
                for statement in statements:
                    self._connection.execute(statement)
        except StoreError:
            self.rollback()
            raise

    def _changed(self, changes: Changes) -> None:
        with self._open():
            self._connection.executemany(
                _CHANGED, [(each.family, each.region, each.parent, each.id, each.deleted) for each in changes]
            )
        self._changes[-1] += changes


class SqliteStore:
    """An open store file (see ``protocol.Store``)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self) -> SqliteTransaction:
        """Start the one write transaction."""
        with _store_errors():
            self._connection.execute("BEGIN IMMEDIATE")
        return SqliteTransaction(self._connection)

    @contextmanager
    def read(self) -> Iterator[SqliteTransaction]:
        """A read-only view: it sees one state, waits for no writer and refuses to write."""
        transaction = SqliteTransaction(self._connection)
        try:
            with _store_errors():
                self._connection.execute("PRAGMA query_only = ON")
                self._connection.execute("BEGIN")
            yield transaction
        finally:
            try:
                transaction.rollback()
            finally:
                with _store_errors():
                    self._connection.execute("PRAGMA query_only = OFF")

    def blob_compilers(self, prefix: str) -> list[tuple[str, int]]:
        """``(key, compiler)`` of all blobs whose key starts with ``prefix``."""
        with _store_errors():
            rows = self._connection.execute(
                "SELECT key, compiler FROM blobs WHERE key >= ? ORDER BY key", (prefix,)
            ).fetchall()
        return list(itertools.takewhile(lambda row: row[0].startswith(prefix), rows))

    def blobs(self, prefix: str) -> Iterator[tuple[str, int, bytes]]:
        """All blobs whose key starts with ``prefix``, by key; one at a time in memory."""
        for key, _ in self.blob_compilers(prefix):
            with _store_errors():
                row = self._connection.execute("SELECT compiler, body FROM blobs WHERE key = ?", (key,)).fetchone()
            if row is not None:
                yield key, row[0], row[1]

    def close(self) -> None:
        """Close the file; idempotent."""
        self._connection.close()


def open_sqlite(path: Path, *, busy_seconds: float = 2.0) -> SqliteStore:
    """Open the store at ``path``, making it when there is none.

    Raises ``Damaged`` without having touched a file that is not ours, newer or damaged; ``StoreError`` otherwise.
    """
    try:
        with _store_errors():
            if not path.exists():
                migrations.create(path)
            migrations.check(path)
            connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        with _store_errors():
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            migrations.migrate(connection)
    except StoreError:
        connection.close()
        raise
    return SqliteStore(connection)


def _decoded(kind: type[R], family: str, id: str, body: bytes) -> R:
    try:
        record: R = _decoder(kind).decode(body)
    except msgspec.MsgspecError as error:
        raise StoreError(f"The stored {family} {id} cannot be read: {error}") from error
    return record
