"""Stage. AWS: https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html"""

from __future__ import annotations

from typing import Any

import pytest

from apigw.control import patch
from apigw.control.v1 import stage_patch
from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import AccessLogSettings, CanarySettings, MethodSetting, Stage
from apigw.snapshot import units
from tests.unit.control.management import Management, patch_operations

DEFAULTS = {
    "cacheDataEncrypted": False,
    "cacheTtlInSeconds": 300,
    "cachingEnabled": False,
    "dataTraceEnabled": False,
    "metricsEnabled": False,
    "requireAuthorizationForCacheControl": True,
    "throttlingBurstLimit": 5000,
    "throttlingRateLimit": 10000.0,
    "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
}
LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/pets"
SETTING_PATHS = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, /tracingEnabled]"
STAGE = Stage(stage_name="prod", deployment_id="first1", created_date=1, last_updated_date=1)
CANARY = Stage(
    stage_name="prod",
    deployment_id="first1",
    created_date=1,
    last_updated_date=1,
    variables={"a": "1", "b": "1"},
    canary_settings=CanarySettings(
        percent_traffic=10.0, deployment_id="second", stage_variable_overrides={"b": "2", "c": "2"}
    ),
)


@pytest.fixture
def names(management: Management) -> dict[str, str]:
    api_id, root = management.api()
    management.mock(api_id, root)
    management("CreateDeployment", rest_api_id=api_id, stage_name="prod")
    return {"rest_api_id": api_id, "stage_name": "prod"}


def deployed(management: Management, names: dict[str, str]) -> str:
    return str(management("CreateDeployment", rest_api_id=names["rest_api_id"])["id"])


def test_create(management: Management, names: dict[str, str]) -> None:
    deployment_id = deployed(management, names)
    made = management(
        "CreateStage",
        rest_api_id=names["rest_api_id"],
        stage_name="dev",
        deployment_id=deployment_id,
        variables={"url": "example.com/a?b=c"},
        tags={"team": "a"},
    )
    assert made == {
        "stageName": "dev",
        "deploymentId": deployment_id,
        "variables": {"url": "example.com/a?b=c"},
        "tags": {"team": "a"},
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "tracingEnabled": False,
        "createdDate": 1_700_000_000,
        "lastUpdatedDate": 1_700_000_000,
    }
    listed = management("GetStages", rest_api_id=names["rest_api_id"])["item"]
    assert [one["stageName"] for one in listed] == ["prod", "dev"]
    only = management("GetStages", rest_api_id=names["rest_api_id"], deployment_id=deployment_id)["item"]
    assert only == [made]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"stage_name": "prod"}, ("Conflict", "Stage already exists")),
        ({"deployment_id": "nothing"}, ("BadRequest", "Deployment id does not exist")),
        ({"stage_name": "a b"}, ("BadRequest", "Stage name only allows a-zA-Z0-9_- and at most 128 characters")),
        ({"stage_name": "a" * 129}, ("BadRequest", "Stage name only allows a-zA-Z0-9_- and at most 128 characters")),
        ({"variables": {"a-b": "1"}}, ("BadRequest", "Stage variable name only allows a-zA-Z0-9_ and at most 64 characters: a-b")),
        ({"variables": {f"v{n}": "1" for n in range(101)}}, ("BadRequest", "The number of stage variables exceeds the limit of 100")),
        ({"tracing_enabled": True}, ("BadRequest", "apigw cannot enforce these yet: $.stages['dev'].tracingEnabled = true")),
        ({"canary_settings": {"deployment_id": "nothing"}}, ("BadRequest", "Deployment id does not exist")),
        ({"canary_settings": {"percent_traffic": -1.0}}, ("BadRequest", "Invalid percentTraffic specified. Must be between 0.0 and 100.0")),
        ({"canary_settings": {"stage_variable_overrides": {"a-b": "1"}}}, ("BadRequest", "Stage variable name only allows a-zA-Z0-9_ and at most 64 characters: a-b")),
    ],
)  # fmt: skip
def test_create_refuses(
    management: Management, names: dict[str, str], given: dict[str, Any], error: tuple[str, str]
) -> None:
    deployment_id = deployed(management, names)
    full = {"rest_api_id": names["rest_api_id"], "stage_name": "dev", "deployment_id": deployment_id, **given}
    assert management.refused("CreateStage", **full) == error


