"""What can be stored but is not enforced yet, in one table: refused where it would be served.

CreateDeployment, CreateStage and UpdateStage answer 400 naming every offending path. This table may only shrink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from apigw.domain.errors import BadRequest
from apigw.domain.rest_api import Integration, Method, RequestValidator, Stage
from apigw.snapshot.frozen import Frozen

INTRODUCTION: Final = "apigw cannot enforce these yet: "
T = TypeVar("T")
Offences = Iterable[tuple[str, Any]]


_CONTENT_HANDLING: Final = "methodIntegration.contentHandling"


class Row(Struct, Generic[T], frozen=True):
    """A setting: ``find`` gives ``(path below the row's place, value)`` of each offence."""

    setting: str
    find: Callable[[T], Offences]


class Place(Struct, frozen=True):
    """A method with its integration and the validators of its API."""

    method: Method
    integration: Integration
    validators: Mapping[str, RequestValidator]


def _when(offends: bool, path: str, value: Any) -> Offences:
    return ((path, value),) if offends else ()


def _security_policy(frozen: Frozen) -> Offences:
    policy = frozen.rest_api.security_policy
    return _when(policy not in (None, "TLS_1_0", "TLS_1_2"), "securityPolicy", policy)


API: Final[tuple[Row[Frozen], ...]] = (
    Row("policy", lambda at: _when(at.rest_api.policy is not None, "policy", "a resource policy")),
    Row(
        "endpointConfiguration.types",
        lambda at: _when(
            at.rest_api.endpoint_configuration.types == ("PRIVATE",), "endpointConfiguration.types", "PRIVATE"
        ),
    ),
    Row(
        "endpointAccessMode",
        lambda at: _when(at.rest_api.endpoint_access_mode == "STRICT", "endpointAccessMode", "STRICT"),
    ),
    Row("securityPolicy", _security_policy),
)


def _validator(at: Place) -> Offences:
    # One that is gone checks nothing: the method must not be open for that.
    validator_id = at.method.request_validator_id
    return _when(validator_id is not None and validator_id not in at.validators, "requestValidatorId", validator_id)


def _content_handling(at: Place) -> Offences:
    # AWS documents it for non-proxy integrations only; what it does to a proxied body nobody has recorded. Here such a
    # body passes as it is, so that a conversion somebody asks for is refused, not left out.
    handling = at.integration.content_handling
    return _when(handling is not None and at.integration.type.endswith("_PROXY"), _CONTENT_HANDLING, handling)


def _integration(member: str, attribute: str, offends: Callable[[Any], bool]) -> Row[Place]:
    path = f"methodIntegration.{member}"

    def find(at: Place) -> Offences:
        value = getattr(at.integration, attribute)
        return ((path, value),) if value is not None and offends(value) else ()

    return Row(member, find)


METHOD: Final[tuple[Row[Place], ...]] = (
    Row(
        "authorizationType",
        lambda at: _when(at.method.authorization_type != "NONE", "authorizationType", at.method.authorization_type),
    ),
    Row("requestValidatorId", _validator),
    Row("apiKeyRequired", lambda at: _when(at.method.api_key_required, "apiKeyRequired", "true")),
    _integration("type", "type", lambda value: value in ("AWS", "AWS_PROXY")),
    _integration("connectionType", "connection_type", lambda value: value == "VPC_LINK"),
    _integration("integrationTarget", "integration_target", lambda _: True),
    _integration("credentials", "credentials", lambda _: True),
    Row("contentHandling", _content_handling),
)


STAGE: Final[tuple[Row[Stage], ...]] = (
    Row("tracingEnabled", lambda at: _when(at.tracing_enabled, "tracingEnabled", "true")),
)


def of_deployment(frozen: Frozen) -> list[str]:
    """Everything in the API that a deployment could not serve as written."""
    offences = [f"$.{path} = {value}" for row in API for path, value in row.find(frozen)]
    paths = {resource.id: resource.path for resource in frozen.resources}
    validators = {validator.id: validator for validator in frozen.request_validators}
    for method in frozen.methods:
        if method.method_integration is None:
            continue
        place = Place(method, method.method_integration, validators)
        for row in METHOD:
            for path, value in row.find(place):
                offences.append(f"$.resources['{paths[method.resource_id]}'].{method.http_method}.{path} = {value}")
    return offences


def of_stage(stage: Stage) -> list[str]:
    """Everything in the stage that could not be served as written."""
    name = stage.stage_name
    return [f"$.stages['{name}'].{path} = {value}" for row in STAGE for path, value in row.find(stage)]


def refuse(offences: list[str]) -> None:
    """400 when there are any."""
    if offences:
        raise BadRequest(INTRODUCTION + "; ".join(offences))
