"""Where settings are found: flags, ``APIGW_*`` variables, ``apigw.toml``, keywords of the Python API.

Unknown names are refused wherever they stand, with the one that may be meant.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from apigw.config.table import SETTINGS, identifier
from apigw.config.values import SettingError

PREFIX = "APIGW_"
NOT_SETTINGS = {
    *("APIGW_CONFIG", "APIGW_ACCESS_KEY_ID", "APIGW_SECRET_ACCESS_KEY", "APIGW_REQUIRE_OUTSIDE"),
    # What ``apigw env`` says for a shell's own use.
    "APIGW_HTTPS_URL",
}
# Kubernetes sets these in every pod beside a Service that is called apigw.
_FROM_KUBERNETES = re.compile(r"APIGW_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\w+)?)")

# A setting's name, where it stands, and what stands there.
Given = tuple[str, str, Any]


def in_file(config: Path | None, environment: Mapping[str, str]) -> Iterator[Given]:
    """Those of the file that is named by a flag or a variable, else of ``apigw.toml`` if it is there."""
    named = config or (Path(environment["APIGW_CONFIG"]) if environment.get("APIGW_CONFIG") else None)
    path = named or Path("apigw.toml")
    if named is None and not path.is_file():
        return
    yield from values(path)


def values(path: Path) -> Iterator[Given]:
    """The settings of a file."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: {error}") from None
    for name, value in _flattened(values):
        if name not in SETTINGS:
            raise SettingError(f"{path}: unknown setting {name!r}{_nearest(name, SETTINGS)}")
        yield name, f"{path}: {name}", value


def _flattened(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """``[account]`` with ``concurrency`` is ``account.concurrency``; a table that no setting is in stays one."""
    for name, value in values.items():
        if isinstance(value, dict) and any(known.startswith(f"{name}.") for known in SETTINGS):
            yield from ((f"{name}.{member}", inner) for member, inner in value.items())
        else:
            yield name, value


def in_variables(environment: Mapping[str, str]) -> Iterator[Given]:
    """Those of the environment."""
    known = {PREFIX + identifier(name).upper(): name for name in SETTINGS}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS or _FROM_KUBERNETES.fullmatch(variable):
            continue
        if variable not in known:
            raise SettingError(f"unknown variable {variable}{_nearest(variable, [*known, *NOT_SETTINGS])}")
        if value != "":
            yield known[variable], variable, value


def in_flags(flags: Mapping[str, Any]) -> Iterator[Given]:
    """Those of the command line."""
    for name, value in flags.items():
        if value is not None and value != ():
            yield name, f"--{name.replace('_', '-')}", value


def in_keywords(values: Mapping[str, Any]) -> Iterator[Given]:
    """Those of the Python API."""
    known = {identifier(name): name for name in SETTINGS}
    for name, value in values.items():
        if name not in known:
            raise SettingError(f"unknown setting {name!r}{_nearest(name, known)}")
        if value is not None:
            yield known[name], name, os.fspath(value) if isinstance(value, os.PathLike) else value


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