def test_unknown_stages_are_not_found(management: Management, names: dict[str, str]) -> None:
    names["stage_name"] = "nothing"
    for name in ("GetStage", "UpdateStage", "DeleteStage"):
        assert management.refused(name, **names) == ("NotFound", "Invalid stage identifier specified")


def test_a_documentation_version_must_exist(management: Management, names: dict[str, str]) -> None:
    unknown = ("NotFound", "Invalid Documentation version specified")
    assert management.update_refused("UpdateStage", ("replace", "/documentationVersion", "7"), **names) == unknown
    new = {
        "rest_api_id": names["rest_api_id"],
        "deployment_id": deployed(management, names),
        "stage_name": "documented",
        "documentation_version": "1",
    }
    assert management.refused("CreateStage", **new) == unknown
    assert "documentationVersion" not in management("CreateStage", **{**new, "documentation_version": ""})


def test_an_update_is_served_at_once_and_sends_no_deployment(management: Management, names: dict[str, str]) -> None:
    deployment_id = deployed(management, names)
    management.call = type(management.call)(**{**_fields(management.call), "now": 1_700_000_009})
    answer = management.update(
        "UpdateStage",
        ("replace", "/deploymentId", deployment_id),
        ("replace", "/variables/a", "1"),
        ("add", "/variables/b", "2"),
        ("remove", "/variables/a"),
        ("replace", "/description", "d"),
        ("replace", "/documentationVersion", ""),
        **names,
    )
    assert answer["lastUpdatedDate"] == 1_700_000_009
    assert (answer["variables"], answer["description"]) == ({"b": "2"}, "d")
    assert "documentationVersion" not in answer
    (unit,) = management.patches[-1].put
    assert unit == units.Stage(
        api_id=names["rest_api_id"],
        stage_name="prod",
        deployment_id=deployment_id,
        variables=[units.StageVariable(name="b", value="2")],
        canary=None,
        access_log=None,
        method_settings=[],
        cache_bytes=0,
        client_certificate=None,
    )
    management("DeleteStage", **names)
    assert management.patches[-1].remove == [f"stage/{names['rest_api_id']}/prod"]


def _fields(call: Any) -> dict[str, Any]:
    return {name: getattr(call, name) for name in call.__struct_fields__}


def test_an_update_without_operations_changes_nothing(management: Management, names: dict[str, str]) -> None:
    before = management.everything()
    assert management("UpdateStage", **names) == management("GetStage", **names)
    assert management.update("UpdateStage", **names) == management("GetStage", **names)
    assert management.everything() == before


