"""What the doctor says of stages' caches."""

from __future__ import annotations

from pathlib import Path

from apigw import config
from apigw.doctor import caches
from apigw.domain.rest_api import Stage
from apigw.store.sqlite import open_sqlite


def stage(name: str, size: str | None) -> Stage:
    return Stage(
        stage_name=name,
        deployment_id="dep001",
        created_date=0,
        last_updated_date=0,
        cache_cluster_enabled=size is not None,
        cache_cluster_size=size,
    )


def test_a_cache_larger_than_all_may_be_is_said() -> None:
    found = caches.judge([("a", stage("dev", "0.5")), ("a", stage("prod", "1.6")), ("b", stage("x", None))], 10**9)
    assert (found.state, found.check) == ("warning", "caches")
    assert found.message.startswith("a/prod may have more than the 953.7 MiB")
    assert caches.judge([("a", stage("dev", "0.5"))], 10**9).message.startswith("1 stages cache")


def test_the_database_is_read_and_not_touched(tmp_path: Path) -> None:
    settings = config.load({}, {"APIGW_CACHE_MEMORY": "4 MiB"})
    path = tmp_path / "apigw.db"
    assert not list(caches.examine(path, settings))
    store = open_sqlite(path)
    transaction = store.begin()
    transaction.put("stage", "us-east-1", "a", "dev", stage("dev", "0.5"))
    transaction.commit()
    store.close()
    before = path.read_bytes()
    (found,) = caches.examine(path, settings)
    assert found.state == "warning"
    assert path.read_bytes() == before
    path.write_bytes(b"no database")
    assert not list(caches.examine(path, settings))
