"""What the engine starts with, as JSON: the twin of ``rust/src/config.rs``; every member is always present.

What no setting says is worked out here: the cache's size from the machine's memory, the account's limits from AWS's.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from apigw.config.settings import Settings
from apigw.machine import memory

# Where the system does not say how much there is.
_MEMORY = 4 * 1024**3


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