def test_method_settings(management: Management, names: dict[str, str]) -> None:
    answer = management.update("UpdateStage", ("replace", "/*/*/caching/ttlInSeconds", "60"), **names)
    assert answer["methodSettings"] == {"*/*": {**DEFAULTS, "cacheTtlInSeconds": 60}}
    answer = management.update(
        "UpdateStage",
        # A new entry starts from what holds for all; the key is echoed as patched, less one slash.
        ("replace", "/~1pets~1{petId}/GET/caching/dataEncrypted", "true"),
        ("replace", "/*/*/caching/ttlInSeconds", "90"),
        ("replace", "/test/GET/logging/loglevel", "OFF"),
        ("replace", "//GET/throttling/burstLimit", "-1"),
        **names,
    )
    assert answer["methodSettings"] == {
        "*/*": {**DEFAULTS, "cacheTtlInSeconds": 90},
        "~1pets~1{petId}/GET": {**DEFAULTS, "cacheTtlInSeconds": 60, "cacheDataEncrypted": True},
        "test/GET": {**DEFAULTS, "cacheTtlInSeconds": 90, "loggingLevel": "OFF"},
        "/GET": {**DEFAULTS, "cacheTtlInSeconds": 90, "throttlingBurstLimit": -1},
    }
    answer = management.update(
        "UpdateStage", ("remove", "/*/*"), ("remove", "/~1pets~1{petId}/GET"), ("remove", "//GET"), **names
    )
    assert set(answer["methodSettings"]) == {"test/GET"}


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (("replace", "/x", "y"), f"Invalid method setting path: /x. Must be one of: {SETTING_PATHS}"),
        (("replace", "/*/*/caching/wrong", "y"), f"Invalid method setting path: /*/*/caching/wrong. Must be one of: {SETTING_PATHS}"),
        (("replace", "/pets/get/caching/enabled", "true"), f"Invalid method setting path: /pets/get/caching/enabled. Must be one of: {SETTING_PATHS}"),
        (("replace", "/stageName", "y"), f"Invalid method setting path: /stageName. Must be one of: {SETTING_PATHS}"),
        (("remove", "/*/*"), "Cannot remove method setting */* because there is no method setting for this method "),
        (("remove", "/accessLogSettings/destinationArn"), "Cannot remove method setting accessLogSettings/destinationArn because there is no method setting for this method "),
        (("remove", "/canarySettings/stageVariableOverrides"), "Cannot remove method setting canarySettings/stageVariableOverrides because there is no method setting for this method "),
        (("replace", "/accessLogSettings/format", ""), "Access Log value must not be empty"),
        (("add", "/accessLogSettings/wrong", "x"), "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]"),
        (("add", "/canarySettings/deploymentId", "x"), "Invalid add operation with path: /canarySettings/deploymentId"),
        (("copy", "/deploymentId", "", "/canarySettings/deploymentId"), "Promotion not available. Canary does not exist."),
        (("copy", "/variables", "", "/canarySettings/stageVariableOverrides"), "Promotion not available. Canary does not exist."),
        (("copy", "/description", "", "/x"), "Invalid copy operation with path: /description and from /x. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"),
        (("copy", "/variables", "", "/x"), "Invalid copy operation with path: /variables and from /x. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"),
        (("replace", "/deploymentId", "nothing"), "Deployment id does not exist"),
        (("replace", "/variables/a", "b c"), "Invalid stage variable value: b c. Please use values with alphanumeric characters and the symbols '-', '.', '_', '~', ':', '/', '?', '#', '&', '=', and ','."),
        (("replace", "/*/*/logging/loglevel", "INFO"), "CloudWatch Logs role ARN must be set in account settings to enable logging"),
        (("replace", "/*/*/throttling/rateLimit", "-0.5"), "Invalid throttling limit specified"),
        (("replace", "/*/*/throttling/burstLimit", "2147483648"), "Invalid throttling limit specified"),
        (("replace", "/*/*/throttling/rateLimit", "nan"), "Invalid throttling limit specified"),
        (("replace", "/*/*/caching/ttlInSeconds", "3601"), "Invalid cache TTL specified. Must be between 0 and 3600"),
        (("replace", "/tracingEnabled", "true"), "apigw cannot enforce these yet: $.stages['prod'].tracingEnabled = true"),
        (("replace", "/accessLogSettings/format", "$context.status $context.requestIdea"), "Access Log format must contain $context.requestId or $context.extendedRequestId"),
        (("replace", "/accessLogSettings/format", "$context.requestId\n$context.status"), "Access Log format must be single line, new line character is allowed only at end of the format: $context.requestId\n$context.status"),
        (("replace", "/accessLogSettings/format", "$context.requestId".ljust(3073)), "Access Log format must not be longer than 3072 bytes"),
        (("replace", "/accessLogSettings/destinationArn", "arn:aws:s3:::bucket"), "Invalid ARN specified in the request: arn:aws:s3:::bucket. It must be that of a CloudWatch Logs log group, or of a Firehose delivery stream whose name begins with amazon-apigateway-"),
        (("replace", "/accessLogSettings/destinationArn", f"{LOG_GROUP}{'x' * 240}"), f"apigw keeps a log in a file of its name, at most 240 characters: {LOG_GROUP}{'x' * 240}"),
        (("replace", "/accessLogSettings/destinationArn", LOG_GROUP), "CloudWatch Logs role ARN must be set in account settings to enable logging"),
        (("replace", "/canarySettings/percentTraffic", "100.1"), "Invalid percentTraffic specified. Must be between 0.0 and 100.0"),
        (("replace", "/canarySettings/percentTraffic", "x"), "Invalid number specified: x"),
        (("replace", "/canarySettings/percentTraffic", "nan"), "Invalid percentTraffic specified. Must be between 0.0 and 100.0"),
        (("replace", "/canarySettings/deploymentId", "nothing"), "Deployment id does not exist"),
    ],
)  # fmt: skip
def test_update_refuses(
    management: Management, names: dict[str, str], operation: tuple[str, ...], message: str
) -> None:
    first = ("replace", "/description", "never")
    assert management.update_refused("UpdateStage", first, operation, **names) == ("BadRequest", message)


