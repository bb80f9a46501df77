"""The rules of a stage: its name, variables, method settings, canary and cache.

AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from apigw.domain import log_rules
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import CanarySettings, MethodSetting, Stage

CACHE_SIZES: Final = ("0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237")
SMALLEST_CACHE: Final = "0.5"
LOGGING_LEVELS: Final = ("OFF", "ERROR", "INFO")
STRATEGIES: Final = ("FAIL_WITH_403", "SUCCEED_WITH_RESPONSE_HEADER", "SUCCEED_WITHOUT_RESPONSE_HEADER")
EVERY_METHOD: Final = "*/*"
# An integer of AWS's model.
_LARGEST_BURST: Final = 2**31 - 1
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_VARIABLE_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_VARIABLE_VALUE = re.compile(r"[A-Za-z0-9\-._~:/?#&=,]{1,512}")


def check_name(name: str) -> str:
    """Give ``name`` back if a stage can have it."""
    if _NAME.fullmatch(name) is None:
        raise BadRequest("Stage name only allows a-zA-Z0-9_- and at most 128 characters")
    return name


def variables(given: Mapping[str, str] | None) -> dict[str, str] | None:
    """Stage variables as they are stored; none at all is ``None``."""
    if not given:
        return None
    if len(given) > 100:
        raise BadRequest("The number of stage variables exceeds the limit of 100")
    for name, value in given.items():
        if _VARIABLE_NAME.fullmatch(name) is None:
            raise BadRequest(f"Stage variable name only allows a-zA-Z0-9_ and at most 64 characters: {name}")
        if _VARIABLE_VALUE.fullmatch(value) is None:
            raise BadRequest(
                f"Invalid stage variable value: {value}. Please use values with alphanumeric characters "
                "and the symbols '-', '.', '_', '~', ':', '/', '?', '#', '&', '=', and ','."
            )
    return dict(given)


def with_cache(stage: Stage) -> Stage:
    """``stage`` with the size and status that its cache has: here it is there, or gone, when the call returns."""
    if not stage.cache_cluster_enabled:
        return replace(stage, cache_cluster_status="NOT_AVAILABLE")
    return replace(
        stage, cache_cluster_size=stage.cache_cluster_size or SMALLEST_CACHE, cache_cluster_status="AVAILABLE"
    )


def cache_bytes(stage: Stage) -> int:
    """What the stage's cache may take: AWS's gigabytes; without a cache nothing."""
    if not stage.cache_cluster_enabled or stage.cache_cluster_size is None:
        return 0
    return round(float(stage.cache_cluster_size) * 1e9)


def check(stage: Stage) -> None:
    """Everything about a stage that does not depend on other records."""
    variables(stage.variables)
    if stage.cache_cluster_size is not None and stage.cache_cluster_size not in CACHE_SIZES:
        raise BadRequest(f"Invalid cache cluster size specified. Valid options are {','.join(CACHE_SIZES)}")
    if stage.access_log_settings is not None:
        log_rules.check(stage.access_log_settings)
    if stage.canary_settings is not None:
        _check_canary(stage.canary_settings)
    for setting in stage.method_settings.values():
        _check_setting(setting)


def _check_canary(canary: CanarySettings) -> None:
    if not 0.0 <= canary.percent_traffic <= 100.0:
        raise BadRequest("Invalid percentTraffic specified. Must be between 0.0 and 100.0")
    variables(canary.stage_variable_overrides)


def _check_setting(setting: MethodSetting) -> None:
    if setting.logging_level is not None and setting.logging_level not in LOGGING_LEVELS:
        raise BadRequest(f"Invalid logging level specified. Valid options are {','.join(LOGGING_LEVELS)}")
    if setting.unauthorized_cache_control_header_strategy not in STRATEGIES:
        raise BadRequest(f"Invalid strategy specified. Valid options are {','.join(STRATEGIES)}")
    if not 0 <= setting.cache_ttl_in_seconds <= 3600:
        raise BadRequest("Invalid cache TTL specified. Must be between 0 and 3600")
    # -1 is what clients send for "no limit of its own".
    rate, burst = setting.throttling_rate_limit, setting.throttling_burst_limit
    if not -1 <= burst <= _LARGEST_BURST or not (rate == -1 or 0 <= rate < float("inf")):
        raise BadRequest("Invalid throttling limit specified")
