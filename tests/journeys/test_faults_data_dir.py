"""A data directory that must not be used: refused with one sentence, an exit code, and not a byte changed.

Rules: architecture.md (a second gateway is refused with the first one's pid), store/migrations.py (refused untouched).
"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.journeys.conftest import APIGW, ServedGateway, StartGateway, boto3_client, gateways
from tests.journeys.fault_api import deployed, get, mock

NAMES = ("apigw.db", "apigw.db-wal", "apigw.db-shm")


def serve(tmp_path: Path, *arguments: str | Path, before: Callable[[], None] | None = None) -> str:
    """The one sentence with which ``apigw serve`` refuses to start."""
    done = subprocess.run(
        [APIGW, "serve", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "40"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=before,
    )
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def on_free_ports(tmp_path: Path, directory: Path, **how: Any) -> str:
    return serve(
        tmp_path, "--data-dir", directory, "--listen", "127.0.0.1:0", "--listen-tls", "0", "--admin-listen", "0", **how
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a gateway that ended well: many pages, no log."""
    place = tmp_path_factory.mktemp("filled")
    with gateways(place) as start:
        gateway = start(data_dir=place / "data")
        for number in range(3):
            deployed(gateway, {f"/{each}": mock("kept") for each in range(30)}, f"api {number}")
    assert not (place / "data/apigw.db-wal").exists()
    return place / "data"


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of a gateway that was killed: what it acknowledged is in the log."""
    place = tmp_path_factory.mktemp("killed")
    with gateways(place) as start:
        gateway = start(data_dir=place / "data")
        deployed(gateway, {"/": mock("kept")})
        gateway.stop(signal.SIGKILL)
    assert (place / "data/apigw.db-wal").stat().st_size
    return place / "data"


@contextmanager
def untouched(directory: Path) -> Iterator[None]:
    """The database and its side files are the same bytes afterwards."""
    before = {name: (directory / name).read_bytes() for name in NAMES if (directory / name).exists()}
    yield
    after = {name: (directory / name).read_bytes() for name in NAMES if (directory / name).exists()}
    assert sorted(after) == sorted(before)
    assert after == before


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_within_a_page(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1000)


def empty(file: Path) -> None:
    os.truncate(file, 0)


def random_head(file: Path) -> None:
    with file.open("r+b") as database:
        database.write(random.Random(1).randbytes(100))


def random_middle(file: Path) -> None:
    with file.open("r+b") as database:
        database.seek(file.stat().st_size // 2 // 4096 * 4096)
        database.write(random.Random(2).randbytes(4096))


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")


def tables_missing(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("DROP TABLE blobs")
        database.execute("VACUUM")


def foreign(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE theirs (a)")
        database.execute("PRAGMA user_version = 1")
        database.commit()


def a_directory(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (truncated, "damaged"),
        (cut_within_a_page, "damaged"),
        (empty, "damaged"),
        (random_head, "damaged"),
        (random_middle, "damaged"),
        (newer, "newer"),
        (tables_missing, "damaged"),
        (foreign, "another program"),
    ],
)
def test_a_database_that_is_refused(filled: Path, tmp_path: Path, harm: Callable[[Path], None], says: str) -> None:
    directory = tmp_path / "data"
    shutil.copytree(filled, directory)
    harm(directory / "apigw.db")
    with untouched(directory):
        assert says in on_free_ports(tmp_path, directory)
    assert not (directory / "running.json").exists()


@pytest.mark.parametrize(("harm", "says"), [(random_head, "damaged"), (newer, "newer")])
def test_a_killed_gateways_database_that_is_refused(
    killed: Path, tmp_path: Path, harm: Callable[[Path], None], says: str
) -> None:
    directory = tmp_path / "data"
    shutil.copytree(killed, directory)
    if harm is newer:
        # The newer version is said in the log only: a newer gateway was killed before its first checkpoint.
        with closing(sqlite3.connect(directory / "apigw.db")) as database:
            database.execute("PRAGMA wal_autocheckpoint = 0")
            harm(directory / "apigw.db")
            database.execute("PRAGMA user_version").fetchone()
            kept = {name: (directory / name).read_bytes() for name in NAMES}
        for name, content in kept.items():
            (directory / name).write_bytes(content)
    else:
        harm(directory / "apigw.db")
    with untouched(directory):
        assert says in on_free_ports(tmp_path, directory)


def test_what_a_killed_gateway_acknowledged_is_served_by_the_next(
    killed: Path, tmp_path: Path, start_gateway: StartGateway
) -> None:
    shutil.copytree(killed, tmp_path / "data")
    gateway = start_gateway(data_dir=tmp_path / "data")
    (api,) = boto3_client(gateway).get_rest_apis()["items"]
    assert get(gateway.url(api["id"], "dev")).text == "kept"


def test_a_log_without_its_database_is_refused(killed: Path, tmp_path: Path) -> None:
    directory = tmp_path / "data"
    shutil.copytree(killed, directory)
    (directory / "apigw.db").unlink()
    with untouched(directory):
        assert "apigw.db-wal is still there" in on_free_ports(tmp_path, directory)


@pytest.mark.parametrize("place", ["apigw.db", "apigw.lock", "credentials.json"])
def test_a_directory_where_a_file_should_be(tmp_path: Path, place: str) -> None:
    (tmp_path / "data" / place).mkdir(parents=True)
    said = on_free_ports(tmp_path, tmp_path / "data")
    assert place in said or (place == "apigw.lock" and str(tmp_path / "data") in said)


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"mine")
    assert "data" in on_free_ports(tmp_path, tmp_path / "data")
    assert (tmp_path / "data").read_bytes() == b"mine"


def test_damaged_credentials_are_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/credentials.json").write_bytes(b'{"access_key_id": "A')
    assert "credentials.json is damaged" in on_free_ports(tmp_path, tmp_path / "data")
    assert (tmp_path / "data/credentials.json").read_bytes() == b'{"access_key_id": "A'


def no_file_may_grow() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


@pytest.mark.parametrize("is_new", [True, False])
def test_a_start_on_a_full_disk(filled: Path, tmp_path: Path, is_new: bool) -> None:
    directory = tmp_path / "data"
    if not is_new:
        shutil.copytree(filled, directory)
        with untouched(directory):
            assert "cannot be written" in on_free_ports(tmp_path, directory, before=no_file_may_grow)
    else:
        assert "cannot be written" in on_free_ports(tmp_path, directory, before=no_file_may_grow)
        assert [each.name for each in directory.iterdir()] == ["apigw.lock"]


def test_a_start_while_another_program_has_the_database(filled: Path, tmp_path: Path) -> None:
    directory = tmp_path / "data"
    shutil.copytree(filled, directory)
    with closing(sqlite3.connect(directory / "apigw.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        assert "locked by another program" in on_free_ports(tmp_path, directory)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedGateway]:
    with gateways(tmp_path_factory.mktemp("first")) as start:
        yield start(str(ROOT / "examples/petstore/openapi.yaml"))


def test_a_second_gateway_on_a_directory_in_use(first: ServedGateway, tmp_path: Path) -> None:
    said = on_free_ports(tmp_path, first.data_dir)
    assert re.search(rf"\bpid {first.process.pid}\b", said)
    assert get(f"{first.admin}/ready").status_code == 200
    assert (first.data_dir / "running.json").exists()


@pytest.mark.parametrize("taken", ["--listen", "--admin-listen"])
def test_a_second_gateway_on_a_port_in_use(first: ServedGateway, tmp_path: Path, taken: str) -> None:
    other = {"--listen": "--admin-listen", "--admin-listen": "--listen"}[taken]
    # SO_REUSEPORT would share either of the first one's ports in silence.
    for port in (first.listen, first.admin_listen):
        said = serve(tmp_path, "--data-dir", tmp_path / "other", taken, port, other, "127.0.0.1:0")
        assert port in said
        assert re.search(rf"\bpid {first.process.pid}\b", said)
    assert not (tmp_path / "other/running.json").exists()
    for _ in range(8):
        assert get(f"{first.admin}/ready").status_code == 200
