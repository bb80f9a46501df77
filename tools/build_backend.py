"""The build backend: maturin, after the AWS service models and the licences of the linked crates were written.

An sdist carries the models, so building a wheel from one needs no botocore; a checkout makes them first.
PEP 517: https://peps.python.org/pep-0517/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import maturin

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "python/apigw/aws/models"

Settings = Mapping[str, Any] | None

prepare_metadata_for_build_wheel = maturin.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = maturin.prepare_metadata_for_build_editable


def _have_models() -> bool:
    return any(MODELS.glob("*.json"))


def _botocore() -> list[str]:
    """The pinned botocore, when the models have to be made."""
    if _have_models():
        return []
    lines = (ROOT / "requirements/build.in").read_text().splitlines()
    return [line.strip() for line in lines if line.startswith("botocore")]


def _write_models() -> None:
    if _have_models():
        return
    sys.path.insert(0, str(ROOT / "tools"))
    import service_models

    service_models.write_models(MODELS)


def _write_licences() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    import crate_licences

    crate_licences.write_licences()


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return [*maturin.get_requires_for_build_wheel(config_settings), *_botocore()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    return [*maturin.get_requires_for_build_editable(config_settings), *_botocore()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    return [*maturin.get_requires_for_build_sdist(config_settings), *_botocore()]


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    _write_models()
    _write_licences()
    # Half of the library is line tables, which only profiles read: those are made of `make build`.
    os.environ.setdefault("MATURIN_STRIP", "true")
    return str(maturin.build_wheel(wheel_directory, config_settings, metadata_directory))


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    _write_models()
    return str(maturin.build_editable(wheel_directory, config_settings, metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    _write_models()
    return str(maturin.build_sdist(sdist_directory, config_settings))
