"""The schema of the store's file, its versions, and the checks before anything is written to it.

``application_id`` says that a file is ours, ``user_version`` which schema it has. A file that is not ours, of a newer
version or damaged is refused untouched: its head is read as plain bytes first, and SQLite opens it read-only next.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from apigw.store.protocol import Damaged

APPLICATION_ID = 0x61706977  # "apiw"
_MAGIC = b"SQLite format 3\x00"
_HEAD_LENGTH = 100
_PAGE_SIZE_AT = 16
_CHANGE_COUNTER_AT = 24
_PAGE_COUNT_AT = 28
_USER_VERSION_AT = 60
_APPLICATION_ID_AT = 68
_PAGE_COUNT_VALID_FOR_AT = 92

# One script a version: MIGRATIONS[0] makes version 1 of an empty file, MIGRATIONS[1] version 2 of version 1.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE records (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        family TEXT NOT NULL,
        region TEXT NOT NULL,
        parent TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE UNIQUE INDEX records_key ON records (family, region, parent, id);
    CREATE INDEX records_order ON records (family, region, parent, sequence);
    CREATE UNIQUE INDEX rest_api_ids ON records (id) WHERE family = 'rest_api';
    CREATE TABLE changes (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        family TEXT NOT NULL,
        region TEXT NOT NULL,
        parent TEXT NOT NULL,
        id TEXT NOT NULL,
        deleted INTEGER NOT NULL
    );
    CREATE TABLE blobs (
        key TEXT PRIMARY KEY,
        compiler INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    """,
)
VERSION = len(MIGRATIONS)
_SCHEMA = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"


def create(path: Path) -> None:
    """Make a new, empty store file; it appears under its name complete or not at all."""
    partial = path.with_name(path.name + ".new")
    if path.with_name(path.name + "-wal").exists():
        # SQLite would play the old log into the new file.
        raise Damaged(f"{path} is gone but its log {path.name}-wal is still there")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    connection = sqlite3.connect(partial, isolation_level=None)
    try:
        connection.executescript(f"PRAGMA application_id = {APPLICATION_ID};")
        _apply(connection, 0)
    finally:
        connection.close()
    partial.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def check(path: Path) -> None:
    """Refuse with ``Damaged`` what this program must not write to; writes nothing itself."""
    with path.open("rb") as file:
        head = file.read(_HEAD_LENGTH)
    if len(head) < _HEAD_LENGTH or not head.startswith(_MAGIC):
        raise Damaged(f"{path} is not a database of apigw, or it is damaged")
    if _number(head, _APPLICATION_ID_AT) != APPLICATION_ID:
        raise Damaged(f"{path} is a database of another program")
    _check_version(path, _number(head, _USER_VERSION_AT))
    # What a killed gateway left in the log counts too, and only SQLite can read it; without one, no side file is made.
    log = path.with_name(path.name + "-wal")
    has_log = log.exists() and log.stat().st_size > 0
    if not has_log and path.stat().st_size < _announced_size(head):
        # SQLite would take what is missing for zeros.
        raise Damaged(f"{path} is damaged: its end is missing")
    mode = "mode=ro" if has_log else "mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            _check_version(path, version)
            missing = _schema(version) - set(connection.execute(_SCHEMA))
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{path} is damaged: {error}") from error
    if found != "ok":
        raise Damaged(f"{path} is damaged: {' '.join(found.split())}")
    if missing:
        raise Damaged(f"{path} is damaged: it has no {', '.join(f'{kind} {name}' for kind, name in sorted(missing))}")


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an open store of an older version to this one, in one transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version < VERSION:
        _apply(connection, version)


def _apply(connection: sqlite3.Connection, version: int) -> None:
    script = "".join(MIGRATIONS[version:])
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {VERSION}; COMMIT;")


def _schema(version: int) -> set[tuple[str, str]]:
    """Kind and name of what a store of ``version`` is made of."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.executescript("".join(MIGRATIONS[:version]))
        return set(connection.execute(_SCHEMA))
    finally:
        connection.close()


def _number(head: bytes, at: int) -> int:
    return int.from_bytes(head[at : at + 4], "big")


def _announced_size(head: bytes) -> int:
    """How long the file is by its own account (https://www.sqlite.org/fileformat2.html); 0 when it does not say."""
    if _number(head, _CHANGE_COUNTER_AT) != _number(head, _PAGE_COUNT_VALID_FOR_AT):
        return 0
    page_size = int.from_bytes(head[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
    return (65536 if page_size == 1 else page_size) * _number(head, _PAGE_COUNT_AT)


def _check_version(path: Path, version: int) -> None:
    if version > VERSION:
        raise Damaged(f"{path} was written by a newer apigw (schema {version}, this one knows {VERSION})")
    if version < 1:
        raise Damaged(f"{path} is damaged: it has no schema")
