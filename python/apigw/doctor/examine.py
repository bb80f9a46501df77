"""All checks in the order of a start: the program, the settings, the data directory, the machine, the ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from apigw import config, data_dir
from apigw.config import Settings
from apigw.config.values import SettingError
from apigw.doctor import caches, certificate, machine, network, software, storage
from apigw.doctor.finding import Finding, failure, ok


class Asked(msgspec.Struct, frozen=True):
    """What is examined, and by whose word."""

    flags: dict[str, Any]
    config: Path | None
    environment: Mapping[str, str]
    engine: str
    port_owner: Callable[[int], int | None]


def examine(asked: Asked) -> Iterator[Finding]:
    """Every check's finding, as it is found."""
    settings: Settings | None = None
    try:
        settings = config.load(asked.flags, asked.environment, asked.config)
    except SettingError as error:
        told = failure("settings", str(error), "correct it; docs/settings.md lists them all")
    else:
        told = ok("settings", _sources(asked))
    yield from software.examine(settings, asked.environment, asked.engine)
    yield told
    if settings is not None:
        yield from storage.examine(settings.data_dir, asked.environment)
        yield from caches.examine(settings.data_dir / data_dir.DATABASE, settings)
        yield from certificate.examine(settings, datetime.now(UTC))
    yield from machine.examine(machine.facts(), settings)
    if settings is not None:
        yield from network.examine(settings, data_dir.running(settings.data_dir), asked.port_owner)


def _sources(asked: Asked) -> str:
    """Where settings came from."""
    named = asked.config or asked.environment.get("APIGW_CONFIG") or (Path("apigw.toml").is_file() and "apigw.toml")
    variables = sorted(
        name for name in asked.environment if name.startswith(config.PREFIX) and name not in config.NOT_SETTINGS
    )
    flags = [f"--{name.replace('_', '-')}" for name, value in asked.flags.items() if value]
    return ", ".join([*([str(named)] if named else []), *variables, *flags]) or "the defaults"