def test_method_settings_are_served(management: Management, names: dict[str, str]) -> None:
    management.update("UpdateAccount", ("replace", "/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs"))
    management.update(
        "UpdateStage",
        ("replace", "/*/*/logging/loglevel", "ERROR"),
        ("replace", "/~1pets~1{petId}/GET/logging/loglevel", "INFO"),
        ("replace", "/~1pets~1{petId}/GET/logging/dataTrace", "true"),
        ("replace", "/test/GET/metrics/enabled", "true"),
        ("replace", "//GET/logging/loglevel", "OFF"),
        **names,
    )
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)

    # AWS: a new key shows these, and then they hold.
    limit = units.ThrottleLimit(rate_limit=10000.0, burst_limit=5000)

    def setting(path: str | None, metrics: bool, level: units.LoggingLevel, trace: bool = False) -> units.MethodSetting:
        method = None if path is None else units.MethodKey(path=path, http_method="GET")
        return units.MethodSetting(
            method=method,
            metrics_enabled=metrics,
            logging_level=level,
            data_trace_enabled=trace,
            throttle=limit,
            cache=None,
        )

    assert unit.method_settings == [
        setting("/pets/{petId}", False, "INFO", trace=True),
        setting("/test", True, "ERROR"),
        setting("/", False, "OFF"),
        setting(None, False, "ERROR"),
    ]


@pytest.mark.parametrize(
    ("rate", "burst", "limit"),
    [
        ("10", "20", (10.0, 20)),
        ("0.5", "0", (0.0, 0)),
        ("0", "10", (0.0, 0)),
        ("0", "-1", (0.0, 0)),
        ("-1", "10", None),
        ("-1", "-1", None),
        # A rate alone may burst as far as AWS lets an account.
        ("10", "-1", (10.0, 5000)),
    ],
)
def test_throttles_are_served(
    management: Management, names: dict[str, str], rate: str, burst: str, limit: tuple[float, int] | None
) -> None:
    management.update(
        "UpdateStage",
        ("replace", "/~1pets/POST/throttling/rateLimit", rate),
        ("replace", "/~1pets/POST/throttling/burstLimit", burst),
        **names,
    )
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    (setting,) = unit.method_settings
    assert setting.method == units.MethodKey(path="/pets", http_method="POST")
    assert setting.throttle == (limit and units.ThrottleLimit(rate_limit=limit[0], burst_limit=limit[1]))


def test_caches_are_served(management: Management, names: dict[str, str]) -> None:
    shown = management.update(
        "UpdateStage",
        ("replace", "/cacheClusterEnabled", "true"),
        ("replace", "/*/*/caching/enabled", "true"),
        ("replace", "/~1pets/POST/caching/ttlInSeconds", "0"),
        ("replace", "/~1/GET/caching/dataEncrypted", "true"),
        ("replace", "/~1/GET/caching/requireAuthorizationForCacheControl", "false"),
        ("replace", "/~1/GET/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403"),
        **names,
    )
    assert (shown["cacheClusterStatus"], shown["cacheClusterSize"]) == ("AVAILABLE", "0.5")
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    assert unit.cache_bytes == 500_000_000
    assert [setting.cache for setting in unit.method_settings] == [
        # A time of 0 is off.
        None,
        units.CacheSetting(
            ttl_in_seconds=300, encrypted=True, require_authorization=False, unauthorized_strategy="FAIL_WITH_403"
        ),
        units.CacheSetting(
            ttl_in_seconds=300,
            encrypted=False,
            require_authorization=True,
            unauthorized_strategy="SUCCEED_WITH_RESPONSE_HEADER",
        ),
    ]
    gone = management.update("UpdateStage", ("replace", "/cacheClusterEnabled", "false"), **names)
    assert gone["cacheClusterStatus"] == "NOT_AVAILABLE"
    after = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(after, units.Stage)
    assert after.cache_bytes == 0


