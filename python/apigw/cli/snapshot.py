"""``apigw snapshot show``: the units that the engine of a data directory serves, read from its store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from apigw import config as settings_of
from apigw import data_dir as directories
from apigw.cli import options
from apigw.cli.completing import unit_keys
from apigw.cli.output import json_result

_SECRET_WORDS = ("authorization", "apikey", "password", "secret", "token", "credential", "cookie", "privatekey")


@click.group("snapshot")
def command() -> None:
    """Look at what is served."""


@command.command()
@click.argument("key", required=False, shell_complete=unit_keys)
@options.config
@options.data_dir
@click.option("--json", "as_json", is_flag=True, expose_value=False, help="Print JSON, as it always does.")
def show(key: str | None, config: Path | None, data_dir: str | None) -> None:
    """Print the units (deployment/{api}/{id}, stage/{api}/{name}) as JSON, or those whose key starts with KEY."""
    settings = settings_of.load({"data_dir": data_dir}, config=config)
    database = settings.data_dir / directories.DATABASE
    if not database.is_file():
        raise click.ClickException(f"{settings.data_dir} holds no database; start a gateway on it first (apigw serve)")
    json_result({name: masked(unit) for name, unit in _units(database) if name.startswith(key or "")})


def _units(database: Path) -> Iterator[tuple[str, Any]]:
    from apigw.snapshot import publish
    from apigw.store.sqlite import open_sqlite

    store = open_sqlite(database)
    try:
        for name, _, body in store.blobs("deployment/"):
            yield name, orjson.loads(body)
        with store.read() as view:
            for name, body in publish.stages(view):
                yield name, orjson.loads(body)
    finally:
        store.close()


def masked(unit: Any) -> Any:
    """``unit`` with what may be secret hidden: credentials, keys and tokens that someone put into a mapping."""
    if isinstance(unit, list):
        return [masked(each) for each in unit]
    if not isinstance(unit, dict):
        return unit
    shown = {name: masked(value) for name, value in unit.items()}
    if "private_key" in shown:
        shown["private_key"] = "***"
    if _is_secret(str(unit.get("name", ""))):
        if isinstance(shown.get("value"), str):
            shown["value"] = "***"
        if isinstance(shown.get("source"), dict) and "value" in shown["source"]:
            shown["source"] = {**shown["source"], "value": "***"}
    return shown


def _is_secret(name: str) -> bool:
    """By its name: a header or stage variable such as ``Authorization``, ``x-api-key``, ``dbPassword``."""
    squeezed = name.lower().replace("-", "").replace("_", "")
    return any(word in squeezed for word in _SECRET_WORDS)
