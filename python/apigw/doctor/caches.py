"""Do stages have more of a cache than the gateway may take for all of them? Reads the database, changes nothing."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from apigw import config
from apigw.config import Settings
from apigw.doctor.finding import Finding, amount, ok, warning
from apigw.domain import stage_rules
from apigw.domain.rest_api import Stage


def examine(path: Path, settings: Settings) -> Iterator[Finding]:
    """One finding, where there is a database that can be read."""
    if not path.exists():
        return
    try:
        # Without a log nobody writes, and SQLite need not make one to read.
        how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as database:
            rows = database.execute("SELECT parent, body FROM records WHERE family = 'stage'").fetchall()
        stages = [(api_id, msgspec.json.decode(body, type=Stage)) for api_id, body in rows]
    except (sqlite3.Error, msgspec.DecodeError):
        # Said by the check of the database.
        return
    yield judge(stages, config.cache_memory(settings))


def judge(stages: list[tuple[str, Stage]], memory: int) -> Finding:
    """Every stage whose cache is larger than that of all."""
    sizes = {f"{api_id}/{stage.stage_name}": stage_rules.cache_bytes(stage) for api_id, stage in stages}
    over = sorted(name for name, size in sizes.items() if size > memory)
    if over:
        return warning(
            "caches",
            f"{', '.join(over)} may have more than the {amount(memory)} that all caches may take together",
            "raise cache.memory, or choose a smaller cacheClusterSize; until then less used answers leave sooner",
        )
    with_cache = sum(size > 0 for size in sizes.values())
    return ok("caches", f"{with_cache} stages cache, all of them may take {amount(memory)}")