def test_a_cache_that_is_larger_than_all_may_be_is_served_and_said(
    management: Management, names: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    management.update("UpdateStage", ("replace", "/cacheClusterEnabled", "true"), **names)
    assert not caplog.records
    management.update("UpdateStage", ("replace", "/cacheClusterSize", "1.6"), **names)
    (said,) = caplog.messages
    assert said.endswith("may have 1.6 GB, but cache.memory is 1000000000 bytes for all stages")


def test_a_flush_reaches_the_engine(management: Management, names: dict[str, str]) -> None:
    management("FlushStageCache", **names)
    assert management.flushed == [(names["rest_api_id"], "prod")]
    assert management.refused("FlushStageCache", **{**names, "stage_name": "none"})[0] == "NotFound"
    assert management.flushed == [(names["rest_api_id"], "prod")]


def logging_to(management: Management, names: dict[str, str], arn: str, text: str) -> units.AccessLogSettings | None:
    management.update("UpdateAccount", ("replace", "/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs"))
    destination = ("replace", "/accessLogSettings/destinationArn", arn)
    answer = management.update("UpdateStage", destination, ("add", "/accessLogSettings/format", text), **names)
    assert answer["accessLogSettings"] == {"destinationArn": arn, "format": text}
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    return unit.access_log


@pytest.mark.parametrize(
    ("arn", "region", "name"),
    [
        (LOG_GROUP, "us-east-1", "/aws/pets"),
        ("arn:aws-cn:logs:cn-north-1:123456789012:log-group:a#b.c_d:*", "cn-north-1", "a#b.c_d"),
        ("arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", "eu-west-1", "deliverystream/amazon-apigateway-x"),
    ],
)  # fmt: skip
def test_access_logs_are_served(
    management: Management, names: dict[str, str], arn: str, region: str, name: str
) -> None:
    text = '{"id":"$context.extendedRequestId"}\n'
    settings = logging_to(management, names, arn, text)
    assert settings == units.AccessLogSettings(region=region, destination=name, format=text)
    management.update("UpdateStage", ("remove", "/accessLogSettings"), **names)
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    assert unit.access_log is None


def test_half_an_access_log_logs_nothing(management: Management, names: dict[str, str]) -> None:
    management.update("UpdateStage", ("replace", "/accessLogSettings/format", "$context.requestId"), **names)
    unit = management.units[f"stage/{names['rest_api_id']}/prod"]
    assert isinstance(unit, units.Stage)
    assert unit.access_log is None


def patched(stage: Stage, *operations: tuple[str, ...]) -> Stage:
    """What the table does, whether it is served yet or not."""
    return patch.apply(stage_patch.STAGE, stage, patch_operations(operations))


def test_any_replace_below_canary_settings_starts_a_canary() -> None:
    for path, value, expected in (
        ("percentTraffic", "25", CanarySettings(deployment_id="first1", percent_traffic=25.0)),
        ("deploymentId", "second", CanarySettings(deployment_id="second")),
        ("useStageCache", "true", CanarySettings(deployment_id="first1", use_stage_cache=True)),
        (
            "stageVariableOverrides",
            '{"a":"1"}',
            CanarySettings(deployment_id="first1", stage_variable_overrides={"a": "1"}),
        ),
        (
            "stageVariableOverrides/a",
            "1",
            CanarySettings(deployment_id="first1", stage_variable_overrides={"a": "1"}),
        ),
    ):
        assert patched(STAGE, ("replace", f"/canarySettings/{path}", value)).canary_settings == expected


def test_promotion_copies_and_the_canary_stays_until_removed() -> None:
    promoted = patched(
        CANARY,
        ("replace", "/canarySettings/percentTraffic", "0.0"),
        ("copy", "/deploymentId", "", "/canarySettings/deploymentId"),
        ("copy", "/variables", "", "/canarySettings/stageVariableOverrides"),
    )
    assert promoted.deployment_id == "second"
    assert promoted.variables == {"a": "1", "b": "2", "c": "2"}
    assert promoted.canary_settings is not None
    assert patched(promoted, ("remove", "/canarySettings")).canary_settings is None
    less = patched(CANARY, ("remove", "/canarySettings/stageVariableOverrides/b")).canary_settings
    assert less is not None
    assert less.stage_variable_overrides == {"c": "2"}
    with pytest.raises(BadRequest, match="cannot be replaced while the stage has a canary"):
        patched(CANARY, ("replace", "/deploymentId", "third"))


def test_a_canary_is_served_promoted_and_removed(management: Management, names: dict[str, str]) -> None:
    def unit() -> units.Stage:
        found = management.units[f"stage/{names['rest_api_id']}/prod"]
        assert isinstance(found, units.Stage)
        return found

    first, second = unit().deployment_id, deployed(management, names)
    management.update(
        "UpdateStage",
        ("replace", "/variables/a", "1"),
        ("replace", "/canarySettings/deploymentId", second),
        ("replace", "/canarySettings/percentTraffic", "25"),
        ("replace", "/canarySettings/stageVariableOverrides/b", "2"),
        **names,
    )
    variables = [units.StageVariable(name=name, value=value) for name, value in (("a", "1"), ("b", "2"))]
    assert unit().canary == units.Canary(
        percent_traffic=25.0, deployment_id=second, variables=variables, use_stage_cache=False
    )
    assert unit().deployment_id == first
    refused = management.update_refused("UpdateStage", ("replace", "/deploymentId", second), **names)
    assert refused == ("BadRequest", stage_patch.CANARY_IN_THE_WAY)
    management.update(
        "UpdateStage",
        ("replace", "/canarySettings/percentTraffic", "0.0"),
        ("copy", "/deploymentId", "", "/canarySettings/deploymentId"),
        ("copy", "/variables", "", "/canarySettings/stageVariableOverrides"),
        **names,
    )
    assert (unit().deployment_id, unit().variables) == (second, variables)
    management.update("UpdateStage", ("remove", "/canarySettings"), **names)
    assert unit().canary is None
    management.update("UpdateStage", ("replace", "/deploymentId", first), **names)
    assert unit().deployment_id == first


def test_access_logs_cache_and_variables_as_maps() -> None:
    stage = patched(
        STAGE,
        ("add", "/accessLogSettings/destinationArn", "arn"),
        ("replace", "/accessLogSettings/format", "f"),
        ("replace", "/cacheClusterEnabled", "true"),
        ("replace", "/variables", '{"x":"y"}'),
    )
    assert stage.access_log_settings == AccessLogSettings(destination_arn="arn", format="f")
    assert (stage.cache_cluster_enabled, stage.cache_cluster_size) == (True, "0.5")
    assert stage.variables == {"x": "y"}
    assert patched(stage, ("remove", "/accessLogSettings")).access_log_settings is None
    assert patched(stage, ("remove", "/variables")).variables is None
    for value in ('{"x":1}', "[]", "x"):
        with pytest.raises(BadRequest):
            patched(STAGE, ("replace", "/variables", value))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("metrics/enabled", "true", MethodSetting(metrics_enabled=True)),
        ("logging/dataTrace", "true", MethodSetting(data_trace_enabled=True)),
        ("logging/loglevel", "INFO", MethodSetting(logging_level="INFO")),
        ("throttling/burstLimit", "7", MethodSetting(throttling_burst_limit=7)),
        ("throttling/rateLimit", "7.5", MethodSetting(throttling_rate_limit=7.5)),
        ("caching/enabled", "true", MethodSetting(caching_enabled=True)),
        ("caching/dataEncrypted", "true", MethodSetting(cache_data_encrypted=True)),
        ("caching/ttlInSeconds", "0", MethodSetting(cache_ttl_in_seconds=0)),
        ("caching/requireAuthorizationForCacheControl", "false", MethodSetting(require_authorization_for_cache_control=False)),
        ("caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403", MethodSetting(unauthorized_cache_control_header_strategy="FAIL_WITH_403")),
    ],
)  # fmt: skip
def test_every_method_setting(path: str, value: str, expected: MethodSetting) -> None:
    assert patched(STAGE, ("replace", f"/*/*/{path}", value)).method_settings == {"*/*": expected}
