"""Settings: a flag beats an ``APIGW_*`` variable, that beats ``apigw.toml``, that beats the default.

Unknown keys are refused wherever they stand. ``EngineConfig`` is the JSON that the engine starts with; its twin is
``rust/src/config.rs``. ``docs/settings.md`` lists every setting and a test compares the two.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from apigw import memory
from apigw.setting_values import (
    SettingError,
    account,
    address,
    addresses_or_off,
    boolean,
    count,
    count_or_off,
    host_of,
    listing,
    log_directory,
    log_target,
    network,
    number_or_off,
    one_of,
    optional_size,
    region,
    seconds,
    size,
    small_size,
    stage_name,
    text_path,
)

PREFIX = "APIGW_"
NOT_SETTINGS = {
    *("APIGW_CONFIG", "APIGW_ACCESS_KEY_ID", "APIGW_SECRET_ACCESS_KEY", "APIGW_REQUIRE_OUTSIDE"),
    # What ``apigw env`` says for a shell's own use.
    "APIGW_HTTPS_URL",
}
# Kubernetes sets these in every pod beside a Service that is called apigw.
_FROM_KUBERNETES = re.compile(r"APIGW_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\w+)?)")


# Where the system does not say how much there is.
_MEMORY = 4 * 1024**3
# A value of the largest size finds a place.
_LEAST_CACHE = 4 * 1024**2
# Each is a thread with a runtime of its own; nobody has more cores.
_MOST_WORKERS = 1024

# A setting's name, where it stands, and what stands there.
Given = tuple[str, str, Any]


class Setting(NamedTuple):
    """One setting: how its text is read, what it is without one, what it means."""

    read: Callable[[Any], Any]
    default: Any
    meaning: str


def identifier(name: str) -> str:
    """A setting's name in Python and, in capitals, in the environment: ``cache.memory`` is ``cache_memory``."""
    return name.replace(".", "_")


SETTINGS: dict[str, Setting] = {
    "data_dir": Setting(text_path, "apigw-data", "where the database, the credentials and the lock are"),
    "listen": Setting(listing(address), "127.0.0.1:8080", "where deployed APIs are served over HTTP"),
    "listen_tls": Setting(addresses_or_off, "127.0.0.1:8443", "where they are served over HTTPS; off is nowhere"),
    "tls_certificate": Setting(text_path, None, "certificate chain of listen_tls, a PEM file; else one is made"),
    "tls_key": Setting(text_path, None, "its key, a PEM file"),
    "admin_listen": Setting(
        listing(address), "127.0.0.1:9080", "where the management API, /health, /ready and /metrics are"
    ),
    "plain_http": Setting(boolean, False, "allow plain HTTP on an address that is not loopback"),
    "defer_accept": Setting(
        seconds,
        1.0,
        "how long a connection without a byte waits before it is accepted (Linux), whole seconds; 0 is not at all",
    ),
    "workers": Setting(count, 0, "threads that serve requests; 0 is one for each usable core"),
    "stage": Setting(stage_name, "dev", "the stage that documents given to serve are deployed to"),
    "account_id": Setting(account, "123456789012", "the account of every call, twelve digits"),
    "region": Setting(region, "us-east-1", "the region of documents given to serve, and of apigw env"),
    "regions": Setting(listing(region), [], "regions a management call may name; empty allows all"),
    "any_credentials": Setting(boolean, False, "accept any key and clock; loopback only"),
    "access_log": Setting(log_target, "stdout", "stdout, off, or a file for one JSON line a request"),
    "stage_logs": Setting(
        log_directory, "", "stdout, or the directory of the logs that stages ask for; without one, logs in data_dir"
    ),
    "quotas": Setting(
        one_of("off", "aws"),
        "off",
        "aws: AWS's throttle, concurrency and numbers of APIs, resources, stages",
    ),
    "account.rate_limit": Setting(number_or_off, None, "requests a second of the account in a region; over it 429"),
    "account.burst_limit": Setting(count_or_off, None, "how many of them may come at once"),
    "account.concurrency": Setting(count_or_off, None, "requests in flight in a region; over it 429"),
    "cache.memory": Setting(
        optional_size, "", "what all stages' caches may take; without one, a quarter of what the process may use"
    ),
    "cache.statuses": Setting(one_of("all", "2xx"), "all", "which answers are cached; all, as on AWS, or 2xx only"),
    "deny_backends": Setting(
        listing(network), ["169.254.0.0/16", "fe80::/10"], "networks no backend may be in, checked after DNS"
    ),
    "ca_file": Setting(text_path, None, "more trusted certificate authorities for backends, a PEM file"),
    "drain_delay": Setting(seconds, 0.0, "after SIGTERM, how long /ready is false before accepting stops"),
    "grace": Setting(seconds, 30.0, "after that, how long requests in flight may take"),
    "max_request_headers": Setting(small_size, 10_240, "header block of a request; over it 431"),
    "max_request_target": Setting(small_size, 10_240, "request target; over it 414"),
    "max_request_payload": Setting(size, 10_485_760, "request body after decoding; over it 413"),
    "max_response_payload": Setting(size, 10_485_760, "body of a backend's answer; over it 500"),
    "max_management_body": Setting(size, 64 * 1024 * 1024, "body of a management call; over it 413"),
    "max_connections": Setting(count, 15_000, "open client connections; at it, accepting waits"),
    "max_buffered_bytes": Setting(size, 256 * 1024 * 1024, "bytes held for bodies at once; over it, reading waits"),
    "max_queued_calls": Setting(count, 1024, "management calls that may wait; over it 429"),
    "head_timeout": Setting(seconds, 10.0, "until a TLS handshake, and then a request head, must be complete"),
    "idle_timeout": Setting(seconds, 310.0, "how long a client connection may idle"),
    "min_body_rate": Setting(small_size, 100, "bytes a second a request body must come at, after 10 s"),
}


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``config::Limits`` of the engine: bytes, counts and seconds."""

    request_headers: int
    request_target: int
    request_payload: int
    response_payload: int
    management_body: int
    connections: int
    buffered_bytes: int
    queued_calls: int
    head_seconds: int
    idle_seconds: int
    minimum_body_rate: int


class ThrottleLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A token bucket: requests a second, and requests at once."""

    rate_limit: float
    burst_limit: int


class RegionLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an account may take in one region."""

    region: str
    throttle: ThrottleLimit


class AccountLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an account may take in each region; ``None`` is as much as comes."""

    throttle: ThrottleLimit | None
    regions: list[RegionLimit]
    concurrency: int | None


class CacheConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bytes that the caches of all stages may take, and whether they keep successes only."""

    memory: int
    successes_only: bool


class EngineConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``config::Config`` of the engine; every member is always present."""

    listen: list[str]
    listen_tls: list[str]
    tls_certificate: str | None
    tls_key: str | None
    admin_listen: list[str]
    defer_accept_seconds: int
    workers: int
    account_id: str
    access_key_id: str
    secret_access_key: str
    any_credentials: bool
    regions: list[str]
    access_log: dict[str, str]
    stage_logs: dict[str, str]
    limits: Limits
    account: AccountLimits
    cache: CacheConfig
    deny_backends: list[str]
    ca_file: str | None

    def __repr__(self) -> str:
        return f"EngineConfig(listen={self.listen}, admin_listen={self.admin_listen})"


# AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
AWS_THROTTLE = ThrottleLimit(rate_limit=10_000.0, burst_limit=5_000)
AWS_SMALLER_THROTTLE = ThrottleLimit(rate_limit=2_500.0, burst_limit=1_250)
AWS_SMALLER_REGIONS = (
    *("af-south-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-west-1"),
    *("eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "mx-central-1"),
)
AWS_CONCURRENCY = 5_000


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
    return _settings([*_file(config, environment), *_variables(environment), *_flags(flags or {})])


def load_for_python(defaults: Mapping[str, Any], config: Path | None, given: Mapping[str, Any]) -> Settings:
    """The settings of the Python API, which depend on no variable and on no file but a named one.

    ``given`` beats the file, that beats ``defaults``. Raises ``SettingError``.
    """
    named = [] if config is None else _values(config)
    return _settings([*_keywords(defaults), *named, *_keywords(given)])


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


def engine_config(
    settings: Settings, access_key_id: str, secret_access_key: str, tls: tuple[Path, Path] | None
) -> bytes:
    """The JSON for ``Engine.start`` and ``Engine.reload``; ``tls`` is the certificate and its key that are used."""
    return msgspec.json.encode(
        EngineConfig(
            listen=settings.listen,
            listen_tls=settings.listen_tls,
            tls_certificate=None if tls is None else str(tls[0]),
            tls_key=None if tls is None else str(tls[1]),
            admin_listen=settings.admin_listen,
            defer_accept_seconds=round(settings.defer_accept),
            workers=settings.workers,
            account_id=settings.account_id,
            access_key_id=access_key_id,
            secret_access_key=secret_access_key,
            any_credentials=settings.any_credentials,
            regions=settings.regions,
            access_log=settings.access_log,
            stage_logs=settings.stage_logs or {"to": "directory", "path": str((settings.data_dir / "logs").absolute())},
            deny_backends=settings.deny_backends,
            ca_file=None if settings.ca_file is None else str(settings.ca_file),
            account=account_limits(settings),
            cache=CacheConfig(memory=cache_memory(settings), successes_only=settings.cache_statuses == "2xx"),
            limits=Limits(
                request_headers=settings.max_request_headers,
                request_target=settings.max_request_target,
                request_payload=settings.max_request_payload,
                response_payload=settings.max_response_payload,
                management_body=settings.max_management_body,
                connections=settings.max_connections,
                buffered_bytes=settings.max_buffered_bytes,
                queued_calls=settings.max_queued_calls,
                head_seconds=round(settings.head_timeout),
                idle_seconds=round(settings.idle_timeout),
                minimum_body_rate=settings.min_body_rate,
            ),
        )
    )


def cache_memory(settings: Settings) -> int:
    """What is set, else a quarter of what the process may use."""
    return settings.cache_memory or (memory.usable() or _MEMORY) // 4


def account_limits(settings: Settings) -> AccountLimits:
    """What is set, else AWS's values where those are asked for."""
    rate, burst, concurrency = settings.account_rate_limit, settings.account_burst_limit, settings.account_concurrency
    if settings.quotas == "aws" and concurrency is None:
        concurrency = AWS_CONCURRENCY
    if rate is None and burst is None:
        throttle = AWS_THROTTLE if settings.quotas == "aws" else None
        smaller = [RegionLimit(region=region, throttle=AWS_SMALLER_THROTTLE) for region in AWS_SMALLER_REGIONS]
        return AccountLimits(throttle=throttle, regions=smaller if throttle else [], concurrency=concurrency)
    throttle = ThrottleLimit(
        rate_limit=AWS_THROTTLE.rate_limit if rate is None else rate,
        burst_limit=AWS_THROTTLE.burst_limit if burst is None else burst,
    )
    return AccountLimits(throttle=throttle, regions=[], concurrency=concurrency)


def account_throttle(settings: Settings, region: str) -> ThrottleLimit | None:
    """What the account may take in ``region``; ``None`` is as much as comes."""
    limits = account_limits(settings)
    return next((one.throttle for one in limits.regions if one.region == region), limits.throttle)


def _file(config: Path | None, environment: Mapping[str, str]) -> Iterator[Given]:
    named = config or (Path(environment["APIGW_CONFIG"]) if environment.get("APIGW_CONFIG") else None)
    path = named or Path("apigw.toml")
    if named is None and not path.is_file():
        return
    yield from _values(path)


def _values(path: Path) -> Iterator[Given]:
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


def _variables(environment: Mapping[str, str]) -> Iterator[Given]:
    known = {PREFIX + identifier(name).upper(): name for name in SETTINGS}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in NOT_SETTINGS or _FROM_KUBERNETES.fullmatch(variable):
            continue
        if variable not in known:
            raise SettingError(f"unknown variable {variable}{_nearest(variable, [*known, *NOT_SETTINGS])}")
        if value != "":
            yield known[variable], variable, value


def _flags(flags: Mapping[str, Any]) -> Iterator[Given]:
    for name, value in flags.items():
        if value is not None and value != ():
            yield name, f"--{name.replace('_', '-')}", value


def _keywords(values: Mapping[str, Any]) -> Iterator[Given]:
    known = {identifier(name): name for name in SETTINGS}
    for name, value in values.items():
        if name not in known:
            raise SettingError(f"unknown setting {name!r}{_nearest(name, known)}")
        if value is not None:
            yield known[name], name, os.fspath(value) if isinstance(value, os.PathLike) else value


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


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
