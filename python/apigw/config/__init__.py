"""Settings: the table of them, where they are found, what they amount to, and what the engine is told."""

from apigw.config.for_engine import (
    AccountLimits,
    CacheConfig,
    EngineConfig,
    Limits,
    ThrottleLimit,
    account_limits,
    account_throttle,
    cache_memory,
    engine_config,
)
from apigw.config.settings import Settings, load, load_for_python
from apigw.config.sources import NOT_SETTINGS, PREFIX
from apigw.config.table import SETTINGS, Setting, identifier
from apigw.config.values import SettingError

__all__ = [
    "NOT_SETTINGS",
    "PREFIX",
    "SETTINGS",
    "AccountLimits",
    "CacheConfig",
    "EngineConfig",
    "Limits",
    "Setting",
    "SettingError",
    "Settings",
    "ThrottleLimit",
    "account_limits",
    "account_throttle",
    "cache_memory",
    "engine_config",
    "identifier",
    "load",
    "load_for_python",
]
