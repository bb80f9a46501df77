"""All settings of one start, read and checked against each other: a flag beats an ``APIGW_*`` variable, that beats
``apigw.toml``, that beats the default."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from apigw.config import sources
from apigw.config.sources import Given
from apigw.config.table import SETTINGS, identifier
from apigw.config.values import SettingError, host_of

# A value of the largest size finds a place.
_LEAST_CACHE = 4 * 1024**2
# Each is a thread with a runtime of its own; nobody has more cores.
_MOST_WORKERS = 1024


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings, read and checked; sizes in bytes, times in seconds, addresses as ``host:port``."""

    data_dir: Path
    listen: list[str]
    listen_tls: list[str]
    tls_certificate: Path | None
    tls_key: Path | None
    admin_listen: list[str]
    plain_http: bool
    defer_accept: float
    workers: int
    stage: str
    account_id: str
    region: str
    regions: list[str]
    any_credentials: bool
    access_log: dict[str, str]
    stage_logs: dict[str, str] | None
    quotas: str
    account_rate_limit: float | None
    account_burst_limit: int | None
    account_concurrency: int | None
    cache_memory: int | None
    cache_statuses: str
    deny_backends: list[str]
    ca_file: Path | None
    drain_delay: float
    grace: float
    max_request_headers: int
    max_request_target: int
    max_request_payload: int
    max_response_payload: int
    max_management_body: int
    max_connections: int
    max_buffered_bytes: int
    max_queued_calls: int
    head_timeout: float
    idle_timeout: float
    min_body_rate: int


def load(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings of this start; ``flags`` that are ``None`` or empty were not given. Raises ``SettingError``."""
    environment = os.environ if environment is None else environment
    in_file, in_variables = sources.in_file(config, environment), sources.in_variables(environment)
    return _settings([*in_file, *in_variables, *sources.in_flags(flags or {})])


def load_for_python(defaults: Mapping[str, Any], config: Path | None, given: Mapping[str, Any]) -> Settings:
    """The settings of the Python API, which depend on no variable and on no file but a named one.

    ``given`` beats the file, that beats ``defaults``. Raises ``SettingError``.
    """
    named = [] if config is None else sources.values(config)
    return _settings([*sources.in_keywords(defaults), *named, *sources.in_keywords(given)])


def _settings(found: Iterable[Given]) -> Settings:
    """Settings from what was found; what comes later beats what came before."""
    given: dict[str, Any] = {}
    for name, where, value in found:
        try:
            given[name] = SETTINGS[name].read(value)
        except SettingError as error:
            raise SettingError(f"{where}: {error}") from None
    for name, setting in SETTINGS.items():
        if name not in given:
            given[name] = None if setting.default is None else setting.read(setting.default)
    settings = Settings(**{identifier(name): value for name, value in given.items()})
    _check(settings)
    return settings


def _beyond_loopback(listeners: list[str]) -> list[str]:
    return [each for each in listeners if not ipaddress.ip_address(host_of(each)).is_loopback]


def _check(settings: Settings) -> None:
    """Rules between settings."""
    listeners = [*settings.listen, *settings.admin_listen]
    if not settings.listen or not settings.admin_listen:
        raise SettingError("listen and admin_listen need at least one address each")
    if (settings.tls_certificate is None) != (settings.tls_key is None):
        raise SettingError("tls_certificate and tls_key must be given together")
    for each in settings.listen_tls:
        if each in listeners and not each.endswith(":0"):
            raise SettingError(f"{each} cannot serve both HTTPS (listen_tls) and plain HTTP")
    if settings.any_credentials and (public := _beyond_loopback([*listeners, *settings.listen_tls])):
        raise SettingError(f"any_credentials is refused because {public[0]} is not a loopback address")
    public = _beyond_loopback(listeners)
    if public and not settings.plain_http:
        raise SettingError(
            f"{public[0]} would serve plain HTTP beyond this machine; "
            "say --plain-http (or plain_http = true) if that is meant"
        )
    if settings.workers > _MOST_WORKERS:
        raise SettingError(f"workers must be at most {_MOST_WORKERS}")
    if settings.cache_memory is not None and settings.cache_memory < _LEAST_CACHE:
        raise SettingError("cache.memory must be at least 4 MiB")
    for name in ("max_connections", "max_queued_calls"):
        if getattr(settings, name) < 1:
            raise SettingError(f"{name} must be at least 1")
    if settings.defer_accept not in range(61):
        raise SettingError("defer_accept must be whole seconds, at most 60")
    for name in ("head_timeout", "idle_timeout"):
        if getattr(settings, name) < 1:
            raise SettingError(f"{name} must be at least one second")
