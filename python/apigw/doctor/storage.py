"""The data directory: may it be used, who uses it, is it private, does the disk keep what it was told to keep.

Nothing is changed: what has to be tried is tried in a file of its own that is removed again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import stat
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from apigw import data_dir
from apigw.data_dir import DataDirError
from apigw.doctor.finding import Finding, amount, failure, ok, warning
from apigw.store.lock import LOCK_NAME

_LITTLE, _NONE = 1024**3, 64 * 1024**2
_SLOW = 0.05
_TRIES = 5
_FORGETS = {"tmpfs", "ramfs"}
_NETWORKED = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"}


def examine(directory: Path, environment: Mapping[str, str]) -> Iterator[Finding]:
    """All checks of a data directory."""
    there = _existing(directory)
    usable = _directory(directory, there)
    yield usable
    if usable.state == "failure":
        return
    if there == directory:
        yield _lock(directory)
        yield _permissions(directory)
        yield _credentials(directory, environment)
        if (directory / data_dir.DATABASE).exists():
            yield _database(directory / data_dir.DATABASE)
    yield space(shutil.disk_usage(there).free, there)
    yield _durable(there, kind_of_file_system(there, _mounts()))


def _existing(directory: Path) -> Path:
    """The directory, or the nearest one above it that is there."""
    return next(each for each in (directory, *directory.absolute().parents) if each.exists())


def _directory(directory: Path, there: Path) -> Finding:
    if not there.is_dir():
        return failure("data directory", f"{there} is no directory", "name another one with --data-dir")
    if not os.access(there, os.W_OK | os.X_OK):
        owner = there.stat().st_uid
        return failure(
            "data directory",
            f"{there} cannot be written by user {os.geteuid()} (it belongs to {owner})",
            f"chown it, run apigw as user {owner}, or name another one with --data-dir",
        )
    return ok("data directory", f"{directory}" + ("" if there == directory else " will be made at the first start"))


def _lock(directory: Path) -> Finding:
    """Who has the directory. The lock is asked only where no gateway has announced itself: asking takes it a moment."""
    path = directory / LOCK_NAME
    if (announced := data_dir.running(directory)) is not None:
        return ok("lock", f"held by the gateway that runs on it (pid {announced.pid})")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return ok("lock", "no gateway has used the directory yet")
    except OSError as error:
        return failure("lock", f"{path} cannot be read: {error.strerror}", "make it readable for this user")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        return warning(
            "lock",
            f"process {pid} holds it, but does not say where it listens",
            f"wait if it is starting or stopping; else look at process {pid}",
        )
    except OSError as error:
        return failure("lock", f"{path} cannot be locked: {error.strerror}", "use a file system with locks")
    finally:
        os.close(descriptor)
    return ok("lock", "free: no gateway runs on it")


def _permissions(directory: Path) -> Finding:
    """Keys and configuration are for the owner only."""
    open_ = [
        each
        for each in (directory, *sorted(directory.iterdir()))
        if stat.S_IMODE(each.lstat().st_mode) & 0o077 and (each == directory or _is_private(each))
    ]
    if not open_:
        return ok("permissions", "for the owner only")
    named = ", ".join(f"{each.name if each != directory else directory} ({_mode(each)})" for each in open_)
    return warning("permissions", f"others may look: {named}", f"chmod -R go= {directory}")


def _is_private(path: Path) -> bool:
    return path.name.startswith((data_dir.DATABASE, "credentials")) or path.suffix in (".key", ".pem")


def _mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.lstat().st_mode):04o}"


def _credentials(directory: Path, environment: Mapping[str, str]) -> Finding:
    try:
        keys = data_dir.credentials(directory, environment)
    except DataDirError as error:
        if "no credentials yet" in str(error):
            return ok("credentials", "will be made at the first start")
        return failure(
            "credentials", str(error), "set both APIGW_ACCESS_KEY_ID and APIGW_SECRET_ACCESS_KEY, or restore the file"
        )
    source = "the environment" if environment.get("APIGW_ACCESS_KEY_ID") else str(directory / "credentials.json")
    return ok("credentials", f"{keys.access_key_id} from {source}")


def _database(path: Path) -> Finding:
    advice = "restore it from a copy, or start with an empty directory; it is not touched"
    try:
        # Without a log nobody writes, and SQLite need not make one to read.
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as database:
            problem = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return failure("database", f"{path} cannot be read: {error}", advice)
    if problem != "ok":
        return failure("database", f"{path} is damaged: {problem}", advice)
    return ok("database", f"{path}, {amount(path.stat().st_size)}, sound")


def space(free: int, there: Path) -> Finding:
    """Is there room for more?"""
    if free < _NONE:
        return failure("disk space", f"{amount(free)} free on {there}", "free some: management calls will fail")
    if free < _LITTLE:
        return warning("disk space", f"{amount(free)} free on {there}", "free some before logs and deployments fill it")
    return ok("disk space", f"{amount(free)} free")


def _durable(there: Path, kind: str) -> Finding:
    """What a synced write takes, and whether it means anything."""
    if kind in _FORGETS:
        return warning("durable writes", f"{there} is on {kind}: nothing survives a restart", "use a disk")
    if kind in _NETWORKED:
        return failure(
            "durable writes",
            f"{there} is on {kind}, where SQLite's log does not work safely",
            "use a disk of this machine",
        )
    try:
        took = _sync(there)
    except OSError as error:
        return failure("durable writes", f"a file in {there} cannot be synced: {error.strerror}", "use another disk")
    if took > _SLOW:
        return warning(
            "durable writes",
            f"a synced write takes {took * 1000:.0f} ms, and so does every management call",
            "use a faster disk; requests are not slowed by it",
        )
    return ok("durable writes", f"a synced write takes {took * 1000:.1f} ms" + (f" on {kind}" if kind else ""))


def _sync(there: Path) -> float:
    """The usual time of a small write that is synced, in seconds."""
    took = []
    with tempfile.NamedTemporaryFile(dir=there, prefix=".apigw-doctor-") as file:
        for _ in range(_TRIES):
            began = time.monotonic()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            took.append(time.monotonic() - began)
    return statistics.median(took)


def kind_of_file_system(there: Path, mounts: str) -> str:
    """The type of the file system that holds a path, by a text as in ``/proc/mounts``; empty when it is not told."""
    found, longest = "", -1
    path = there.resolve()
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].encode().decode("unicode_escape"))
        # A later mount on the same place hides the one before.
        if path.is_relative_to(point) and len(point.parts) >= longest:
            found, longest = fields[2], len(point.parts)
    return found


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
