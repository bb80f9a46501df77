"""Faults of the store: the management call is refused clearly, traffic goes on, and nothing acknowledged is lost.

Rule: architecture.md (a management call returns after its change is durable *and* served).
AWS: https://docs.aws.amazon.com/apigateway/latest/api/CommonErrors.html (ServiceUnavailable)
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import ServedGateway, StartGateway, boto3_client
from tests.journeys.fault_api import NO_TLS, deployed, get, mock

Fault = Callable[[ServedGateway], AbstractContextManager[None]]


@contextmanager
def no_file_may_grow(gateway: ServedGateway) -> Iterator[None]:
    """Every write of the gateway to any file fails, its log included, as on a full disk."""
    before = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def full_disk(gateway: ServedGateway) -> Iterator[None]:
    """Something else takes all the space there is."""
    ballast = gateway.data_dir / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (b"x" * 65536, b"x" * 512, b"x"):
            with contextlib.suppress(OSError):
                while file.write(piece):
                    pass
        assert os.statvfs(gateway.data_dir).f_bavail == 0
        yield
    ballast.unlink()


@contextmanager
def locked_database(gateway: ServedGateway) -> Iterator[None]:
    """Another program holds the write lock."""
    with closing(sqlite3.connect(gateway.data_dir / "apigw.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB; only root may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "apigw-test", place], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield place
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.umount2(os.fsencode(place), 2) == 0, os.strerror(ctypes.get_errno())


def assert_unavailable(call: Callable[..., Any], **arguments: Any) -> str:
    """The message of a call that must end in 503 ServiceUnavailableException."""
    with pytest.raises(Exception, match="ServiceUnavailableException") as caught:
        call(**arguments)
    answer: dict[str, Any] = caught.value.response  # type: ignore[attr-defined]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
    return str(answer["Error"]["Message"])


def assert_survived(gateway: ServedGateway, fault: Fault, says: str) -> None:
    """The journey of every fault; the gateway must not be used by anybody else."""
    client = boto3_client(gateway)
    api = deployed(gateway, {"/": mock("kept")})
    kept = client.create_rest_api(name="before")["id"]
    with fault(gateway), httpx.Client(verify=NO_TLS) as traffic:
        message = assert_unavailable(client.create_rest_api, name="during")
        assert says in message, message
        assert "Nothing was changed" in message
        assert_unavailable(client.create_deployment, restApiId=api, stageName="dev2")
        assert_unavailable(client.delete_rest_api, restApiId=kept)
        # Reading needs no space and no lock, and what is deployed is not touched.
        assert {each["name"] for each in client.get_rest_apis()["items"]} == {"faults", "before"}
        for _ in range(20):
            assert traffic.get(gateway.url(api, "dev")).text == "kept"
        assert traffic.get(gateway.url(api, "dev2")).status_code == 403
        assert traffic.get(f"{gateway.admin}/ready").status_code == 200
    after = client.create_rest_api(name="after")["id"]
    client.create_deployment(restApiId=api, stageName="dev2")
    assert get(gateway.url(api, "dev2")).text == "kept"
    client.close()
    assert gateway.stop() == 0
    with closing(sqlite3.connect(gateway.data_dir / "apigw.db")) as stored:
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        ids = {row[0] for row in stored.execute("SELECT id FROM records WHERE family = 'rest_api'")}
    assert ids == {api, kept, after}


def test_files_that_cannot_grow(start_gateway: StartGateway) -> None:
    assert_survived(start_gateway("--workers", "1"), no_file_may_grow, "The store failed")


def test_a_full_disk(start_gateway: StartGateway, small_disk: Path) -> None:
    gateway = start_gateway("--workers", "1", data_dir=small_disk / "data")
    assert_survived(gateway, full_disk, "The disk of the store is full")


def test_a_locked_database(start_gateway: StartGateway) -> None:
    assert_survived(start_gateway("--workers", "1"), locked_database, "locked by another program")
