"""What lies in a data directory beside the database and its lock: root credentials, a certificate, where we listen.

Everything is 0600, made whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from apigw.errors import GatewayError

DATABASE = "apigw.db"
_CREDENTIALS = "credentials.json"
_RUNNING = "running.json"
CERTIFICATE = "tls.crt"
_KEY = "tls.key"
_KEY_LETTERS = string.ascii_uppercase + "234567"
_SECRET_LETTERS = string.ascii_letters + string.digits


class DataDirError(GatewayError):
    """Why a data directory cannot be used; one sentence."""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Root credentials of the management API."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id}, …)"


class Running(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the gateway that uses this directory listens."""

    pid: int
    listen: list[str]
    admin_listen: list[str]
    listen_tls: list[str] = []


def prepare(data_dir: Path) -> None:
    """Make the directory, for its owner only."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DataDirError(f"the data directory {data_dir} cannot be made: {error.strerror}") from None


def credentials(data_dir: Path, environment: Mapping[str, str], *, make: bool = False) -> Credentials:
    """Root credentials: the environment's pair, else the directory's, else new ones when ``make`` says so."""
    pair = environment.get("APIGW_ACCESS_KEY_ID", ""), environment.get("APIGW_SECRET_ACCESS_KEY", "")
    if all(pair):
        return Credentials(*pair)
    if any(pair):
        raise DataDirError("APIGW_ACCESS_KEY_ID and APIGW_SECRET_ACCESS_KEY must be set together")
    path = data_dir / _CREDENTIALS
    with contextlib.suppress(FileNotFoundError):
        try:
            return msgspec.json.decode(path.read_bytes(), type=Credentials)
        except msgspec.MsgspecError as error:
            raise DataDirError(f"{path} is damaged: {error}") from None
        except FileNotFoundError:
            raise
        except OSError as error:
            raise DataDirError(f"{path} cannot be read: {error.strerror}") from None
    if not make:
        raise DataDirError(f"{data_dir} holds no credentials yet; start a gateway on it first (apigw serve)")
    made = Credentials(
        "AKIA" + "".join(secrets.choice(_KEY_LETTERS) for _ in range(16)),
        "".join(secrets.choice(_SECRET_LETTERS) for _ in range(40)),
    )
    _write(path, msgspec.json.encode(made))
    return made


def certificate(data_dir: Path, make: Callable[[], tuple[str, str]]) -> tuple[Path, Path]:
    """The directory's certificate and its key, made at the first start. What is there is never replaced."""
    files = data_dir / CERTIFICATE, data_dir / _KEY
    there = [path.exists() for path in files]
    if any(there) and not all(there):
        missing, found = files if not there[0] else reversed(files)
        raise DataDirError(f"{found} is there but {missing} is not; remove it to have both made anew")
    if not any(there):
        made = make()
        # The key last: a start that ends between the two says so the next time.
        for path, text in zip(files, made, strict=True):
            _write(path, text.encode())
    return files


@contextlib.contextmanager
def announced(data_dir: Path, running: Running) -> Iterator[None]:
    """Say where the gateway listens, as long as it does."""
    path = data_dir / _RUNNING
    _write(path, msgspec.json.encode(running))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running(data_dir: Path) -> Running | None:
    """The gateway that uses this directory now, or ``None``."""
    try:
        found = msgspec.json.decode((data_dir / _RUNNING).read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return found


def _write(path: Path, content: bytes) -> None:
    """Write a whole file for its owner only: a reader sees all of it or nothing."""
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            new.unlink()
        raise DataDirError(f"{path} cannot be written: {error.strerror}") from None
