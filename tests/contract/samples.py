"""Sample values of a shape of the service models, as boto3 would take and give them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape

from apigw.aws.service_model import snake_case

AT = datetime(2018, 11, 15, 6, 49, 9, tzinfo=UTC)
AWKWARD = 'arn:a/b c+é%2F?&="\\\n'
_LONG_ENOUGH = 10


def sample(shape: Shape, required_only: bool = False, skip: frozenset[str] = frozenset()) -> Any:
    """A value with every member of ``shape`` (or only the required ones) present."""
    match shape.type_name:
        case "structure":
            return {
                name: sample(member, required_only)
                for name, member in shape.members.items()
                if name not in skip and (not required_only or name in shape.required_members)
            }
        case "list":
            return [sample(shape.member, required_only)]
        case "map":
            return {"key.ä/~": sample(shape.value, required_only)}
        case "string":
            return _text(shape)
        case "boolean":
            return True
        case "integer" | "long":
            return int(shape.metadata.get("max", 7))
        case "double":
            return 12.5
        case "timestamp":
            return AT
        case "blob":
            return b'{"openapi": "3.0.1"}\x00\xff'
    raise AssertionError(shape.type_name)


def _text(shape: Shape) -> str:
    if shape.enum:
        return str(shape.enum[-1])
    pattern = shape.metadata.get("pattern")
    if pattern is not None:
        return "200" if "[1-5]" in pattern else "a1b2c3d4e5"
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max")
    text = AWKWARD.ljust(least, "x")
    return text if most is None else text[:most]


def snake(shape: Shape, value: Any) -> Any:
    """``value`` with the names an operation sees; timestamps in epoch seconds."""
    match shape.type_name:
        case "structure":
            return {snake_case(name): snake(shape.members[name], inner) for name, inner in value.items()}
        case "list":
            return [snake(shape.member, item) for item in value]
        case "map":
            return {key: snake(shape.value, item) for key, item in value.items()}
        case "timestamp":
            return int(value.timestamp())
    return value


def operations(service: str) -> list[OperationModel]:
    """All operations of botocore's model of ``service``."""
    model = ServiceModel(Loader().load_service_model(service, "service-2"), service)
    return [model.operation_model(name) for name in model.operation_names]
